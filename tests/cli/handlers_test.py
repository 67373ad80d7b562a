"""--exec and --pipe, a program's own consume_events, and the handlers that docs/handlers.md shows."""

import json
import pathlib
import re
import shlex
import signal
import sys
import time

from program import LIMIT, LOGIN, SOURCE, Case, ids, login, main, users

PYTHON = shlex.quote(sys.executable)


class Handlers(Case):
    def script(self, name, text):
        path = self.place / name
        path.write_text(text)
        return shlex.quote(str(path))

    def handle(self, how, command, *words, **options):
        return self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3", how, command, *words,
                                **options)

    def lines_of(self, name):
        path = self.place / name
        return path.read_text().splitlines() if path.exists() else []


class Exec(Handlers):
    def test_gives_each_event_to_the_command_on_standard_input(self):
        self.produce_many(3, key="ann")
        self.handle("--exec", "cat >> got")
        self.assertEqual(users(map(json.loads, self.lines_of("got"))), [1, 2, 3])
        self.assertEqual(self.lag(), 0)

    def test_the_command_may_write_to_standard_output(self):
        self.produce()
        self.assertEqual(self.handle("--exec", "echo hello").stdout, "hello\n")

    def test_a_failure_is_logged_with_code_and_standard_error_and_the_next_event_comes(self):
        self.produce_many(2, key="ann")
        done = self.handle("--exec", "grep -q '\"id\":1,' && { echo 'no such user' >&2; exit 3; }; exit 0", code=8)
        logged = [line for line in done.stderr.splitlines() if "dead letter" in line]
        self.assertEqual(len(logged), 1, done.stderr)
        for part in ("exit code 3: no such user", "logins", '"g"', LOGIN):
            self.assertIn(part, logged[0])
        self.assertEqual(self.lag(), 0)

    def test_a_signal_is_a_failure(self):
        self.produce()
        self.assertIn("signal 9 (Killed)", self.handle("--exec", "kill -9 $$", code=8).stderr)

    def test_code_65_rejects(self):
        self.produce()
        self.assertIn("exit code 65", self.handle("--exec", "exit 65", code=8).stderr)

    def test_a_command_that_does_not_read_is_free_not_to(self):
        self.produce(data="-", given=login(1, name=200_000 * "x"))
        self.handle("--exec", "exit 0")
        self.assertEqual(self.lag(), 0)

    def test_large_events_and_much_standard_error_do_not_block(self):
        self.produce(data="-", given=login(1, name=1_000_000 * "x"))
        done = self.handle("--exec", "head -c 500000 /dev/zero | tr '\\0' e >&2; cat > got; echo end >&2")
        self.assertGreater(len(done.stderr), 500_000)
        self.assertEqual(len(json.loads(self.lines_of("got")[0])["data"]["user"]["pii"]["name"]), 1_000_000)

    def test_a_command_that_cannot_be_run_ends_the_consumer_and_loses_nothing(self):
        self.produce_many(3)
        done = self.handle("--exec", "nosuchprogram", code=11)
        self.assert_error(done, "nosuchprogram", "cannot be run")
        self.assertEqual(users(self.consume()), [1, 2, 3])

    def test_a_stop_waits_for_the_command(self):
        self.produce_many(2, key="ann")
        process = self.start("consume_events", "-t", "logins", "-g", "g", "--exec", "echo begun >> log; sleep 0.7; echo done >> log")
        self.wait_for(lambda: self.lines_of("log") == ["begun"], "the command")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=LIMIT), 0)
        self.assertEqual(self.lines_of("log"), ["begun", "done"])
        self.assertEqual(users(self.consume()), [2])

    def test_with_an_inbox_no_event_is_given_to_it_twice(self):
        self.produce_many(3, key="ann")
        inbox = str(self.place / "inbox.db")
        again = ("--extra", '{"offset_time": "2000-01-01T00:00:00Z"}')
        self.handle("--exec", "cat >> got; exit 3", "--inbox", code=8, EVENT_BUS_INBOX_PATH=inbox,
                    EVENT_BUS_CONSUMER_MAX_TRIES="1")
        self.assertEqual(len(self.lines_of("got")), 3)
        self.handle("--exec", "cat >> got", "--inbox", *again, EVENT_BUS_INBOX_PATH=inbox)
        self.assertEqual(len(self.lines_of("got")), 6)
        self.handle("--exec", "cat >> got", "--inbox", *again, EVENT_BUS_INBOX_PATH=inbox)
        self.assertEqual(len(self.lines_of("got")), 6)
        self.assertEqual(self.lag(), 0)
        self.handle("--exec", "cat >> got", *again)
        self.assertEqual(len(self.lines_of("got")), 9)

    def test_an_inbox_that_cannot_be_used_ends_the_consumer_at_once(self):
        self.produce()
        done = self.handle("--exec", "cat >> got", "--inbox", code=5, EVENT_BUS_INBOX_PATH=str(self.place / "events.db"))
        self.assert_error(done, "file of an embedded bus", "EVENT_BUS_INBOX_PATH")
        self.assertEqual((self.lines_of("got"), self.lag()), ([], 0))

    def test_an_inbox_needs_a_command(self):
        self.assert_error(self.run_program("consume_events", "-t", "x", "-g", "g", "--inbox", code=2), "--exec or --pipe")

    def test_it_excludes_pipe(self):
        self.run_program("consume_events", "-t", "t", "-g", "g", "--exec", "a", "--pipe", "b", code=2)


