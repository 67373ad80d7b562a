"""Compares our catalogue and its codecs with openedx-events: events_test.py PEER [SEED [ROUNDS]]

Of every event type, ROUNDS random values are made in Python, written by openedx-events, read and written again by ours (through the
generated struct, and through the JSON view that a schema drives), and read back by openedx-events."""
import importlib
import json
import math
import pathlib
import random
import re
import sys
import time
import typing
from datetime import datetime, timedelta, timezone

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peer"))
from peer import Peer, set_up_openedx_events  # noqa: E402

SIGNALS = set_up_openedx_events()

from openedx_events.event_bus.avro.deserializer import deserialize_bytes_to_event_data  # noqa: E402
from openedx_events.event_bus.avro.schema import schema_from_signal  # noqa: E402
from openedx_events.event_bus.avro.serializer import AvroSignalSerializer, serialize_event_data_to_bytes  # noqa: E402
from random_events import CANNOT_BE_SERIALIZED, Maker, as_read_by_python, same  # noqa: E402


def as_json(serializer, data):
    """What our JSON view should show."""
    def shown(value):
        if isinstance(value, float) and not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        if isinstance(value, dict):
            return {key: shown(item) for key, item in value.items()}
        return [shown(item) for item in value] if isinstance(value, list) else value
    return shown(serializer.to_dict(data))


def check_value(peer, signal, serializer, data):
    written = serialize_event_data_to_bytes(data, signal)
    answer = peer.ask(op="copy", type=signal.event_type, bytes=written.hex())
    context = f"{signal.event_type} {data}\nbytes {written.hex()}\nanswer {answer}"
    assert "error" not in answer, context
    assert answer["typed"] == written.hex(), f"the struct is written otherwise: {context}"
    assert answer["from_json"] == written.hex(), f"the JSON view is written otherwise: {context}"
    expected = json.dumps(as_json(serializer, data), sort_keys=True)
    assert json.dumps(json.loads(answer["json"]), sort_keys=True) == expected, f"{context}\nexpected {expected}"
    read = deserialize_bytes_to_event_data(bytes.fromhex(answer["typed"]), signal)
    expected = {name: as_read_by_python(kind, data[name]) for name, kind in signal.init_data.items()}
    assert same(read, expected), f"{context}\nread {read}\nexpected {expected}"
    return len(written)


def check_values(peer, rng, rounds):
    maker = Maker(rng)
    values, size = 0, 0
    for signal in SIGNALS:
        if signal.event_type in CANNOT_BE_SERIALIZED:
            continue
        serializer = AvroSignalSerializer(signal)
        for _ in range(rounds):
            size += check_value(peer, signal, serializer, maker.event(signal))
            values += 1
    assert values == 73 * rounds, values
    print(f"{values} values of 73 event types, {size} bytes: the same both ways")


def annotated_key_field(signal, constant):
    """What the comment above a signal's definition says of its usual key; nothing where it says nothing, or names no field."""
    source = pathlib.Path(importlib.import_module(type_module(signal)).__file__).read_text(encoding="utf-8")
    comments = re.search(rf"((?:^#[^\n]*\n)+){constant} = ", source, re.MULTILINE)
    found = comments and re.search(r"event_key_field: (\S+)", comments.group(1))
    if not found:
        return None
    kind = signal.init_data.get(found.group(1).split(".")[0])
    return found.group(1) if kind is not None else None


def type_module(signal):
    return f"openedx_events.{signal.event_type.split('.')[2]}.signals"


def check_catalogue(types):
    ours = {described["type"]: described for described in types}
    assert len(ours) == len(types) == 75, len(types)
    assert ours.keys() == {signal.event_type for signal in SIGNALS}
    key_fields = 0
    for signal in SIGNALS:
        described = ours[signal.event_type]
        module, constant = described["python_path"].rsplit(".", 1)
        assert getattr(importlib.import_module(module), constant) is signal, described
        assert constant == described["constant"], described
        assert module == f"openedx_events.{described['subdomain']}.signals", described
        assert described["minor_version"] == signal.minor_version, described
        assert described["description"], described
        assert described["openedx_events_serializes"] == (signal.event_type not in CANNOT_BE_SERIALIZED), described
        annotated = annotated_key_field(signal, constant)
        if annotated is not None:
            assert described["key_field"] == annotated, f"{described['key_field']}, annotated {annotated}: {signal.event_type}"
            key_fields += 1
    assert key_fields > 15, key_fields
    print(f"the catalogue has the same 75 event types; {key_fields} key fields are those of the annotations")


