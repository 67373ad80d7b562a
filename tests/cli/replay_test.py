"""replay: what it takes of a topic, that it leaves groups alone, how it ends; and moving a group while it works."""

import json
import shlex
import signal
import subprocess
import sys
import time

from program import LIMIT, LOGIN, PROGRAM, SOURCE, Case, ids, main, users



def now():
    time.sleep(0.02)
    seconds = time.time()
    time.sleep(0.02)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1e6):06d}Z"


class Replays(Case):
    def replay(self, *words, topic="logins", start="earliest", **options):
        return self.run_program("replay", "-t", topic, "--from", start, *words, **options)

    def replayed(self, *words, **options):
        """The events, as the program prints them."""
        return [json.loads(line) for line in self.replay(*words, **options).stdout.splitlines()]

    def lines_of(self, name):
        path = self.place / name
        return path.read_text().splitlines() if path.exists() else []

    def groups(self, topic="logins"):
        done = self.run_program("topics", "groups", topic, "-o", "json")
        return {o["group"]: o["lag"] for o in map(json.loads, done.stdout.splitlines())}


class Takes(Replays):
    def test_prints_what_consume_events_prints_and_leaves_groups_alone(self):
        self.produce_many(5)
        consumed = self.consume()
        self.produce_many(2, first=6)
        events = self.replayed()
        self.assertEqual(users(events), [1, 2, 3, 4, 5, 6, 7])
        by_id = {event["id"]: event for event in events}
        for event in consumed:
            self.assertEqual(by_id[event["id"]], event)
        self.assertEqual(self.groups(), {"g": 2})
        self.assertEqual(self.replayed("-o", "json"), events)

    def test_from_a_time_to_a_time(self):
        times = []
        for first in (1, 3, 5):
            self.produce_many(2, first=first)
            times.append(now())
        self.assertEqual(users(self.replayed(start=times[0])), [3, 4, 5, 6])
        self.assertEqual(users(self.replayed("--to", times[1])), [1, 2, 3, 4])
        self.assertEqual(users(self.replayed("--to", times[1], start=times[0])), [3, 4])
        self.assertEqual(self.replayed("--to", times[0], start=times[1]), [])
        self.assertEqual(len(self.replayed("--to", "9000-01-01")), 6)

    def test_from_behind_a_position_to_a_position(self):
        self.produce_many(6, key="ann")
        events = self.replayed()
        second, fourth = events[1]["position"], events[3]["position"]
        self.assertEqual(ids(self.replayed(start=second)), ids(events[2:]))
        self.assertEqual(ids(self.replayed("--to", fourth)), ids(events[:4]))
        self.assertEqual(ids(self.replayed("--to", fourth, start=second)), ids(events[2:4]))
        named = f"{events[1]['partition']}:{second}"
        self.assertEqual(ids(self.replayed(start=named)), ids(events[2:]))

    def test_in_order_from_a_position_of_a_topic_with_many_partitions(self):
        self.produce_many(20)
        events = self.replayed()
        self.assertGreater(len({event["partition"] for event in events}), 1)
        self.assertEqual(ids(self.replayed(start=events[9]["position"])), ids(events[10:]))

    def test_types_and_keys(self):
        self.produce_many(2, key="ann")
        self.produce_many(2, first=3, key="ben")
        grade = {"user": {"id": 9, "is_active": True, "pii": {"username": "ann", "email": "", "name": ""}}}
        self.run_program("produce_event", "--signal", "STUDENT_REGISTRATION_COMPLETED", "--topic", "logins", "--data",
                         json.dumps(grade))
        for name in (LOGIN, "SESSION_LOGIN_COMPLETED", "openedx_events.learning.signals.SESSION_LOGIN_COMPLETED"):
            self.assertEqual(users(self.replayed("--type", name)), [1, 2, 3, 4])
        self.assertEqual(users(self.replayed("--type", "STUDENT_REGISTRATION_COMPLETED", "--type", LOGIN)), [1, 2, 3, 4, 9])
        self.assertEqual(users(self.replayed("--key", "ann")), [1, 2, 9])
        self.assertEqual(users(self.replayed("--key", "ann", "--type", LOGIN)), [1, 2])
        self.assertEqual(len(self.replayed("--key", "ann", "--key", "ben")), 5)
        self.assertEqual(self.replayed("--key", "nobody"), [])
        self.assert_error(self.replay("--type", "SESSION_LOGIN_COMPLETE", code=4), "did you mean SESSION_LOGIN_COMPLETED?")

    def test_count(self):
        self.produce_many(5)
        self.assertEqual(len(self.replayed("--count", "2")), 2)
        self.assertEqual(len(self.replayed("--count", "20")), 5)

    def test_a_dry_run_counts_and_handles_nothing(self):
        self.produce_many(3, key="ann")
        self.produce_many(2, first=4, key="ben")
        done = self.replay("--dry-run", "--key", "ann", "--exec", "touch run")
        self.assertEqual(done.stdout, "3 of 5 events would be replayed\n")
        self.assertEqual(json.loads(self.replay("--dry-run", "-o", "json").stdout),
                         {"topic": "logins", "events": 5, "read": 5})
        self.assertFalse((self.place / "run").exists())

    def test_knows_the_topic_by_its_name_without_prefix(self):
        self.produce(EVENT_BUS_TOPIC_PREFIX="dev")
        [event] = self.replayed(EVENT_BUS_TOPIC_PREFIX="dev")
        self.assertEqual(event["topic"], "dev-logins")

    def test_its_output_can_be_produced_again(self):
        self.produce_many(3)
        done = self.replay()
        self.run_program("produce_event", "--topic", "copy", "--data", "-", given=done.stdout)
        self.assertEqual(sorted(ids(self.replayed(topic="copy"))), sorted(ids(self.replayed())))

    def test_does_not_take_part_in_a_group_that_works(self):
        self.run_program("topics", "create", "logins", "--partitions", "1")
        consumer = self.start("consume_events", "-t", "logins", "-g", "g", "--count", "4")
        self.produce_many(2)
        self.wait_for(lambda: self.groups().get("g") == 0, "the consumer")
        self.assertEqual(len(self.replayed()), 2)
        self.produce_many(2, first=3)
        out, _ = consumer.communicate(timeout=LIMIT)
        self.assertEqual([json.loads(line)["data"]["user"]["id"] for line in out.splitlines()], [1, 2, 3, 4])


