"""Compares our Avro room with fastavro and with edx-event-bus-kafka's key schemas: avro_test.py PEER [SEED [ROUNDS]]"""
import base64
import copy
import io
import json
import math
import pathlib
import random
import struct
import sys
import time

import fastavro

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peer"))
from peer import Peer, set_up_openedx_events  # noqa: E402

INTEGERS = {"int": 31, "long": 63}
TEXTS = ["", "a", "plain words", "é ü ß", "日本語", "\U0001f600", "\"\\/\b\f\n\r\t", "\x00\x01\x1f\x7f", "\u2028", "x" * 300]
REALS = [0.0, -0.0, 1.0, -1.5, 0.1, 1e300, 5e-324, 1e16, 123456789.125, math.inf, -math.inf, math.nan]


def encode(schema, value):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, value)
    return out.getvalue()


def decode(schema, data, reader=None):
    source = io.BytesIO(data)
    value = fastavro.schemaless_reader(source, copy.deepcopy(schema), copy.deepcopy(reader))
    assert source.read() == b"", "fastavro left bytes over"
    return value


class Maker:
    """Random schemas, values of them, and readers' versions of them."""

    def __init__(self, rng):
        self.rng = rng
        self.names = 0
        self.definitions = {}
        self.complete = []

    def name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    # Schemas

    def schema(self, depth):
        kinds = ["null", "boolean", "int", "long", "float", "double", "bytes", "string", "string", "enum", "fixed"]
        if depth > 0:
            kinds += ["record"] * 5 + ["array", "map"] * 2 + ["union"] * 3 + ["again"]
        return self.of_kind(self.rng.choice(kinds), depth)

    def of_kind(self, kind, depth):
        if kind == "again":
            return self.rng.choice(self.complete) if self.complete else "string"
        if kind == "array":
            return {"type": "array", "items": self.schema(depth - 1)}
        if kind == "map":
            return {"type": "map", "values": self.schema(depth - 1)}
        if kind == "union":
            return self.union(depth)
        if kind in ("record", "enum", "fixed"):
            return self.named(kind, depth)
        return self.rng.choice([kind, kind, {"type": kind}, {"type": kind, "logicalType": "unknown"}])

    def named(self, kind, depth):
        name = self.name(kind.title())
        definition = {"type": kind, "name": name}
        if self.rng.random() < 0.3:
            definition["namespace"] = self.rng.choice(["a.b", "c"])
            name = f"{definition['namespace']}.{name}"
        else:
            definition["namespace"] = ""
        self.definitions[name] = definition
        if kind == "enum":
            definition["symbols"] = [f"S{i}" for i in range(self.rng.randint(1, 5))]
        elif kind == "fixed":
            definition["size"] = self.rng.choice([0, 1, 7, 16])
        else:
            definition["fields"] = []
            for _ in range(self.rng.randint(0, 5)):
                definition["fields"].append({"name": self.name("f"), "type": self.schema(depth - 1)})
            if self.rng.random() < 0.2 and "." in name:
                definition["fields"].append({"name": self.name("f"), "type": ["null", name]})
        if "." in name:
            self.complete.append(name)
        return definition

    def union(self, depth):
        # One branch of each form that JSON can tell apart.
        forms = [["null"], ["boolean"], ["int", "long", "double"], ["string", "bytes", "enum", "fixed"],
                 ["array"], ["map", "record"]]
        if self.rng.random() < 0.5:
            del forms[4]
        else:  # fastavro takes empty bytes for an empty array
            forms[3] = ["string", "enum"]
        chosen = self.rng.sample(forms, self.rng.randint(1, 4))
        return [self.of_kind(self.rng.choice(form), max(depth - 1, 0)) for form in chosen]

    # Values

    def resolve_name(self, schema):
        while isinstance(schema, str) and schema in self.definitions:
            schema = self.definitions[schema]
        return schema

    def kind(self, schema):
        schema = self.resolve_name(schema)
        return "union" if isinstance(schema, list) else schema if isinstance(schema, str) else schema["type"]

    def value(self, schema, depth=0):
        rng = self.rng
        schema = self.resolve_name(schema)
        if isinstance(schema, list):
            if depth > 8 and "null" in schema:
                return None
            value = self.value(rng.choice(schema), depth)
            # In JSON infinity is a text like others.
            texts = {"string", "bytes", "enum", "fixed"} & set(map(self.kind, schema))
            return 0.5 if isinstance(value, float) and not math.isfinite(value) and texts else value
        kind = schema if isinstance(schema, str) else schema["type"]
        few = 0 if depth > 8 else rng.choice([0, 1, 2, 5])
        if kind == "null":
            return None
        if kind == "boolean":
            return rng.random() < 0.5
        if kind in INTEGERS:
            bound = 1 << rng.randint(0, INTEGERS[kind])
            return rng.choice([rng.randint(-bound, bound - 1), bound - 1, -bound])
        if kind == "float":
            return struct.unpack("<f", struct.pack("<f", rng.choice([rng.uniform(-1e6, 1e6), 0.1, -0.0, math.inf, math.nan])))[0]
        if kind == "double":
            return rng.choice(REALS + [rng.uniform(-1e9, 1e9)])
        if kind == "bytes":
            return rng.randbytes(rng.choice([0, 1, 2, 3, 50]))
        if kind == "string":
            return rng.choice(TEXTS)
        if kind == "enum":
            return rng.choice(schema["symbols"])
        if kind == "fixed":
            return rng.randbytes(schema["size"])
        if kind == "array":
            return [self.value(schema["items"], depth + 1) for _ in range(few)]
        if kind == "map":
            keys = sorted({rng.choice(TEXTS) + str(rng.randint(0, 9)) for _ in range(few)}, key=lambda key: key.encode())
            return {key: self.value(schema["values"], depth + 1) for key in keys}
        return {field["name"]: self.value(field["type"], depth + 1) for field in schema["fields"]}

    # Another version, as a reader would have it

    def version(self, schema, enclosed=False):
        rng = self.rng
        if isinstance(schema, list):
            branches = [self.version(branch, True) for branch in schema]
            if not any(self.uses_name(branch) or self.defines(branch) for branch in branches):
                rng.shuffle(branches)
            if rng.random() < 0.2 and "null" not in map(self.kind, schema):
                branches.append("null")
            return branches
        if isinstance(schema, str) and schema in self.definitions:
            return schema
        kind = schema if isinstance(schema, str) else schema["type"]
        if kind in ("array", "map"):
            element = "items" if kind == "array" else "values"
            return {"type": kind, element: self.version(schema[element])}
        if kind == "enum":
            symbols = schema["symbols"] + ["NEW"]
            rng.shuffle(symbols)
            return dict(schema, symbols=symbols[:rng.randint(1, len(symbols))], **({"default": symbols[0]} if rng.random() < 0.7 else {}))
        if kind == "record":
            return self.record_version(schema)
        if kind in ("fixed", "null") or rng.random() < 0.7:
            return copy.deepcopy(schema)
        wider = {"int": ["long", "float", "double", "string"], "long": ["float", "double", "int"], "float": ["double"],
                 "string": ["bytes", "int"], "bytes": ["string"]}
        if enclosed:  # in a union the choice among several would differ
            return copy.deepcopy(schema)
        choice = rng.choice(wider.get(kind, [kind]))
        return ["null", choice] if rng.random() < 0.2 else choice

    def record_version(self, schema):
        rng = self.rng
        fields = []
        for field in schema["fields"]:
            if rng.random() < 0.15:
                if not self.defines(field["type"]):
                    continue
            field = {"name": field["name"], "type": self.version(field["type"])}
            if rng.random() < 0.15:
                field["aliases"] = [field["name"]]
                field["name"] = self.name("renamed")
            fields.append(field)
        for _ in range(rng.choice([0, 0, 1, 2])):
            kind, default = rng.choice([("long", 5), ("string", "é"), (["null", "string"], None), ("double", 0.5), ("boolean", True),
                                        ({"type": "array", "items": "int"}, [1, 2]), ({"type": "map", "values": "string"}, {"k": "v"}),
                                        ({"type": "record", "name": self.name("Added"), "fields": [{"name": "x", "type": "int"}]},
                                         {"x": 3})])
            fields.append({"name": self.name("added"), "type": kind, "default": default})
        if rng.random() < 0.05:
            fields.append({"name": self.name("required"), "type": "int"})
        if not any(self.uses_name(field["type"]) or self.defines(field["type"]) for field in fields):
            rng.shuffle(fields)
        return dict(schema, fields=fields, doc="Another version.")

    def defines(self, schema):
        return '"name"' in json.dumps(schema)

    def uses_name(self, schema):
        text = json.dumps(schema)
        return any(f'"{name}"' in text for name in self.definitions)


