"""produce_event and consume_events on Redis, with what --extra takes there."""

import json
import signal

from program import ids, login, users
from redis_case import LIMIT, RedisCase, main

FIELDS = ["type", "id", "source", "time", "minorversion", "sourcehost", "sourcelib", "event_data", "eventbus-key"]


class Produces(RedisCase):
    def test_an_entry_of_the_stream_that_is_named_like_the_topic(self):
        done = self.produce("-o", "json", EVENT_BUS_TOPIC_PREFIX="dev")
        told = json.loads(done.stdout)
        [[position, words]] = self.redis("XRANGE", "dev-logins", "-", "+")
        self.assertEqual((told["topic"], told["partition"], told["position"]), ("dev-logins", 0, position))
        self.assertEqual(words[::2], FIELDS)
        self.assertEqual(words[3], told["id"])

    def test_many_in_order(self):
        self.produce_many(2000, key="ann")
        self.assertEqual(self.redis("XLEN", "logins"), 2000)
        self.assertEqual([event["data"]["user"]["id"] for event in self.consume()], list(range(1, 2001)))

    def test_about_as_many_as_the_setting_says_are_kept(self):
        self.environment["EVENT_BUS_REDIS_STREAM_MAX_LEN"] = "200"
        self.produce_many(1000)
        kept = self.redis("XLEN", "logins")
        self.assertTrue(200 <= kept < 500, kept)

    def test_with_a_log_line_for_each_where_that_is_wanted(self):
        done = self.produce(EVENT_BUS_REDIS_AUDIT_LOGGING_ENABLED=None)
        [position] = self.positions()
        [line] = done.stderr.splitlines()
        for part in (" info ", "logins", position):
            self.assertIn(part, line)
        self.assertNotIn("user1", done.stderr + self.run_program(
            "consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3", EVENT_BUS_REDIS_AUDIT_LOGGING_ENABLED=None).stderr)


class Consumes(RedisCase):
    def test_what_was_there_and_what_comes(self):
        self.produce_many(3)
        consumer = self.start("consume_events", "-t", "logins", "-g", "g", "--count", "5")
        self.wait_for(lambda: self.rows("topics", "groups", "logins") and self.lag() == 0, "the events that were there")
        self.produce_many(2, first=4)
        out, _ = consumer.communicate(timeout=LIMIT)
        self.assertEqual([json.loads(line)["data"]["user"]["id"] for line in out.splitlines()], [1, 2, 3, 4, 5])

    def test_each_once_for_each_group(self):
        self.produce_many(3)
        self.assertEqual(users(self.consume()), [1, 2, 3])
        self.assertEqual(self.consume(), [])
        self.assertEqual(users(self.consume(group="h")), [1, 2, 3])

    def test_tells_the_position_as_redis_does(self):
        self.produce_many(3)
        self.assertEqual([event["position"] for event in self.consume()], self.positions())

    def test_a_group_goes_on_where_it_was(self):
        """Unlike the Python consumer, which goes to the end when it is started without check_backlog."""
        self.produce_many(2)
        self.consume()
        self.produce_many(2, first=3)
        self.assertEqual(users(self.consume("--extra", '{"consumer_name": "one"}')), [3, 4])

    def test_a_new_group_starts_where_the_setting_says(self):
        self.produce_many(2)
        self.assertEqual(self.consume(EVENT_BUS_CONSUMER_START="latest"), [])
        self.produce_many(1, first=3)
        self.assertEqual(users(self.consume(EVENT_BUS_CONSUMER_START="latest")), [3])
        backlog = self.consume("--extra", '{"check_backlog": true}', group="h", EVENT_BUS_CONSUMER_START="latest")
        self.assertEqual(users(backlog), [1, 2, 3])

    def test_waits_for_a_topic_that_is_not_there(self):
        consumer = self.start("consume_events", "-t", "logins", "-g", "g", "--count", "1", EVENT_BUS_CONSUMER_START="latest")
        self.wait_for(lambda: self.redis("EXISTS", "logins") == 1, "the group")
        self.produce()
        out, _ = consumer.communicate(timeout=LIMIT)
        self.assertEqual(len(out.splitlines()), 1)

    def test_what_is_not_in_the_wire_form_is_a_dead_letter(self):
        self.redis("XADD", "logins", "*", "kettle", "boils")
        self.redis("XADD", "logins", "*", "type", "t", "id", "kettle", "event_data", b"\0\xff")
        self.produce()
        self.assertEqual(len(self.consume(code=8)), 1)
        self.assertEqual(self.lag(), 0)
        letters = self.rows("dead-letters", "list", "-t", "logins", "-g", "g")
        self.assertEqual([letter["position"] for letter in letters], self.positions()[:2])
        for letter, part in zip(letters, ("type", "kettle")):
            self.assertEqual(letter["reason"], "unusable")
            self.assertIn(part, letter["error"])


