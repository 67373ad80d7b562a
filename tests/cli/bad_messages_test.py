"""Every sort of bad message, written past our publishers into the bus's file: each ends as one dead letter that a person understands,
and the events around it are handled. (Two types at once are possible only where the type is a header, on Kafka.)"""

import json
import sqlite3
import subprocess
import sys

from program import LIMIT, LOGIN, Case, main

SERVICE = sys.argv[4]
HERE = ("-t", "logins", "-g", "g")

NO_TYPE = "the event has no type"
NOT_READ = f"the data of {LOGIN} cannot be read: "


def packed(**headers):
    texts = [text.encode() for pair in headers.items() for text in (pair[0].replace("_", "-"), pair[1])]
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


class BadMessages(Case):
    def setUp(self):
        super().setUp()
        self.environment["EVENT_BUS_EMBEDDED_PARTITIONS"] = "1"

    def write(self, **changes):
        """Stores an event like the last one of the topic but for these columns, as somebody does who knows SQL."""
        with sqlite3.connect(self.place / "events.db") as file:
            file.row_factory = sqlite3.Row
            topic = file.execute("SELECT id, next_offset FROM topics WHERE name = 'logins'").fetchone()
            table = f"events_{topic['id']}"
            row = dict(file.execute(f"SELECT * FROM {table} ORDER BY offset DESC LIMIT 1").fetchone())
            kind = dict(file.execute("SELECT type, minorversion, schema FROM kinds WHERE id = ?", (row["kind"],)).fetchone())
            kind.update({name: changes.pop(name) for name in ("type", "schema") if name in changes})
            file.execute("INSERT OR IGNORE INTO kinds(type, minorversion, schema) VALUES(:type, :minorversion, :schema)", kind)
            row["kind"] = file.execute("SELECT id FROM kinds WHERE type = :type AND minorversion = :minorversion AND schema = :schema",
                                       kind).fetchone()[0]
            row.update(changes, offset=topic["next_offset"])
            file.execute(f"INSERT INTO {table}({', '.join(row)}) VALUES({', '.join(':' + name for name in row)})", row)
            file.execute("UPDATE topics SET next_offset = next_offset + 1 WHERE id = ?", (topic["id"],))

    def payload(self):
        with sqlite3.connect(self.place / "events.db") as file:
            return file.execute("SELECT payload FROM events_1 ORDER BY offset LIMIT 1").fetchone()[0]

    def serve(self, code, **settings):
        done = subprocess.run([SERVICE, *HERE, "--until-idle", "0.3"], capture_output=True, text=True, timeout=LIMIT,
                              env=self.with_settings(settings), cwd=self.place)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def command(self, name, *words, **options):
        done = self.run_program("dead-letters", name, *HERE, *words, **options)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def check(self, error, **changes):
        """Stores the bad event between two good ones, and does with its letter all that can be done."""
        self.produce(data=login_of("Ann"))
        self.write(**changes)
        self.produce(data=login_of("Bob"))
        done = self.serve(code=8)
        self.assertEqual(done.stdout, "welcome back, Ann\nwelcome back, Bob\n")
        self.assertIn(error, done.stderr)
        self.assertEqual(self.lag(), 0)
        letter = self.look_at_the_letter(error)

        [answer] = self.command("redrive", "-o", "json")
        self.assertEqual(answer["letters"], 1)
        self.assertEqual(self.serve(code=8).stdout, "")
        again = self.look_at_the_letter(error)
        self.assertEqual({name: again[name] for name in ("position", "key", "id", "type", "time")},
                         {name: letter[name] for name in ("position", "key", "id", "type", "time")})

        [answer] = self.command("purge", "--yes", "-o", "json")
        self.assertEqual(answer["letters"], 1)
        self.assertEqual(self.command("list", "-o", "json"), [])
        return letter

    def look_at_the_letter(self, error):
        [letter] = self.command("list", "-o", "json")
        self.assertEqual((letter["reason"], letter["handler"], letter["tries"], letter["position"]), ("unusable", "", 1, "1"))
        self.assertIn(error, letter["error"])
        self.assertIn(letter["error"][:40], self.run_program("dead-letters", "list", *HERE).stdout)
        [shown] = self.command("show", letter["letter"], "-o", "json")
        self.assertEqual(shown["error"], letter["error"])
        self.assertIn(letter["error"].splitlines()[0], self.run_program("dead-letters", "show", *HERE, letter["letter"]).stdout)
        [exported] = self.command("export")
        self.assertEqual(exported["type"], letter["type"])
        return letter

    def test_no_type(self):
        self.assertEqual(self.check(NO_TYPE, type="")["type"], "")

    def test_unknown_type(self):
        self.check('the catalogue of this program has no event type "org.example.unknown.v1"', type="org.example.unknown.v1")

    def test_bad_id(self):
        self.check("the event's id is not a UUID: it has 3 bytes instead of 16", id=b"abc")

    def test_bad_time(self):
        self.assertEqual(self.check('the event\'s time is not a number of microseconds: "yesterday"', time="yesterday")["time"][:4],
                         "1970")

    def test_a_time_that_no_text_can_say(self):
        self.assertIsNone(self.check("the event's time is not in the years 1 to 9999", time=2**62)["time"])

    def test_empty_body(self):
        self.check(NOT_READ, payload=b"")

    def test_truncated_body(self):
        self.produce()
        whole = self.payload()
        with sqlite3.connect(self.place / "events.db") as file:
            file.execute("DELETE FROM events_1")
            file.execute("UPDATE topics SET next_offset = 0")
        self.check(NOT_READ, payload=whole[:-5])

    def test_a_body_with_too_much(self):
        self.produce()
        whole = self.payload()
        with sqlite3.connect(self.place / "events.db") as file:
            file.execute("DELETE FROM events_1")
            file.execute("UPDATE topics SET next_offset = 0")
        self.check(NOT_READ, payload=whole + b"\0\0")

    def test_a_body_of_10_mb(self):
        self.check(NOT_READ, payload=b"\xff" * 10_000_000)

    def test_a_schema_that_is_no_json(self):
        self.check("the sender's schema", schema="{nonsense")

    def test_a_schema_of_another_type(self):
        self.check("does not fit ours", schema='{"type": "record", "name": "Other", "fields": [{"name": "n", "type": "long"}]}')

    def test_headers_that_claim_to_be_a_dead_letter(self):
        headers = {"eventbus_dead_letter": "purge", "eventbus_letter": "0", "eventbus_reason": "bored", "eventbus_tries": "many"}
        self.check(NOT_READ, payload=b"", headers=packed(**headers))

    def test_headers_that_claim_to_be_a_dead_letter_do_not_hinder_a_good_event(self):
        self.produce(data=login_of("Ann"))
        self.write(headers=packed(eventbus_dead_letter="letter", eventbus_unusable="so it says"))
        self.assertEqual(self.serve(code=0).stdout, "welcome back, Ann\nwelcome back, Ann\n")

    def test_all_of_them_together_and_with_workers(self):
        self.produce(data=login_of("Ann"))
        for changes in ({"type": ""}, {"type": "org.example.unknown.v1"}, {"id": b""}, {"time": "never"}, {"payload": b""},
                        {"schema": "[]"}, {"payload": b"\xff" * 10_000_000}):
            self.write(**changes)
            self.produce(data=login_of("Bob"))
        done = self.serve(code=8, EVENT_BUS_CONSUMER_WORKERS="4")
        self.assertEqual(sorted(done.stdout.splitlines()), ["welcome back, Ann"] + 7 * ["welcome back, Bob"])
        letters = self.command("list", "-o", "json")
        self.assertEqual(sorted(int(letter["position"]) for letter in letters), [1, 3, 5, 7, 9, 11, 13])
        self.assertEqual({letter["reason"] for letter in letters}, {"unusable"})
        self.assertEqual(self.lag(), 0)


def login_of(name):
    return json.dumps({"user": {"id": 1, "is_active": True,
                                "pii": {"username": name.lower(), "email": "a@example.com", "name": name}}})


if __name__ == "__main__":
    main()
