"""Runs the examples and the demo as a reader of the README would, and holds the README to what is compiled."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv[1])
BUILD = pathlib.Path(sys.argv[2])
EXAMPLES = BUILD / "examples"
KETTLES = json.dumps({"org.example.kettle.boiled.v1": {"kettles": {"event_key_field": "kettle.room", "enabled": True}}})


class Examples(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("EVENT")}
        self.environment |= {"EVENT_BUS_EMBEDDED_PATH": str(pathlib.Path(scratch.name) / "events.db")}

    def run_program(self, *words, **settings):
        done = subprocess.run([str(word) for word in words], env=self.environment | settings, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_quick_start(self):
        self.assertEqual(self.run_program(EXAMPLES / "example_quick_start"), "Welcome back, ada!\n")

    def test_the_readme_shows_the_quick_start_that_is_compiled(self):
        program = (ROOT / "examples" / "quick_start" / "main.cpp").read_text()
        shown = re.findall(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
        self.assertIn(program, shown)

    def test_own_events(self):
        sent = self.run_program(EXAMPLES / "example_kettle", "kitchen", EVENT_BUS_PRODUCER="embedded",
                                EVENT_BUS_PRODUCER_CONFIG=KETTLES, EVENTS_SERVICE_NAME="house")
        self.assertEqual(len(re.findall(r"^stored in kettles at \d+:\d+$", sent, re.MULTILINE)), 3, sent)
        seen = self.run_program(EXAMPLES / "example_kettle_watcher", "-t", "kettles", "-g", "watchers", "--count", "3",
                                EVENT_BUS_CONSUMER="embedded")
        self.assertEqual(seen.splitlines(), [f"The kettle of kitchen is at {degrees} degrees (openedx/house/web)"
                                             for degrees in (98, 99, 100)])

    def test_demo(self):
        shown = self.run_program("sh", ROOT / "tools" / "demo.sh", BUILD / "bin" / "eventbus")
        events = [json.loads(line) for line in shown.splitlines() if line.startswith('{"specversion"')]
        self.assertGreaterEqual(len(events), 10)
        self.assertGreaterEqual(len({event["type"] for event in events}), 5)
        self.assertGreaterEqual(len({event["type"].split(".")[2] for event in events}), 3)
        for event in events:
            for attribute in ("id", "source", "time", "sourcehost", "sourcelib", "topic", "partition", "position"):
                self.assertIn(attribute, event)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