class Pipe(Handlers):
    def test_one_program_answers_every_event(self):
        self.produce_many(100)
        self.handle("--pipe", "echo started >> starts; while read -r line; do printf '%s\\n' \"$line\" >> got; echo ok; done")
        self.assertEqual(users(map(json.loads, self.lines_of("got"))), list(range(1, 101)))
        self.assertEqual(self.lines_of("starts"), ["started"])
        self.assertEqual(self.lag(), 0)

    def test_with_an_inbox_no_event_is_given_to_it_twice(self):
        self.produce_many(3, key="ann")
        command = "while read -r line; do echo $line >> got; echo ok; done"
        for _ in range(2):
            self.handle("--pipe", command, "--inbox", "--extra", '{"offset_time": "2000-01-01T00:00:00Z"}',
                        EVENT_BUS_INBOX_PATH=str(self.place / "inbox.db"))
            self.assertEqual(len(self.lines_of("got")), 3)

    def test_an_empty_line_is_success(self):
        self.produce()
        self.handle("--pipe", "while read -r line; do echo; done")

    def test_error_and_reject_are_failures_with_a_text(self):
        self.produce_many(3, key="ann")
        done = self.handle("--pipe", "read -r line; echo ok; read -r line; echo error no such user; "
                                     "read -r line; echo reject bad data; cat", code=8)
        self.assertIn("no such user", done.stderr)
        self.assertIn("bad data", done.stderr)
        self.assertIn("1 events handled, 2 failed", done.stderr)

    def test_an_unclear_answer_is_a_failure_and_starts_the_program_afresh(self):
        self.produce_many(2, key="ann")
        done = self.handle("--pipe", "echo started >> starts; while read -r line; do echo done; done", code=8)
        self.assertIn("answered \"done\"", done.stderr)
        self.assertIn("error TEXT", done.stderr)
        self.assertEqual(len(self.lines_of("starts")), 2)

    def test_an_end_before_the_answer_is_a_failure_and_starts_the_program_afresh(self):
        self.produce_many(3, key="ann")
        done = self.handle("--pipe", "echo started >> starts; read -r line; echo ok; read -r line; exit 7", code=8)
        self.assertIn("ended with exit code 7 before it answered", done.stderr)
        self.assertEqual(len(self.lines_of("starts")), 2)
        self.assertIn("2 events handled, 1 failed", done.stderr)

    def test_an_answer_that_nobody_asked_for_starts_it_afresh_and_fails_no_event(self):
        self.produce_many(2, key="ann")
        done = self.handle("--pipe", "echo started >> starts; while read -r line; do printf 'ok\\nok\\n'; done")
        self.assertEqual(len(self.lines_of("starts")), 2, done.stderr)
        self.assertIn("2 events handled, 0 failed", done.stderr)

    def test_an_end_between_two_events_is_told_at_once_and_leaves_no_zombie(self):
        self.produce()
        with open(self.place / "log", "w", encoding="utf-8") as log:
            process = self.start("consume_events", "-t", "logins", "-g", "g", "--pipe",
                                 "echo $$ >> pids; read -r line; echo ok; sleep 0.2; exit 3", stderr=log)
        self.wait_for(lambda: any("ended with exit code 3 between two events" in line for line in self.lines_of("log")),
                      "the log line")
        [pid] = self.lines_of("pids")
        self.assertFalse(pathlib.Path("/proc", pid).exists())
        self.produce()
        self.wait_for(lambda: len(self.lines_of("pids")) == 2, "another start")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=LIMIT), 0)

    def test_an_answer_without_end_is_a_failure(self):
        self.produce()
        done = self.handle("--pipe", "while read -r line; do head -c 1000000 /dev/zero | tr '\\0' x; done", code=8)
        self.assertIn("64 KiB", done.stderr)

    def test_large_events_do_not_block(self):
        self.produce(data="-", given=login(1, name=1_000_000 * "x"))
        self.handle("--pipe", f"{PYTHON} -u -c 'import sys\nfor line in sys.stdin: assert len(line) > 10**6; print(\"ok\")'")

    def test_a_program_that_cannot_be_run_ends_the_consumer_and_loses_nothing(self):
        self.produce_many(3)
        done = self.handle("--pipe", "nosuchprogram", code=11)
        self.assert_error(done, "nosuchprogram", "cannot be run")
        self.assertEqual(users(self.consume()), [1, 2, 3])

    def test_a_stop_while_it_waits_to_start_the_program_leaves_the_event(self):
        self.produce_many(20, key="ann")
        process = self.start("consume_events", "-t", "logins", "-g", "g", "--pipe", "read -r line; echo x >> ends; exit 1")
        self.wait_for(lambda: len(self.lines_of("ends")) >= 4, "some ends")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=LIMIT), 0)
        ended = len(self.lines_of("ends"))
        self.assertLess(ended, 20)
        self.assertEqual(users(self.consume()), list(range(ended + 1, 21)))

    def test_the_program_is_ended_with_the_consumer(self):
        self.produce()
        process = self.start("consume_events", "-t", "logins", "-g", "g", "--pipe",
                             "echo $$ > id; trap 'echo ended > end; exit' TERM; read -r line; echo ok; "
                             "while :; do sleep 0.05; done")
        self.wait_for(lambda: self.lines_of("id") and self.lag() == 0, "the event")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=LIMIT), 0)
        self.assertEqual(self.lines_of("end"), ["ended"])
        self.assertFalse(pathlib.Path(f"/proc/{self.lines_of('id')[0]}").exists())


