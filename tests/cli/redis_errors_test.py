"""What a person is told when the Redis server is away, refuses a login or a command, or has no room; and that no password is told."""

import json
import subprocess
import time

from program import LOGIN, SOURCE, login
from redis_case import LIMIT, RedisCase, main

SECRET = "Kettle-7%25"
PASSWORD = "Kettle-7%"
ATTEMPTS = (("produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic", "logins", "--data", login()),
            ("topics",), ("topics", "groups", "logins"), ("dead-letters", "list", "-t", "logins", "-g", "g"))
REPLAY = ("replay", "-t", "logins", "--from", "earliest")


class Errors(RedisCase):
    def refused(self, *words, code=5, parts=(), **settings):
        done = self.run_program(*words, code=code, **settings)
        self.assert_error(done, *parts)
        for text in (done.stdout, done.stderr):
            self.assertNotIn("Kettle", text)
        return done

    def consumer_is_refused(self, *parts, code=5, **settings):
        self.refused("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3", code=code, parts=parts, **settings)


class Away(Errors):
    def test_nobody_is_there(self):
        self.server.kill()
        address = f"127.0.0.1:{self.server.port}"
        for words in ATTEMPTS:
            self.refused(*words, parts=("Redis", address))

    def test_a_consumer_and_a_replay_wait_for_it(self):
        self.server.kill()
        both = [self.start("consume_events", "-t", "logins", "-g", "g", "--count", "1", stderr=subprocess.DEVNULL),
                self.start(*REPLAY, "--count", "1", stderr=subprocess.DEVNULL)]
        time.sleep(0.3)
        self.server.start()
        self.redis("XADD", "logins", "*", "type", LOGIN, "event_data", "")
        for each in both:
            self.assertEqual(each.wait(timeout=LIMIT), 0)

    def test_a_host_that_is_not_there(self):
        self.refused("topics", parts=("kettle.invalid",), EVENT_BUS_REDIS_CONNECTION_URL=f"redis://:{SECRET}@kettle.invalid:1/0")

    def test_a_socket_that_is_not_there(self):
        self.refused("topics", parts=("/nosuch/socket",), EVENT_BUS_REDIS_CONNECTION_URL=f"unix://:{SECRET}@/nosuch/socket")

    def test_a_url_that_is_none(self):
        for url in ("kettle", "http://localhost", f"redis://:{SECRET}@host:port/0", f"redis://:{SECRET}@host:6379/kettle",
                    f"redis://:{SECRET}@host:6379/0?kettle=1"):
            self.refused("topics", code=3, parts=("EVENT_BUS_REDIS_CONNECTION_URL",), EVENT_BUS_REDIS_CONNECTION_URL=url)

    def test_no_url(self):
        self.refused("topics", code=3, parts=("EVENT_BUS_REDIS_CONNECTION_URL",), EVENT_BUS_REDIS_CONNECTION_URL=None)


class Ways(Errors):
    """What works: over a unix socket, with a password, as a user."""

    OPTIONS = ("--requirepass", PASSWORD)

    def works(self, url):
        self.environment["EVENT_BUS_REDIS_CONNECTION_URL"] = url
        self.produce()
        self.assertEqual(len(self.consume(group=url.split(":")[0])), 1)
        shown = self.run_program("settings")
        self.assertIn("EVENT_BUS_REDIS_CONNECTION_URL", shown.stdout)
        self.assertNotIn("Kettle", shown.stdout + shown.stderr)
        self.run_program("topics", "delete", "logins", "--yes")

    def test_a_password(self):
        self.works(f"redis://:{SECRET}@127.0.0.1:{self.server.port}/0")
        self.works(f"redis://default:{SECRET}@127.0.0.1:{self.server.port}/0")
        self.works(f"redis://127.0.0.1:{self.server.port}/0?password={SECRET}")

    def test_a_unix_socket(self):
        self.works(f"unix://:{SECRET}@{self.server.unix_socket}")

    def test_another_database(self):
        self.works(f"redis://:{SECRET}@127.0.0.1:{self.server.port}/7")
        self.refused("topics", parts=("database",), EVENT_BUS_REDIS_CONNECTION_URL=f"redis://:{SECRET}@127.0.0.1:{self.server.port}/16")

    def test_none_where_one_is_needed(self):
        for words in ATTEMPTS:
            self.refused(*words, parts=("password",), EVENT_BUS_REDIS_CONNECTION_URL=self.server.url)
        self.consumer_is_refused("password", EVENT_BUS_REDIS_CONNECTION_URL=self.server.url)

    def test_a_wrong_one(self):
        url = f"redis://:Kettle-8@127.0.0.1:{self.server.port}/0"
        for words in ATTEMPTS:
            self.refused(*words, parts=("password",), EVENT_BUS_REDIS_CONNECTION_URL=url)
        self.consumer_is_refused("password", EVENT_BUS_REDIS_CONNECTION_URL=url)


