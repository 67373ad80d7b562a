"""Our producers and consumers beside those of edx-event-bus-kafka on a real broker and registry: kafka_test.py PEER SERVERS [SEED [ROUNDS]]

Of every event type that Python can send over Kafka, ROUNDS random values with random metadata go each way: Python's producer to our consumer,
ours to Python's, and both to a group that has members of both. What both write of the same event is compared byte by byte."""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "peer"))
sys.path.insert(0, str(HERE.parent.parent / "servers"))
from peer import Peer, set_up_openedx_events  # noqa: E402
from child import die_with_parent  # noqa: E402

PROGRAM, SERVERS = sys.argv[1:3]
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else time.time_ns() % 1_000_000_000
ROUNDS = int(sys.argv[4]) if len(sys.argv) > 4 else 4
# A registry takes no name with a hyphen.
REFUSED_BY_REGISTRIES = {"org.openedx.enterprise.subsidy.redemption-reversed.v1"}

SERVER_PROCESS = subprocess.Popen([SERVERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
ADDRESSES = json.loads(SERVER_PROCESS.stdout.readline())
SETTINGS = {"EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS": ADDRESSES["kafka"], "EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL": ADDRESSES["registry"],
            "EVENT_BUS_TOPIC_PREFIX": "dev", "EVENTS_SERVICE_NAME": "lms"}
SIGNALS = set_up_openedx_events(**SETTINGS, EVENT_BUS_KAFKA_AUDIT_LOGGING_ENABLED=False)

import attr  # noqa: E402
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, TopicPartition  # noqa: E402
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402
from edx_event_bus_kafka import create_producer  # noqa: E402
from exchange import Event, LIMIT, PythonConsumer, check_handled, count_of, send_by_peer, wait_for  # noqa: E402
from metadata import from_json  # noqa: E402
from openedx_events.event_bus.avro.custom_serializers import DEFAULT_CUSTOM_SERIALIZERS  # noqa: E402
from random_events import CANNOT_BE_SERIALIZED, Maker  # noqa: E402


def key_field(signal):
    """A value of a plain type that every event has: what Python can send as a key. Nothing where there is none."""
    for wanted in (str, int, bool, *(each.cls for each in DEFAULT_CUSTOM_SERIALIZERS)):
        for name, kind in signal.init_data.items():
            if kind is wanted:
                return name
            for attribute in getattr(kind, "__attrs_attrs__", ()):
                if attribute.type is wanted and attribute.default is attr.NOTHING:
                    return f"{name}.{attribute.name}"
    return None


KEYS = {signal.event_type: key_field(signal) for signal in SIGNALS}
SENDABLE = [signal for signal in SIGNALS if signal.event_type not in CANNOT_BE_SERIALIZED | REFUSED_BY_REGISTRIES and KEYS[signal.event_type]]


class Scene:
    """A topic of its own, and the members of a group of it."""

    def __init__(self, name, rng, scratch):
        self.topic, self.rng, self.scratch = name, rng, scratch
        self.maker = Maker(rng)
        self.producer = create_producer()
        self.admin = AdminClient({"bootstrap.servers": ADDRESSES["kafka"]})
        self.peers = []
        self.make_topic(name)

    def make_topic(self, name, partitions=1):
        for done in self.admin.create_topics([NewTopic(f"dev-{name}", partitions, 1)]).values():
            done.result()

    def peer(self, **settings):
        """Our program, which sends every event to this topic."""
        config = {signal.event_type: {self.topic: {"event_key_field": KEYS[signal.event_type], "enabled": True}} for signal in SENDABLE}
        peer = Peer(PROGRAM, EVENT_BUS_PRODUCER="kafka", EVENT_BUS_CONSUMER="kafka", EVENT_BUS_KAFKA_AUDIT_LOGGING_ENABLED="false",
                    EVENT_BUS_PRODUCER_CONFIG=json.dumps(config), **SETTINGS, **settings)
        self.peers.append(peer)
        return peer

    def python(self, group):
        """It starts at the first event, as a group that has a position there."""
        start = [TopicPartition(f"dev-{self.topic}", 0, 0)]
        if not self.positions(group):
            for done in self.admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, start)]).values():
                done.result()
        return PythonConsumer(self.scratch, HERE / "python_consumer.py", ADDRESSES["kafka"], ADDRESSES["registry"], self.topic, group,
                              may_log=True)

    def positions(self, group):
        found = self.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        return {(each.topic, each.partition): each.offset for done in found.values() for each in done.result().topic_partitions}

    def events(self, rounds=None):
        return [Event(signal, self.maker, self.rng) for _ in range(ROUNDS if rounds is None else rounds) for signal in SENDABLE]

    def send_by_python(self, events, topic=None):
        for event in events:
            self.producer.send(signal=event.signal, topic=topic or self.topic, event_key_field=KEYS[event.signal.event_type],
                               event_data=event.data, event_metadata=from_json(event.metadata))
        self.producer.prepare_for_shutdown()

    def records(self, topic, count):
        """Headers, key and value of so many records."""
        consumer = Consumer({"bootstrap.servers": ADDRESSES["kafka"], "group.id": "records", "enable.auto.commit": False})
        consumer.assign([TopicPartition(f"dev-{topic}", 0, 0)])
        end, found = time.monotonic() + LIMIT, []
        while len(found) < count and time.monotonic() < end:
            found += [(each.headers(), each.key(), each.value()) for each in consumer.consume(count, 1)]
        consumer.close()
        assert len(found) == count, len(found)
        return found

    def close(self):
        for peer in self.peers:
            peer.kill()


