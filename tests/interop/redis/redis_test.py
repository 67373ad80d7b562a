"""Our producers and consumers beside those of edx-event-bus-redis on a real server: redis_test.py PEER [SEED [ROUNDS]]

Of every event type that Python can write, ROUNDS random values with random metadata go each way: Python's producer to our consumer, ours to
Python's, and both to a group that has members of both. Members that are killed leave their events to the others."""
import json
import pathlib
import random
import sys
import tempfile
import time
from signal import SIGSTOP

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "peer"))
sys.path.insert(0, str(HERE.parent.parent / "servers"))
from peer import Peer, set_up_openedx_events  # noqa: E402
from redis_server import RedisServer  # noqa: E402

SERVER = RedisServer()
SIGNALS = set_up_openedx_events(EVENT_BUS_REDIS_CONNECTION_URL=SERVER.url, EVENT_BUS_TOPIC_PREFIX="dev", EVENTS_SERVICE_NAME="lms",
                                EVENT_BUS_REDIS_STREAM_MAX_LEN=1_000_000, EVENT_BUS_REDIS_AUDIT_LOGGING_ENABLED=False)

import attr  # noqa: E402
import redis  # noqa: E402
from edx_event_bus_redis import create_producer  # noqa: E402
from exchange import Event, LIMIT, PythonConsumer, check_handled, count_of, send_by_peer, wait_for  # noqa: E402
from metadata import from_json  # noqa: E402
from openedx_events.event_bus.avro.serializer import serialize_event_data_to_bytes  # noqa: E402
from random_events import CANNOT_BE_SERIALIZED, Maker  # noqa: E402

PROGRAM = sys.argv[1]
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000_000
ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 8
FIELDS = [b"type", b"id", b"source", b"time", b"minorversion", b"sourcehost", b"sourcelib", b"event_data"]
WRITABLE = [signal for signal in SIGNALS if signal.event_type not in CANNOT_BE_SERIALIZED]


class Scene:
    """A topic of its own, and the members of a group of it."""

    def __init__(self, name, rng, scratch):
        self.topic, self.rng, self.scratch = name, rng, scratch
        self.maker = Maker(rng)
        self.producer = create_producer()
        self.client = redis.Redis.from_url(SERVER.url)
        self.peers = []

    def peer(self, **settings):
        """Our program, which sends every event to this topic."""
        config = {signal.event_type: {self.topic: {"event_key_field": self.key_field(signal), "enabled": True}} for signal in WRITABLE}
        peer = Peer(PROGRAM, EVENT_BUS_PRODUCER="redis", EVENT_BUS_CONSUMER="redis", EVENT_BUS_REDIS_CONNECTION_URL=SERVER.url,
                    EVENT_BUS_TOPIC_PREFIX="dev", EVENTS_SERVICE_NAME="lms", EVENT_BUS_REDIS_STREAM_MAX_LEN="1000000",
                    EVENT_BUS_REDIS_AUDIT_LOGGING_ENABLED="false", EVENT_BUS_PRODUCER_CONFIG=json.dumps(config), **settings)
        self.peers.append(peer)
        return peer

    @staticmethod
    def key_field(signal):
        """A text that every value has; nothing where there is none."""
        for name, kind in signal.init_data.items():
            if kind is str:
                return name
            for attribute in getattr(kind, "__attrs_attrs__", ()):
                if attribute.type is str and attribute.default is attr.NOTHING:
                    return f"{name}.{attribute.name}"
        return ""

    def python(self, group, hang_at=None, **extra):
        return PythonConsumer(self.scratch, HERE / "python_consumer.py", SERVER.url, self.topic, group,
                              json.dumps({"check_backlog": True, **extra}), hang_at=hang_at)

    def events(self, rounds=None):
        return [Event(signal, self.maker, self.rng) for _ in range(ROUNDS if rounds is None else rounds) for signal in WRITABLE]

    def send_by_python(self, event, topic=None):
        self.producer.send(signal=event.signal, topic=topic or self.topic, event_key_field="", event_data=event.data,
                           event_metadata=from_json(event.metadata))

    def entries(self, topic):
        return [list(fields.items()) for _, fields in self.client.xrange(f"dev-{topic}")]

    def pending(self, group):
        return self.client.xpending(f"dev-{self.topic}", group)["pending"]

    def waiting_reads(self):
        return sum(each["cmd"] == "xreadgroup" for each in self.client.client_list())

    def close(self):
        for peer in self.peers:
            peer.kill()
        self.client.close()