class HandsOver(Replays):
    def test_to_a_program_for_each_event(self):
        self.produce_many(3, key="ann")
        self.replay("--exec", "cat >> got")
        self.assertEqual(users(map(json.loads, self.lines_of("got"))), [1, 2, 3])

    def test_to_a_program_that_stays(self):
        self.produce_many(3, key="ann")
        self.replay("--pipe", "while read -r line; do printf '%s\\n' \"$line\" >> got; echo ok; done")
        self.assertEqual(users(map(json.loads, self.lines_of("got"))), [1, 2, 3])

    def test_a_failure_is_logged_whole_and_the_next_event_comes(self):
        self.produce_many(3, key="ann")
        done = self.replay("--exec", "grep -q '\"id\":2,' && { echo 'no such user' >&2; exit 3; }; exit 0", code=8)
        logged = [line for line in done.stderr.splitlines() if "not handled" in line]
        self.assertEqual(len(logged), 1, done.stderr)
        for part in ("exit code 3: no such user", "topic logins", LOGIN, '"id":2,'):
            self.assertIn(part, logged[0])
        self.assertIn("the replay ends: 2 events handled, 1 failed, 0 unusable, of 3 read", done.stderr.splitlines()[-1])

    def test_a_program_that_cannot_be_run_ends_it(self):
        self.produce_many(3)
        for how in ("--exec", "--pipe"):
            self.assert_error(self.replay(how, "nosuchprogram", code=11), "nosuchprogram", "cannot be run")

    def test_output_that_cannot_be_written_ends_it(self):
        self.produce_many(3)
        with open("/dev/full", "w") as full:
            process = self.start("replay", "-t", "logins", "--from", "earliest", stdout=full)
            self.assertEqual(process.wait(timeout=LIMIT), 10)

    def test_not_both_programs(self):
        self.assert_error(self.replay("--exec", "cat", "--pipe", "cat", code=2), "--pipe")


