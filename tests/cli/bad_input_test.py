"""Bad input of every sort: a clear error, a documented exit code, and nothing lost or stored."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess

from program import LIMIT, LOGIN, PROGRAM, Case, ids, login, main, users


class Data(Case):
    def refused(self, data, *parts, signal=LOGIN, words=()):
        done = self.run_program("produce_event", "--signal", signal, "--topic", "logins", "--data", data, *words, code=4)
        self.assert_error(done, *parts)
        self.assertEqual(self.run_program("topics").stdout.count("\n"), 1)
        return done

    def test_what_is_not_json(self):
        self.refused("nonsense", "JSON")
        self.refused("", "JSON")
        self.refused('{"user": ', "JSON")

    def test_json_that_is_no_object(self):
        for data in ("5", "[]", "null", '"text"', "true"):
            self.refused(data)

    def test_a_missing_field(self):
        self.refused('{"user": {"id": 1, "is_active": true, "pii": {"username": "u", "email": "e"}}}', "user.pii.name")
        self.refused("{}", "user")

    def test_a_wrong_type(self):
        self.refused(login().replace('"id": 1', '"id": "1"'), "user.id")
        self.refused(login().replace("true", '"yes"'), "user.is_active")
        self.refused(login(username=5), "user.pii.username")

    def test_personal_texts_are_not_repeated(self):
        done = self.refused(login().replace('"id": 1', '"id": "secret text"'), "user.id")
        self.assertNotIn("secret text", done.stderr)

    def test_a_number_that_is_too_large(self):
        self.refused(login().replace('"id": 1', '"id": 9223372036854775808'), "user.id")

    def test_an_unknown_field(self):
        self.refused(login(nickname="x"), "nickname")

    def test_a_field_twice(self):
        self.refused('{"user": 1, "user": 2}', "user")

    def test_text_that_is_not_unicode(self):
        done = subprocess.run([PROGRAM, "produce_event", "--signal", LOGIN, "--topic", "logins", "--data", "-"],
                              input=login().encode().replace(b"User", b"\xff\xfe"), capture_output=True, timeout=LIMIT,
                              env=self.environment)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn(b"line 1 of --data", done.stderr)

    def test_nested_without_end(self):
        self.refused(10_000 * "[" + 10_000 * "]")
        self.refused(10_000 * '{"user":')

    def test_a_key_field_that_the_event_does_not_have(self):
        self.refused(login(), "user.pii.nickname", words=("--key-field", "user.pii.nickname"))

    def test_an_unknown_signal(self):
        self.refused(login(), "SESSION_LOGIN_COMPLETD", "did you mean SESSION_LOGIN_COMPLETED",
                     signal="SESSION_LOGIN_COMPLETD")
        self.refused(login(), "xyzzy", "eventbus catalogue list", signal="xyzzy")

    def test_cloudevents_json_that_is_wrong(self):
        self.produce(topic="first")
        line = json.loads(self.run_program("consume_events", "-t", "first", "-g", "g", "--count", "1").stdout)
        for change, part in (({"id": "no uuid"}, "id"), ({"time": "yesterday"}, "time"), ({"type": "no.such"}, "no.such"),
                             ({"minorversion": "x"}, "minorversion"), ({"colour": "red"}, "colour"),
                             ({"specversion": "9"}, "specversion"), ({"data": None}, "null")):
            with self.subTest(change=change):
                done = self.run_program("produce_event", "--topic", "copy", "--data", json.dumps({**line, **change}), code=4)
                self.assert_error(done, part)
        for missing in ("id", "source", "type", "data"):
            with self.subTest(missing=missing):
                less = {name: value for name, value in line.items() if name != missing}
                done = self.run_program("produce_event", "--topic", "copy", "--data", json.dumps(less), code=4)
                self.assert_error(done, missing)

    def test_bytes_that_are_no_event(self):
        self.produce(topic="first")
        line = json.loads(self.run_program("consume_events", "-t", "first", "-g", "g", "--count", "1").stdout)
        del line["data"]
        for bytes_ in ("", "AAAA", "/////////////wE=", "not base64!"):
            with self.subTest(bytes=bytes_):
                done = self.run_program("produce_event", "--topic", "copy", "--data",
                                        json.dumps({**line, "data_base64": bytes_}), code=4)
                self.assert_error(done)


class Names(Case):
    def test_a_topic_with_forbidden_characters(self):
        for topic in ("a b", "a/b", "é", "..", "", 250 * "x", "a\nb"):
            with self.subTest(topic=topic):
                self.assert_error(self.produce(topic=topic, code=4), "topic")
                done = self.run_program("consume_events", "-t", topic, "-g", "g", "--count", "1", code=4)
                self.assert_error(done, "topic")
                self.assert_error(self.run_program("topics", "create", topic, code=4), "topic")

    def test_a_group_that_cannot_be(self):
        for group in ("", "a\nb", 256 * "x"):
            with self.subTest(group=group):
                done = self.run_program("consume_events", "-t", "logins", "-g", group, "--count", "1", code=4)
                self.assert_error(done, "group")

    def test_a_position_that_cannot_be(self):
        self.produce()
        done = self.run_program("consume_events", "-t", "logins", "-g", "g", "--count", "1", "--extra",
                                '{"last_read_msg_id": "nowhere"}', code=4)
        self.assert_error(done, "nowhere")


class Files(Case):
    def test_a_file_that_is_not_a_database(self):
        path = self.place / "events.db"
        path.write_text("This is a letter, not a database. " * 100)
        before = path.read_bytes()
        for words in (("topics",), ("consume_events", "-t", "logins", "-g", "g", "--count", "1")):
            self.assert_error(self.run_program(*words, code=5), "events.db")
        self.assert_error(self.produce(code=5), "events.db")
        self.assertEqual(path.read_bytes(), before)

    def test_somebody_elses_database(self):
        path = self.place / "events.db"
        with sqlite3.connect(path) as database:
            database.execute("create table letters (text)")
        database.close()
        self.assert_error(self.produce(code=5), "events.db")

    def test_a_place_that_cannot_be(self):
        (self.place / "file").write_text("")
        self.assert_error(self.produce(code=5, EVENT_BUS_EMBEDDED_PATH=str(self.place / "file" / "events.db")), "file")
        self.assert_error(self.produce(code=5, EVENT_BUS_EMBEDDED_PATH=str(self.place)), str(self.place))

    def test_a_read_only_file(self):
        self.produce()
        program = self.place / "program"
        shutil.copy(PROGRAM, program)
        program.chmod(0o755)
        for path in self.place.glob("events.db*"):
            path.chmod(0o444)
        self.place.chmod(0o555)
        self.addCleanup(self.place.chmod, 0o755)
        # Whoever may do everything may write to a read-only file too.
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        done = subprocess.run([program, "produce_event", "--signal", LOGIN, "--topic", "logins", "--data", login(2)],
                              capture_output=True, text=True, timeout=LIMIT, env=self.environment, cwd="/", **nobody)
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assert_error(done, "events.db")
        self.place.chmod(0o755)
        for path in self.place.glob("events.db*"):
            path.chmod(0o644)
        self.assertEqual(users(self.consume()), [1])


    def test_a_file_that_may_not_grow(self):
        def full_after_a_megabyte():
            resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))

        self.produce_many(10)
        lines = "\n".join(login(n) for n in range(11, 20_001))
        done = subprocess.run(
            [PROGRAM, "produce_event", "--signal", LOGIN, "--topic", "logins", "--data", "-", "-o", "json"], input=lines,
            capture_output=True, text=True, timeout=LIMIT, env=self.environment, preexec_fn=full_after_a_megabyte)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("eventbus: error: line ", done.stderr)
        self.assertIn("events.db", done.stderr)
        self.assertLess(len(done.stderr.splitlines()), 20)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertGreater(len(told), 0)
        events = self.consume()
        self.assertLessEqual({event["id"] for event in told}, set(ids(events)))
        self.assertLessEqual(set(range(1, 11)), set(users(events)))
        self.produce_many(1, first=30_000)
        self.assertEqual(users(self.consume()), [30_000])


class Usage(Case):
    def test_is_told_on_standard_error_with_code_2(self):
        for words, part in (((), "eventbus --help"), (("nonsense",), '"nonsense"'), (("consume_event",), "did you mean consume_events?"),
                            (("topics", "--nosuch"), '"--nosuch"'), (("consume_events", "-t", "a"), "--group_id is required"),
                            (("consume_events", "-g", "a"), "--topic is required"), (("schema",), "check-compatibility"),
                            (("schema", "show"), "--all"), (("settings", "-o", "yaml"), "yaml"),
                            (("completion", "csh"), "csh"), (("--log-level", "loud", "topics"), "loud"),
                            (("consume_events", "-t", "a", "-g", "b", "--count", "few"), "few"),
                            (("consume_events", "-t", "a", "-g", "b", "--count", "-1"), "-1")):
            with self.subTest(words=words):
                done = self.run_program(*words, code=2)
                self.assert_error(done, part)
                self.assertEqual(done.stdout, "")


class WrongSettings(Case):
    def test_are_told_with_code_3(self):
        for name, value in (("EVENT_BUS_CONSUMER_PREFETCH", "0"), ("EVENT_BUS_LOG_LEVEL", "loud"), ("EVENT_BUS_PRODUCER", "rabbit"),
                            ("EVENT_BUS_PRODUCER_CONFIG", "[]"), ("EVENT_BUS_CONFIG", "/nosuch.yaml")):
            with self.subTest(name=name):
                self.assert_error(self.produce(code=3, **{name: value}), name if name != "EVENT_BUS_CONFIG" else value)

    def test_no_backend(self):
        self.assert_error(self.produce(code=3, EVENT_BUS_PRODUCER=None), "EVENT_BUS_PRODUCER")
        done = self.run_program("consume_events", "-t", "a", "-g", "b", code=3, EVENT_BUS_CONSUMER=None)
        self.assert_error(done, "EVENT_BUS_CONSUMER")

    def test_an_event_that_the_catalogue_does_not_have(self):
        done = self.produce(code=3, EVENT_BUS_PRODUCER_CONFIG=json.dumps({"no.such.event": {}}))
        self.assert_error(done, "no.such.event")


if __name__ == "__main__":
    main()
