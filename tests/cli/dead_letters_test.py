"""dead-letters: list, show, redrive, export, purge; with consumers that give events up and handle them again."""

import contextlib
import json
import os
import pty
import select
import signal
import sqlite3
import subprocess
import time

from program import LIMIT, LOGIN, PROGRAM, Case, ids, main

HERE = ("-t", "logins", "-g", "g")
ONE_TRY = {"EVENT_BUS_CONSUMER_MAX_TRIES": "1"}


class DeadLetters(Case):
    def give_up(self, count=3, handler="echo no route >&2; exit 3", first=1, key=None, **settings):
        """Sends events, and consumes them with a handler that fails."""
        if count:
            self.produce_many(count, first=first, key=key)
        self.handle(handler, code=8, **{**ONE_TRY, **settings})

    def handle(self, handler, code=0, group="g", **settings):
        """Consumes what is there; returns what the handler printed."""
        done = self.run_program("consume_events", "-t", "logins", "-g", group, "--until-idle", "0.3", "--exec", handler,
                                code=code, **{**ONE_TRY, **settings})
        return done.stdout.splitlines()

    def letters(self, *words, **options):
        done = self.run_program("dead-letters", "list", *HERE, *words, "-o", "json", **options)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def settled(self, command, *words, **options):
        return json.loads(self.run_program("dead-letters", command, *HERE, *words, "-o", "json", **options).stdout)

    def handled_users(self, code=0, **settings):
        return [json.loads(line)["data"]["user"]["id"] for line in self.handle("cat; echo", code, **settings) if line]


