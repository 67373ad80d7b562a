"""topics and replay on Redis: what there is, who is how far, and moving about."""

import time
from datetime import datetime, timezone

from program import ids, users
from redis_case import RedisCase, main


def now():
    return datetime.now(timezone.utc).isoformat()


class Topics(RedisCase):
    def groups(self, topic="logins"):
        return {row["group"]: sum(part["lag"] for part in row["partitions"]) if "partitions" in row else row["lag"]
                for row in self.rows("topics", "groups", topic)}


class Lists(Topics):
    def test_there_are_none_at_first(self):
        self.assertEqual(self.rows("topics"), [])

    def test_every_stream_with_a_topics_name(self):
        self.produce_many(3)
        self.produce(topic="grades")
        self.redis("SET", "kettle", "no stream")
        self.redis("XADD", "not a topic!", "*", "a", "b")
        self.assertEqual([(row["topic"], row["events"], len(row["partitions"]) if isinstance(row["partitions"], list) else row["partitions"])
                          for row in self.rows("topics")], [("grades", 1, 1), ("logins", 3, 1)])

    def test_one_with_its_ends(self):
        self.produce_many(3)
        [row] = self.rows("topics", "show", "logins")
        [partition] = row["partitions"]
        self.assertEqual((partition["partition"], partition["events"], partition["begin"]), (0, 3, self.positions()[0]))

    def test_those_of_the_prefix(self):
        self.produce(EVENT_BUS_TOPIC_PREFIX="dev")
        self.produce(EVENT_BUS_TOPIC_PREFIX="prod")
        self.assertEqual([row["topic"] for row in self.rows("topics", EVENT_BUS_TOPIC_PREFIX="dev")], ["dev-logins"])

    def test_makes_and_deletes(self):
        self.run_program("topics", "create", "logins")
        self.assertEqual(self.redis("TYPE", "logins"), "stream")
        self.assertEqual(self.redis("XLEN", "logins"), 0)
        self.assertEqual(self.redis("XINFO", "GROUPS", "logins"), [])
        self.run_program("topics", "create", "logins")
        self.produce()
        self.run_program("topics", "delete", "logins", "--yes")
        self.assertEqual(self.redis("EXISTS", "logins"), 0)
        self.assert_error(self.run_program("topics", "show", "logins", code=6), '"logins"')
        self.run_program("topics", "create", "logins", "--partitions", "2", code=4)

    def test_knows_the_groups_of_the_python_package(self):
        self.produce_many(3)
        self.redis("XGROUP", "CREATE", "logins", "python", "0")
        self.assertEqual(self.groups(), {"python": 3})
        self.redis("XREADGROUP", "GROUP", "python", "one", "COUNT", "2", "STREAMS", "logins", ">")
        self.assertEqual(self.groups(), {"python": 3}, "two are not acknowledged")
        self.redis("XACK", "logins", "python", *self.positions()[:2])
        self.assertEqual(self.groups(), {"python": 1})


class Lag(Topics):
    def test_is_right_after_trimming_and_deleting(self):
        self.produce_many(10)
        self.consume("--count", "4")
        self.assertEqual(self.groups(), {"g": 6})
        self.redis("XTRIM", "logins", "MAXLEN", "5")
        self.assertEqual(self.groups(), {"g": 5})
        self.redis("XDEL", "logins", self.positions()[2])
        self.assertEqual(self.groups(), {"g": 4})
        self.redis("XTRIM", "logins", "MAXLEN", "0")
        self.assertEqual(self.groups(), {"g": 0})


class Moves(Topics):
    def test_to_the_ends_a_time_and_a_position(self):
        self.produce_many(2)
        time.sleep(0.01)
        between = now()
        time.sleep(0.01)
        self.produce_many(3, first=3)
        events = self.consume()
        for target, left in (("earliest", [1, 2, 3, 4, 5]), (between, [3, 4, 5]), (events[3]["position"], [5]), ("latest", [])):
            self.run_program("topics", "move", "logins", "-g", "g", "--to", target)
            self.assertEqual(self.groups(), {"g": len(left)}, target)
            self.assertEqual(users(self.consume()), left, target)

    def test_refuses_what_cannot_be(self):
        self.produce()
        self.consume()
        self.assert_error(self.run_program("topics", "move", "nosuch", "-g", "g", "--to", "latest", code=6), '"nosuch"')
        self.assert_error(self.run_program("topics", "move", "logins", "-g", "h", "--to", "latest", code=6), '"h"')
        self.assertEqual(self.run_program("topics", "move", "logins", "-g", "g", "--to", "1:5-0", code=4).stdout, "")
        self.assertEqual(self.groups(), {"g": 0})

    def test_while_a_member_runs(self):
        self.produce_many(3, key="ann")
        self.start("consume_events", "-t", "logins", "-g", "g", "--exec", "cat >> got")
        lines = lambda: (self.place / "got").read_text().splitlines() if (self.place / "got").exists() else []
        self.wait_for(lambda: len(lines()) == 3 and self.groups() == {"g": 0}, "the events")
        self.run_program("topics", "move", "logins", "-g", "g", "--to", self.positions()[0])
        self.wait_for(lambda: len(lines()) == 5 and self.groups() == {"g": 0}, "two events again")


class Replays(Topics):
    def replayed(self, *words, start="earliest", **settings):
        return self.rows_of("replay", "-t", "logins", "--from", start, *words, **settings)

    def rows_of(self, *words, **settings):
        import json
        return [json.loads(line) for line in self.run_program(*words, **settings).stdout.splitlines()]

    def test_all_and_no_group_notices(self):
        self.produce_many(5)
        self.consume("--count", "2")
        self.assertEqual(users(self.replayed()), [1, 2, 3, 4, 5])
        self.assertEqual(self.groups(), {"g": 3})

    def test_by_time(self):
        times = []
        for first in (1, 3, 5):
            self.produce_many(2, first=first)
            time.sleep(0.01)
            times.append(now())
            time.sleep(0.01)
        self.assertEqual(users(self.replayed(start=times[0])), [3, 4, 5, 6])
        self.assertEqual(users(self.replayed("--to", times[0])), [1, 2])
        self.assertEqual(users(self.replayed("--to", times[1], start=times[0])), [3, 4])

    def test_by_position(self):
        self.produce_many(6)
        events = self.replayed()
        second, fourth = events[1]["position"], events[3]["position"]
        self.assertEqual(ids(self.replayed(start=second)), ids(events[2:]))
        self.assertEqual(ids(self.replayed("--to", fourth, start=second)), ids(events[2:4]))

    def test_by_key_and_type_of_what_a_python_producer_wrote_too(self):
        self.produce_many(2, key="ann")
        self.produce_many(2, first=3, key="ben")
        self.assertEqual(users(self.replayed("--key", "ann")), [1, 2])
        words = self.redis("XRANGE", "logins", "-", "+", "COUNT", "1")[0][1]
        self.redis("XADD", "logins", "*", *words[:16])
        self.assertEqual(len(self.replayed("--type", "SESSION_LOGIN_COMPLETED")), 5)


if __name__ == "__main__":
    main()
