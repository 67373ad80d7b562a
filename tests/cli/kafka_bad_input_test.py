"""Every sort of bad record on a Kafka topic, and every sort of bad answer of the schema registry: each costs one dead letter that a person
understands, or none where waiting helps, and the events around it are handled."""

import base64
import json
import subprocess
import sys
import uuid

from kafka_case import KafkaCase, LIMIT, main, start_servers
from program import LOGIN, users
from registry_double import RegistryDouble

SERVICE = sys.argv[4]
NOT_READ = f"the data of {LOGIN} cannot be read: "
# What a registry does not give away by itself.
NOWHERE, GARBAGE, NO_OBJECT, NO_SCHEMA, NO_TEXT, NO_JSON, NO_AVRO, OTHER_RECORD, MOVED = range(900_001, 900_010)


def setUpModule():
    start_servers()


def framed(schema, body):
    return b"\0" + schema.to_bytes(4, "big") + body


class BadInput(KafkaCase):
    def setUp(self):
        super().setUp()
        self.double = RegistryDouble(self.servers["registry"])
        self.addCleanup(self.double.close)
        self.environment["EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL"] = self.double.url
        self.make()
        self.produce()
        [record] = self.records(1)
        self.headers, self.key, self.value = record.headers(), record.key(), record.value()
        self.schema, self.body = int.from_bytes(self.value[1:5], "big"), self.value[5:]
        other = json.dumps({"type": "record", "name": "Other", "fields": [{"name": "n", "type": "long"}]})
        for schema, answer in ((GARBAGE, "<html>kettle</html>"), (NO_OBJECT, "[]"), (NO_SCHEMA, '{"id": 1}'), (NO_TEXT, '{"schema": 7}'),
                               (NO_JSON, '{"schema": "{nonsense"}'), (NO_AVRO, '{"schema": "{\\"type\\": \\"kettle\\"}"}'),
                               (OTHER_RECORD, json.dumps({"schema": other})), (MOVED, "")):
            self.double.says(f"/schemas/ids/{schema}", 301 if schema == MOVED else 200, answer)

    def record(self, value=None, drop=None, twice=None, **changes):
        """The good record with another value or other headers, `type` for ce_type; each has an id of its own."""
        changes = {"id": str(uuid.uuid4()), **changes}
        headers = [(name, changes.get(name.removeprefix("ce_"), given)) for name, given in self.headers if name != drop]
        return {"key": self.key, "value": self.value if value is None else value,
                "headers": headers + [pair for pair in headers if pair[0] == twice]}

    def bad_records(self):
        """With the beginning of what is told of each."""
        key_schema = int.from_bytes(self.key[1:5], "big")
        no_data = "the event's data cannot be read: "
        return {
            "no frame": (self.record(b"{}" + self.value), no_data + "it begins with the byte 123 and not with 0"),
            "empty": (self.record(b""), no_data + "it has 0 bytes, too few for the frame"),
            "no value at all": ({**self.record(), "value": None}, no_data + "it has 0 bytes, too few for the frame"),
            "half a frame": (self.record(self.value[:4]), no_data + "it has 4 bytes"),
            "no body": (self.record(framed(self.schema, b"")), NOT_READ),
            "truncated": (self.record(self.value[:-5]), NOT_READ),
            "more than a body": (self.record(self.value + b"\0\0"), NOT_READ),
            "unknown schema": (self.record(framed(NOWHERE, self.body)), no_data + f"the schema registry knows no schema with the id {NOWHERE}"),
            "garbage": (self.record(framed(GARBAGE, self.body)), no_data + "the schema registry's answer about the schema with the id"),
            "no object": (self.record(framed(NO_OBJECT, self.body)), no_data + "the schema registry's answer"),
            "no schema": (self.record(framed(NO_SCHEMA, self.body)), no_data + "the schema registry's answer"),
            "no text": (self.record(framed(NO_TEXT, self.body)), no_data + "the schema registry's answer"),
            "moved": (self.record(framed(MOVED, self.body)), no_data + "the schema registry's answer"),
            "no JSON": (self.record(framed(NO_JSON, self.body)), "the sender's schema"),
            "no Avro": (self.record(framed(NO_AVRO, self.body)), "the sender's schema"),
            "schema of another record": (self.record(framed(OTHER_RECORD, b"\2")), "does not fit ours"),
            "schema of a key": (self.record(framed(key_schema, b"\2a")), "does not fit ours"),
            "no type": (self.record(drop="ce_type"), "the event has no type: the header ce_type is missing"),
            "empty type": (self.record(type=b""), "the event has no type"),
            "type twice": (self.record(twice="ce_type"), "the event has the header ce_type twice"),
            "id twice": (self.record(twice="ce_id"), "the event has the header ce_id twice"),
            "unknown type": (self.record(type=b"org.example.kettle.v1"),
                             'the catalogue of this program has no event type "org.example.kettle.v1"'),
            "no id": (self.record(id=b"kettle"), "ce_id"),
            "no time": (self.record(time=b"yesterday"), "ce_time"),
            "no headers": ({**self.record(), "headers": []}, "the event has no type: the header ce_type is missing"),
            "10 MB": (self.record(framed(self.schema, b"\xff" * 10_000_000)), NOT_READ)}

    def check_letters(self, bad):
        """One for each, in the order in which they are on the topic: the good event is before and after each."""
        letters = self.letters()
        self.assertEqual([letter["position"] for letter in letters], [str(1 + 2 * n) for n in range(len(bad))])
        for letter, (name, (_, error)) in zip(letters, bad.items()):
            with self.subTest(name):
                self.assertEqual((letter["reason"], letter["handler"], letter["tries"]), ("unusable", "", 1))
                self.assertIn(error, letter["error"])
        return letters

    def serve(self, good, **settings):
        """A service whose handler wants logins handles the good ones, each once."""
        done = subprocess.run([SERVICE, *self.here, "--until-idle", "0.3"], capture_output=True, text=True, timeout=LIMIT,
                              env=self.with_settings(settings), cwd=self.place)
        self.assertEqual((done.returncode, done.stdout), (8, "welcome back, User 1\n" * good), done.stderr)
        self.assertEqual(self.lag(group=self.group), 0)

    def put_between_good_ones(self, bad):
        self.put(*[each for record, _ in bad.values() for each in (record, self.record())])


