"""produce_event: what it takes, what it says, what it leaves in the topic."""

import json
import signal
import subprocess
import unittest

from program import LOGIN, Case, ids, login, main, users


class ProduceOne(Case):
    def test_takes_the_flags_of_the_python_command(self):
        done = self.run_program(
            "produce_event", "--signal", "openedx_events.learning.signals.SESSION_LOGIN_COMPLETED", "--topic", "logins",
            "--key-field", "user.pii.email", "--data", login())
        self.assertIn(f"stored {LOGIN} ", done.stdout)
        [event] = self.consume()
        self.assertEqual(event["key"], "user1@example.com")
        self.assertEqual(event["data"], json.loads(login()))

    def test_knows_an_event_by_type_and_constant(self):
        for name in (LOGIN, "SESSION_LOGIN_COMPLETED", "learning.SESSION_LOGIN_COMPLETED"):
            self.run_program("produce_event", "--signal", name, "--topic", "logins", "--data", login())
        self.assertEqual([event["type"] for event in self.consume()], 3 * [LOGIN])

    def test_takes_the_usual_key_or_none(self):
        self.produce()
        self.produce("--key-field", "")
        self.produce("--key_field", "user.id")
        self.assertEqual(sorted(str(event.get("key")) for event in self.consume()), ["1", "None", "user1"])

    def test_tells_where_the_event_is_as_json(self):
        told = json.loads(self.produce("-o", "json").stdout)
        [event] = self.consume()
        self.assertEqual(told, {"id": event["id"], "type": LOGIN, "topic": "logins", "partition": event["partition"],
                                "position": event["position"], "key": "user1"})

    def test_puts_the_prefix_before_the_topic(self):
        told = json.loads(self.produce("-o", "json", EVENT_BUS_TOPIC_PREFIX="dev").stdout)
        self.assertEqual(told["topic"], "dev-logins")
        self.assertEqual(len(self.consume(EVENT_BUS_TOPIC_PREFIX="dev")), 1)
        self.assertEqual(self.consume(), [])

    def test_says_who_sent_it(self):
        self.produce(EVENTS_SERVICE_NAME="lms")
        [event] = self.consume()
        self.assertEqual(event["source"], "openedx/lms/web")
        self.assertEqual(event["specversion"], "1.0")
        self.assertEqual(event["minorversion"], 0)
        self.assertRegex(event["sourcelib"], r"^\d+\.\d+\.\d+$")
        self.assertTrue(event["sourcehost"])

    def test_takes_data_that_spans_lines(self):
        self.produce(data=json.dumps(json.loads(login()), indent=2))
        self.assertEqual(len(self.consume()), 1)

    def test_names_of_producers_in_python_settings_stand_for_backends(self):
        done = self.produce(code=3, EVENT_BUS_PRODUCER="edx_event_bus_redis.create_producer")
        self.assertIn("redis", done.stderr)


