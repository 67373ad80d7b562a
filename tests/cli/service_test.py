"""A service's own consumer program: the same command with its typed handlers, from one library call."""

import os
import signal
import subprocess
import sys

from program import LIMIT, SOURCE, Case, main

SERVICE = sys.argv[4]


class Service(Case):
    def run_service(self, *words, code=0, **settings):
        done = subprocess.run([SERVICE, *words], capture_output=True, text=True, timeout=LIMIT,
                              env=self.with_settings(settings), cwd=self.place)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_is_the_program_in_the_documents(self):
        text = (SOURCE / "docs" / "handlers.md").read_text()
        self.assertIn("```cpp\n" + (SOURCE / "tests" / "cli" / "service.cpp").read_text() + "```\n", text)

    def test_handles_typed_events(self):
        self.produce_many(2, key="ann")
        done = self.run_service("-t", "logins", "-g", "g", "--until-idle", "0.3")
        self.assertEqual(done.stdout, "welcome back, User 1\nwelcome back, User 2\n")
        self.assertEqual(self.lag(), 0)

    def test_takes_the_commands_name_as_python_does(self):
        self.produce()
        done = self.run_service("consume_events", "--topic", "logins", "--group_id", "g", "--count", "1", "--extra",
                                '{"check_backlog": true}')
        self.assertEqual(done.stdout, "welcome back, User 1\n")

    def test_tells_usage_settings_and_warnings_under_its_own_name(self):
        name = os.path.basename(SERVICE)
        self.assertIn(f"{name}: error: ", self.run_service("-t", "logins", code=2).stderr)
        self.assertIn(f"Usage: {name} ", self.run_service("--help", EVENT_BUS_CONFIG="/nosuch").stdout)
        done = self.run_service("-t", "logins", "-g", "g", code=3, EVENT_BUS_CONSUMER=None)
        self.assertIn(f"{name}: error: ", done.stderr)
        done = self.run_service("-t", "logins", "-g", "g", "--until-idle", "0.1", EVENT_BUS_CONSUMR="x")
        self.assertIn(f"{name}: warning: ", done.stderr)

    def test_stops_when_asked_to(self):
        self.produce()
        process = subprocess.Popen([SERVICE, "-t", "logins", "-g", "g"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, env=self.environment)
        self.addCleanup(self.put_away, process)
        self.assertEqual(process.stdout.readline(), "welcome back, User 1\n")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=LIMIT), 0)
        self.assertIn("1 events handled", process.stderr.read())


if __name__ == "__main__":
    main()
