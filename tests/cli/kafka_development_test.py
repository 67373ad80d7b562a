"""tools/kafka.sh, which `make kafka` runs: a broker and a registry for development with the settings that it prints."""

import signal
import sys

from development_case import DevelopmentCase
from program import main


class Development(DevelopmentCase):
    SCRIPT = ("kafka.sh", sys.argv[8])

    def test_the_settings_that_it_prints_work_until_it_is_stopped(self):
        servers = self.start_server()
        settings = self.settings_of(servers, 4)
        self.run_program("topics", "create", "logins", **settings)
        self.produce(**settings)
        self.assertEqual(len(self.consume(**settings)), 1)
        host, port = settings["EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS"].split(":")
        self.assertEqual(host, "127.0.0.1")
        self.assert_ends(servers, signal.SIGTERM, 143, int(port))
        self.assertEqual([each.name for each in self.scratch.iterdir() if each.name.startswith("tmp.")], [])

    def test_a_port_that_is_taken_is_told(self):
        self.assert_taken_port_is_told("KAFKA_PORT", "the broker does not start")


if __name__ == "__main__":
    main()
