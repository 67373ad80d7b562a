"""What the tests of the program share: a place of its own for each test, the program run in it, and events to send."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = sys.argv[1]
SOURCE = pathlib.Path(sys.argv[2])
VERSION = sys.argv[3]

LIMIT = 60
LOGIN = "org.openedx.learning.auth.session.login.completed.v1"
# What the sanitizers are told must reach the program.
PASSED_ON = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS")


def main():
    unittest.main(argv=sys.argv[:1])


def login(number=1, **changes):
    """The data of a login, as JSON."""
    person = {"username": f"user{number}", "email": f"user{number}@example.com", "name": f"User {number}", **changes}
    return json.dumps({"user": {"id": number, "is_active": True, "pii": person}})


class Case(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.place = pathlib.Path(scratch.name)
        self.environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.environment.update(
            HOME=str(self.place), EVENT_BUS_PRODUCER="embedded", EVENT_BUS_CONSUMER="embedded",
            EVENT_BUS_EMBEDDED_PATH=str(self.place / "events.db"), EVENT_BUS_CONSUMER_MAX_TRIES="1",
            EVENT_BUS_CONSUMER_RETRY_PAUSE="0.01")

    def run_program(self, *words, code=0, given="", **settings):
        """Runs the program to its end, and returns what it wrote. A setting that is None is taken away."""
        done = subprocess.run([PROGRAM, *words], input=given, capture_output=True, text=True, timeout=LIMIT,
                              env=self.with_settings(settings), cwd=self.place)
        self.assertEqual(done.returncode, code, f"{words}\nstdout: {done.stdout}\nstderr: {done.stderr}")
        return done

    def with_settings(self, settings):
        environment = {**self.environment, **settings}
        return {name: value for name, value in environment.items() if value is not None}

    def start(self, *words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **settings):
        """Starts the program; it is killed at the end of the test if it still runs."""
        process = subprocess.Popen([PROGRAM, *words], stdin=stdin, stdout=stdout, stderr=stderr, text=True,
                                   env=self.with_settings(settings), cwd=self.place)
        self.addCleanup(self.put_away, process)
        return process

    def put_away(self, process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()

    def produce(self, *words, data=None, topic="logins", **options):
        return self.run_program("produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic", topic, "--data",
                                data or login(), *words, **options)

    def produce_many(self, count, topic="logins", first=1, key=None):
        lines = "\n".join(login(n) if key is None else login(n, username=key) for n in range(first, first + count))
        return self.run_program("produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic", topic, "--data",
                                "-", given=lines)

    def consume(self, *words, topic="logins", group="g", idle="0.3", **options):
        """The events that are there, as the program prints them."""
        done = self.run_program("consume_events", "-t", topic, "-g", group, "--until-idle", idle, *words, **options)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def lag(self, topic="logins", group="g"):
        done = self.run_program("topics", "groups", topic, "-o", "json")
        return sum(o["lag"] for o in map(json.loads, done.stdout.splitlines()) if o["group"] == group)

    def wait_for(self, condition, what):
        end = time.monotonic() + LIMIT
        while not condition():
            self.assertLess(time.monotonic(), end, f"waited in vain for {what}")
            time.sleep(0.02)

    def assert_error(self, done, *parts):
        """The program told the error in one line, with these parts, and showed nothing of its inside."""
        lines = [line for line in done.stderr.splitlines() if line.startswith("eventbus: error: ")]
        self.assertEqual(len(lines), 1, done.stderr)
        for part in parts:
            self.assertIn(part, lines[0])
        self.assertNotIn("unexpected", lines[0])


def ids(events):
    return [event["id"] for event in events]


def users(events):
    return sorted(event["data"]["user"]["id"] for event in events)
