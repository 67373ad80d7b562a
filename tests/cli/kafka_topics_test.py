"""topics, dead-letters and replay on Kafka, and members of a group that come, go and come back under load."""

import collections
import json
import signal
import threading
import time
import uuid
from datetime import datetime, timezone

from confluent_kafka import Producer
from confluent_kafka.admin import ConfigResource
from kafka_case import Consumer, KafkaCase, LIMIT, main, QUICK, start_servers, TopicPartition
from program import ids, login, users

SESSION = 20


def setUpModule():
    # As the brokers of others wait for a group's other members; theirs wait for 3 seconds.
    start_servers("group.initial.rebalance.delay.ms=400")


def now():
    return datetime.now(timezone.utc).isoformat()


class Topics(KafkaCase):
    def groups(self, topic="logins"):
        return {row["group"]: row["lag"] for row in self.rows("topics", "groups", topic)}

    def config(self, topic="logins"):
        resource = ConfigResource(ConfigResource.Type.TOPIC, self.full(topic))
        [done] = self.admin.describe_configs([resource]).values()
        return {name: entry.value for name, entry in done.result(LIMIT).items()}

    def wait_until_gone(self, topic):
        self.wait_for(lambda: self.full(topic) not in self.admin.list_topics(timeout=LIMIT).topics, "the end of the topic")


class Creates(Topics):
    def test_with_copies(self):
        self.make("--replication", "1")
        self.assertEqual(self.rows("topics", "show", "logins")[0]["name"], "logins")
        self.assert_error(self.make("--replication", "2", topic="copies", code=5), "copies", "replication factor")
        embedded = {"EVENT_BUS_PRODUCER": "embedded", "EVENT_BUS_CONSUMER": "embedded", "EVENT_BUS_EMBEDDED_PATH": str(self.place / "db")}
        self.assert_error(self.make("--replication", "1", code=2, **embedded), "--replication is for Kafka")

    def test_with_partitions_and_retention(self):
        self.make("--partitions", "3", "--retention-age", "2h", "--retention-bytes", "3000000")
        [row] = self.rows("topics", "show", "logins")
        self.assertEqual((row["topic"], row["name"], row["retention"]), (self.full(), "logins", {"age_seconds": 7200, "bytes": 3000000}))
        self.assertEqual([(part["partition"], part["events"]) for part in row["partitions"]], [(0, 0), (1, 0), (2, 0)])
        config = self.config()
        # Kafka counts the bytes of each partition.
        self.assertEqual((config["retention.ms"], config["retention.bytes"], config["max.message.bytes"]), ("7200000", "1000000", str(16 << 20)))
        partitions = self.admin.list_topics(timeout=LIMIT).topics[self.full()].partitions.values()
        self.assertEqual([len(partition.replicas) for partition in partitions], [1, 1, 1], "as many as the cluster says")

    def test_again_changes_the_retention_and_nothing_else(self):
        self.make("--retention-age", "1h")
        self.produce()
        self.make("--retention-age", "0", "--retention-bytes", "5000")
        config = self.config()
        self.assertEqual((config["retention.ms"], config["retention.bytes"], config["max.message.bytes"]), ("-1", "5000", str(16 << 20)))
        self.assertEqual(len(self.consume()), 1)
        self.assert_error(self.make("--partitions", "2", code=4), self.full(), "1 partitions", "not 2")

    def test_sending_to_one_that_is_not_there_makes_none(self):
        done = self.run_program("produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic", "lgoins", "--data", login(), code=6)
        self.assert_error(done, "lgoins", "eventbus topics create")
        self.assertEqual(self.rows("topics"), [])

    def test_deletes(self):
        self.make()
        self.produce()
        self.consume()
        self.assertEqual(self.groups(), {self.group: 0})
        self.run_program("topics", "delete", "logins", code=2)
        self.run_program("topics", "delete", "logins", "--yes")
        self.assert_error(self.run_program("topics", "show", "logins", code=6), f'"{self.full()}"')
        self.run_program("topics", "delete", "logins", "--yes", code=6)
        self.make()
        self.assertEqual(self.groups(), {}, "positions went with it")


