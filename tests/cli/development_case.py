"""What the tests of servers for development share: tools/NAME.sh is started, its settings are read, and its end is looked at."""

import os
import signal
import socket
import subprocess

from program import LIMIT, SOURCE, Case


class DevelopmentCase(Case):
    SCRIPT = None

    def start_server(self, **settings):
        self.scratch = self.place / "scratch"
        self.scratch.mkdir(exist_ok=True)
        process = subprocess.Popen([str(SOURCE / "tools" / self.SCRIPT[0]), *self.SCRIPT[1:]], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   env={**self.environment, "TMPDIR": str(self.scratch), **settings})
        self.addCleanup(self.put_away_group, process)
        return process

    def put_away_group(self, process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        self.put_away(process)

    def settings_of(self, process, count):
        lines = [process.stdout.readline() for _ in range(count + 1)]
        self.assertTrue(all(line.startswith("export ") for line in lines[1:]), lines)
        return dict(line.removeprefix("export ").strip().split("=", 1) for line in lines[1:])

    def assert_ends(self, process, how, code, port):
        """With the exit code, and nobody listens on the port any more."""
        process.send_signal(how)
        self.assertEqual(process.wait(timeout=LIMIT), code)
        with socket.socket() as probe:
            self.assertNotEqual(probe.connect_ex(("127.0.0.1", port)), 0)

    def assert_taken_port_is_told(self, setting, text):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            server = self.start_server(**{setting: str(taken.getsockname()[1])})
            _, log = server.communicate(timeout=LIMIT)
        self.assertEqual(server.returncode, 1)
        self.assertIn(text, log)
