"""Older and newer producers of an event, with the real registry: what Avro can resolve is handled with the right values, what it cannot is a
dead letter that names the field, and a schema that the registry refuses is told to who sends."""

import copy
import io
import json
import pathlib
import sys
import threading
import urllib.request
import uuid

import fastavro
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from kafka_case import KafkaCase, LIMIT, main, start_servers

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "interop" / "peer"))
from peer import Peer  # noqa: E402

PEER = sys.argv[7]
GRADE = "org.openedx.learning.course.persistent_grade_summary.changed.v1"
DATA = {"grade": {
    "user_id": 7, "course": {"course_key": "course-v1:edX+Demo+2026", "display_name": "Démo", "start": "2026-01-31T12:00:00+00:00", "end": None},
    "course_edited_timestamp": "2026-01-30T12:00:00+00:00", "course_version": "v1", "grading_policy_hash": "h", "percent_grade": 0.75,
    "letter_grade": "A", "passed_timestamp": "2026-02-01T12:00:00+00:00"}}


def setUpModule():
    start_servers()


def place_of(schema, path):
    """The fields of the record that holds the last of these names, and where in it that stands."""
    *records, last = path.split(".")
    fields = schema["fields"]
    for name in records:
        fields = next(field["type"]["fields"] for field in fields if field["name"] == name)
    return fields, next((at for at, field in enumerate(fields) if field["name"] == last), None)


def field(path, kind):
    """A change of the schema: another type of a field, which has no default."""
    def change(schema):
        fields, at = place_of(schema, path)
        fields[at] = {"name": fields[at]["name"], "type": kind}
    return change


def without(*paths):
    def change(schema):
        for path in paths:
            fields, at = place_of(schema, path)
            del fields[at]
    return change


def added(path, kind, at=None, **members):
    def change(schema):
        fields, _ = place_of(schema, path)
        fields.insert(len(fields) if at is None else at, {"name": path.split(".")[-1], "type": kind, **members})
    return change


def turned_around(schema):
    """Every record has its fields the other way round."""
    schema["fields"].reverse()
    for each in schema["fields"]:
        if isinstance(each["type"], dict):
            turned_around(each["type"])


def data(**values):
    """DATA with other values: grade__course__start=None."""
    changed = copy.deepcopy(DATA)
    for path, value in values.items():
        *records, last = path.split("__")
        place = changed
        for name in records:
            place = place[name]
        place[last] = value
    return changed


def room():
    return {"type": "record", "name": "Room", "fields": [{"name": "seats", "type": {"type": "array", "items": "int"}}]}


# What changed, what was written, and what is to be read.
HANDLED = {
    "nothing": (lambda schema: None, DATA, DATA),
    "a field more at the end": (added("grade.curve", ["null", "string"], default=None), data(grade__curve="steep"), DATA),
    "a field more in the middle": (added("grade.course.room", room(), at=1), data(grade__course__room={"seats": [1, 2, 3]}), DATA),
    "a field more with a default": (added("grade.curve", "double", at=0, default=1.5), data(grade__curve=2.5), DATA),
    "nullable fields less": (without("grade.course.start", "grade.course.end"), DATA, data(grade__course__start=None)),
    "another order": (turned_around, DATA, DATA),
    "int to long": (field("grade.user_id", "int"), data(grade__user_id=-2**31), data(grade__user_id=-2**31)),
    "float to double": (field("grade.percent_grade", "float"), data(grade__percent_grade=0.625), data(grade__percent_grade=0.625)),
    "long to double": (field("grade.percent_grade", "long"), data(grade__percent_grade=1), data(grade__percent_grade=1.0)),
    "int to double": (field("grade.percent_grade", "int"), data(grade__percent_grade=-3), data(grade__percent_grade=-3.0)),
    "bytes to string": (field("grade.letter_grade", "bytes"), data(grade__letter_grade="Ä".encode()), data(grade__letter_grade="Ä")),
    "no union to a union": (field("grade.course.start", "string"), DATA, DATA),
    "a union the other way round": (field("grade.course.start", ["string", "null"]), DATA, DATA),
    "a wider union": (field("grade.course.start", ["null", "long", "string"]), DATA, DATA),
    "a wider union with null": (field("grade.course.start", ["boolean", "null", "string"]), data(grade__course__start=None),
                                data(grade__course__start=None)),
    "a union that holds what we want": (field("grade.user_id", ["null", "int", "long"]), data(grade__user_id=5), data(grade__user_id=5)),
    "much at once": (lambda schema: [change(schema) for change in (
        turned_around, added("grade.curve", ["null", "string"], at=2), field("grade.user_id", "int"), without("grade.course.end"))],
        data(grade__curve=None), DATA)}

