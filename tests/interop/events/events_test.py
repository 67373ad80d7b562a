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
import uuid
from datetime import datetime, timedelta, timezone

import attr

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peer"))
from peer import Peer, set_up_openedx_events  # noqa: E402

SIGNALS = set_up_openedx_events()

from ccx_keys.locator import CCXLocator  # noqa: E402
from opaque_keys.edx.keys import CourseKey, UsageKey  # noqa: E402
from opaque_keys.edx.locator import (LibraryCollectionLocator, LibraryContainerLocator, LibraryLocatorV2,  # noqa: E402
                                     LibraryUsageLocatorV2)
from openedx_events.event_bus.avro.deserializer import deserialize_bytes_to_event_data  # noqa: E402
from openedx_events.event_bus.avro.schema import schema_from_signal  # noqa: E402
from openedx_events.event_bus.avro.serializer import AvroSignalSerializer, serialize_event_data_to_bytes  # noqa: E402

CANNOT_BE_SERIALIZED = {"org.openedx.content_authoring.course.certificate_config.changed.v1",
                        "org.openedx.content_authoring.course.certificate_config.deleted.v1"}
TEXTS = ["", " ", "a", "plain words", "é ü ß", "日本語", "\U0001f600\U0010ffff", "\"\\/\b\f\n\r\t", "\x00\x01\x1f\x7f\x80", "\u2028\ufeff",
         "null", "0", "{}", "x" * 63, "x" * 64, "y" * 8191, "y" * 8192]
HUGE = "ü" * 150_000
INTEGERS = [0, 1, -1, 63, 64, -64, -65, 127, 128, 255, 256, 2**31 - 1, -2**31, 2**31, 2**53 + 1, 2**63 - 1, -2**63]
REALS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e300, 5e-324, 1e16, 123456789.125, math.inf, -math.inf, math.nan]
WORDS = ["edX", "DemoX", "2024_T1", "a", "A.b-c~d", "9", "_", "Ünï", "課程", "x" * 60, "a:b"]
SLUGS = ["edX", "lib-1", "a.b", "9", "_", "x" * 60]
ANY_SLUGS = SLUGS + ["Ünï", "課程"]
HEX24 = ["519665f6223ebd6980884f2b", "0" * 24, "f" * 24]