class Lists(Topics):
    def test_those_of_the_prefix_with_their_groups(self):
        self.make("--partitions", "2")
        self.make(topic="grades")
        self.produce_many(6)
        self.consume("--count", "2")
        rows = {row["name"]: row for row in self.rows("topics")}
        self.assertEqual(list(rows), ["grades", "logins"])
        self.assertEqual((rows["logins"]["events"], rows["logins"]["partitions"], rows["logins"]["groups"]),
                         (6, 2, [{"group": self.group, "lag": 4}]))
        self.assertIn(self.full(), [row["topic"] for row in self.rows("topics", "--all", EVENT_BUS_TOPIC_PREFIX="other")])
        self.assertEqual(self.rows("topics", EVENT_BUS_TOPIC_PREFIX="other"), [])

    def test_groups_of_others_and_who_owns_what(self):
        self.make("--partitions", "2")
        self.produce_many(4, key="ann")
        theirs = Consumer({"bootstrap.servers": self.servers["kafka"], "group.id": self.group + "-theirs", "enable.auto.commit": False})
        self.addCleanup(theirs.close)
        [busy] = [part["partition"] for part in self.rows("topics", "show", "logins")[0]["partitions"] if part["events"]]
        theirs.commit(offsets=[TopicPartition(self.full(), busy, 3)], asynchronous=False)
        self.assertEqual(self.groups(), {self.group + "-theirs": 1})
        self.start("consume_events", *self.here, "--extra", '{"consumer_name": "bob"}')
        members = lambda: {part["member"] for row in self.rows("topics", "groups", "logins") if row["group"] == self.group
                           for part in row["partitions"]}
        self.wait_for(lambda: members() == {"bob"}, "bob")
        self.wait_for(lambda: self.groups()[self.group] == 0, "the events")

    def test_an_idle_consumer_waits_until_it_has_joined(self):
        self.make()
        self.produce_many(3)
        self.assertEqual(len(self.consume(idle="0.01")), 3, "the broker tells it later what it owns")


class Moves(Topics):
    def test_to_the_ends_a_time_and_a_position(self):
        self.make()
        self.produce_many(2)
        time.sleep(0.01)
        between = now()
        time.sleep(0.01)
        self.produce_many(3, first=3)
        events = self.consume()
        for target, left in (("earliest", [1, 2, 3, 4, 5]), (between, [3, 4, 5]), (events[3]["position"], [5]), ("latest", [])):
            self.run_program("topics", "move", "logins", "-g", self.group, "--to", target)
            self.assertEqual(self.groups(), {self.group: len(left)}, target)
            self.assertEqual(users(self.consume()), left, target)

    def test_refuses_what_cannot_be(self):
        self.make()
        self.produce()
        self.consume()
        self.assert_error(self.run_program("topics", "move", "nosuch", "-g", self.group, "--to", "latest", code=6), f'"{self.full("nosuch")}"')
        self.assert_error(self.run_program("topics", "move", "logins", "-g", "nobody", "--to", "latest", code=6), '"nobody"')
        self.run_program("topics", "move", "logins", "-g", self.group, "--to", "7:5", code=4)
        self.assertEqual(self.groups(), {self.group: 0})

    def test_while_a_member_runs(self):
        self.make()
        self.produce_many(3, key="ann")
        self.start("consume_events", *self.here, "--exec", "cat >> got")
        lines = lambda: (self.place / "got").read_text().splitlines() if (self.place / "got").exists() else []
        self.wait_for(lambda: len(lines()) == 3 and self.groups() == {self.group: 0}, "the events")
        self.run_program("topics", "move", "logins", "-g", self.group, "--to", "0")
        self.wait_for(lambda: len(lines()) == 5 and self.groups() == {self.group: 0}, "two events again")