def json_form(maker, schema, value):
    """What our JSON view should show."""
    schema = maker.resolve_name(schema)
    if isinstance(schema, list):
        return json_form(maker, branch_of(maker, schema, value), value)
    kind = schema if isinstance(schema, str) else schema["type"]
    if kind in ("bytes", "fixed"):
        return base64.b64encode(value).decode()
    if kind in ("float", "double"):
        if math.isnan(value):
            return "NaN"
        return ("Infinity" if value > 0 else "-Infinity") if math.isinf(value) else value
    if kind == "array":
        return [json_form(maker, schema["items"], item) for item in value]
    if kind == "map":
        return {key: json_form(maker, schema["values"], item) for key, item in value.items()}
    if kind == "record":
        return {field["name"]: json_form(maker, field["type"], value[field["name"]]) for field in schema["fields"]}
    return value


def branch_of(maker, union, value):
    forms = {type(None): ["null"], bool: ["boolean"], int: ["int", "long"], float: ["double", "float"], bytes: ["bytes", "fixed"],
             str: ["string", "enum"], list: ["array"], dict: ["map", "record"]}
    for branch in union:
        definition = maker.resolve_name(branch)
        kind = definition if isinstance(definition, str) else definition["type"]
        if kind in forms[type(value)]:
            return branch
    raise AssertionError("no branch")