class List(DeadLetters):
    def test_there_are_none_at_first(self):
        self.produce()
        self.assertEqual(self.run_program("dead-letters", "list", *HERE).stdout, "")
        self.assertEqual(self.letters(), [])
        self.assertEqual(self.run_program("dead-letters").stdout, "")

    def test_tells_what_happened_to_each(self):
        before = self.consume(group="other")
        self.give_up(3)
        events = self.consume(group="h")
        letters = self.letters()
        self.assertEqual(before, [])
        self.assertEqual(sorted(ids(letters)), sorted(ids(events)))
        self.assertEqual([letter["letter"] for letter in letters], ["0", "1", "2"])
        for letter in letters:
            [event] = [event for event in events if event["id"] == letter["id"]]
            for name in ("type", "time", "topic", "partition", "position", "key"):
                self.assertEqual(letter[name], event[name], name)
            self.assertEqual((letter["reason"], letter["handler"], letter["tries"], letter["group"]), ("failed", "exec", 1, "g"))
            self.assertIn("no route", letter["error"])
            self.assertLessEqual(letter["first_try"], letter["last_try"])
            self.assertNotIn("data", letter)

    def test_people_see_a_table(self):
        self.give_up(2)
        lines = self.run_program("dead-letters", "list", *HERE).stdout.splitlines()
        self.assertEqual(lines[0].split()[:3], ["LETTER", "LAST", "TRY"])
        self.assertEqual(len(lines), 3)
        self.assertIn("no route", lines[1])

    def test_lists_the_groups_that_have_some(self):
        self.give_up(2)
        self.handle("exit 1", code=8, group="tea time")
        rows = [json.loads(line) for line in self.run_program("dead-letters", "-o", "json").stdout.splitlines()]
        self.assertEqual([(row["topic"], row["group"], row["open"]) for row in rows],
                         [("logins", "g", 2), ("logins", "tea time", 2)])
        text = self.run_program("dead-letters", "list").stdout.splitlines()
        self.assertEqual(text[1].split(), ["logins", "g", "2"])
        self.settled("purge", "--yes")
        self.assertEqual(len(self.run_program("dead-letters", "list").stdout.splitlines()), 2)

    def test_filters(self):
        self.give_up(2, key="ann")
        self.give_up(1, handler="echo refused >&2; exit 4", first=3, key="bob")
        self.assertEqual(len(self.letters("--key", "ann")), 2)
        self.assertEqual(len(self.letters("--error", "REFUSED")), 1)
        self.assertEqual(len(self.letters("--type", "SESSION_LOGIN_COMPLETED")), 3)
        self.assertEqual(len(self.letters("--type", LOGIN, "--handler", "exec", "--reason", "failed")), 3)
        self.assertEqual(self.letters("--type", "org.example.unknown.v1"), [])
        self.assertEqual(self.letters("--reason", "parked"), [])
        self.assertEqual(self.letters("--handler", "other"), [])
        self.assertEqual(len(self.letters("--since", "1h")), 3)
        self.assertEqual(self.letters("--until", "1h"), [])
        third = self.letters()[2]
        self.assertEqual(ids(self.letters("--since", third["last_try"])), [third["id"]])
        self.assertEqual(len(self.letters("--until", third["last_try"])), 2)
        self.assertEqual(ids(self.letters("--letter", "2", "--letter", "7")), [third["id"]])

    def test_refuses_what_cannot_be(self):
        self.give_up(1)
        for words in (("--reason", "bored"), ("--since", "yesterday"), ("--since", "h"), ("--until", "2026-13-01")):
            self.run_program("dead-letters", "list", *HERE, *words, code=2)
        self.run_program("dead-letters", "list", "-t", "logins", code=2)
        self.run_program("dead-letters", "list", "--key", "ann", code=2)
        self.run_program("dead-letters", "redrive", "-t", "logins", code=2)
        self.assert_error(self.run_program("dead-letters", "list", *HERE, "--letter", "x", code=4), '"x"')

    def test_tells_that_a_topic_is_not_there(self):
        for command in ("list", "redrive", "export"):
            self.assert_error(self.run_program("dead-letters", command, "-t", "nosuch", "-g", "g", code=6), '"nosuch"')
        self.assert_error(self.run_program("dead-letters", "show", "-t", "nosuch", "-g", "g", "1", code=6), '"nosuch"')
        self.assert_error(self.run_program("dead-letters", "purge", "-t", "nosuch", "-g", "g", "--yes", code=6), '"nosuch"')

    def test_knows_topics_by_their_name_without_prefix(self):
        self.environment["EVENT_BUS_TOPIC_PREFIX"] = "dev"
        self.give_up(1)
        self.assertEqual(self.letters()[0]["topic"], "dev-logins")
        [row] = self.run_program("dead-letters", "-o", "json").stdout.splitlines()
        self.assertEqual((json.loads(row)["name"], json.loads(row)["dead_letter_topic"]), ("logins", "dev-logins.dead-letters.g"))
        self.assertEqual(self.run_program("dead-letters", EVENT_BUS_TOPIC_PREFIX="prod").stdout, "")

    def test_the_log_says_how_to_see_it(self):
        self.produce_many(1)
        done = self.run_program("consume_events", *HERE, "--until-idle", "0.3", "--exec", "exit 1", code=8, **ONE_TRY)
        [line] = [line for line in done.stderr.splitlines() if "dead letter" in line]
        self.assertIn(" warning ", line)
        command = line.split("see it with: ")[1]
        self.assertTrue(command.startswith("eventbus dead-letters show "))
        shown = subprocess.run(["bash", "-c", command.replace("eventbus", PROGRAM, 1)], capture_output=True, text=True,
                               timeout=LIMIT, env=self.environment, cwd=self.place)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("user1@example.com", shown.stdout)
        self.assertNotIn("user1@example.com", done.stderr)


class Show(DeadLetters):
    def test_shows_the_data(self):
        self.give_up(2)
        letter = self.letters()[1]
        shown = json.loads(self.run_program("dead-letters", "show", *HERE, "1", "-o", "json").stdout)
        event = shown.pop("event")
        self.assertEqual(shown, letter)
        self.assertEqual((event["specversion"], event["id"]), ("1.0", letter["id"]))
        self.assertIn(event["data"]["user"]["id"], (1, 2))
        text = self.run_program("dead-letters", "show", *HERE, "0", "1").stdout
        self.assertEqual(text.count("letter "), 2)
        self.assertIn("user1@example.com", text)
        self.assertIn("user2@example.com", text)

    def test_tells_that_a_letter_is_not_open(self):
        self.give_up(2)
        self.settled("purge", "--letter", "0", "--yes")
        for command in (("show",), ("redrive",), ("purge", "--yes"), ("export",)):
            words = ("0", "9") if command == ("show",) else ("--letter", "0", "--letter", "9")
            self.assert_error(self.run_program("dead-letters", command[0], *HERE, *words, *command[1:], code=6), "0, 9", "list")
        self.assertEqual(len(self.letters()), 1)


