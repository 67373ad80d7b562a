"""dead-letters on Redis: list, show, redrive, export, purge."""

import base64
import json

from program import ids, users
from redis_case import RedisCase, main

HERE = ("-t", "logins", "-g", "g")
LETTERS = "logins.dead-letters.g"


class DeadLetters(RedisCase):
    def handle(self, handler, code=0, **settings):
        done = self.run_program("consume_events", *HERE, "--until-idle", "0.3", "--exec", handler, code=code, **settings)
        return [json.loads(line) for line in done.stdout.splitlines() if line]

    def give_up(self, count=3, first=1, **settings):
        self.produce_many(count, first=first, key="ann")
        self.handle("echo no route >&2; exit 3", code=8, **settings)

    def letters(self, *words, **settings):
        return self.rows("dead-letters", "list", *HERE, *words, **settings)


class Letters(DeadLetters):
    def test_are_listed_and_shown(self):
        self.give_up(3)
        letters = self.letters()
        self.assertEqual([letter["letter"] for letter in letters], self.positions(LETTERS))
        self.assertEqual([letter["position"] for letter in letters], self.positions())
        self.assertTrue(all(letter["error"].endswith("exit code 3: no route") for letter in letters), letters)
        shown = json.loads(self.run_program("dead-letters", "show", *HERE, letters[1]["letter"], "-o", "json").stdout)
        self.assertEqual(shown["event"]["data"]["user"]["id"], 2)
        self.assertEqual([(row["topic"], row["group"], row["open"]) for row in self.rows("dead-letters")], [("logins", "g", 3)])

    def test_are_handled_when_they_are_sent_on(self):
        self.give_up(3)
        done = json.loads(self.run_program("dead-letters", "redrive", *HERE, "-o", "json").stdout)
        self.assertEqual(done["letters"], 3)
        self.assertEqual(users(self.handle("cat; echo")), [1, 2, 3])
        self.assertEqual(self.handle("cat; echo"), [])
        self.assertEqual(self.letters(), [])
        self.assertEqual(self.consume(group="other")[0]["position"], self.positions()[0], "the topic has them still")

    def test_chosen_ones_are_sent_on(self):
        self.give_up(3)
        second = self.letters()[1]["letter"]
        self.run_program("dead-letters", "redrive", *HERE, "--letter", second)
        self.assertEqual(users(self.handle("cat; echo")), [2])
        self.assertEqual(len(self.letters()), 2)

    def test_are_exported_and_purged(self):
        self.give_up(3)
        exported = [json.loads(line) for line in self.run_program("dead-letters", "export", *HERE).stdout.splitlines()]
        self.assertEqual(users(exported), [1, 2, 3])
        self.run_program("dead-letters", "purge", *HERE, "--yes")
        self.assertEqual(self.letters(), [])
        self.assertNotIn("user1@example.com", str(self.redis("XRANGE", LETTERS, "-", "+")), "their data are gone from the server")

    def test_are_not_trimmed_as_topics_are(self):
        few = {"EVENT_BUS_REDIS_STREAM_MAX_LEN": "100"}
        self.give_up(700, **few)
        self.assertEqual(len(self.letters()), 700)
        self.produce_many(1000, first=1000)
        self.assertEqual(self.redis("XLEN", LETTERS), 700)

    def test_keep_the_bytes_of_what_nobody_can_read(self):
        body = bytes(range(256))
        self.redis("XADD", "logins", "*", "type", "org.example.kettle.v1", "id", "no uuid", "time", "yesterday", "event_data", body,
                   "traceparent", "00-1", "eventbus-raw-id", "its own")
        self.handle("cat; echo", code=8)
        [letter] = self.letters()
        self.assertEqual((letter["reason"], letter["type"]), ("unusable", "org.example.kettle.v1"))
        shown = json.loads(self.run_program("dead-letters", "show", *HERE, letter["letter"], "-o", "json").stdout)
        self.assertEqual(base64.b64decode(shown["event"]["data_base64"]), body)
        fields = self.redis("XRANGE", LETTERS, "-", "+")[0][1]
        for name, value in (("eventbus-own-eventbus-raw-id", "no uuid"), ("eventbus-own-eventbus-raw-time", "yesterday"), ("traceparent", "00-1")):
            self.assertIn([name, value], [fields[at:at + 2] for at in range(0, len(fields), 2)])
        self.run_program("dead-letters", "redrive", *HERE)
        self.handle("cat; echo", code=8)
        self.assertEqual(len(self.letters()), 1, "it cannot be used now either")
        again = self.redis("XREVRANGE", LETTERS, "+", "-", "COUNT", "1")[0][1]
        raw = lambda words: [words[at:at + 2] for at in range(0, len(words), 2) if "raw" in words[at]]
        self.assertEqual(raw(again), raw(fields), "what it was when it came is kept as it was")

    def test_a_key_keeps_its_order(self):
        self.give_up(1, EVENT_BUS_CONSUMER_KEEP_KEY_ORDER="true")
        self.produce_many(2, first=2, key="ann")
        self.assertEqual(self.handle("cat; echo", code=8, EVENT_BUS_CONSUMER_KEEP_KEY_ORDER="true"), [])
        self.assertEqual([letter["reason"] for letter in self.letters()], ["failed", "parked", "parked"])
        self.run_program("dead-letters", "redrive", *HERE)
        events = self.handle("cat; echo", EVENT_BUS_CONSUMER_KEEP_KEY_ORDER="true")
        self.assertEqual([event["data"]["user"]["id"] for event in events], [1, 2, 3])

    def test_those_of_a_topic_that_is_not_there(self):
        self.assert_error(self.run_program("dead-letters", "list", "-t", "nosuch", "-g", "g", code=6), '"nosuch"')


if __name__ == "__main__":
    main()