class Extra(RedisCase):
    def test_the_name_of_the_member(self):
        self.produce_many(2)
        consumer = self.start("consume_events", "-t", "logins", "-g", "g", "--exec", "sleep 1000", "--extra",
                              '{"consumer_name": "kettle"}')
        self.wait_for(lambda: any(row["partitions"][0]["member"] for row in self.rows("topics", "groups", "logins")), "the member")
        self.assertIn("kettle", self.rows("topics", "groups", "logins")[0]["partitions"][0]["member"])
        self.assertTrue(any("kettle" in words[1] for words in self.redis("XINFO", "CONSUMERS", "logins", "g")))
        consumer.kill()

    def test_of_two_of_one_name_one_takes_the_events(self):
        both = [self.start("consume_events", "-t", "logins", "-g", "g", "--exec", f"cat >> {name}; sleep 0.01", "--extra",
                           '{"consumer_name": "same"}') for name in ("one", "two")]
        self.wait_for(lambda: self.redis("EXISTS", "logins") == 1, "the group")
        self.produce_many(20, key="ann")
        self.wait_for(lambda: self.lag() == 0, "the events")
        for each in both:
            each.terminate()
            self.assertEqual(each.wait(timeout=LIMIT), 0)
        [lines] = [(self.place / name).read_text().splitlines() for name in ("one", "two") if (self.place / name).exists()]
        self.assertEqual([json.loads(line)["data"]["user"]["id"] for line in lines], list(range(1, 21)))

    def test_moves_behind_a_position(self):
        self.produce_many(5)
        self.consume()
        extra = json.dumps({"last_read_msg_id": self.positions()[2]})
        self.assertEqual(users(self.consume("--extra", extra)), [4, 5])
        self.assertEqual(users(self.consume("--extra", '{"last_read_msg_id": "0"}')), [1, 2, 3, 4, 5])
        self.assertEqual(self.consume("--extra", '{"last_read_msg_id": "$"}'), [])
        done = self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3", "--extra",
                                '{"last_read_msg_id": "kettle"}', code=4)
        self.assert_error(done, "kettle")

    def test_moves_to_a_time(self):
        self.produce_many(2)
        between = self.run_program("produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic", "logins", "--data",
                                   login(3), "-o", "json")
        milliseconds = int(json.loads(between.stdout)["position"].split("-")[0])
        self.consume()
        moment = self.time_of(milliseconds)
        self.assertEqual(users(self.consume("--extra", json.dumps({"offset_time": moment})))[-1], 3)

    @staticmethod
    def time_of(milliseconds):
        from datetime import datetime, timezone
        return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).isoformat()

    def test_takes_over_from_a_dead_member_after_the_time_it_says(self):
        self.produce_many(3)
        sharing = {"EVENT_BUS_REDIS_CONSUMERS_SHARE_EVENTS": "true"}
        dead = self.start("consume_events", "-t", "logins", "-g", "g", "--exec", "touch begun; exec sleep 1000", **sharing)
        self.wait_for(lambda: (self.place / "begun").exists(), "the handler")
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        self.assertEqual(self.redis("XPENDING", "logins", "g")[0], 3)
        heir = self.start("consume_events", "-t", "logins", "-g", "g", "--count", "3", "--extra", '{"claim_msgs_older_than": 1000}',
                          **sharing)
        out, _ = heir.communicate(timeout=LIMIT)
        self.assertEqual(sorted(json.loads(line)["data"]["user"]["id"] for line in out.splitlines()), [1, 2, 3])
        self.assertEqual(self.redis("XPENDING", "logins", "g")[0], 0)

    def test_takes_over_from_a_dead_member_without_being_asked(self):
        self.produce_many(3)
        quick = {"EVENT_BUS_REDIS_CONSUMER_LEASE": "1", "EVENT_BUS_REDIS_CONSUMER_CLAIM_AFTER": "1"}
        dead = self.start("consume_events", "-t", "logins", "-g", "g", "--exec", "touch begun; exec sleep 1000", **quick)
        self.wait_for(lambda: (self.place / "begun").exists(), "the handler")
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        heir = self.start("consume_events", "-t", "logins", "-g", "g", "--count", "3", **quick)
        out, _ = heir.communicate(timeout=LIMIT)
        self.assertEqual([json.loads(line)["data"]["user"]["id"] for line in out.splitlines()], [1, 2, 3])

    def test_wrong_ones_are_wrong_usage(self):
        for extra in ('{"claim_msgs_older_than": -1}', '{"consumer_name": ""}', '{"kettle": 1}'):
            self.run_program("consume_events", "-t", "logins", "-g", "g", "--extra", extra, code=2)


class Trimmed(RedisCase):
    def test_events_that_went_before_the_group_read_them_are_told(self):
        self.produce_many(3)
        self.consume()
        self.produce_many(5, first=4)
        self.redis("XTRIM", "logins", "MAXLEN", "2")
        self.assertEqual(self.lag(), 2)
        done = self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3")
        self.assertEqual([json.loads(line)["data"]["user"]["id"] for line in done.stdout.splitlines()], [7, 8])
        [line] = [line for line in done.stderr.splitlines() if "trim" in line]
        self.assertIn(" warning ", line)
        self.assertRegex(line, r"\b3\b")
        self.assertEqual(self.lag(), 0)


if __name__ == "__main__":
    main()
