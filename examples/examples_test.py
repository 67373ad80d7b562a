"""Runs the examples and the demo as a reader of the README would, and holds the README to what is compiled."""

import contextlib
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
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

    def count_logins(self, inbox, wanted):
        """Runs the counter until it has seen all that there is, and returns what it has counted."""
        with subprocess.Popen([EXAMPLES / "example_exactly_once"], env=self.environment | {
                "EVENT_BUS_CONSUMER": "embedded", "EVENT_BUS_INBOX_PATH": inbox}) as counter:
            end = time.monotonic() + 60
            while self.lag() != wanted and time.monotonic() < end:
                time.sleep(0.05)
            counter.terminate()
            self.assertEqual(counter.wait(60), 0)
        with contextlib.closing(sqlite3.connect(inbox)) as database:
            return database.execute("SELECT person, times FROM logins ORDER BY person").fetchall()

    def lag(self):
        shown = self.run_program(BUILD / "bin" / "eventbus", "topics", "groups", "user-login", "-o", "json",
                                 EVENT_BUS_CONSUMER="embedded")
        lags = [group["lag"] for group in map(json.loads, shown.splitlines()) if group["group"] == "login-counter"]
        return sum(lags) if lags else None

    def test_exactly_once(self):
        inbox = str(pathlib.Path(self.environment["EVENT_BUS_EMBEDDED_PATH"]).with_name("inbox.db"))
        for person in (7, 8, 7):
            login = {"user": {"id": person, "is_active": True, "pii": {"username": "u", "email": "e", "name": "n"}}}
            self.run_program(BUILD / "bin" / "eventbus", "produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic",
                             "user-login", "--data", json.dumps(login), EVENT_BUS_PRODUCER="embedded")
        self.assertEqual(self.count_logins(inbox, 0), [(7, 2), (8, 1)])
        self.run_program(BUILD / "bin" / "eventbus", "topics", "move", "user-login", "-g", "login-counter", "--to", "earliest",
                         EVENT_BUS_CONSUMER="embedded")
        self.assertEqual(self.lag(), 3)
        self.assertEqual(self.count_logins(inbox, 0), [(7, 2), (8, 1)])

    def test_the_documentation_shows_the_counter_that_is_compiled(self):
        program = (ROOT / "examples" / "exactly_once" / "main.cpp").read_text()
        shown = re.findall(r"```cpp\n(.*?)```", (ROOT / "docs" / "idempotence.md").read_text(), re.DOTALL)
        self.assertIn(program, shown)

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