class Records(BadInput):
    def test_each_costs_one_letter_and_the_others_are_handled(self):
        bad = self.bad_records()
        self.put_between_good_ones(bad)
        self.serve(good=1 + len(bad))
        letters = dict(zip(bad, self.check_letters(bad)))
        self.assertEqual((letters["no type"]["type"], letters["unknown type"]["type"]), ("", "org.example.kettle.v1"))

        shown = self.rows("dead-letters", "show", *self.here, *[letters[name]["letter"] for name in ("no frame", "empty", "truncated")])
        self.assertEqual([base64.b64decode(letter["event"]["data_base64"]) for letter in shown], [b"{}" + self.value, b"", self.body[:-5]])

        [answer] = self.rows("dead-letters", "redrive", *self.here)
        self.assertEqual(answer["letters"], len(bad))
        self.serve(good=0)
        again = dict(zip(bad, self.check_letters(bad)))
        self.assertEqual([(letter["position"], letter["type"], letter["id"]) for letter in again.values()],
                         [(letter["position"], letter["type"], letter["id"]) for letter in letters.values()])

    def test_also_with_workers(self):
        bad = self.bad_records()
        self.put_between_good_ones(bad)
        self.serve(good=1 + len(bad), EVENT_BUS_CONSUMER_WORKERS="4")
        self.assertEqual(sorted(int(letter["position"]) for letter in self.letters()), list(range(1, 2 * len(bad), 2)))

    def test_what_takes_events_of_any_type_gets_data_that_cannot_be_read_as_bytes(self):
        bad = self.bad_records()
        self.put_between_good_ones(bad)
        printed = {event["position"]: event for event in self.consume(code=8)}
        of_bad_ones = {name: printed.pop(str(1 + 2 * n), None) for n, name in enumerate(bad)}
        self.assertEqual(len(printed), 1 + len(bad))
        given_up = {letter["position"] for letter in self.letters()}
        not_printed = {str(1 + 2 * n) for n, event in enumerate(of_bad_ones.values()) if event is None}
        self.assertLessEqual(not_printed, given_up)
        self.assertEqual([name for name, event in of_bad_ones.items() if event and "dataerror" in event],
                         ["no body", "truncated", "more than a body", "no JSON", "no Avro", "10 MB"])
        self.assertEqual(base64.b64decode(of_bad_ones["truncated"]["data_base64"]), self.body[:-5])
        # With its schema it can be read, also by who does not know the type.
        self.assertEqual(of_bad_ones["schema of another record"]["data"], {"n": 1})
        self.assertEqual(of_bad_ones["unknown type"]["data"]["user"]["id"], 1)

    def test_a_key_that_cannot_be_read_spoils_nothing(self):
        self.put({**self.record(), "key": b"kettle"}, {**self.record(), "key": framed(GARBAGE, b"kettle")}, {**self.record(), "key": None},
                 {**self.record(), "key": framed(NOWHERE, b"kettle")})
        keys = [event.get("key") for event in self.handle("cat; echo")]
        self.assertEqual((keys[1], len(keys), self.letters()), ("kettle", 5, []))

    def test_headers_of_a_dead_letter_make_none(self):
        self.put({**self.record(), "headers": self.record()["headers"] + [("eventbus-dead-letter", b"purge"), ("eventbus-letter", b"0")]})
        self.assertEqual(len(self.handle("cat; echo")), 2)


