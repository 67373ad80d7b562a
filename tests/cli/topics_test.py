"""topics: list, show, groups, create, delete."""

import json

from program import Case, main


class Topics(Case):
    def rows(self, *words, **settings):
        done = self.run_program("topics", *words, "-o", "json", **settings)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_there_are_none_at_first(self):
        self.assertEqual(self.rows(), [])
        self.assertEqual(self.run_program("topics").stdout.split("  ")[0], "TOPIC")

    def test_lists_events_partitions_bytes_groups_and_lag(self):
        self.produce_many(5, key="ann")
        self.run_program("consume_events", "-t", "logins", "-g", "g", "--count", "2")
        [topic] = self.rows()
        self.assertEqual((topic["topic"], topic["name"], topic["events"], topic["partitions"]), ("logins", "logins", 5, 8))
        self.assertGreater(topic["bytes"], 5 * 20)
        self.assertEqual(topic["groups"], [{"group": "g", "lag": 3}])
        self.assertEqual(self.rows("list"), [topic])
        row = self.run_program("topics").stdout.splitlines()[1].split()
        self.assertEqual(row, ["logins", "8", "5", str(topic["bytes"]), "7", "d", "g:", "3"])

    def test_shows_a_topic_by_partition(self):
        self.produce_many(5, key="ann")
        [topic] = self.rows("show", "logins")
        self.assertEqual(len(topic["partitions"]), 8)
        self.assertEqual(sum(partition["events"] for partition in topic["partitions"]), 5)
        self.assertIn("retention  7 d", self.run_program("topics", "show", "logins").stdout)

    def test_shows_groups_by_partition(self):
        self.produce_many(5, key="ann")
        self.run_program("consume_events", "-t", "logins", "-g", "g", "--count", "2")
        self.run_program("consume_events", "-t", "logins", "-g", "h", "--count", "5")
        groups = {group["group"]: group for group in self.rows("groups", "logins")}
        self.assertEqual({name: group["lag"] for name, group in groups.items()}, {"g": 3, "h": 0})
        self.assertEqual(sum(partition["lag"] for partition in groups["g"]["partitions"]), 3)
        text = self.run_program("topics", "groups", "logins").stdout.splitlines()
        self.assertEqual(text[0].split(), ["GROUP", "PARTITION", "POSITION", "LAG", "MEMBER"])
        self.assertEqual(len(text), 17)

    def test_creates_a_topic(self):
        done = self.run_program("topics", "create", "logins", "--partitions", "3", "--retention-age", "12h",
                                "--retention-bytes", "10M")
        self.assertEqual(done.stdout, "topic logins created\n")
        [topic] = self.rows()
        self.assertEqual(topic["partitions"], 3)
        self.assertEqual(topic["retention"], {"age_seconds": 43200, "bytes": 10 * 1024 * 1024})

    def test_creates_a_topic_as_the_settings_say(self):
        self.run_program("topics", "create", "logins", EVENT_BUS_EMBEDDED_PARTITIONS="2", EVENT_BUS_EMBEDDED_RETENTION_AGE="60")
        [topic] = self.rows()
        self.assertEqual((topic["partitions"], topic["retention"]), (2, {"age_seconds": 60, "bytes": None}))

    def test_changes_the_retention_of_a_topic_that_exists(self):
        self.run_program("topics", "create", "logins", "--partitions", "3", "--retention-bytes", "10M")
        done = self.run_program("topics", "create", "logins", "--retention-age", "0", "-o", "json")
        self.assertEqual(json.loads(done.stdout), {"topic": "logins", "outcome": "exists"})
        [topic] = self.rows()
        self.assertEqual((topic["partitions"], topic["retention"]), (3, {"age_seconds": None, "bytes": 10 * 1024 * 1024}))
        self.assert_error(self.run_program("topics", "create", "logins", "--partitions", "4", code=4), "logins", "3")

    def test_deletes_a_topic_only_if_that_is_meant(self):
        self.produce_many(5)
        done = self.run_program("topics", "delete", "logins", code=2)
        self.assert_error(done, "5 events", "--yes")
        self.assertEqual(self.run_program("topics", "delete", "logins", "--yes").stdout, "topic logins deleted\n")
        self.assertEqual(self.rows(), [])

    def test_tells_that_a_topic_is_not_there(self):
        for command in (("show",), ("groups",), ("delete", "--yes")):
            done = self.run_program("topics", command[0], "nosuch", *command[1:], code=6)
            self.assert_error(done, '"nosuch"', "eventbus topics")

    def test_knows_topics_by_their_name_without_prefix(self):
        self.produce(EVENT_BUS_TOPIC_PREFIX="dev")
        self.produce(topic="other")
        self.assertEqual([topic["name"] for topic in self.rows(EVENT_BUS_TOPIC_PREFIX="dev")], ["logins"])
        self.assertEqual([topic["topic"] for topic in self.rows("--all", EVENT_BUS_TOPIC_PREFIX="dev")],
                         ["dev-logins", "other"])
        self.assertEqual(self.rows("show", "logins", EVENT_BUS_TOPIC_PREFIX="dev")[0]["topic"], "dev-logins")

    def test_refuses_wrong_amounts(self):
        for flag, value, code in (("--partitions", "0", 2), ("--partitions", "many", 2), ("--retention-age", "1y", 4),
                                  ("--retention-bytes", "-1", 4)):
            self.assert_error(self.run_program("topics", "create", "logins", flag, value, code=code), value)

    def test_looks_at_the_backend_that_is_configured(self):
        done = self.run_program("topics", code=3, EVENT_BUS_PRODUCER=None, EVENT_BUS_CONSUMER=None)
        self.assert_error(done, "EVENT_BUS_PRODUCER")
        self.produce()
        self.assertEqual(len(self.rows(EVENT_BUS_CONSUMER=None)), 1)
        self.assertEqual(len(self.rows(EVENT_BUS_PRODUCER=None)), 1)


if __name__ == "__main__":
    main()