def from_python_to_ours(scene):
    peer = scene.peer()
    sent = scene.events()
    for event in sent:
        scene.send_by_python(event)
    peer.ask(op="start", topic=scene.topic, group="ours")
    wait_for(lambda: count_of(peer) >= len(sent), "our consumer")
    result = peer.ask(op="stop")
    assert [event["metadata"]["id"] for event in result["events"]] == [event.metadata["id"] for event in sent], "the order is another"
    check_handled(sent, result["events"])
    assert (result["handled"], result["failed"], result["unusable"]) == (len(sent), 0, 0), result
    assert scene.pending("ours") == 0
    print(f"{len(sent)} events of Python's producer are handled by our consumer")


def from_ours_to_python(scene):
    peer = scene.peer()
    sent = scene.events()
    send_by_peer(peer, sent)
    consumer = scene.python("theirs", consumer_name="one")
    wait_for(lambda: len(consumer.events()) >= len(sent) and scene.pending("theirs") == 0, "Python's consumer", consumer.told)
    check_handled(sent, consumer.end())
    print(f"{len(sent)} events of our producer are handled by Python's consumer")


def entries_are_equal(scene):
    """The same event written by both: the same eight fields in the same order with the same bytes; ours has more behind them."""
    peer = scene.peer()
    sent = scene.events()
    keys = 0
    for event in sent:
        scene.send_by_python(event, "python")
        send_by_peer(peer, [event])
    theirs, ours = scene.entries("python"), scene.entries(scene.topic)
    assert len(theirs) == len(ours) == len(sent)
    for event, their_fields, our_fields in zip(sent, theirs, ours):
        assert [name for name, _ in their_fields] == FIELDS, their_fields
        assert our_fields[:8] == their_fields, f"{event.metadata}\ntheirs {their_fields}\nours {our_fields}"
        more = dict(our_fields[8:])
        assert more.keys() <= {b"eventbus-key"}, more
        keys += bool(more)
    assert 0 < keys < len(sent), keys
    print(f"{len(sent)} entries have the same fields, order and bytes")


def what_is_made_is_equal(scene):
    """Metadata that nobody gave differs in its id and time alone; Python's catalogue is as old as ours."""
    peer = scene.peer()
    for signal in WRITABLE:
        data = scene.maker.event(signal)
        scene.producer.send(signal=signal, topic="made", event_key_field="", event_data=data, event_metadata=signal.generate_signal_metadata())
        peer.ask(op="send", type=signal.event_type, bytes=serialize_event_data_to_bytes(data, signal).hex())
    for their_fields, our_fields in zip(scene.entries("made"), scene.entries(scene.topic)):
        theirs, ours = dict(their_fields), dict(our_fields[:8])
        for name in (b"id", b"time"):
            their_value, our_value = theirs.pop(name), ours.pop(name)
            assert len(their_value) == len(our_value) or name == b"time", (their_value, our_value)
        assert theirs == ours, f"theirs {theirs}\nours {ours}"
    assert len(scene.entries("made")) == len(scene.entries(scene.topic)) == 73
    print("metadata that nobody gave is the same but for id and time")


