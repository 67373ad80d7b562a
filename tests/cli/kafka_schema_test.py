"""`eventbus schema` against a schema registry."""

import json

from kafka_case import KafkaCase, main, start_servers

LOGIN = "org.openedx.learning.auth.session.login.completed.v1"
CONFIG = json.dumps({LOGIN: {"logins": {"event_key_field": "user.id", "enabled": True}}})


def setUpModule():
    start_servers()


class KafkaSchemaTest(KafkaCase):
    def setUp(self):
        super().setUp()
        self.environment["EVENT_BUS_PRODUCER_CONFIG"] = CONFIG
        self.value = f"{self.prefix}-logins-{LOGIN}.CloudEvent"
        self.key = f"{self.prefix}-logins-long"

    def schema(self):
        return json.loads(self.run_program("schema", "show", "SESSION_LOGIN_COMPLETED", "-o", "json").stdout)

    def file(self, change):
        """A file with the catalogue's schema, changed."""
        schema = self.schema()
        person = schema["fields"][0]["type"]
        change(schema, person)
        path = self.place / "changed.avsc"
        path.write_text(json.dumps(schema))
        return str(path)

    def listed(self):
        return {row["subject"]: row for row in self.rows("schema", "list") if row["subject"].startswith(self.prefix + "-")}

    def test_registers_what_the_producer_configuration_sends(self):
        self.assertEqual(self.listed(), {})
        rows = self.rows("schema", "register")
        self.assertEqual({row["subject"] for row in rows}, {self.value, self.key})
        listed = self.listed()
        self.assertEqual({name: row["id"] for name, row in listed.items()}, {row["subject"]: row["id"] for row in rows})
        self.assertEqual(listed[self.value]["catalogue"], "as in the catalogue")
        self.assertEqual(self.rows("schema", "register"), rows)
        self.assertEqual(self.listed()[self.value]["versions"], 1)

    def test_what_is_registered_is_what_events_are_sent_with(self):
        self.run_program("schema", "register")
        self.make()
        self.produce("--key-field", "user.id", EVENT_BUS_KAFKA_AUTO_REGISTER_SCHEMAS="false")
        self.assertEqual({name: row["versions"] for name, row in self.listed().items()}, {self.value: 1, self.key: 1})

    def test_shows_a_registered_schema(self):
        self.run_program("schema", "register")
        shown = json.loads(self.run_program("schema", "show", "--subject", self.value).stdout)
        self.assertEqual(shown, self.schema())
        row = self.rows("schema", "show", "--subject", self.value, "--version", "1")[0]
        self.assertEqual((row["version"], json.loads(row["schema"])), (1, self.schema()))
        missing = self.run_program("schema", "show", "--subject", "none", code=6).stderr
        self.assertIn('"none"', missing)
        self.assertIn("schema list", missing)

    def test_diff_names_the_fields(self):
        self.run_program("schema", "diff", code=14)
        self.run_program("schema", "register")
        self.assertIn("the same", self.run_program("schema", "diff").stdout)

        def change(schema, person):
            person["fields"] = [field for field in person["fields"] if field["name"] != "is_active"]
            person["fields"].append({"name": "nickname", "type": ["null", "string"], "default": None})
        changed = self.file(change)
        text = self.run_program("schema", "diff", "-t", "logins", "--schema", changed, code=14).stdout
        self.assertIn("+ user.nickname: null|string = null", text)
        self.assertIn("- user.is_active: boolean", text)
        row = self.rows_with_code(14, "schema", "diff", "-t", "logins", "--schema", changed)[0]
        self.assertEqual({one["path"] for one in row["differences"]}, {"user.nickname", "user.is_active"})

    def rows_with_code(self, code, *words):
        return [json.loads(line) for line in self.run_program(*words, "-o", "json", code=code).stdout.splitlines()]

    def test_check_compatibility_lets_through_what_old_consumers_can_read(self):
        self.assertTrue(all(row["compatible"] and row["registered"] is None for row in self.rows("schema", "check-compatibility")))
        self.run_program("schema", "register")
        self.assertEqual({row["registered"] for row in self.rows("schema", "check-compatibility")}, {1})
        grown = self.file(lambda schema, person: person["fields"].append(
            {"name": "nickname", "type": ["null", "string"], "default": None}))
        self.assertIn("compatible, and not registered",
                      self.run_program("schema", "check-compatibility", "-t", "logins", "--schema", grown).stdout)
        self.assertEqual(self.listed()[self.value]["versions"], 1)

    def test_a_change_that_old_consumers_cannot_follow_is_refused_with_its_fields(self):
        self.run_program("schema", "register")

        def change(schema, person):
            person["fields"] = [field for field in person["fields"] if field["name"] != "is_active"]
        broken = self.file(change)
        row = self.rows_with_code(14, "schema", "check-compatibility", "-t", "logins", "--schema", broken)[0]
        self.assertFalse(row["compatible"])
        self.assertTrue(any("version 1 cannot read it: user.is_active" in problem for problem in row["problems"]), row)
        refused = self.run_program("schema", "register", "-t", "logins", "--schema", broken, code=14).stderr
        self.assertIn("user.is_active", refused)
        self.assertEqual(self.listed()[self.value]["versions"], 1)

    def test_a_name_that_registries_refuse_is_told_before(self):
        text = self.run_program("schema", "check-compatibility", "org.openedx.enterprise.subsidy.redemption-reversed.v1", "-t",
                                "subsidies", code=14).stdout
        self.assertIn("redemption-reversed", text)

    def test_bad_input_is_told(self):
        bad = self.place / "bad.avsc"
        bad.write_text("{")
        for words in (("-t", "logins", "--schema", str(bad)), ("-t", "logins", "--schema", str(self.place / "none"))):
            self.assertIn("avsc" if "none" not in words[3] else "none",
                          self.run_program("schema", "check-compatibility", *words, code=4).stderr)
        self.run_program("schema", "diff", "-t", "logins", code=2)
        self.run_program("schema", "diff", "--schema", str(bad), code=2)
        nothing = self.run_program("schema", "register", code=2, EVENT_BUS_PRODUCER_CONFIG="{}").stderr
        self.assertIn("--topic", nothing)
        self.run_program("schema", "list", code=3, EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL=None)
        away = self.run_program("schema", "list", code=5, EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL="http://127.0.0.1:1").stderr
        self.assertIn("127.0.0.1:1", away)


if __name__ == "__main__":
    main()