class Redrive(DeadLetters):
    def test_counts_without_doing(self):
        self.give_up(3)
        self.assertEqual(self.settled("redrive", "--dry-run"), {"letters": 3, "outcome": "would be sent on"})
        done = self.run_program("dead-letters", "redrive", *HERE, "--dry-run", "--letter", "1")
        self.assertEqual(done.stdout, "1 letter would be sent on to the consumers of group g\n")
        self.assertEqual(len(self.letters()), 3)
        self.assertEqual(self.handled_users(), [])

    def test_each_goes_to_the_group_once(self):
        self.give_up(3, key="ann")
        self.assertEqual(self.handled_users(group="other"), [1, 2, 3])
        self.assertEqual(self.settled("redrive", "--letter", "1"), {"letters": 1, "outcome": "sent on"})
        self.assertEqual(self.handled_users(), [2])
        self.assertEqual(self.run_program("dead-letters", "redrive", *HERE).stdout, "2 letters sent on to the consumers of group g\n")
        self.assertEqual(self.settled("redrive")["letters"], 0)
        self.assertEqual(self.handled_users(), [1, 3])
        self.assertEqual(self.handled_users(), [])
        self.assertEqual(self.handled_users(group="other"), [], "another group never sees them")
        self.assertEqual(self.letters(), [])

    def test_what_fails_again_is_a_new_letter(self):
        self.give_up(1)
        self.settled("redrive")
        self.give_up(0, handler="echo still not >&2; exit 3")
        [letter] = self.letters()
        self.assertIn("still not", letter["error"])
        self.assertEqual((letter["topic"], letter["position"], letter["letter"]), ("logins", "0", "2"))

    def test_a_running_consumer_handles_them(self):
        self.give_up(2, key="ann")
        consumer = self.start("consume_events", *HERE, "--exec", "cat; echo", **ONE_TRY)
        self.settled("redrive")
        self.wait_for(lambda: self.lag("logins.dead-letters.g") == 0, "the consumer")
        consumer.send_signal(signal.SIGTERM)
        lines = consumer.communicate(timeout=LIMIT)[0].splitlines()
        self.assertEqual([json.loads(line)["data"]["user"]["id"] for line in lines if line], [1, 2])

    def test_keys_keep_their_order(self):
        keep = {"EVENT_BUS_CONSUMER_KEEP_KEY_ORDER": "true", **ONE_TRY}
        self.give_up(1, key="ann", **keep)
        self.produce_many(2, first=2, key="ann")
        self.produce_many(1, first=9, key="bob")
        self.assertEqual(self.handled_users(code=8, **keep), [9])
        self.assertEqual([letter["reason"] for letter in self.letters()], ["failed", "parked", "parked"])
        self.produce_many(1, first=4, key="ann")
        handled = []
        while self.letters() or not handled:
            self.settled("redrive")
            # It ends with 8 when it parks the one that came last.
            consumer = self.start("consume_events", *HERE, "--until-idle", "0.3", "--exec", "cat; echo", **keep)
            lines = consumer.communicate(timeout=LIMIT)[0].splitlines()
            handled += [json.loads(line)["data"]["user"]["id"] for line in lines if line]
        self.assertEqual(handled, [1, 2, 3, 4])

    def test_killed_at_any_point_sends_each_once(self):
        count = 60
        self.give_up(count, key="ann", handler="exit 1")
        for delay in (0.0, 0.005, 0.01, 0.02, 0.03):
            process = self.start("dead-letters", "redrive", *HERE)
            time.sleep(delay)
            process.kill()
            process.wait()
        sent = self.handled_users()
        self.settled("redrive")
        sent += self.handled_users()
        self.assertEqual(sent, list(range(1, count + 1)))
        self.assertEqual(self.letters(), [])


