"""tools/redis.sh, which `make redis` runs: a server for development with the settings that it prints."""

import os
import signal
import socket
import subprocess

from program import LIMIT, SOURCE, Case, main


class Development(Case):
    def start_server(self, **settings):
        scratch = self.place / "scratch"
        scratch.mkdir(exist_ok=True)
        process = subprocess.Popen([str(SOURCE / "tools" / "redis.sh")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   env={**self.environment, "TMPDIR": str(scratch), **settings})
        self.addCleanup(self.put_away_group, process)
        return process

    def put_away_group(self, process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        self.put_away(process)

    def settings_of(self, process):
        lines = [process.stdout.readline() for _ in range(4)]
        self.assertTrue(all(line.startswith("export ") for line in lines[1:]), lines)
        return dict(line.removeprefix("export ").strip().split("=", 1) for line in lines[1:])

    def test_the_settings_that_it_prints_work_until_it_is_stopped(self):
        for how, code in ((signal.SIGINT, 0), (signal.SIGTERM, 143)):
            server = self.start_server()
            settings = self.settings_of(server)
            self.produce(**settings)
            self.assertEqual(len(self.consume(**settings)), 1)
            server.send_signal(how)
            self.assertEqual(server.wait(timeout=LIMIT), code)
            port = int(settings["EVENT_BUS_REDIS_CONNECTION_URL"].split(":")[2].split("/")[0])
            with socket.socket() as probe:
                self.assertNotEqual(probe.connect_ex(("127.0.0.1", port)), 0)
            self.assertEqual(list((self.place / "scratch").iterdir()), [])

    def test_a_port_that_is_taken_is_told(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            server = self.start_server(REDIS_PORT=str(taken.getsockname()[1]))
            _, log = server.communicate(timeout=LIMIT)
        self.assertEqual(server.returncode, 1)
        self.assertIn("does not start", log)


if __name__ == "__main__":
    main()