class Replays(Topics):
    def replayed(self, *words, start="earliest"):
        done = self.run_program("replay", "-t", "logins", "--from", start, *words)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_all_by_time_position_key_and_type_and_no_group_notices(self):
        self.make()
        times = []
        for first in (1, 3, 5):
            self.produce_many(2, first=first, key="ann" if first == 3 else "ben")
            time.sleep(0.01)
            times.append(now())
            time.sleep(0.01)
        self.consume("--count", "2")
        events = self.replayed()
        self.assertEqual(users(events), [1, 2, 3, 4, 5, 6])
        self.assertEqual(users(self.replayed(start=times[0])), [3, 4, 5, 6])
        self.assertEqual(users(self.replayed("--to", times[1], start=times[0])), [3, 4])
        self.assertEqual(ids(self.replayed("--to", events[3]["position"], start=events[1]["position"])), ids(events[2:4]))
        self.assertEqual(users(self.replayed("--key", "ann")), [3, 4])
        self.assertEqual(len(self.replayed("--type", "SESSION_LOGIN_COMPLETED")), 6)
        self.assertEqual(self.replayed("--type", "COURSE_ENROLLMENT_CREATED"), [])
        self.assertEqual(self.groups(), {self.group: 4})


class DeadLetters(Topics):
    def setUp(self):
        super().setUp()
        self.make()

    @property
    def letters_topic(self):
        return f"logins.dead-letters.{self.group}"

    def give_up(self, count=3, first=1, **settings):
        self.produce_many(count, first=first, key="ann")
        self.handle("echo no route >&2; exit 3", code=8, **settings)

    def test_are_listed_shown_and_handled_when_they_are_sent_on(self):
        self.give_up(3)
        letters = self.letters()
        self.assertEqual([(letter["letter"], letter["position"], letter["topic"]) for letter in letters],
                         [(str(n), str(n), self.full()) for n in range(3)])
        self.assertTrue(all(letter["error"].endswith("exit code 3: no route") for letter in letters), letters)
        [shown] = self.rows("dead-letters", "show", *self.here, "1")
        self.assertEqual(shown["event"]["data"]["user"]["id"], 2)
        self.assertEqual([(row["topic"], row["group"], row["open"]) for row in self.rows("dead-letters")], [(self.full(), self.group, 3)])

        self.run_program("dead-letters", "redrive", *self.here, "--letter", "1")
        self.assertEqual(users(self.handle("cat; echo")), [2])
        self.assertEqual([letter["letter"] for letter in self.letters()], ["0", "2"])
        [answer] = self.rows("dead-letters", "redrive", *self.here)
        self.assertEqual(answer["letters"], 2)
        self.assertEqual(users(self.handle("cat; echo")), [1, 3])
        self.assertEqual((self.letters(), self.groups(self.letters_topic)), ([], {self.group: 0}))
        self.assertEqual(users(self.consume(group=self.group + "-other")), [1, 2, 3], "the topic has them still")

    def test_are_sent_on_while_the_consumer_runs(self):
        self.produce_many(3, key="ann")
        self.start("consume_events", *self.here, "--exec", "cat >> got; [ -e repaired ]")
        self.wait_for(lambda: len(self.letters()) == 3 if self.groups() else False, "letters")
        (self.place / "repaired").touch()
        self.run_program("dead-letters", "redrive", *self.here)
        got = lambda: [json.loads(line)["data"]["user"]["id"] for line in (self.place / "got").read_text().splitlines()]
        self.wait_for(lambda: len(got()) == 6, "the events again")
        self.assertEqual(got(), [1, 2, 3, 1, 2, 3])
        self.wait_for(lambda: self.groups(self.letters_topic) == {self.group: 0}, "their end")

    def test_are_exported_and_purged_from_the_cluster(self):
        self.give_up(3)
        exported = [json.loads(line) for line in self.run_program("dead-letters", "export", *self.here).stdout.splitlines()]
        self.assertEqual(users(exported), [1, 2, 3])
        config = self.config(self.letters_topic)
        self.assertEqual((config["retention.ms"], config["retention.bytes"]), ("-1", "-1"))
        self.run_program("dead-letters", "purge", *self.here, "--yes")
        self.assertEqual(self.letters(), [])
        [row] = self.rows("topics", "show", self.letters_topic)
        self.assertGreaterEqual(int(row["partitions"][0]["begin"]), 3, "their data are gone")

    def test_a_key_keeps_its_order(self):
        keeps = {"EVENT_BUS_CONSUMER_KEEP_KEY_ORDER": "true"}
        self.give_up(1, **keeps)
        self.produce_many(2, first=2, key="ann")
        self.produce_many(1, first=4, key="ben")
        self.assertEqual(users(self.handle("cat; echo", code=8, **keeps)), [4])
        self.assertEqual([letter["reason"] for letter in self.letters()], ["failed", "parked", "parked"])
        self.run_program("dead-letters", "redrive", *self.here)
        self.assertEqual([event["data"]["user"]["id"] for event in self.handle("cat; echo", **keeps)], [1, 2, 3])