# What changed, what was written, and what is to be named: mostly the field.
NOT_HANDLED = {
    "a field less": (without("grade.percent_grade"), DATA, "percent_grade"),
    "a record less": (without("grade.course"), DATA, "course"),
    "another name": (lambda schema: [change(schema) for change in (without("grade.letter_grade"), added("grade.letter", "string"))],
                     data(grade__letter="A"), "letter_grade"),
    "another type": (field("grade.user_id", "string"), data(grade__user_id="seven"), "user_id"),
    "a wider number": (field("grade.user_id", "double"), data(grade__user_id=7.5), "user_id"),
    "a value of a wider union": (field("grade.course.start", ["null", "string", "long"]), data(grade__course__start=7), "start"),
    "a null": (field("grade.course.display_name", ["null", "string"]), data(grade__course__display_name=None), "display_name"),
    "bytes that are no text": (field("grade.letter_grade", "bytes"), data(grade__letter_grade=b"\xff\xfe"), "UTF-8")}


class Evolution(KafkaCase):
    def setUp(self):
        super().setUp()
        self.make(topic="grades")
        self.ours = json.loads(self.run_program("schema", "show", GRADE).stdout)

    @property
    def here(self):
        return ("-t", "grades", "-g", self.group)

    def changed(self, change):
        schema = copy.deepcopy(self.ours)
        change(schema)
        return schema

    def registry(self, method, path, body):
        request = urllib.request.Request(self.servers["registry"] + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/vnd.schemaregistry.v1+json"}, method=method)
        with urllib.request.urlopen(request, timeout=LIMIT) as answer:
            return json.load(answer)

    def register(self, schema, subject):
        return self.registry("POST", f"/subjects/{subject}/versions", {"schema": json.dumps(schema)})["id"]

    @property
    def subject(self):
        return f"{self.full('grades')}-{GRADE}.CloudEvent"

    @staticmethod
    def headers(event_id):
        texts = {"ce_type": GRADE, "ce_id": event_id, "ce_source": "openedx/lms/web", "ce_specversion": "1.0", "sourcehost": "host",
                 "ce_time": "2026-01-31T12:00:00+00:00", "ce_minorversion": "1", "sourcelib": "11.2.0", "content-type": "application/avro"}
        return [(name, text.encode()) for name, text in texts.items()]

    def send(self, cases):
        """The events, each by a producer with a schema of its own; returns their ids by name."""
        ids, records = {}, []
        for number, (name, (change, written, _)) in enumerate(cases.items()):
            schema = self.changed(change)
            frame = b"\0" + self.register(schema, f"{self.prefix}-{number}").to_bytes(4, "big")
            ids[name] = str(uuid.uuid4())
            body = io.BytesIO()
            fastavro.schemaless_writer(body, fastavro.parse_schema(schema), written)
            records.append({"value": frame + body.getvalue(), "headers": self.headers(ids[name])})
        self.put(*records, topic="grades")
        return ids

    def handled(self):
        """What a service's handlers get of the events that are there, by id, and how the consumer fared."""
        peer = Peer(PEER, **self.environment)
        self.addCleanup(self.put_away, peer.process)
        # A peer that does not answer is ended, which ends the question too.
        clock = threading.Timer(LIMIT, peer.process.kill)
        clock.start()
        self.addCleanup(clock.cancel)
        peer.ask(op="start", topic="grades", group=self.group)
        self.wait_for(self.is_through, "the events")
        result = peer.ask(op="stop")
        schema = fastavro.parse_schema(self.ours)
        found = {event["metadata"]["id"]: fastavro.schemaless_reader(io.BytesIO(bytes.fromhex(event["bytes"])), schema, schema)
                 for event in result["events"]}
        self.assertEqual(len(found), len(result["events"]), "no event is handled twice")
        return found, result

    def is_through(self):
        lags = [row["lag"] for row in self.rows("topics", "groups", "grades") if row["group"] == self.group]
        return bool(lags) and sum(lags) == 0


class Consumers(Evolution):
    def test_read_what_older_and_newer_producers_write(self):
        ids = self.send(HANDLED)
        found, result = self.handled()
        self.assertEqual((result["handled"], result["unusable"], result["failed"]), (len(HANDLED), 0, 0))
        for name, (_, _, expected) in HANDLED.items():
            with self.subTest(name):
                self.assertEqual(found[ids[name]], expected)

    def test_give_up_what_cannot_be_read_and_name_the_field(self):
        good = {"nothing": HANDLED["nothing"]}
        first, ids, last = self.send(good), self.send(NOT_HANDLED), self.send(good)
        found, result = self.handled()
        self.assertEqual(list(found), [first["nothing"], last["nothing"]])
        self.assertEqual((result["handled"], result["unusable"]), (2, len(NOT_HANDLED)))
        letters = self.letters()
        self.assertEqual([letter["id"] for letter in letters], list(ids.values()))
        for letter, (name, (_, _, named)) in zip(letters, NOT_HANDLED.items()):
            with self.subTest(name):
                self.assertEqual(letter["reason"], "unusable")
                self.assertRegex(letter["error"], rf"\b{named}\b")

    def test_read_what_confluents_serializer_writes(self):
        registry = SchemaRegistryClient({"url": self.servers["registry"]})
        self.addCleanup(registry.close)
        records = []
        for name in ("a field more at the end", "int to long", "nullable fields less"):
            change, written, _ = HANDLED[name]
            serializer = AvroSerializer(registry, json.dumps(self.changed(change)),
                                        conf={"subject.name.strategy": topic_record_subject_name_strategy})
            value = serializer(written, SerializationContext(self.full("grades"), MessageField.VALUE))
            records.append({"value": value, "headers": self.headers(str(uuid.uuid4()))})
        self.put(*records, topic="grades")
        found, result = self.handled()
        self.assertEqual(list(found.values()), [DATA, HANDLED["int to long"][2], HANDLED["nullable fields less"][2]])


class Producers(Evolution):
    def produce_grade(self, code, **settings):
        return self.run_program("produce_event", "--signal", "PERSISTENT_GRADE_SUMMARY_CHANGED", "--topic", "grades", "--key-field", "",
                                "--data", json.dumps(DATA), code=code, **settings)

    def test_are_told_that_the_registry_refuses_what_old_readers_cannot_follow(self):
        # An older version had a field that its readers cannot do without; the version after it is as ours.
        self.register(self.changed(added("grade.curve", "string")), self.subject)
        self.registry("PUT", f"/config/{self.subject}", {"compatibility": "FORWARD_TRANSITIVE"})
        done = self.produce_grade(code=4)
        self.assert_error(done, "is not stored", self.subject, "version 1 cannot read it: grade.curve")
        done = self.produce_grade(code=4, EVENT_BUS_KAFKA_SCHEMA_COMPATIBILITY="NONE")
        self.assert_error(done, "is not stored", "schema registry refuses the schema", self.subject, "status 409")
        self.assertEqual(self.rows("topics", "show", "grades")[0]["partitions"][0]["events"], 0)

    def test_send_what_old_readers_can_follow(self):
        self.register(self.changed(without("grade.letter_grade")), self.subject)
        self.registry("PUT", f"/config/{self.subject}", {"compatibility": "FORWARD_TRANSITIVE"})
        self.produce_grade(code=0)
        [record] = self.records(1, topic="grades")
        registered = self.registry("POST", f"/subjects/{self.subject}", {"schema": json.dumps(self.ours)})
        self.assertEqual((registered["version"], registered["id"]), (2, int.from_bytes(record.value()[1:5], "big")))

    def test_without_registering_send_only_what_is_registered(self):
        self.environment["EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS"] = "false"
        self.assert_error(self.produce_grade(code=4), "is not stored", self.subject, "EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS")
        self.register(self.changed(added("grade.curve", ["null", "string"], default=None)), self.subject)
        self.assert_error(self.produce_grade(code=4), "is not stored", self.subject, "EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS")
        self.register(self.ours, self.subject)
        self.produce_grade(code=0)


if __name__ == "__main__":
    main()