class Ends(Replays):
    def test_with_what_was_stored_when_it_began(self):
        self.produce_many(3, key="ann")
        sends = ("cat > event; " + shlex.quote(PROGRAM) + " produce_event --topic logins --data @event "
                 "|| exit 1")
        self.replay("--exec", sends)
        self.assertEqual(len(self.replayed()), 6)

    def test_a_signal_stops_it_after_the_event_at_hand(self):
        self.produce_many(3, key="ann")
        for which in (signal.SIGTERM, signal.SIGINT):
            process = self.start("replay", "-t", "logins", "--from", "earliest", "--exec",
                                 "echo begun >> log; sleep 0.7; echo done >> log")
            self.wait_for(lambda: self.lines_of("log") == ["begun"], "the command")
            process.send_signal(which)
            self.assertEqual(process.wait(timeout=LIMIT), 128 + which)
            self.assertEqual(self.lines_of("log"), ["begun", "done"])
            self.assertRegex(process.stderr.read(), r"error: stopped by a signal: the last event was in partition \d, position 0")
            (self.place / "log").unlink()

    def test_a_handler_that_outlasts_the_stop_is_killed(self):
        self.produce()
        process = self.start("replay", "-t", "logins", "--from", "earliest", "--exec", "touch begun; exec sleep 1000",
                             EVENT_BUS_CONSUMER_STOP_TIMEOUT="0.3")
        self.wait_for(lambda: (self.place / "begun").exists(), "the command")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=LIMIT), 9)

    def test_a_second_signal_ends_it_at_once(self):
        self.produce()
        process = self.start("replay", "-t", "logins", "--from", "earliest", "--pipe", "touch begun; exec sleep 1000")
        self.wait_for(lambda: (self.place / "begun").exists(), "the command")
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=LIMIT), -signal.SIGTERM)

    def test_a_topic_that_is_not_there_is_not_found_and_not_made(self):
        self.assert_error(self.replay(topic="nosuch", code=6), '"nosuch"')
        self.assertEqual(self.run_program("topics", "-o", "json").stdout, "")

    def test_a_place_that_cannot_be(self):
        self.produce()
        self.assert_error(self.replay(start="yesterday", code=2), "--from", "yesterday")
        self.assert_error(self.replay("--to", "9 o'clock", code=2), "--to", "9 o'clock")
        self.assert_error(self.replay(start="99:1", code=4), "99:1")
        self.assert_error(self.run_program("replay", "-t", "logins", code=2), "--from")


