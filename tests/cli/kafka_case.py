"""What the tests of the program on Kafka share: brokers and a registry for all tests of a file, and topics of its own for each test."""

import functools
import itertools
import json
import pathlib
import subprocess
import sys
import unittest

from program import Case, LIMIT, login, main  # noqa: F401

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "servers"))
from child import die_with_parent  # noqa: E402

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, Producer, TopicPartition  # noqa: E402, F401
from confluent_kafka.admin import AdminClient  # noqa: E402

SERVERS = sys.argv[6]
NUMBERS = itertools.count(1)
# What a member asks waits behind its fetch, which waits for events.
QUICK = {"fetch.wait.max.ms": 20}


class Servers:
    """Where all of it is, as kafka_servers tells it: servers["kafka"]."""

    def __init__(self, *options):
        self.process = subprocess.Popen([SERVERS, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=die_with_parent)
        line = self.process.stdout.readline()
        assert line, "the servers do not start"
        self.told = json.loads(line)

    def __getitem__(self, name):
        return self.told[name]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=LIMIT)
        self.process.stdout.close()


def start_servers(*options):
    """For setUpModule."""
    KafkaCase.servers = Servers(*options)
    unittest.addModuleCleanup(KafkaCase.servers.close)


class KafkaCase(Case):
    servers = None

    def setUp(self):
        super().setUp()
        number = next(NUMBERS)
        # A member that was killed is one for some time yet: no test waits for another's.
        self.prefix, self.group = f"test{number}", f"group{number}"
        del self.environment["EVENT_BUS_EMBEDDED_PATH"]
        self.environment.update(
            EVENT_BUS_PRODUCER="kafka", EVENT_BUS_CONSUMER="kafka", EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS=self.servers["kafka"],
            EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL=self.servers["registry"], EVENT_BUS_KAFKA_AUDIT_LOGGING_ENABLED="false",
            EVENT_BUS_TOPIC_PREFIX=self.prefix, EVENT_BUS_KAFKA_CONSUMER_CONFIG=json.dumps(QUICK))

    @property
    def here(self):
        return ("-t", "logins", "-g", self.group)

    def make(self, *words, topic="logins", **settings):
        return self.run_program("topics", "create", topic, *words, **settings)

    def consume(self, *words, group=None, **options):
        return super().consume(*words, group=group or self.group, **options)

    def handle(self, handler, *words, code=0, **settings):
        """What the handler writes of each event."""
        done = self.run_program("consume_events", *self.here, "--until-idle", "0.3", "--exec", handler, *words, code=code, **settings)
        return [json.loads(line) for line in done.stdout.splitlines() if line]

    def rows(self, *words, **settings):
        return [json.loads(line) for line in self.run_program(*words, "-o", "json", **settings).stdout.splitlines()]

    def letters(self, *words, **settings):
        return self.rows("dead-letters", "list", *self.here, *words, **settings)

    def full(self, topic="logins"):
        return f"{self.prefix}-{topic}"

    @functools.cached_property
    def admin(self):
        return AdminClient({"bootstrap.servers": self.servers["kafka"]})

    def put(self, *records, topic="logins"):
        """Puts records on the topic past our publishers: dicts of value, key and headers (pairs)."""
        producer, failures = Producer({"bootstrap.servers": self.servers["kafka"], "linger.ms": 0, "message.max.bytes": 20_000_000}), []
        for record in records:
            producer.produce(self.full(topic), partition=0, on_delivery=lambda error, _: error and failures.append(error), **record)
        self.assertEqual(producer.flush(LIMIT), 0)
        self.assertEqual(failures, [])

    def records(self, count, topic="logins", partition=0):
        """The first so many records of the topic."""
        consumer = Consumer({"bootstrap.servers": self.servers["kafka"], "group.id": "records", "enable.auto.commit": False})
        consumer.assign([TopicPartition(self.full(topic), partition, 0)])
        found = consumer.consume(count, LIMIT)
        consumer.close()
        self.assertEqual(len(found), count)
        return found
