"""Help: of every command, with an example, and true to docs/commands.md and docs/exit-codes.md."""

import re

from program import SOURCE, Case, main

COMMANDS = [(), ("consume_events",), ("produce_event",), ("replay",), ("topics",), ("topics", "list"), ("topics", "show"),
            ("topics", "groups"), ("topics", "create"), ("topics", "move"), ("topics", "delete"), ("dead-letters",),
            ("dead-letters", "list"), ("dead-letters", "show"), ("dead-letters", "redrive"), ("dead-letters", "export"),
            ("dead-letters", "purge"), ("catalogue",), ("catalogue", "list"),
            ("catalogue", "show"), ("schema",), ("schema", "show"), ("schema", "list"), ("schema", "diff"),
            ("schema", "check-compatibility"), ("schema", "register"), ("settings",), ("doctor",), ("health",), ("version",), ("completion",)]


class Help(Case):
    def test_every_command_has_help_with_an_example(self):
        for words in COMMANDS:
            for flag in ("--help", "-h"):
                with self.subTest(words=words):
                    done = self.run_program(*words, flag)
                    self.assertIn(" ".join(("Usage: eventbus", *words)), done.stdout)
                    self.assertIn("Example:\n", done.stdout)
                    self.assertEqual(done.stderr, "")

    def test_these_are_all_commands(self):
        found = []
        for words in COMMANDS:
            listed = re.search(r"\nSubcommands:\n(.*?)\n\n", self.run_program(*words, "--help").stdout, re.DOTALL)
            if listed:
                found += [(*words, line.split()[0]) for line in listed.group(1).splitlines() if line.startswith("  ") and line[2] != " "]
        self.assertEqual(sorted(found), sorted(COMMANDS[1:]))

    def test_needs_no_settings(self):
        self.run_program("consume_events", "--help", EVENT_BUS_PRODUCER="nonsense", EVENT_BUS_CONFIG="/nosuch")

    def test_lines_fit_a_wide_terminal(self):
        for words in COMMANDS:
            for line in self.run_program(*words, "--help").stdout.splitlines():
                self.assertLessEqual(len(line), 120, line)

    def test_the_reference_names_every_command_and_flag(self):
        reference = (SOURCE / "docs" / "commands.md").read_text()
        for words in COMMANDS[1:]:
            self.assertIn(f"eventbus {' '.join(words)}", reference)
            for flag in re.findall(r"^  .*?(--[a-z][a-z_-]*)", self.run_program(*words, "--help").stdout, re.MULTILINE):
                if flag != "--help":
                    self.assertIn(flag, reference, words)

    def test_the_documented_exit_codes_are_those_of_the_program(self):
        header = (SOURCE / "eventbus" / "command" / "exit_code.hpp").read_text()
        codes = {int(code) for code in re.findall(r"^    [a-z_]+ = (\d+),$", header, re.MULTILINE)}
        table = (SOURCE / "docs" / "exit-codes.md").read_text()
        documented = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
        self.assertEqual(codes, documented)


if __name__ == "__main__":
    main()
