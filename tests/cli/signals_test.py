"""SIGTERM, SIGINT and SIGKILL at a consumer."""

import json
import pathlib
import signal
import subprocess
import time

from program import LIMIT, Case, main, users


class Signals(Case):
    def test_an_idle_consumer_stops_at_once(self):
        for which in (signal.SIGTERM, signal.SIGINT):
            process = self.start("consume_events", "-t", "logins", "-g", "g", "--log-level", "debug")
            self.wait_for(lambda: self.takes_signals(process), "the consumer to begin")
            process.send_signal(which)
            self.assertEqual(process.wait(timeout=LIMIT), 0)

    def test_a_handler_that_takes_too_long_is_overdue_and_its_event_comes_again(self):
        self.produce()
        process = self.start("consume_events", "-t", "logins", "-g", "g", "--exec", "echo $$ > id; exec sleep 1000",
                             EVENT_BUS_CONSUMER_STOP_TIMEOUT="0.3")
        child = self.child_id()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=LIMIT), 9)
        self.wait_for(lambda: not self.runs(child), "the handler to be killed")
        self.assertEqual(users(self.consume()), [1])

    def test_a_second_signal_ends_it_at_once_with_its_handler(self):
        for how in ("--exec", "--pipe"):
            group = how.strip("-")
            self.produce()
            process = self.start("consume_events", "-t", "logins", "-g", group, how, "echo $$ > id; exec sleep 1000")
            child = self.child_id()
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
            self.assertIsNone(process.poll())
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=LIMIT), -signal.SIGTERM)
            self.wait_for(lambda: not self.runs(child), "the handler to be killed")
            self.assertIn(1, users(self.consume(group=group)))
            (self.place / "id").unlink()

    def test_a_killed_consumer_leaves_its_event_to_the_next(self):
        self.produce()
        process = self.start("consume_events", "-t", "logins", "-g", "g", "--exec", "echo $$ > id; exec sleep 3")
        self.child_id()
        process.kill()
        self.assertEqual(process.wait(timeout=LIMIT), -signal.SIGKILL)
        self.assertEqual(users(self.consume(idle="1")), [1])

    def test_again_and_again_killed_it_loses_nothing(self):
        self.produce_many(1500)
        seen = set()
        for round in range(5):
            process = self.start("consume_events", "-t", "logins", "-g", "g", stdout=subprocess.PIPE)
            for _ in range(100):
                seen.add(json.loads(process.stdout.readline())["data"]["user"]["id"])
            process.kill()
            process.wait(timeout=LIMIT)
            out = process.stdout.read()
            seen.update(json.loads(line)["data"]["user"]["id"] for line in out.splitlines() if line.endswith("}}}}"))
        seen.update(users(self.consume(idle="1")))
        self.assertEqual(seen, set(range(1, 1501)))

    def child_id(self):
        path = self.place / "id"
        self.wait_for(lambda: path.exists() and path.read_text().endswith("\n"), "the handler")
        return int(path.read_text())

    def runs(self, process_id):
        status = pathlib.Path(f"/proc/{process_id}/status")
        try:
            return "State:\tZ" not in status.read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False

    def takes_signals(self, process):
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        caught = int(next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16)
        return caught >> (signal.SIGTERM - 1) & 1 == 1 and caught >> (signal.SIGINT - 1) & 1 == 1


if __name__ == "__main__":
    main()