class Maker:
    """Random values of the types that openedx-events uses."""

    def __init__(self, rng):
        self.rng = rng
        self.huge_wanted = False

    def event(self, signal):
        self.huge_wanted = self.rng.random() < 0.02
        return {name: self.value(kind) for name, kind in signal.init_data.items()}

    def value(self, kind):
        makers = {str: self.text, int: self.integer, float: self.real, bool: lambda: self.rng.random() < 0.5, datetime: self.time,
                  uuid.UUID: lambda: uuid.UUID(int=self.rng.choice([0, 2**128 - 1, self.rng.getrandbits(128)]))}
        if kind in makers:
            return makers[kind]()
        if hasattr(kind, "__attrs_attrs__"):
            return kind(**self.members(kind))
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is list:
            return [self.value(arguments[0]) for _ in range(self.size())]
        if origin is dict:
            return {self.text(): self.value(arguments[1]) for _ in range(self.size())}
        return self.key(kind)

    def members(self, kind):
        members = {}
        for attribute in kind.__attrs_attrs__:
            # A class given for a default is a value of no type.
            has_default = attribute.default is not attr.NOTHING and not isinstance(attribute.default, type)
            if not has_default or self.rng.random() < 0.6:
                members[attribute.name] = self.value(attribute.type)
        return members

    def size(self):
        return self.rng.choice([0, 0, 1, 1, 2, 3, 7, 70 if self.rng.random() < 0.1 else 4])

    def text(self):
        if self.huge_wanted and self.rng.random() < 0.3:
            self.huge_wanted = False
            return HUGE
        if self.rng.random() < 0.5:
            return self.rng.choice(TEXTS)
        characters = [c for c in (self.rng.randrange(self.rng.choice([0x80, 0x800, 0x10000, 0x110000])) for _ in range(self.rng.randint(1, 20)))
                      if not 0xD800 <= c < 0xE000]
        return "".join(map(chr, characters))

    def integer(self):
        return self.rng.choice([self.rng.choice(INTEGERS), self.rng.randint(-2**63, 2**63 - 1), self.rng.randint(0, 10**6)])

    def real(self):
        return self.rng.choice([self.rng.choice(REALS), self.rng.uniform(-1e6, 1e6), self.rng.random()])

    def time(self):
        if self.rng.random() < 0.1:
            return self.rng.choice([datetime.min, datetime.max]).replace(tzinfo=timezone.utc)
        micros = self.rng.choice([0, 0, 1, 999_999, 1000, self.rng.randrange(1_000_000)])
        day = datetime(1, 1, 1, tzinfo=timezone.utc) + timedelta(days=self.rng.randrange(3_652_000), seconds=self.rng.randrange(86_400))
        return day.replace(microsecond=micros)

    def key(self, kind):
        text = self.key_text(kind)
        return kind.from_string(text)

    def key_text(self, kind):
        word, pick = (lambda: self.rng.choice(WORDS)), self.rng.choice
        slug, any_slug = (lambda: pick(SLUGS)), (lambda: pick(ANY_SLUGS))
        version = pick(["", "", f"+branch@{pick(['draft-branch', 'published'])}", f"+branch@b+version@{pick(HEX24)}", f"+version@{pick(HEX24)}"])
        run = f"{word()}+{word()}+{word()}{version}"
        old = f"{slug()}/{slug()}"
        ccx = f"+ccx@{self.rng.randrange(10**6)}"
        choices = {
            CourseKey: [f"course-v1:{run}"] * 4 + [f"course-v1:version@{pick(HEX24)}", f"{old}/{slug()}", f"ccx-v1:{run}{ccx}",
                                                  f"library-v1:{word()}+{word()}{version}"],
            CCXLocator: [f"ccx-v1:{run}{ccx}"],
            UsageKey: [f"block-v1:{run}+type@{word()}+block@{word()}"] * 3 + [
                f"i4x://{old}/{slug()}/{pick(SLUGS)}{pick(['', '@draft'])}", f"lb:{slug()}:{any_slug()}:{slug()}:{any_slug()}",
                f"lib-block-v1:{word()}+{word()}{version}+type@{word()}+block@{word()}", f"ccx-block-v1:{run}{ccx}+type@{word()}+block@{word()}",
                f"aside-usage-v1:block-v1:a+b+c+type@{slug()}+block@{slug()}::{slug()}",
                f"aside-usage-v2:block-v1$:a+b+c+type@{slug()}+block@{slug()}::{slug()}"],
            LibraryLocatorV2: [f"lib:{slug()}:{any_slug()}"],
            LibraryUsageLocatorV2: [f"lb:{slug()}:{any_slug()}:{slug()}:{any_slug()}"],
            LibraryCollectionLocator: [f"lib-collection:{slug()}:{any_slug()}:{any_slug()}"],
            LibraryContainerLocator: [f"lct:{slug()}:{any_slug()}:{slug()}:{any_slug()}"],
        }
        return pick(choices[kind])


def as_read_by_python(kind, value):
    """What openedx-events makes of a value that it reads: false values of members with a default become the default."""
    if hasattr(kind, "__attrs_attrs__"):
        members = {}
        for attribute in kind.__attrs_attrs__:
            member = getattr(value, attribute.name)
            if attribute.default is attr.NOTHING or plain(member):
                members[attribute.name] = as_read_by_python(attribute.type, member)
        return kind(**members)
    if typing.get_origin(kind) is list:
        return [as_read_by_python(typing.get_args(kind)[0], item) for item in value]
    return value


def plain(member):
    return member is not None and member is not False and member != 0 and member != "" and member != [] and member != {}


def same(a, b):
    """Equal, with types, and NaN equal to itself."""
    if hasattr(type(a), "__attrs_attrs__"):
        return type(a) is type(b) and all(same(getattr(a, x.name), getattr(b, x.name)) for x in type(a).__attrs_attrs__)
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


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
