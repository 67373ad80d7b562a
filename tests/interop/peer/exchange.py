"""What goes between our producers and consumers and Python's, and how it is compared; after set_up_openedx_events."""
import json
import pathlib
import pickle
import subprocess
import sys
import tempfile
import time
import uuid

from child import die_with_parent
from openedx_events.event_bus.avro.serializer import serialize_event_data_to_bytes
from random_events import as_read_by_python, same

LIMIT = 60


class Event:
    """Random data and metadata of a signal."""

    def __init__(self, signal, maker, rng):
        self.signal, self.data = signal, maker.event(signal)
        self.written = serialize_event_data_to_bytes(self.data, signal)
        self.metadata = {
            "event_type": signal.event_type, "id": str(uuid.UUID(int=rng.getrandbits(128))),
            "minorversion": rng.choice([0, 0, 1, 2**31 - 1]), "source": rng.choice(["openedx/lms/web", "ü", "a" * 500]),
            "sourcehost": rng.choice(["host", "日本"]), "time": maker.time().isoformat(),
            "sourcelib": rng.choice(["11.2.0", "0.1", "7"])}

    def check(self, handled):
        """What was handled is this event: its metadata the same in every field, its data as the language that read it has them."""
        assert handled["metadata"] == self.metadata, f"sent {self.metadata}, handled {handled['metadata']}"
        if "bytes" in handled:
            assert handled["bytes"] == self.written.hex(), f"{self.metadata} {self.data}\nhandled {handled['bytes']}"
        else:
            expected = {name: as_read_by_python(kind, self.data[name]) for name, kind in self.signal.init_data.items()}
            read = pickle.loads(bytes.fromhex(handled["data"]))
            assert same(read, expected), f"{self.metadata}\nhandled {read}\nexpected {expected}"


class PythonConsumer:
    """The consume_events command of openedx-events in a process of its own: a script whose last word is the file that it writes."""

    def __init__(self, scratch, script, *words, hang_at=None, may_log=False):
        self.may_log = may_log
        self.file = pathlib.Path(tempfile.mkstemp(dir=scratch)[1])
        self.log = open(f"{self.file}.log", "w+", encoding="utf-8")
        command = [sys.executable, str(script), *words, str(self.file), *([] if hang_at is None else [str(hang_at)])]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, preexec_fn=die_with_parent)

    def lines(self):
        return [json.loads(line) for line in self.file.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")]

    def events(self):
        return [line for line in self.lines() if line != "hangs"]

    def hangs(self):
        return "hangs" in self.lines()

    def told(self):
        self.log.seek(0)
        return self.log.read()

    def end(self, how="terminate"):
        getattr(self.process, how)()
        self.process.wait(timeout=LIMIT)
        log = self.told()
        self.log.close()
        assert self.may_log or how == "kill" or not log, log
        return self.events()


def wait_for(condition, what, told=lambda: ""):
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}\n{told()}"
        time.sleep(0.01)


def count_of(peer):
    return peer.ask(op="count")["count"]


def send_by_peer(peer, events):
    for event in events:
        answer = peer.ask(op="send", type=event.signal.event_type, bytes=event.written.hex(), metadata=event.metadata)
        assert answer == {"metadata": event.metadata, "topics": 1}, answer


def check_handled(sent, handled):
    """Each event once."""
    found = {}
    for event in handled:
        assert event["metadata"]["id"] not in found, f"handled twice: {event}"
        found[event["metadata"]["id"]] = event
    assert found.keys() == {event.metadata["id"] for event in sent}, f"{len(found)} of {len(sent)} events"
    for event in sent:
        event.check(found[event.metadata["id"]])
