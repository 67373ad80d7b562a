"""`eventbus doctor` on the embedded bus."""

import json

from program import Case, main


class DoctorTest(Case):
    def doctor(self, *words, **options):
        done = self.run_program("doctor", "-o", "json", *words, **options)
        return [(row["check"], row["state"], row["text"]) for row in map(json.loads, done.stdout.splitlines())]

    def test_all_is_well(self):
        self.produce()
        self.consume()
        found = self.doctor("-t", "logins", "-g", "g")
        self.assertEqual([check for check, state, _ in found if state == "ok"], ["settings", "broker", "topic", "group", "letters"])
        self.assertIn("embedded", found[0][2])

    def test_without_a_backend_it_says_what_to_set(self):
        found = self.doctor(code=3, EVENT_BUS_PRODUCER=None, EVENT_BUS_CONSUMER=None)
        self.assertEqual([(check, state) for check, state, _ in found], [("settings", "wrong")])
        self.assertIn("EVENT_BUS_PRODUCER", found[0][2])

    def test_a_topic_that_is_missing(self):
        found = self.doctor("-t", "logins", code=6)
        self.assertEqual(found[-1][:2], ("topic", "wrong"))
        self.assertIn("topics create logins", found[-1][2])

    def test_a_group_that_nobody_is_in(self):
        self.produce()
        found = self.doctor("-t", "logins", "-g", "other")
        self.assertIn(("group", "ok", "it was never there: its first consumer makes it"), found)

    def test_nothing_to_look_at_is_told(self):
        self.assertIn(("topic", "warning"), [row[:2] for row in self.doctor()])


if __name__ == "__main__":
    main()
