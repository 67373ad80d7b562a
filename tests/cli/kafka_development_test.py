"""tools/kafka.sh, which `make kafka` runs: a broker and a registry for development with the settings that it prints."""

import os
import signal
import socket
import subprocess
import sys

from program import LIMIT, SOURCE, Case, main

SERVERS = sys.argv[8]


class Development(Case):
    def start_servers(self, **settings):
        scratch = self.place / "scratch"
        scratch.mkdir(exist_ok=True)
        process = subprocess.Popen([str(SOURCE / "tools" / "kafka.sh"), SERVERS], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   env={**self.environment, "TMPDIR": str(scratch), **settings})
        self.addCleanup(self.put_away_group, process)
        return process

    def put_away_group(self, process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        self.put_away(process)

    def test_the_settings_that_it_prints_work_until_it_is_stopped(self):
        servers = self.start_servers()
        lines = [servers.stdout.readline() for _ in range(5)]
        self.assertTrue(all(line.startswith("export ") for line in lines[1:]), lines)
        settings = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines[1:])
        self.run_program("topics", "create", "logins", **settings)
        self.produce(**settings)
        self.assertEqual(len(self.consume(**settings)), 1)
        servers.send_signal(signal.SIGTERM)
        self.assertEqual(servers.wait(timeout=LIMIT), 143)
        host, port = settings["EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS"].split(":")
        with socket.socket() as probe:
            self.assertNotEqual(probe.connect_ex((host, int(port))), 0)
        self.assertEqual([name for name in os.listdir(self.place / "scratch") if name.startswith("tmp.")], [])

    def test_a_port_that_is_taken_is_told(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            servers = self.start_servers(KAFKA_PORT=str(taken.getsockname()[1]))
            _, log = servers.communicate(timeout=LIMIT)
        self.assertEqual(servers.returncode, 1)
        self.assertIn("the broker does not start", log)


if __name__ == "__main__":
    main()