def one_group_of_both(scene, share="false"):
    """Two members of ours and two of Python's: every event is handled by one of them."""
    sender = scene.peer()
    ours = [scene.peer(EVENT_BUS_CONSUMER_PREFETCH="5", EVENT_BUS_REDIS_CONSUMERS_SHARE_EVENTS=share) for _ in range(2)]
    for peer in ours:
        peer.ask(op="start", topic=scene.topic, group="both")
    theirs = [scene.python("both", consumer_name=name) for name in ("one", "two")]
    # Unless they share, one of ours takes events and the other stands by.
    wait_for(lambda: scene.waiting_reads() == (4 if share == "true" else 3), "the members")
    sent = scene.events()

    def handled():
        return sum(map(count_of, ours)) + sum(len(consumer.events()) for consumer in theirs)

    for number, event in enumerate(sent):
        if number % 2:
            scene.send_by_python(event)
        else:
            send_by_peer(sender, [event])
        # So that more than the fastest member gets some.
        if number % 50 == 0:
            wait_for(lambda: handled() >= number - 50, "the group")
    wait_for(lambda: handled() >= len(sent) and scene.pending("both") == 0, "the group")
    each_of_ours = [peer.ask(op="stop")["events"] for peer in ours]
    by_ours = [event for events in each_of_ours for event in events]
    by_theirs = [event for consumer in theirs for event in consumer.end()]
    check_handled(sent, by_ours + by_theirs)
    assert by_theirs and all(each_of_ours) == (share == "true"), [len(by_theirs), *map(len, each_of_ours)]
    print(f"a group of both handled {len(sent)} events once each: {list(map(len, each_of_ours))} by our members, {len(by_theirs)} by Python's")


def one_group_of_both_that_share(scene):
    one_group_of_both(scene, "true")


def ours_takes_over_from_python(scene):
    """An event that a killed Python consumer was handling goes to ours, without being asked for."""
    sender = scene.peer()
    sent = scene.events(1)[:20]
    dead = scene.python("group", hang_at=3, consumer_name="dead")
    send_by_peer(sender, sent)
    wait_for(dead.hangs, "Python's consumer to hang")
    first = dead.end("kill")
    assert len(first) == 2 and scene.pending("group") == 1, first
    ours = scene.peer(EVENT_BUS_REDIS_CONSUMER_CLAIM_AFTER="1")
    ours.ask(op="start", topic=scene.topic, group="group")
    wait_for(lambda: count_of(ours) >= len(sent) - len(first), "our consumer")
    check_handled(sent, first + ours.ask(op="stop")["events"])
    assert scene.pending("group") == 0
    print("ours takes over what a dead Python consumer was handling")


def python_takes_over_from_ours(scene):
    """What ours was given and had not done goes to a Python consumer that claims it."""
    sender, ours = scene.peer(), scene.peer()
    sent = scene.events(1)[:20]
    ours.ask(op="start", topic=scene.topic, group="group")
    wait_for(lambda: scene.waiting_reads() == 1, "our member")
    ours.process.send_signal(SIGSTOP)
    send_by_peer(sender, sent)
    # The read that waits at the server is answered there, and the one who is stopped does not handle it.
    wait_for(lambda: scene.pending("group") > 0, "the read")
    ours.kill()
    heir = scene.python("group", consumer_name="heir", claim_msgs_older_than=0)
    wait_for(lambda: len(heir.events()) >= len(sent) and scene.pending("group") == 0, "Python's consumer", heir.told)
    check_handled(sent, heir.end())
    print("Python's consumer takes over what ours was given")


def main():
    print(f"seed {SEED}", flush=True)
    rng = random.Random(SEED)
    assert len(WRITABLE) == 73
    with SERVER, tempfile.TemporaryDirectory() as scratch:
        for part in (from_python_to_ours, from_ours_to_python, entries_are_equal, what_is_made_is_equal, one_group_of_both,
                     one_group_of_both_that_share, ours_takes_over_from_python, python_takes_over_from_ours):
            begin = time.monotonic()
            scene = Scene(part.__name__.replace("_", "-"), rng, scratch)
            try:
                part(scene)
            finally:
                scene.close()
            print(f"    {time.monotonic() - begin:.1f} s", flush=True)


main()