class Moves(Replays):
    """A group that is moved goes on from there by itself, without being started again."""

    def start_consumer(self, *words, name="got", group="g"):
        process = self.start("consume_events", "-t", "logins", "-g", group, "--exec", f"cat >> {name}", *words)
        self.wait_for(lambda: group in self.groups(), "the consumer to join")
        return process

    def handled(self, name="got"):
        return [json.loads(line)["data"]["user"]["id"] for line in self.lines_of(name)]

    def test_topics_move_while_members_run(self):
        self.produce_many(2, key="ann")
        between = now()
        self.produce_many(2, first=3, key="ann")
        self.start_consumer()
        self.wait_for(lambda: self.handled() == [1, 2, 3, 4], "the events")
        self.wait_for(lambda: self.groups() == {"g": 0}, "the acknowledgement")
        done = self.run_program("topics", "move", "logins", "-g", "g", "--to", between, "-o", "json")
        moved = json.loads(done.stdout)
        self.assertEqual((moved["topic"], moved["group"], moved["outcome"], moved["lag"]), ("logins", "g", "moved", 2))
        self.wait_for(lambda: self.handled() == [1, 2, 3, 4, 3, 4], "the events again")
        self.wait_for(lambda: self.groups() == {"g": 0}, "the acknowledgement")
        position = json.loads(self.lines_of("got")[2])["position"]
        self.run_program("topics", "move", "logins", "-g", "g", "--to", position)
        self.wait_for(lambda: self.handled() == [1, 2, 3, 4, 3, 4, 4], "the last event again")
        self.produce_many(1, first=5, key="ann")
        self.wait_for(lambda: self.handled()[-1] == 5, "the next event")

    def test_extra_moves_the_whole_group_while_other_members_run(self):
        self.produce_many(30)
        between = now()
        self.produce_many(30, first=31)
        self.start_consumer(name="one")
        self.wait_for(lambda: len(self.handled("one")) == 60, "the events")
        self.wait_for(lambda: self.groups() == {"g": 0}, "the acknowledgement")
        self.start_consumer("--extra", json.dumps({"offset_time": between}), name="two")
        again = lambda: sorted(self.handled("one")[60:] + self.handled("two"))
        self.wait_for(lambda: len(again()) >= 30, "the events again")
        self.wait_for(lambda: self.groups() == {"g": 0}, "the acknowledgement")
        self.assertEqual(again(), list(range(31, 61)))
        self.produce_many(10, first=61)
        self.wait_for(lambda: len(again()) >= 40, "what comes then")
        self.assertEqual(again(), list(range(31, 71)))

    def test_extra_moves_behind_an_id_while_other_members_run(self):
        self.produce_many(40)
        self.start_consumer(name="one")
        self.wait_for(lambda: len(self.handled("one")) == 40, "the events")
        self.wait_for(lambda: self.groups() == {"g": 0}, "the acknowledgement")
        events = self.replayed()
        self.start_consumer("--extra", json.dumps({"last_read_msg_id": events[29]["position"]}), name="two")
        again = lambda: sorted(self.handled("one")[40:] + self.handled("two"))
        self.wait_for(lambda: len(again()) >= 10, "the events again")
        self.wait_for(lambda: self.groups() == {"g": 0}, "the acknowledgement")
        self.assertEqual(again(), users(events[30:]))

    def test_to_the_ends_of_the_topic(self):
        self.produce_many(5)
        self.consume()
        done = self.run_program("topics", "move", "logins", "-g", "g", "--to", "earliest")
        self.assertEqual(done.stdout, "group g of topic logins moved: 5 events to handle\n")
        self.assertEqual(self.groups(), {"g": 5})
        self.run_program("topics", "move", "logins", "-g", "g", "--to", "latest")
        self.assertEqual(self.groups(), {"g": 0})

    def test_partitions_that_are_not_named_stay(self):
        self.run_program("topics", "create", "logins", "--partitions", "2")
        self.produce_many(20)
        events = self.consume()
        first = next(event for event in events if event["partition"] == 1)
        self.run_program("topics", "move", "logins", "-g", "g", "--to", f"1:{first['position']}")
        self.assertEqual(ids(self.consume()), ids([e for e in events if e["partition"] == 1][1:]))

    def test_a_group_is_only_made_when_that_is_meant(self):
        self.produce_many(5)
        self.consume()
        done = self.run_program("topics", "move", "logins", "-g", "h", "--to", "latest", code=6)
        self.assert_error(done, '"h"', "it has g", "--create")
        self.assertEqual(self.groups(), {"g": 0})
        self.run_program("topics", "move", "logins", "-g", "h", "--to", "latest", "--create")
        self.assertEqual(self.groups(), {"g": 0, "h": 0})
        self.produce_many(1, first=6)
        self.assertEqual(users(self.consume(group="h")), [6])

    def test_refuses_what_cannot_be(self):
        self.produce()
        self.consume()
        self.assert_error(self.run_program("topics", "move", "nosuch", "-g", "g", "--to", "latest", code=6), '"nosuch"')
        self.assert_error(self.run_program("topics", "move", "logins", "-g", "g", "--to", "now", code=2), "--to", "now")
        self.assert_error(self.run_program("topics", "move", "logins", "-g", "g", "--to", "99:1", code=4), "99:1")
        self.assertEqual(self.groups(), {"g": 0})

    def test_the_setting_says_where_a_new_group_starts(self):
        self.produce_many(2)
        between = now()
        self.produce_many(2, first=3)
        self.assertEqual(users(self.consume(group="all")), [1, 2, 3, 4])
        self.assertEqual(users(self.consume(group="since", EVENT_BUS_CONSUMER_START=between)), [3, 4])
        self.assertEqual(self.consume(group="new", EVENT_BUS_CONSUMER_START="latest"), [])


class Replayer(Replays):
    """The program in docs/replay.md works as it stands there."""

    def test_is_the_program_in_the_documents(self):
        text = (SOURCE / "docs" / "replay.md").read_text()
        self.assertIn("```cpp\n" + (SOURCE / "tests" / "cli" / "replayer.cpp").read_text() + "```\n", text)

    def test_replays_to_typed_handlers(self):
        self.produce_many(3, topic="user-login", key="ann")
        done = subprocess.run([sys.argv[5]], capture_output=True, text=True, timeout=LIMIT, env=self.environment)
        self.assertEqual((done.returncode, done.stdout), (0, "ann\nann\nann\n3 events\n"), done.stderr)


if __name__ == "__main__":
    main()
