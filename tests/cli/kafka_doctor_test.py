"""`eventbus doctor` on Kafka: what it finds, and what it says to do."""

import json

from kafka_case import KafkaCase, main, start_servers

LOGIN = "org.openedx.learning.auth.session.login.completed.v1"
CONFIG = json.dumps({LOGIN: {"logins": {"event_key_field": "user.id", "enabled": True}}})


def setUpModule():
    start_servers()


class KafkaDoctorTest(KafkaCase):
    def doctor(self, *words, code=0, **settings):
        """What it says, by what it looked at."""
        done = self.run_program("doctor", "-o", "json", *words, code=code, **settings)
        found = {}
        for line in done.stdout.splitlines():
            row = json.loads(line)
            found.setdefault(row["check"], []).append((row["state"], row["text"]))
        return found

    def wrong(self, check, *words, code, **settings):
        """The text of the one thing that is wrong."""
        found = self.doctor(*words, code=code, **settings)
        texts = {name: [text for state, text in rows if state == "wrong"] for name, rows in found.items()}
        self.assertEqual([name for name, wrong in texts.items() if wrong], [check], found)
        return texts[check][0]

    def test_all_is_well(self):
        self.make()
        self.produce("--key-field", "user.id")
        self.consume()
        found = self.doctor("-t", "logins", "-g", self.group, EVENT_BUS_PRODUCER_CONFIG=CONFIG)
        self.assertEqual(set(found), {"settings", "names", "network", "broker", "topic", "group", "letters", "registry", "schema"})
        self.assertEqual(len(found["schema"]), 2)
        self.assertTrue(all(state == "ok" for name, rows in found.items() if name != "group" for state, _ in rows), found)
        self.assertIn("0 events left", found["group"][0][1])
        self.assertEqual(found["group"][1][0], "warning")
        self.assertIn("consume_events", found["group"][1][1])

    def test_a_topic_that_is_missing(self):
        self.assertIn("topics create logins", self.wrong("topic", "-t", "logins", code=6))

    def test_a_name_that_is_not_known(self):
        text = self.wrong("names", code=5, EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS="no.such.host.invalid:9092")
        self.assertIn("no.such.host.invalid", text)
        self.assertIn("EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS", text)

    def test_a_broker_that_cannot_be_reached(self):
        self.assertIn("port 1 of 127.0.0.1", self.wrong("network", code=5, EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1"))

    def test_an_address_that_is_none(self):
        self.assertIn("port", self.wrong("names", code=4, EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:http"))

    def test_a_broker_that_talks_otherwise(self):
        text = self.wrong("broker", code=5, EVENT_BUS_KAFKA_CONSUMER_CONFIG='{"security.protocol": "SSL"}')
        self.assertIn("SSL", text)

    def test_a_registry_that_is_away(self):
        self.assertIn("127.0.0.1:1", self.wrong("registry", code=5, EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL="http://127.0.0.1:1"))

    def test_settings_that_are_missing(self):
        self.assertIn("EVENT_BUS_PRODUCER", self.wrong("settings", code=3, EVENT_BUS_PRODUCER=None, EVENT_BUS_CONSUMER=None))
        self.wrong("settings", code=3, EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS=None)

    def test_a_schema_that_is_not_registered_and_may_not_be(self):
        self.make()
        settings = {"EVENT_BUS_PRODUCER_CONFIG": CONFIG, "EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS": "false"}
        found = self.doctor(code=14, **settings)
        self.assertEqual([state for state, _ in found["schema"]], ["wrong", "wrong"])
        self.assertIn("schema register", found["schema"][0][1])
        self.run_program("schema", "register", **settings)
        self.doctor(**settings)

    def test_dead_letters_are_told(self):
        self.make()
        self.produce()
        self.handle("exit 1", code=8)
        found = self.doctor("-t", "logins", "-g", self.group)
        self.assertIn(("warning", f"1 event could not be handled: `eventbus dead-letters list -t logins -g {self.group}` shows why"),
                      found["letters"])

    def test_for_people_it_is_lines(self):
        self.make()
        text = self.run_program("doctor", "-t", "logins").stdout
        self.assertRegex(text, r"ok +broker +it lets this program in")
        self.assertTrue(text.endswith("all is well\n"), text)


if __name__ == "__main__":
    main()