def from_python_to_ours(scene):
    peer = scene.peer()
    sent = scene.events()
    scene.send_by_python(sent)
    peer.ask(op="start", topic=scene.topic, group="ours")
    wait_for(lambda: count_of(peer) >= len(sent), "our consumer")
    result = peer.ask(op="stop")
    assert [event["metadata"]["id"] for event in result["events"]] == [event.metadata["id"] for event in sent], "the order is another"
    check_handled(sent, result["events"])
    assert (result["handled"], result["failed"], result["unusable"]) == (len(sent), 0, 0), result
    assert scene.positions("ours")[f"dev-{scene.topic}", 0] == len(sent)
    print(f"{len(sent)} events of Python's producer are handled by our consumer")


def from_ours_to_python(scene):
    peer = scene.peer()
    sent = scene.events()
    send_by_peer(peer, sent)
    consumer = scene.python("theirs")
    wait_for(lambda: len(consumer.events()) >= len(sent), "Python's consumer", consumer.told)
    check_handled(sent, consumer.end())
    print(f"{len(sent)} events of our producer are handled by Python's consumer")


def records_are_equal(scene):
    """The same event written by both to one topic: headers in the same order, key and value are the same bytes, schema ids too."""
    peer = scene.peer()
    sent = scene.events()
    scene.send_by_python(sent)
    send_by_peer(peer, sent)
    records = scene.records(scene.topic, 2 * len(sent))
    for event, theirs, ours in zip(sent, records[:len(sent)], records[len(sent):]):
        assert theirs == ours, f"{event.metadata}\ntheirs {theirs}\nours {ours}"
    print(f"{len(sent)} records have the same headers, keys and values")


def one_group_of_both(scene):
    """A member of ours and one of Python's share three partitions: every event is handled by one of them."""
    scene.topic += "-shared"
    scene.make_topic(scene.topic, 3)
    sender, ours = scene.peer(), scene.peer()
    ours.ask(op="start", topic=scene.topic, group="both")
    wait_for(lambda: len(scene.positions("both")) == 3, "our member")
    theirs = scene.python("both")
    sent = []

    def send(rounds):
        more = scene.events(rounds)
        send_by_peer(sender, more)
        sent.extend(more)

    # Until Python's member has its share.
    end = time.monotonic() + LIMIT
    while not theirs.events() and time.monotonic() < end:
        send(1)
        time.sleep(0.5)
    send(ROUNDS)
    wait_for(lambda: count_of(ours) + len(theirs.events()) >= len(sent), "the group", theirs.told)
    by_ours, by_theirs = ours.ask(op="stop")["events"], theirs.end()
    check_handled(sent, by_ours + by_theirs)
    assert by_ours and by_theirs, [len(by_ours), len(by_theirs)]
    print(f"a group of both handled {len(sent)} events once each: {len(by_ours)} by ours, {len(by_theirs)} by Python's")


def main():
    print(f"seed {SEED}", flush=True)
    rng = random.Random(SEED)
    without_key = [signal.event_type for signal in SIGNALS if not KEYS[signal.event_type]]
    print(f"{len(SENDABLE)} types; Python has no key for {without_key}")
    with tempfile.TemporaryDirectory() as scratch:
        for part in (from_python_to_ours, from_ours_to_python, records_are_equal, one_group_of_both):
            begin = time.monotonic()
            scene = Scene(part.__name__.replace("_", "-"), rng, scratch)
            try:
                part(scene)
            finally:
                scene.close()
            print(f"    {time.monotonic() - begin:.1f} s", flush=True)
    SERVER_PROCESS.stdin.close()
    SERVER_PROCESS.wait(timeout=LIMIT)


main()
