"""What a person at a terminal sees: colour and a progress bar, and neither where there is no terminal."""

import os
import pty
import select
import subprocess
import time

from program import LIMIT, LOGIN, PROGRAM, Case, login, main


class Terminal(Case):
    def at_terminal(self, *words, stdin=None, **settings):
        """Runs the program with its outputs on a terminal; returns the exit code and what the terminal got."""
        leader, follower = pty.openpty()
        self.addCleanup(os.close, leader)
        process = subprocess.Popen([PROGRAM, *words], stdin=stdin or subprocess.DEVNULL, stdout=follower, stderr=follower,
                                   env=self.with_settings({"TERM": "xterm", **settings}), cwd=self.place)
        os.close(follower)
        return process, leader

    def finished(self, process, leader):
        text = b""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            if not select.select([leader], [], [], 1)[0]:
                continue
            try:
                text += os.read(leader, 4096)
            except OSError:
                break
        return process.wait(timeout=LIMIT), text.decode()

    def test_errors_are_in_colour(self):
        code, text = self.finished(*self.at_terminal("nonsense"))
        self.assertEqual(code, 2)
        self.assertIn("eventbus: \x1b[31merror\x1b[0m: ", text)

    def test_no_color_is_respected(self):
        for settings in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            _, text = self.finished(*self.at_terminal("nonsense", **settings))
            self.assertNotIn("\x1b", text)
            self.assertIn("eventbus: error: ", text)

    def test_headings_stand_out(self):
        _, text = self.finished(*self.at_terminal("topics"))
        self.assertTrue(text.startswith("\x1b[1mTOPIC"), text)

    def test_there_is_no_colour_without_a_terminal(self):
        self.assertNotIn("\x1b", self.run_program("nonsense", code=2).stderr)
        self.assertNotIn("\x1b", self.run_program("topics").stdout)

    def test_a_progress_bar_shows_how_far_it_is(self):
        reader, writer = os.pipe()
        process, leader = self.at_terminal("produce_event", "--signal", LOGIN, "--topic", "logins", "--data", "-", stdin=reader)
        os.close(reader)
        with open(writer, "w") as lines:
            for number in range(1, 6):
                lines.write(login(number) + "\n")
                lines.flush()
                time.sleep(0.15)
        code, text = self.finished(process, leader)
        self.assertEqual(code, 0, text)
        self.assertRegex(text, r"\r\x1b\[K\d events  \d+/s")
        self.assertTrue(text.endswith("\r\x1b[K5 events stored\r\n"), text)

    def test_a_replay_shows_how_far_it_is(self):
        self.produce_many(8, key="ann")
        code, text = self.finished(*self.at_terminal("replay", "-t", "logins", "--from", "earliest", "--exec", "sleep 0.15"))
        self.assertEqual(code, 0, text)
        self.assertRegex(text, r"\r\x1b\[K\[#+ *\]  \d\d%  \d events  \d+/s  \d+ s left")
        self.assertRegex(text, r"\r\x1b\[K[^\r]*the replay ends: 8 events handled, 0 failed, 0 unusable, of 8 read\r\n$")

    def test_a_replay_to_the_terminal_needs_no_bar(self):
        self.produce_many(300)
        code, text = self.finished(*self.at_terminal("replay", "-t", "logins", "--from", "earliest"))
        self.assertEqual(code, 0, text)
        self.assertNotIn("\x1b[K", text)

    def test_there_is_no_bar_without_a_terminal(self):
        self.assertEqual(self.produce_many(1000).stderr, "")


if __name__ == "__main__":
    main()