def same(a, b):
    """Equal, with types, with NaN equal to itself and floats to the precision of a float."""
    if isinstance(a, float) or isinstance(b, float):
        a, b = float(a), float(b)
        return (math.isnan(a) and math.isnan(b)) or a == b or math.isclose(a, b, rel_tol=1e-6)
    if type(a) is not type(b):
        return False
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return a == b


def check_view(peer, maker, schema):
    value = maker.value(schema)
    data = encode(schema, value)
    answer = peer.ask(op="view", schema=json.dumps(schema), bytes=data.hex())
    context = f"schema {json.dumps(schema)}, bytes {data.hex()}, answer {answer}"
    assert "error" not in answer, context
    shown = json.loads(answer["json"])
    expected = json.loads(json.dumps(json_form(maker, schema, value)))
    assert json.dumps(shown) == json.dumps(expected), f"{context}, expected {expected}"
    assert answer["bytes"] == data.hex(), context


def refuses_some_value(maker, writer, reader):
    for _ in range(2000):
        try:
            decode(writer, encode(writer, maker.value(writer)), reader)
        except (fastavro._read_common.SchemaResolutionError, UnicodeDecodeError):
            return True
    return False


def check_resolution(peer, maker, writer):
    reader = maker.version(writer)
    data = encode(writer, maker.value(writer))
    answer = peer.ask(op="resolve", writer=json.dumps(writer), reader=json.dumps(reader), bytes=data.hex())
    context = f"writer {json.dumps(writer)}, reader {json.dumps(reader)}, bytes {data.hex()}, answer {answer}"
    try:
        expected = decode(writer, data, reader)
    except (fastavro._read_common.SchemaResolutionError, UnicodeDecodeError) as error:
        assert "error" in answer, f"{context}, fastavro refuses: {error}"
        return False
    if any(reason in answer.get("error", "") for reason in ("cannot be read", "does not have the field", "is no branch")):
        # Ours refuses types that do not match before it sees a value in them; fastavro then has to refuse some value.
        assert refuses_some_value(maker, writer, reader), f"{context}, fastavro reads {expected}"
        return False
    assert "error" not in answer, f"{context}, fastavro reads {expected}"
    ours = decode(reader, bytes.fromhex(answer["bytes"]))
    assert same(ours, expected), f"{context}, ours {ours}, fastavro reads {expected}"
    return True


def primitive_paths(schema, path=()):
    for field in schema["fields"]:
        here = path + (field["name"],)
        if field["type"] in ("boolean", "long", "double", "bytes", "string"):
            yield ".".join(here)
        elif isinstance(field["type"], dict) and field["type"]["type"] == "record":
            yield from primitive_paths(field["type"], here)


def check_key_schemas(peer):
    signals = set_up_openedx_events()
    from edx_event_bus_kafka.internal.producer import extract_key_schema
    from openedx_events.event_bus.avro.serializer import AvroSignalSerializer
    checked = 0
    for signal in signals:
        try:
            serializer = AvroSignalSerializer(signal)
        except TypeError:
            continue
        for path in primitive_paths(serializer.schema):
            ours = peer.ask(op="key", schema=serializer.schema_string(), path=path)
            assert ours.get("schema") == extract_key_schema(serializer, path), f"{signal.event_type} {path}: {ours}"
            checked += 1
    assert checked > 300, checked
    return checked


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 1500
    print(f"seed {seed}", flush=True)
    rng = random.Random(seed)
    peer = Peer(sys.argv[1])
    print(f"{check_key_schemas(peer)} key schemas are equal")
    read = 0
    for _ in range(rounds):
        maker = Maker(rng)
        schema = maker.of_kind(rng.choice(["record"] * 5 + ["array", "map", "union"]), 4)
        check_view(peer, maker, schema)
        check_view(peer, maker, schema)
        read += check_resolution(peer, maker, schema)
    assert read > rounds // 2, "too few versions resolve for the comparison to mean much"
    print(f"{rounds} schemas: values are equal both ways; {read} of {rounds} pairs of versions resolve, all alike")


main()
