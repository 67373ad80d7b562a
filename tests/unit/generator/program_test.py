"""Runs eventbus-generate as a build does: program_test.py PROGRAM"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv[1]
GOOD = "subdomain: s\nnamespace: s\ndescription: d\nevents:\n  E_ONE: {type: a.b, description: d, data: {n: {type: int}}}\n"


class Program(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def run_with(self, yaml, header="out/s.hpp", source="out/s.cpp", *more):
        (self.folder / "s.yaml").write_text(yaml)
        return subprocess.run([PROGRAM, "s.yaml", "--header", header, "--source", source, *more], cwd=self.folder,
                              capture_output=True, text=True, timeout=30)

    def test_writes_both_files_and_leaves_them_alone_when_they_would_not_change(self):
        done = self.run_with(GOOD)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        header, source = self.folder / "out/s.hpp", self.folder / "out/s.cpp"
        self.assertIn("struct EOne", header.read_text())
        self.assertIn('#include "s.hpp"', source.read_text())
        os.utime(header, (1, 1))
        self.assertEqual(self.run_with(GOOD).returncode, 0)
        self.assertEqual(header.stat().st_mtime, 1)
        self.assertEqual(self.run_with(GOOD.replace("int", "bool")).returncode, 0)
        self.assertNotEqual(header.stat().st_mtime, 1)

    def test_the_source_includes_what_it_is_told(self):
        self.run_with(GOOD, "out/s.hpp", "out/s.cpp", "--include", "my/s.hpp")
        self.assertIn('#include "my/s.hpp"', (self.folder / "out/s.cpp").read_text())

    def test_an_error_names_file_line_and_column_and_writes_nothing(self):
        done = self.run_with(GOOD.replace("int", "itn"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r'^s\.yaml:5:\d+: error: unknown type "itn"; did you mean "int"\?\n$')
        self.assertFalse((self.folder / "out").exists())

    def test_wrong_usage_is_told(self):
        done = subprocess.run([PROGRAM], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(self.run_with(GOOD, "out/s.hpp", "out/s.cpp", "--nonsense").returncode, 2)

    def test_an_output_that_cannot_be_written_is_told(self):
        (self.folder / "file").write_text("")
        done = self.run_with(GOOD, "file/s.hpp")
        self.assertEqual(done.returncode, 3)
        self.assertIn("cannot write file/s.hpp", done.stderr)

    def test_help_has_an_example(self):
        done = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0)
        self.assertIn("eventbus-generate kettle.yaml", done.stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
