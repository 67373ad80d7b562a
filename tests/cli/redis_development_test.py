"""tools/redis.sh, which `make redis` runs: a server for development with the settings that it prints."""

import signal

from development_case import DevelopmentCase
from program import main


class Development(DevelopmentCase):
    SCRIPT = ("redis.sh",)

    def test_the_settings_that_it_prints_work_until_it_is_stopped(self):
        for how, code in ((signal.SIGINT, 0), (signal.SIGTERM, 143)):
            server = self.start_server()
            settings = self.settings_of(server, 3)
            self.produce(**settings)
            self.assertEqual(len(self.consume(**settings)), 1)
            self.assert_ends(server, how, code, int(settings["EVENT_BUS_REDIS_CONNECTION_URL"].split(":")[2].split("/")[0]))
            self.assertEqual(list(self.scratch.iterdir()), [])

    def test_a_port_that_is_taken_is_told(self):
        self.assert_taken_port_is_told("REDIS_PORT", "does not start")


if __name__ == "__main__":
    main()