class ProduceMany(Case):
    def test_reads_one_event_a_line(self):
        done = self.produce_many(1000)
        self.assertEqual(done.stdout, "1000 events stored\n")
        self.assertEqual(users(self.consume()), list(range(1, 1001)))

    def test_tells_of_each_as_json(self):
        lines = f"{login(1)}\n\n  \n{login(2)}\r\n{login(3)}"
        done = self.produce("-o", "json", data="-", given=lines)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([t["line"] for t in told], [1, 4, 5])
        self.assertEqual(sorted(t["id"] for t in told), sorted(ids(self.consume())))

    def test_reads_a_file(self):
        (self.place / "events.jsonl").write_text(login(1) + "\n" + login(2) + "\n")
        self.assertEqual(self.produce(data="@events.jsonl").stdout, "2 events stored\n")
        self.assert_error(self.produce(data="@nosuch.jsonl", code=4), "nosuch.jsonl", "No such file")

    def test_bears_no_events(self):
        self.assertEqual(self.produce(data="-", given="").stdout, "0 events stored\n")
        self.assertEqual(self.produce(data="-", given="\n\n").stdout, "0 events stored\n")

    def test_keeps_events_of_a_key_in_order(self):
        self.produce_many(500, key="ann")
        self.assertEqual([event["data"]["user"]["id"] for event in self.consume()], list(range(1, 501)))

    def test_what_was_consumed_can_be_sent_again_and_stays_the_same(self):
        self.produce_many(20)
        self.run_program("produce_event", "--signal", "XBLOCK_PUBLISHED", "--topic", "logins", "--data", json.dumps(
            {"xblock_info": {"usage_key": "block-v1:edX+DemoX+2026+type@video+block@v1", "block_type": "video",
                             "version": None}}))
        first = self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3").stdout
        done = self.run_program("produce_event", "--topic", "copy", "--data", "-", given=first,
                                EVENTS_SERVICE_NAME="other")
        self.assertEqual(done.stdout, "21 events stored\n")
        copies = {event["id"]: event for event in self.consume(topic="copy")}
        self.assertEqual(len(copies), 21)
        for line in first.splitlines():
            event = json.loads(line)
            copy = copies[event["id"]]
            for moved in ("topic", "partition", "position"):
                del event[moved], copy[moved]
            self.assertEqual(copy, event)

    def test_a_type_that_the_signal_contradicts_is_refused(self):
        self.produce()
        line = self.run_program("consume_events", "-t", "logins", "-g", "g", "--count", "1").stdout
        done = self.run_program("produce_event", "--signal", "XBLOCK_PUBLISHED", "--topic", "copy", "--data", "-",
                                given=line, code=4)
        self.assert_error(done, "line 1", LOGIN, "--signal")

    def test_a_single_event_may_be_cloudevents_json(self):
        self.produce()
        line = self.run_program("consume_events", "-t", "logins", "-g", "g", "--count", "1").stdout
        self.run_program("produce_event", "--topic", "copy", "--data", line.strip())
        self.assertEqual(ids(self.consume(topic="copy")), [json.loads(line)["id"]])

    def test_stops_at_the_first_wrong_line_when_all_before_it_is_stored(self):
        lines = "\n".join([login(1), login(2), '{"user": 5}', login(4)])
        done = self.produce(data="-", given=lines, code=4)
        self.assert_error(done, "line 3 of --data", "user")
        self.assertEqual(done.stdout, "2 events stored\n")
        self.assertEqual(users(self.consume()), [1, 2])

    def test_goes_on_after_wrong_lines_if_asked(self):
        lines = "\n".join([login(1), "nonsense", login(3), "[]", login(5)])
        done = self.produce("--keep-going", data="-", given=lines, code=4)
        self.assertIn("line 2 of --data", done.stderr)
        self.assertIn("line 4 of --data", done.stderr)
        self.assertEqual(done.stdout, "3 events stored\n")
        self.assertEqual(users(self.consume()), [1, 3, 5])

    def test_refuses_a_line_without_end(self):
        lines = login(1) + "\n" + '{"user": "' + 17 * 1024 * 1024 * "x" + '"}\n' + login(3)
        done = self.produce("--keep-going", data="-", given=lines, code=4)
        self.assert_error(done, "line 2 of --data", "16 MiB")
        self.assertEqual(users(self.consume()), [1, 3])

    def test_answers_line_by_line_when_lines_come_slowly(self):
        process = self.start("produce_event", "--signal", LOGIN, "--topic", "logins", "--data", "-", "-o", "json",
                             stdin=subprocess.PIPE)
        for number in (1, 2):
            process.stdin.write(login(number) + "\n")
            process.stdin.flush()
            self.wait_for(lambda: self.stored() == number, f"event {number}")
        process.stdin.close()
        self.assertEqual(process.wait(timeout=60), 0)
        self.assertEqual(len(process.stdout.read().splitlines()), 2)

    def test_a_signal_stops_it_when_what_it_read_is_stored(self):
        process = self.start("produce_event", "--signal", LOGIN, "--topic", "logins", "--data", "-",
                             stdin=subprocess.PIPE)
        process.stdin.write(login(1) + "\n" + login(2) + "\n")
        process.stdin.flush()
        self.wait_for(lambda: self.stored() == 2, "the events")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=60), 128 + signal.SIGTERM)
        self.assertIn("after line 2 of --data", process.stderr.read())
        self.assertEqual(users(self.consume()), [1, 2])

    def test_needs_a_signal_for_plain_data(self):
        done = self.run_program("produce_event", "--topic", "logins", "--data", login(), code=2)
        self.assert_error(done, "--signal")
        done = self.run_program("produce_event", "--topic", "logins", "--data", "-", given=login(), code=4)
        self.assert_error(done, "line 1", "--signal")

    def stored(self):
        done = self.run_program("topics", "-o", "json")
        return sum(json.loads(line)["events"] for line in done.stdout.splitlines())


if __name__ == "__main__":
    main()