def check_schemas(types):
    compared = 0
    for described in types:
        signal = next(signal for signal in SIGNALS if signal.event_type == described["type"])
        try:
            serializer = AvroSignalSerializer(signal)
        except TypeError:
            assert described["type"] in CANNOT_BE_SERIALIZED, described
            continue
        assert json.loads(described["schema"]) == serializer.schema, described["type"]
        # A registry gives the same text the same id.
        assert described["schema"] == serializer.schema_string(), described["type"]
        compared += 1
    assert compared == 73, compared
    print("73 schemas are equal")


def check_personal_data(types):
    """Everything that is called a name, an address or a user's number is marked, except where it is named here."""
    ours = {described["type"]: set(described["personal_data"]) for described in types}
    signals = {signal.event_type: signal for signal in SIGNALS}
    for event_type, marked in ours.items():
        paths = set(leaf_paths(signals[event_type].init_data))
        assert marked <= paths, f"{event_type}: {marked - paths} are no fields"
        for path in paths:
            parts = path.split(".")
            if parts[-1] in ("email", "username", "user_id", "lms_user_id", "full_name") or parts[-2:-1] == ["pii"]:
                assert path in marked, f"{event_type}: {path} is not marked as personal data"
    with_marks = sum(bool(marked) for marked in ours.values())
    assert with_marks > 40, with_marks
    print(f"{with_marks} event types have personal data marked")


def leaf_paths(members, prefix=""):
    for name, kind in members.items():
        path = prefix + name
        while typing.get_origin(kind) in (list, dict):
            kind = typing.get_args(kind)[-1]
            path += "[]"
        if hasattr(kind, "__attrs_attrs__"):
            yield from leaf_paths({a.name: a.type for a in kind.__attrs_attrs__}, path + ".")
        else:
            yield path


def check_certificate_config(peer, types, rng):
    """What Python has as an open file is bytes here; all else is as Python would have it, could it write these events."""
    import fastavro
    import io
    from typing import BinaryIO
    for event_type in sorted(CANNOT_BE_SERIALIZED):
        signal = next(signal for signal in SIGNALS if signal.event_type == event_type)
        described = next(described for described in types if described["type"] == event_type)
        with_bytes = schema_from_signal(signal, custom_type_to_avro_type={BinaryIO: "bytes"})
        assert json.loads(described["schema"]) == with_bytes, event_type
        for size in [0, 1, 1000, 200_000]:
            config = {"certificate_type": "verified", "course_key": "course-v1:edX+DemoX+2024", "title": "é", "is_active": True,
                      "signatories": [{"image": rng.randbytes(size), "name": "N", "organization": "", "title": "T"}]}
            out = io.BytesIO()
            fastavro.schemaless_writer(out, with_bytes, {"certificate_config": config})
            answer = peer.ask(op="copy", type=event_type, bytes=out.getvalue().hex())
            assert answer.get("typed") == answer.get("from_json") == out.getvalue().hex(), answer
    print("the two events with a file are written with its bytes")


def check_times_elsewhere(peer):
    """Python also writes other offsets and none at all; ours reads them, and writes the same time as UTC."""
    signal = next(signal for signal in SIGNALS if signal.event_type == "org.openedx.analytics.tracking.event.emitted.v1")
    (kind,) = signal.init_data.values()
    at = datetime(2021, 6, 9, 14, 12, 45, 320819)
    for time_zone in [None, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=3))]:
        data = {"tracking_log": kind(name="n", timestamp=at.replace(tzinfo=time_zone), data="", context="")}
        written = serialize_event_data_to_bytes(data, signal)
        answer = peer.ask(op="copy", type=signal.event_type, bytes=written.hex())
        assert answer["from_json"] == written.hex(), answer
        read = deserialize_bytes_to_event_data(bytes.fromhex(answer["typed"]), signal)["tracking_log"].timestamp
        assert read.utcoffset() == timedelta(0), read
        assert read == at.replace(tzinfo=time_zone or timezone.utc), f"{read} is not {at} {time_zone}"
    print("times with other offsets are read, and written as UTC")


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    print(f"seed {seed}", flush=True)
    rng = random.Random(seed)
    peer = Peer(sys.argv[1])
    answer = peer.ask(op="list")
    types = answer["types"]
    assert answer["version"] == importlib.import_module("openedx_events").__version__, answer["version"]
    check_catalogue(types)
    check_schemas(types)
    check_personal_data(types)
    check_certificate_config(peer, types, rng)
    check_times_elsewhere(peer)
    check_values(peer, rng, rounds)


main()