class Registries(BadInput):
    def waits(self, status, body=""):
        """The consumer waits as long as the registry answers so, and no event is lost."""
        self.double.says(f"/schemas/ids/{self.schema}", status, body)
        consumer = self.start("consume_events", *self.here, "--count", "1", "--exec", "cat", EVENT_BUS_KAFKA_CONSUMER_POLL_FAILURE_SLEEP="0.1")
        before = len(self.double.asked)
        # It has asked more than once, and was told the same.
        self.wait_for(lambda: self.double.asked[before:].count(("GET", f"/schemas/ids/{self.schema}")) > 5, "questions")
        self.assertIsNone(consumer.poll())
        self.double.forget()
        out, log = consumer.communicate(timeout=LIMIT)
        self.assertEqual((consumer.returncode, len(out.splitlines())), (0, 1), log)
        self.assertIn(f"answers with status {status}", log)
        self.assertEqual(self.letters(), [])

    def test_that_fail_are_waited_for(self):
        self.waits(500, '{"error_code": 50001, "message": "kettle"}')

    def test_that_are_asked_too_often_are_waited_for(self):
        self.waits(429)

    def test_that_are_away_are_waited_for(self):
        self.double.close()
        consumer = self.start("consume_events", *self.here, "--exec", "cat")
        told = ""
        while "no schema registry answers" not in told:
            told += consumer.stderr.readline()
        consumer.terminate()
        out, _ = consumer.communicate(timeout=LIMIT)
        self.assertEqual((consumer.returncode, out, self.lag(group=self.group), self.letters()), (0, "", 1, []))

    def test_that_fail_while_sending_are_told(self):
        for status, body in ((500, "kettle"), (200, "<html>kettle</html>"), (200, '{"id": "seven"}')):
            self.double.says(f"/subjects/{self.full()}-{LOGIN}.CloudEvent", status, body)
            done = self.run_program("produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic", "logins", "--data",
                                    json.dumps({"user": {"id": 1, "is_active": True, "pii": {"username": "a", "email": "b", "name": "c"}}}),
                                    code=5 if status == 500 else 4)
            self.assert_error(done, "schema registry", "is not stored")
        self.assertEqual(len(self.consume()), 1)

    def test_a_letter_that_missed_its_schema_is_handled_after_the_repair(self):
        self.double.says(f"/schemas/ids/{self.schema}", 404, '{"error_code": 40403, "message": "Schema not found"}')
        self.put(self.record())
        self.assertEqual(self.handle("cat; echo", code=8), [])
        self.assertEqual([letter["reason"] for letter in self.letters()], ["unusable", "unusable"])
        # A redrive before the repair helps nothing and loses nothing.
        self.run_program("dead-letters", "redrive", *self.here)
        self.assertEqual(self.handle("cat; echo", code=8), [])
        self.assertEqual(len(self.letters()), 2)
        self.double.forget()
        self.run_program("dead-letters", "redrive", *self.here)
        events = self.handle("cat; echo")
        self.assertEqual(users(events), [1, 1])
        self.assertEqual(len({event["id"] for event in events}), 2)
        self.assertEqual(self.letters(), [])
        self.assertEqual(self.handle("cat; echo"), [])


if __name__ == "__main__":
    main()
