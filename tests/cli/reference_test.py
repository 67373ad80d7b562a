"""catalogue, schema, settings, version: what the program knows."""

import json

from program import LOGIN, SOURCE, VERSION, Case, main


class Version(Case):
    def test_tells_program_and_events(self):
        self.assertEqual(self.run_program("version").stdout, f"eventbus {VERSION}, with the events of openedx-events 11.2.0\n")
        self.assertEqual(json.loads(self.run_program("version", "-o", "json").stdout),
                         {"version": VERSION, "openedx_events": "11.2.0", "event_types": 75})
        self.assertEqual(self.run_program("--version").stdout, self.run_program("version").stdout)

    def test_needs_no_settings(self):
        self.run_program("version", EVENT_BUS_CONSUMER_PREFETCH="nonsense")


class CatalogueCommand(Case):
    def test_lists_every_event(self):
        events = [json.loads(line) for line in self.run_program("catalogue", "list", "-o", "json").stdout.splitlines()]
        self.assertEqual(len(events), 75)
        self.assertEqual(len({event["type"] for event in events}), 75)
        self.assertTrue(all(event["description"] for event in events))
        text = self.run_program("catalogue", "list").stdout.splitlines()
        self.assertEqual(len(text), 76)
        self.assertEqual(self.run_program("catalogue").stdout.splitlines(), text)

    def test_shows_fields_key_and_personal_data(self):
        done = self.run_program("catalogue", "show", LOGIN, "-o", "json")
        event = json.loads(done.stdout)
        self.assertEqual(event["constant"], "SESSION_LOGIN_COMPLETED")
        self.assertEqual(event["key_field"], "user.pii.username")
        fields = {field["path"]: field for field in event["fields"]}
        self.assertEqual(fields["user.pii.email"], {"path": "user.pii.email", "type": "string", "personal": True})
        self.assertFalse(fields["user.is_active"]["personal"])
        text = self.run_program("catalogue", "show", "learning.SESSION_LOGIN_COMPLETED").stdout
        self.assertRegex(text, r"user\.pii\.email +string +yes\n")

    def test_shows_defaults_lists_and_what_may_be_null(self):
        text = self.run_program("catalogue", "show", "COURSE_ENROLLMENT_CREATED").stdout
        self.assertRegex(text, r"enrollment\.course\.start +string, or null +null\n")

    def test_shows_every_event(self):
        for line in self.run_program("catalogue", "list", "-o", "json").stdout.splitlines():
            self.run_program("catalogue", "show", json.loads(line)["type"])

    def test_names_the_nearest(self):
        done = self.run_program("catalogue", "show", "COURSE_ENROLMENT_CREATED", code=4)
        self.assert_error(done, "did you mean COURSE_ENROLLMENT_CREATED?")


class Schema(Case):
    def test_shows_a_schema(self):
        schema = json.loads(self.run_program("schema", "show", LOGIN).stdout)
        self.assertEqual((schema["name"], schema["namespace"]), ("CloudEvent", LOGIN))
        done = self.run_program("schema", "show", LOGIN, "XBLOCK_PUBLISHED", "-o", "json")
        self.assertEqual([json.loads(line)["name"] for line in done.stdout.splitlines()], ["CloudEvent", "CloudEvent"])
        self.assertEqual(json.loads(done.stdout.splitlines()[0]), schema)

    def test_writes_all_schemas_to_files(self):
        done = self.run_program("schema", "show", "--all", "--directory", "out/schemas")
        files = list((self.place / "out" / "schemas").iterdir())
        self.assertEqual((len(files), len(done.stdout.splitlines())), (75, 75))
        path = self.place / "out" / "schemas" / (LOGIN.replace(".", "+") + "_schema.avsc")
        self.assertEqual(json.loads(path.read_text()), json.loads(self.run_program("schema", "show", LOGIN).stdout))
        self.run_program("schema", "show", "--all", "--directory", "out/schemas")

    def test_does_not_write_over_another_schema(self):
        self.run_program("schema", "show", LOGIN, "--directory", "out")
        path = next((self.place / "out").iterdir())
        path.write_text("{}")
        self.assert_error(self.run_program("schema", "show", LOGIN, "--directory", "out", code=10), path.name, "--force")
        self.assertEqual(path.read_text(), "{}")
        self.run_program("schema", "show", LOGIN, "--directory", "out", "--force")
        self.assertNotEqual(path.read_text(), "{}")

    def test_tells_that_it_cannot_write(self):
        (self.place / "file").write_text("")
        self.assert_error(self.run_program("schema", "show", LOGIN, "--directory", "file/out", code=10), "file/out")


