"""Installs the build to an empty place, and builds and runs a project that finds it with find_package(eventbus)."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILD, CONSUMER, SANITIZE = sys.argv[1], sys.argv[2], sys.argv[3]


def run(*words, **options):
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(words)} gave {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Install(unittest.TestCase):
    def test_a_project_builds_and_runs_against_the_installed_tree(self):
        with tempfile.TemporaryDirectory() as scratch:
            prefix = pathlib.Path(scratch) / "prefix"
            run("cmake", "--install", BUILD, "--prefix", str(prefix))
            program = prefix / "bin" / "eventbus"
            self.assertIn("eventbus", run(str(program), "version"))

            flags = f"-fsanitize={SANITIZE}" if SANITIZE else ""
            build = pathlib.Path(scratch) / "build"
            run("cmake", "-S", CONSUMER, "-B", str(build), "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
                f"-DCMAKE_CXX_FLAGS={flags}")
            run("cmake", "--build", str(build))
            environment = dict(os.environ, EVENT_BUS_EMBEDDED_PATH=str(pathlib.Path(scratch) / "events.db"))
            output = run(str(build / "consumer"), env=environment)
            self.assertEqual(output, "The kettle of kitchen is at 97 degrees\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