class Rights(Errors):
    """The rights that docs/backends/redis.md says are enough are enough, and one less is told."""

    def user(self, name, *rules):
        self.redis("ACL", "SETUSER", name, "reset", "on", f">{PASSWORD}", *rules)
        return {"EVENT_BUS_REDIS_CONNECTION_URL": f"redis://{name}:{SECRET}@127.0.0.1:{self.server.port}/0", "EVENT_BUS_TOPIC_PREFIX": "dev"}

    def documented(self, who):
        """The rules that the document gives a user."""
        for line in (SOURCE / "docs" / "backends" / "redis.md").read_text().splitlines():
            if line.startswith(f"user {who} "):
                return [word for word in line.split()[3:] if not word.startswith(">")]
        raise AssertionError(f"docs/backends/redis.md has no rules for {who}")

    def test_a_producer_needs_no_more_than_is_documented(self):
        producer = self.user("producer", *self.documented("producer"))
        self.produce(**producer)
        self.produce_many(3)
        self.refused("topics", "delete", "logins", "--yes", parts=("right", "xinfo"), **producer)
        self.refused(*REPLAY, parts=("right",), **producer)
        self.refused("produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic", "logins", "--data", login(),
                     parts=("logins",), **{**producer, "EVENT_BUS_TOPIC_PREFIX": "prod"})

    def test_a_consumer_needs_no_more_than_is_documented(self):
        consumer = self.user("consumer", *self.documented("consumer"))
        for settings in ({}, {"EVENT_BUS_REDIS_CONSUMERS_SHARE_EVENTS": "true"}):
            self.produce(EVENT_BUS_TOPIC_PREFIX="dev")
            done = self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3", "--exec", "exit 1", code=8,
                                    **consumer, **settings)
            self.assertNotIn("NOPERM", done.stderr)
            self.run_program("dead-letters", "redrive", "-t", "logins", "-g", "g", **consumer)
            self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3", "--exec", "true", **consumer, **settings)
        self.refused("topics", "delete", "logins", "--yes", parts=("right", "unlink"), **consumer)

    def test_a_consumer_without_scripts_works_and_says_what_it_does_not_notice(self):
        consumer = self.user("consumer", *self.documented("consumer"), "-eval", "-eval_ro")
        self.produce_many(3)
        self.produce(EVENT_BUS_TOPIC_PREFIX="dev")
        done = self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3", **consumer)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        [line] = [line for line in done.stderr.splitlines() if "trimmed" in line]
        self.assertIn("will not be noticed", line)

    def test_an_operator_needs_no_more_than_is_documented(self):
        operator = self.user("operator", *self.documented("operator"))
        self.produce_many(3)
        self.produce(EVENT_BUS_TOPIC_PREFIX="dev")
        self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3", "--exec", "exit 1", code=8,
                         EVENT_BUS_TOPIC_PREFIX="dev")
        for words in (("topics",), ("topics", "show", "logins"), ("topics", "groups", "logins"),
                      ("topics", "move", "logins", "-g", "g", "--to", "earliest"), ("replay", "-t", "logins", "--from", "earliest"),
                      ("topics", "create", "grades"), ("topics", "delete", "grades", "--yes"),
                      ("dead-letters", "redrive", "-t", "logins", "-g", "g"), ("dead-letters",),
                      ("dead-letters", "purge", "-t", "logins", "-g", "g", "--yes")):
            self.run_program(*words, **operator)

    def test_no_right_at_all(self):
        for words in ATTEMPTS:
            self.refused(*words, parts=("right",), **self.user("nobody"))
        self.consumer_is_refused("right", **self.user("nobody"))


class Full(Errors):
    OPTIONS = ("--maxmemory", "3mb", "--maxmemory-policy", "noeviction")

    def test_no_room_is_told_and_what_was_stored_stays(self):
        events = "\n".join(login(n, name="x" * 10_000) for n in range(500))
        done = self.run_program("produce_event", "--signal", "SESSION_LOGIN_COMPLETED", "--topic", "logins", "--data", "-", "-o", "json",
                                given=events, code=7)
        # Those that were under way together fail together.
        told = [line for line in done.stderr.splitlines() if line.startswith("eventbus: error: ")]
        # When those were many, the rest are counted in a last line.
        told = [line for line in told if "in all were not stored" not in line]
        self.assertGreater(len(told), 0)
        for line in told:
            self.assertIn("maxmemory", line)
        stored = [json.loads(line)["id"] for line in done.stdout.splitlines()]
        self.assertGreater(len(stored), 0)
        self.redis("CONFIG", "SET", "maxmemory", "100mb")
        self.assertTrue(set(stored) <= {event["id"] for event in self.consume()})


class WrongType(Errors):
    def test_a_key_that_is_no_stream_is_told(self):
        self.redis("SET", "logins", "kettle")
        for words in (ATTEMPTS[0], ATTEMPTS[2], REPLAY):
            self.refused(*words, parts=("logins", "stream"))
        self.consumer_is_refused("logins", "stream")


class Trouble(Errors):
    def test_a_restart_in_the_middle_is_no_end(self):
        consumer = self.start("consume_events", "-t", "logins", "-g", "g", "--count", "2", "--exec", "cat >> got")
        self.wait_for(lambda: self.redis("EXISTS", "logins") == 1, "the group")
        self.produce()
        self.wait_for(lambda: (self.place / "got").exists(), "the first event")
        self.server.kill()
        self.server.start()
        self.produce_many(1, first=2)
        self.assertEqual(consumer.wait(timeout=LIMIT), 0, "the server kept nothing, and the group is made anew")

    def test_a_group_that_was_destroyed_is_made_again(self):
        consumer = self.start("consume_events", "-t", "logins", "-g", "g", "--count", "2")
        self.wait_for(lambda: self.redis("EXISTS", "logins") == 1, "the group")
        self.redis("FLUSHALL")
        self.produce_many(2)
        out, log = consumer.communicate(timeout=LIMIT)
        self.assertEqual(len(out.splitlines()), 2)
        self.assertIn(" warning ", log)


if __name__ == "__main__":
    main()