class SettingsCommand(Case):
    def shown(self, **settings):
        done = self.run_program("settings", "-o", "json", **settings)
        return {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}, done.stderr

    def test_tells_values_and_where_they_are_from(self):
        (self.place / "settings.yaml").write_text("EVENT_BUS_CONSUMER_PREFETCH: 5\nEVENT_BUS_TOPIC_PREFIX: file\n")
        rows, errors = self.shown(EVENT_BUS_CONFIG="settings.yaml", EVENT_BUS_TOPIC_PREFIX="dev")
        self.assertEqual(errors, "")
        self.assertEqual((rows["EVENT_BUS_CONSUMER_PREFETCH"]["value"], rows["EVENT_BUS_CONSUMER_PREFETCH"]["source"]), ("5", "file"))
        self.assertIn("settings.yaml:1", rows["EVENT_BUS_CONSUMER_PREFETCH"]["where"])
        self.assertEqual((rows["EVENT_BUS_TOPIC_PREFIX"]["value"], rows["EVENT_BUS_TOPIC_PREFIX"]["source"]), ("dev", "environment"))
        self.assertEqual((rows["EVENT_BUS_LOG_LEVEL"]["value"], rows["EVENT_BUS_LOG_LEVEL"]["source"]), ("info", "default"))
        self.assertIsNone(rows["EVENTS_SERVICE_NAME"]["value"])
        self.assertTrue(all(row["text"] for row in rows.values()))

    def test_the_file_is_in_force_for_every_command(self):
        (self.place / "settings.yaml").write_text(
            f"EVENT_BUS_PRODUCER: embedded\nEVENT_BUS_CONSUMER: embedded\nEVENT_BUS_TOPIC_PREFIX: file\n"
            f"EVENT_BUS_EMBEDDED_PATH: {self.place}/other.db\n")
        settings = {"EVENT_BUS_CONFIG": "settings.yaml", "EVENT_BUS_PRODUCER": None, "EVENT_BUS_CONSUMER": None,
                    "EVENT_BUS_EMBEDDED_PATH": None}
        self.produce(**settings)
        [event] = self.consume(**settings)
        self.assertEqual(event["topic"], "file-logins")
        self.assertTrue((self.place / "other.db").exists())

    def test_hides_secrets(self):
        settings = {"EVENT_BUS_KAFKA_API_SECRET": "hunter2", "EVENT_BUS_REDIS_CONNECTION_URL": "redis://ann:hunter3@localhost:6379/0"}
        for words in (("settings",), ("settings", "-o", "json")):
            done = self.run_program(*words, **settings)
            self.assertNotIn("hunter", done.stdout + done.stderr)
            self.assertIn("ann", done.stdout)
        self.assertNotIn("hunter", self.run_program("settings", code=3, EVENT_BUS_CONSUMER_PREFETCH="x", **settings).stderr)

    def test_warns_about_unknown_names(self):
        _, errors = self.shown(EVENT_BUS_TOPIC_PREFX="dev")
        self.assertEqual(errors.count("\n"), 1)
        self.assertTrue(errors.startswith("eventbus: warning: "), errors)
        self.assertIn("EVENT_BUS_TOPIC_PREFIX", errors)

    def test_shows_a_flag_too(self):
        done = self.run_program("--log-level", "debug", "settings", "-o", "json")
        [row] = [row for row in map(json.loads, done.stdout.splitlines()) if row["name"] == "EVENT_BUS_LOG_LEVEL"]
        self.assertEqual((row["value"], row["source"]), ("debug", "command line"))

    def test_prints_the_reference(self):
        self.assertEqual(self.run_program("settings", "--markdown").stdout, (SOURCE / "docs" / "settings.md").read_text())

    def test_text_names_every_setting(self):
        text = self.run_program("settings").stdout
        for name in self.shown()[0]:
            self.assertIn(f"  {name}", text)
        self.assertIn("EVENT_BUS_PRODUCER = embedded  (environment)", text)
        self.assertIn("EVENTS_SERVICE_NAME  (not set)", text)


if __name__ == "__main__":
    main()
