"""Shell completion: the bash script is sourced and asked; the others are looked at."""

import json
import shlex
import subprocess

from program import LIMIT, PROGRAM, Case, main


class Completion(Case):
    def completed(self, line):
        """What bash offers after this line; a space at its end begins a new word."""
        words = shlex.split(line) + ([""] if line.endswith(" ") else [])
        script = self.run_program("completion", "bash").stdout
        ask = (f"{script}\nCOMP_WORDS=({' '.join(shlex.quote(word) for word in words)}); COMP_CWORD={len(words) - 1}\n"
               "_eventbus\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
        done = subprocess.run(["bash", "--norc", "-u", "-c", ask], capture_output=True, text=True, timeout=LIMIT,
                              env=self.environment, cwd=self.place)
        self.assertEqual((done.returncode, done.stderr), (0, ""), line)
        return done.stdout.split()

    def test_commands(self):
        self.assertEqual(self.completed("eventbus "), ["consume_events", "produce_event", "replay", "topics", "dead-letters",
                                                       "catalogue", "schema", "settings", "doctor", "health", "version", "completion"])
        self.assertEqual(self.completed("eventbus con"), ["consume_events"])
        self.assertEqual(self.completed("eventbus topics "), ["list", "show", "groups", "create", "move", "delete"])
        self.assertEqual(self.completed("eventbus --log-level debug topics c"), ["create"])
        self.assertEqual(self.completed("eventbus dead-letters "), ["list", "show", "redrive", "export", "purge"])

    def test_flags(self):
        self.assertIn("--group_id", self.completed("eventbus consume_events --"))
        self.assertEqual(self.completed("eventbus consume_events -t x --until"), ["--until-idle"])
        self.assertEqual(self.completed("eventbus topics create x --part"), ["--partitions"])
        self.assertIn("--log-level", self.completed("eventbus version --"))
        self.assertEqual(self.completed("eventbus version --part"), [])

    def test_values(self):
        self.assertEqual(self.completed("eventbus version -o "), ["text", "json"])
        self.assertEqual(self.completed("eventbus topics --output j"), ["json"])
        self.assertEqual(self.completed("eventbus --log-level "), ["debug", "info", "warning", "error"])
        self.assertEqual(self.completed("eventbus completion "), ["bash", "zsh", "fish"])
        self.assertEqual(self.completed("eventbus produce_event --signal SESSION_LOGIN"), ["SESSION_LOGIN_COMPLETED"])
        self.assertEqual(self.completed("eventbus replay -t x --type SESSION_LOGIN"), ["SESSION_LOGIN_COMPLETED"])
        self.assertEqual(self.completed("eventbus dead-letters list --type SESSION_LOGIN"), ["SESSION_LOGIN_COMPLETED"])
        self.assertEqual(self.completed("eventbus dead-letters list -t x -g y --reason "), ["failed", "rejected", "unusable", "parked"])
        self.assertEqual(self.completed("eventbus catalogue show COURSE_ENROLLMENT_CR"), ["COURSE_ENROLLMENT_CREATED"])
        self.assertEqual(self.completed("eventbus consume_events -t "), [])

    def test_every_event_is_offered(self):
        offered = set(self.completed("eventbus schema show "))
        for line in self.run_program("catalogue", "-o", "json").stdout.splitlines():
            event = json.loads(line)
            self.assertLessEqual({event["type"], event["constant"]}, offered)

    def test_is_registered_for_the_program(self):
        script = self.run_program("completion", "bash").stdout
        done = subprocess.run(["bash", "--norc", "-c", f"{script}\ncomplete -p eventbus"], capture_output=True, text=True,
                              timeout=LIMIT, env=self.environment)
        self.assertIn("-F _eventbus eventbus", done.stdout)

    def test_zsh_and_fish_name_every_command_and_flag(self):
        for shell in ("zsh", "fish"):
            script = self.run_program("completion", shell).stdout
            for word in ("consume_events", "topics", "groups", "partitions", "until-idle", "SESSION_LOGIN_COMPLETED"):
                self.assertIn(word, script, shell)
            self.assertEqual(script.replace("\\'", "").count("'") % 2, 0, shell)

    def test_zsh_begins_as_a_completion_file_does(self):
        self.assertTrue(self.run_program("completion", "zsh").stdout.startswith("#compdef eventbus\n"))


if __name__ == "__main__":
    main()