class Documented(Handlers):
    """The programs in docs/handlers.md work as they stand there."""

    def example(self, language):
        text = (SOURCE / "docs" / "handlers.md").read_text()
        return re.search(rf"```{language}\n(.*?)```", text, re.DOTALL).group(1)

    def test_the_python_handler(self):
        self.produce_many(2, key="ann")
        self.run_program("produce_event", "--signal", "XBLOCK_PUBLISHED", "--topic", "logins", "--data", json.dumps(
            {"xblock_info": {"usage_key": "block-v1:edX+DemoX+2026+type@video+block@v1", "block_type": "video",
                             "version": None}}))
        self.produce(data=login(3, email=""))
        done = self.handle("--pipe", f"{PYTHON} {self.script('handler.py', self.example('python'))}", code=8)
        self.assertIn("3 events handled, 1 failed", done.stderr)
        self.assertIn("user 3 has no address", done.stderr)
        self.assertIn("welcome back, User 1", done.stderr)

    def test_the_shell_handler(self):
        self.produce_many(2, key="ann")
        self.handle("--pipe", f"sh {self.script('handler.sh', self.example('sh'))}")
        self.assertEqual(len(self.lines_of("logins.jsonl")), 2)
        self.assertEqual(self.lag(), 0)


if __name__ == "__main__":
    main()