class Export(DeadLetters):
    def test_what_is_exported_can_be_produced(self):
        self.give_up(3, key="ann")
        lines = self.run_program("dead-letters", "export", *HERE).stdout
        events = [json.loads(line) for line in lines.splitlines()]
        self.assertEqual([(e["letter"], e["reason"], e["handler"], e["tries"], e["group"]) for e in events],
                         [(str(n), "failed", "exec", 1, "g") for n in range(3)])
        self.assertTrue(all("no route" in e["error"] and e["firsttry"] <= e["lasttry"] for e in events))
        self.run_program("produce_event", "--topic", "copy", "--data", "-", given=lines)
        copies = self.consume(topic="copy")
        self.assertEqual(ids(copies), ids(events))
        self.assertEqual([copy["data"] for copy in copies], [event["data"] for event in events])
        self.assertEqual(len(self.letters()), 3, "they stay")

    def test_writes_a_new_file_for_the_owner_alone(self):
        self.give_up(2)
        done = self.run_program("dead-letters", "export", *HERE, "--letter", "1", "--file", "letters.jsonl")
        self.assertEqual(done.stdout, "1 letter exported\n")
        path = self.place / "letters.jsonl"
        self.assertEqual(json.loads(path.read_text())["letter"], "1")
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        self.assert_error(self.run_program("dead-letters", "export", *HERE, "--file", "letters.jsonl", code=10), "letters.jsonl")

    def test_data_that_cannot_be_read_is_base64(self):
        self.produce()
        with contextlib.closing(sqlite3.connect(self.place / "events.db")) as database, database:
            [table] = [name for name, text in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
                       if "payload" in text]
            database.execute(f"UPDATE {table} SET payload = ?", (b"\xff",))
        self.handle("exit 1", code=8)
        exported = json.loads(self.run_program("dead-letters", "export", *HERE).stdout)
        self.assertEqual((exported["data_base64"], exported["reason"], exported["type"]), ("/w==", "failed", LOGIN))
        self.assertIn("/w==", self.run_program("dead-letters", "show", *HERE, exported["letter"]).stdout)


class Purge(DeadLetters):
    def test_asks_first(self):
        self.give_up(2)
        self.assert_error(self.run_program("dead-letters", "purge", *HERE, code=2), "--yes")
        self.assertEqual(self.settled("purge", "--dry-run"), {"letters": 2, "outcome": "would be purged"})
        self.assertEqual(self.at_terminal("n\n")[0], 0)
        self.assertEqual(len(self.letters()), 2)
        code, text = self.at_terminal("y\n")
        self.assertEqual(code, 0, text)
        self.assertIn("Purge 2 letters of topic logins, group g?", text)
        self.assertEqual(self.letters(), [])

    def at_terminal(self, answer):
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        process = subprocess.Popen([PROGRAM, "dead-letters", "purge", *HERE], stdin=follower, stdout=follower, stderr=follower,
                                   env=self.with_settings({"TERM": "dumb"}), cwd=self.place)
        os.close(follower)
        text, end, asked = b"", time.monotonic() + LIMIT, False
        while time.monotonic() < end:
            if not select.select([leader], [], [], 1)[0]:
                continue
            try:
                text += os.read(leader, 4096)
            except OSError:
                break
            if b"[y/N]" in text and not asked:
                asked = True
                os.write(leader, answer.encode())
        return process.wait(timeout=LIMIT), text.decode()

    def test_what_is_purged_is_gone_though_its_topic_went_before(self):
        self.produce(data=json.dumps({"user": {"id": 1, "is_active": True, "pii": {
            "username": "ann", "email": "secret-address@example.com", "name": "Ann"}}}))
        self.handle("exit 1", code=8)
        self.run_program("topics", "delete", "logins", "--yes")
        self.assertIn("secret-address", self.run_program("dead-letters", "show", *HERE, "0").stdout)
        self.assertEqual(self.run_program("dead-letters", "purge", *HERE, "--yes").stdout, "1 letter purged of group g\n")
        self.assertEqual(self.letters(), [])
        [topic] = [json.loads(line) for line in self.run_program("topics", "-o", "json").stdout.splitlines()]
        self.assertEqual(topic["topic"], "logins.dead-letters.g")
        self.assertEqual(topic["bytes"], 0)

    def test_only_what_the_filters_choose(self):
        self.give_up(2, key="ann")
        self.give_up(1, key="bob", first=3)
        self.assertEqual(self.settled("purge", "--key", "ann", "--yes")["letters"], 2)
        self.assertEqual([letter["key"] for letter in self.letters()], ["bob"])


if __name__ == "__main__":
    main()