class Load:
    """Sends events to all partitions until it is told to end, in turn and numbered by partition."""

    def __init__(self, case, partitions, pause=0.01):
        self.case, self.partitions, self.pause = case, partitions, pause
        case.produce()
        [event] = case.consume(group=case.group + "-first")
        [record] = case.records(1, partition=event["partition"])
        self.headers, self.value = record.headers(), record.value()
        self.sent = [event["id"]]
        self.ends, self.thread = threading.Event(), threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        producer = Producer({"bootstrap.servers": self.case.servers["kafka"], "linger.ms": 0})
        while not self.ends.wait(self.pause):
            event_id = str(uuid.uuid4())
            producer.produce(self.case.full(), partition=len(self.sent) % self.partitions, value=self.value,
                             headers=[(name, event_id.encode() if name == "ce_id" else value) for name, value in self.headers])
            self.sent.append(event_id)
        producer.flush(LIMIT)

    def end(self):
        self.ends.set()
        self.thread.join()
        return self.sent


class Members(Topics):
    PARTITIONS = 6

    def setUp(self):
        super().setUp()
        self.make("--partitions", str(self.PARTITIONS))
        self.outputs = []

    def properties(self, **properties):
        properties.setdefault("session_timeout_ms", SESSION * 1000)
        properties.setdefault("heartbeat_interval_ms", 500)
        return json.dumps({**QUICK, **{name.replace("_", "."): value for name, value in properties.items()}})

    def member(self, name, **properties):
        """A consumer that handles an event for some time; what it handled is in its file, and in order."""
        path = self.place / f"{name}-{len(self.outputs)}.jsonl"
        self.outputs.append(path)
        with open(path, "w") as out, open(f"{path}.log", "w") as log:
            return self.start("consume_events", *self.here, "--extra", json.dumps({"consumer_name": name}), "--pipe", self.slow_handler(path),
                              stdout=out, stderr=log, EVENT_BUS_KAFKA_CONSUMER_CONFIG=self.properties(**properties))

    def slow_handler(self, path):
        return f"while read -r line; do echo \"$line\" >> '{path}'; sleep 0.002; echo ok; done"

    def load(self):
        load = Load(self, self.PARTITIONS)
        self.addCleanup(load.end)
        return load

    def handled(self, which=None):
        """What was handled, whole lines only."""
        return [json.loads(line) for path in (self.outputs if which is None else [self.outputs[which]]) if path.exists()
                for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def owners(self):
        for row in self.rows("topics", "groups", "logins"):
            if row["group"] == self.group:
                return [part["member"] for part in row["partitions"]]
        return []

    def wait_for_shares(self, **shares):
        self.wait_for(lambda: collections.Counter(self.owners()) == shares, f"shares {shares}")

    def leave(self, member):
        member.send_signal(signal.SIGTERM)
        self.assertEqual(member.wait(timeout=LIMIT), 0)

    def check_each_once(self, load):
        sent = load.end()
        self.wait_for(lambda: len(self.handled()) >= len(sent), "the events")
        handled = self.handled()
        twice = [event for event, count in collections.Counter(ids(handled)).items() if count > 1]
        self.assertEqual(twice, [])
        self.assertEqual(sorted(ids(handled)), sorted(sent))
        for output in range(len(self.outputs)):
            places = collections.defaultdict(list)
            for event in self.handled(output):
                places[event["partition"]].append(int(event["position"]))
            for partition, positions in places.items():
                self.assertEqual(positions, sorted(positions), f"the order of partition {partition}")

    def comes_and_goes(self, **properties):
        load = self.load()
        first = self.member("first", **properties)
        self.wait_for_shares(first=self.PARTITIONS)
        second = self.member("second", **properties)
        self.wait_for_shares(first=self.PARTITIONS // 2, second=self.PARTITIONS // 2)
        self.wait_for(lambda: len(self.handled(1)) > 50, "work of the second")
        self.leave(second)
        self.wait_for_shares(first=self.PARTITIONS)
        before = len(self.handled(0))
        self.wait_for(lambda: len(self.handled(0)) > before + 50, "work of the first")
        self.check_each_once(load)
        self.leave(first)

    def test_one_that_comes_and_goes_has_nothing_handled_twice(self):
        self.comes_and_goes(partition_assignment_strategy="cooperative-sticky")

    def test_the_same_with_the_strategies_of_the_python_consumers(self):
        self.comes_and_goes()

    def test_a_static_one_that_is_restarted_moves_no_partition(self):
        named = lambda name: {"partition_assignment_strategy": "cooperative-sticky", "group_instance_id": name}
        load = self.load()
        first, second = self.member("first", **named("one")), self.member("second", **named("two"))
        half = self.PARTITIONS // 2
        self.wait_for_shares(first=half, second=half)
        owners = self.owners()
        self.wait_for(lambda: len(self.handled(1)) > 20, "work of the second")
        self.leave(second)
        before = len(self.handled(0))
        self.wait_for(lambda: len(self.handled(0)) > before + 50, "work of the first meanwhile")
        self.assertEqual(self.owners(), owners, "its partitions wait for it")
        self.member("second", **named("two"))
        self.wait_for(lambda: len(self.handled(2)) > 20, "work of the second")
        self.assertEqual(self.owners(), owners)
        self.assertEqual({event["partition"] for event in self.handled(0)[before:]}, {at for at, name in enumerate(owners) if name == "first"})
        self.check_each_once(load)
        self.leave(first)

    def test_two_with_one_name_are_told(self):
        first = self.member("first", group_instance_id="one")
        self.wait_for_shares(first=self.PARTITIONS)
        self.member("second", group_instance_id="one")
        self.assertEqual(first.wait(timeout=LIMIT), 5)
        self.assertIn("group.instance.id", self.log_of(0))
        self.produce_many(20)
        self.wait_for(lambda: len(self.handled(1)) == 20, "the events at the one that came last")

    def test_two_with_different_strategies_are_told(self):
        self.member("first")
        self.wait_for_shares(first=self.PARTITIONS)
        second = self.member("second", partition_assignment_strategy="cooperative-sticky")
        self.assertEqual(second.wait(timeout=LIMIT), 5)
        self.assertIn("partition.assignment.strategy", self.log_of(1))

    def log_of(self, which):
        with open(f"{self.outputs[which]}.log") as log:
            return log.read()


if __name__ == "__main__":
    main()
