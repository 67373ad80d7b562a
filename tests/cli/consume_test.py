"""consume_events: what it prints, where it starts, when it ends, and that a group gets each event."""

import json
import time

from program import LIMIT, LOGIN, Case, ids, login, main, users


class Prints(Case):
    def test_one_line_of_cloudevents_json_for_each_event(self):
        self.produce()
        done = self.run_program("consume_events", "--topic", "logins", "--group_id", "g", "--count", "1")
        self.assertEqual(done.stdout.count("\n"), 1)
        event = json.loads(done.stdout)
        self.assertEqual(list(event), [
            "specversion", "id", "source", "type", "time", "datacontenttype", "minorversion", "sourcehost", "sourcelib",
            "topic", "partition", "position", "key", "data"])
        self.assertEqual(event["topic"], "logins")
        self.assertEqual(event["type"], LOGIN)
        self.assertRegex(event["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$")
        self.assertEqual(event["data"], json.loads(login()))

    def test_takes_output_json(self):
        self.produce()
        self.assertEqual(len(self.consume("-o", "json")), 1)
        self.run_program("consume_events", "-t", "logins", "-g", "g", "-o", "text", code=2)

    def test_several_topics(self):
        self.produce(topic="a")
        self.produce(topic="b")
        done = self.run_program("consume_events", "-t", "a", "-t", "b", "-g", "g", "--count", "2")
        self.assertEqual(sorted(json.loads(line)["topic"] for line in done.stdout.splitlines()), ["a", "b"])

    def test_keys_and_times_as_strings(self):
        data = {"enrollment": {
            "user": {"id": -5, "is_active": False, "pii": {"username": "", "email": "é@example.com", "name": "名"}},
            "course": {"course_key": "course-v1:edX+DemoX+2026", "display_name": "Demo", "start": None,
                       "end": "2026-01-31T12:00:00.5+01:00"},
            "mode": "audit", "is_active": True, "creation_date": "2026-01-31T12:00:00Z", "created_by": None}}
        self.run_program("produce_event", "--signal", "COURSE_ENROLLMENT_CREATED", "--topic", "enrolments", "--data",
                         json.dumps(data))
        [event] = self.consume(topic="enrolments")
        self.assertEqual(event["key"], "course-v1:edX+DemoX+2026")
        told = event["data"]["enrollment"]
        self.assertEqual(told["course"]["course_key"], "course-v1:edX+DemoX+2026")
        self.assertEqual(told["user"], data["enrollment"]["user"])
        self.assertIsNone(told["course"]["start"])

    def test_an_event_is_not_acknowledged_before_its_line_is_out(self):
        self.produce_many(3, key="ann")
        with open("/dev/full", "w") as full:
            process = self.start("consume_events", "-t", "logins", "-g", "g", stdout=full)
            self.assertEqual(process.wait(timeout=LIMIT), 10)
        self.assertIn("eventbus: error: standard output cannot be written", process.stderr.read())
        self.assertEqual(users(self.consume()), [1, 2, 3])

    def test_it_ends_when_its_reader_has_gone_and_loses_nothing(self):
        self.produce_many(2000)
        process = self.start("consume_events", "-t", "logins", "-g", "g")
        first = json.loads(process.stdout.readline())
        process.stdout.close()
        self.assertEqual(process.wait(timeout=LIMIT), 10)
        self.assertNotIn("error", process.stderr.read())
        rest = self.consume()
        self.assertGreater(len(rest), 1000)
        # What fitted into the pipe was written; of each partition the rest comes again, without a gap.
        everything = self.consume(group="other")
        for partition in {event["partition"] for event in everything}:
            of_partition = [event for event in everything if event["partition"] == partition]
            left = [event for event in rest if event["partition"] == partition]
            self.assertEqual(ids(left), ids(of_partition[len(of_partition) - len(left):]))
        self.assertIn(first["id"], ids(everything))


class Starts(Case):
    def test_a_new_group_gets_what_is_stored(self):
        self.produce_many(5)
        self.assertEqual(users(self.consume()), [1, 2, 3, 4, 5])

    def test_a_group_goes_on_where_it_was(self):
        self.produce_many(2)
        self.assertEqual(users(self.consume()), [1, 2])
        self.produce_many(2, first=3)
        self.assertEqual(users(self.consume()), [3, 4])
        self.assertEqual(users(self.consume(group="other")), [1, 2, 3, 4])

    def test_the_setting_says_where_a_new_group_starts(self):
        self.produce_many(2)
        self.assertEqual(self.consume(EVENT_BUS_CONSUMER_START="latest"), [])
        self.produce_many(1, first=3)
        self.assertEqual(users(self.consume(EVENT_BUS_CONSUMER_START="latest")), [3])

    def test_check_backlog_wins_over_the_setting(self):
        self.produce_many(2)
        events = self.consume("--extra", '{"check_backlog": true}', EVENT_BUS_CONSUMER_START="latest")
        self.assertEqual(users(events), [1, 2])

    def test_check_backlog_false_leaves_it_to_the_setting(self):
        self.produce_many(2)
        extra = ("--extra", '{"check_backlog": false}')
        self.assertEqual(users(self.consume(*extra)), [1, 2])
        self.assertEqual(self.consume(*extra, group="other", EVENT_BUS_CONSUMER_START="latest"), [])

    def test_offset_time_moves_the_group(self):
        self.produce_many(2)
        self.assertEqual(len(self.consume()), 2)
        time.sleep(0.05)
        between = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{int(time.time() % 1 * 1e6):06d}Z"
        time.sleep(0.05)
        self.produce_many(2, first=3)
        self.assertEqual(len(self.consume()), 2)
        self.assertEqual(users(self.consume("--extra", json.dumps({"offset_time": between}))), [3, 4])
        self.assertEqual(len(self.consume("--extra", '{"offset_time": "2023-01-01T00:00:00Z"}')), 4)
        self.assertEqual(self.consume(), [])

    def test_last_read_msg_id_moves_the_group_behind_a_position(self):
        self.run_program("topics", "create", "logins", "--partitions", "1")
        self.produce_many(4)
        events = self.consume()
        extra = json.dumps({"last_read_msg_id": events[1]["position"]})
        self.assertEqual(ids(self.consume("--extra", extra)), ids(events[2:]))

    def test_the_member_has_the_name_that_it_was_given(self):
        self.produce()
        self.start("consume_events", "-t", "logins", "-g", "g", "--extra",
                   '{"consumer_name": "ann", "claim_msgs_older_than": 5}')
        self.wait_for(lambda: '"member":"ann"' in self.groups(), "the member")

    def test_a_wrong_extra_is_wrong_usage(self):
        for extra, part in (('{"backlog": true}', "known are check_backlog"), ("true", "JSON object"),
                            ('{"offset_time": "never"}', "offset_time must be a time"),
                            ('{"check_backlog": 1}', "check_backlog must be true or false")):
            done = self.run_program("consume_events", "-t", "t", "-g", "g", "--extra", extra, code=2)
            self.assert_error(done, "--extra", part)

    def test_extra_may_be_empty_as_in_python(self):
        self.produce()
        self.assertEqual(len(self.consume("--extra")), 1)

    def groups(self):
        return self.run_program("topics", "groups", "logins", "-o", "json").stdout


class Ends(Case):
    def test_after_a_number_of_events(self):
        self.produce_many(5, key="ann")
        done = self.run_program("consume_events", "-t", "logins", "-g", "g", "--count", "2")
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertEqual(users(self.consume()), [3, 4, 5])

    def test_when_nothing_comes_any_more(self):
        begun = time.monotonic()
        self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle")
        self.assertGreaterEqual(time.monotonic() - begun, 0.9)
        done = self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "soon", code=2)
        self.assert_error(done, "--until-idle", "soon")

    def test_a_topic_that_is_not_there_yet_is_waited_for(self):
        process = self.start("consume_events", "-t", "logins", "-g", "g", "--count", "1")
        time.sleep(0.3)
        self.produce()
        self.assertEqual(process.wait(timeout=LIMIT), 0)
        self.assertEqual(json.loads(process.stdout.read())["type"], LOGIN)


class Groups(Case):
    def test_members_share_the_events(self):
        members = [self.start("consume_events", "-t", "logins", "-g", "g", "--until-idle", "2") for _ in range(3)]
        self.produce_many(3000)
        seen = []
        for member in members:
            out, err = member.communicate(timeout=LIMIT)
            self.assertEqual(member.returncode, 0, err)
            seen += [json.loads(line) for line in out.splitlines()]
        self.assertEqual(users(seen), list(range(1, 3001)))

    def test_a_killed_member_loses_nothing(self):
        self.produce_many(2000)
        first = self.start("consume_events", "-t", "logins", "-g", "g")
        seen = [json.loads(first.stdout.readline()) for _ in range(50)]
        first.kill()
        first.wait(timeout=LIMIT)
        # What it printed may be printed again, but nothing may be missing: the pipe still holds what it wrote.
        lines = first.stdout.read().splitlines()
        seen += [json.loads(line) for line in lines if line.endswith("}")]
        seen += self.consume(idle="1")
        self.assertEqual(sorted({event["data"]["user"]["id"] for event in seen}), list(range(1, 2001)))


if __name__ == "__main__":
    main()
