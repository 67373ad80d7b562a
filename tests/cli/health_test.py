"""health: what a probe is told."""

import http.server
import os
import socket
import subprocess
import threading
import time

from program import LIMIT, PROGRAM, Case, main, users


class Health(Case):
    def answer_with(self, status, text):
        """A port that answers so; where it is."""
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(lambda: (server.shutdown(), thread.join(), server.server_close()))
        return str(server.server_port)

    def test_a_file_that_is_touched_is_well(self):
        alive = self.place / "alive"
        alive.touch()
        self.assertEqual(self.run_program("health", "--file", str(alive)).stdout, "ok\n")
        self.run_program("health", EVENT_BUS_CONSUMER_HEARTBEAT_FILE=str(alive))

    def test_a_file_that_is_not_touched_is_not(self):
        alive = self.place / "alive"
        self.assert_error(self.run_program("health", "--file", str(alive), code=13), "no heartbeat file", str(alive))
        alive.touch()
        os.utime(alive, (time.time() - 90, time.time() - 90))
        self.assert_error(self.run_program("health", "--file", str(alive), code=13), "was not touched for 9")
        self.run_program("health", "--file", str(alive), EVENT_BUS_CONSUMER_HEARTBEAT_TIMEOUT="1000")

    def test_a_port_answers_for_itself(self):
        port = self.answer_with(200, "ok")
        self.assertEqual(self.run_program("health", "--port", port).stdout, "ok\n")
        self.run_program("health", EVENT_BUS_CONSUMER_HEALTH_PORT=port, EVENT_BUS_CONSUMER_HEALTH_ADDRESS="127.0.0.1")
        port = self.answer_with(503, "no sign of life for 70 s")
        self.assert_error(self.run_program("health", "--port", port, code=13), "no sign of life for 70 s")

    def test_a_port_where_nobody_listens_is_not_well(self):
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            port = str(held.getsockname()[1])
            self.assert_error(self.run_program("health", "--port", port, code=13), "cannot connect", port)

    def test_it_needs_to_be_told_where_to_look(self):
        self.assert_error(self.run_program("health", code=2), "--file", "--port", "EVENT_BUS_CONSUMER_HEARTBEAT_FILE")
        self.run_program("health", "--port", "0", code=2)
        self.run_program("health", "--port", "65536", code=2)


class Consumers(Case):
    """What a consumer shows of itself, and when it ends by itself."""

    def free_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return str(probe.getsockname()[1])

    def is_well(self, *words):
        return subprocess.run([PROGRAM, "health", *words], env=self.environment, capture_output=True, timeout=LIMIT).returncode == 0

    def test_a_consumer_is_well_until_its_loop_hangs(self):
        alive, port = self.place / "alive", self.free_port()
        self.environment.update(EVENT_BUS_CONSUMER_HEARTBEAT_FILE=str(alive), EVENT_BUS_CONSUMER_HEARTBEAT_TIMEOUT="3",
                                EVENT_BUS_CONSUMER_HEALTH_PORT=port, EVENT_BUS_CONSUMER_HEALTH_ADDRESS="127.0.0.1")
        process = self.start("consume_events", "-t", "logins", "-g", "g", "--exec", "echo begun > begun; sleep 100")
        self.wait_for(lambda: alive.exists() and self.is_well("--port", port), "the consumer to be well")
        # An idle one beats as well.
        time.sleep(4)
        self.assertTrue(self.is_well("--port", port))
        self.assertTrue(self.is_well("--file", str(alive)))
        self.produce()
        self.wait_for((self.place / "begun").exists, "the handler to begin")
        self.wait_for(lambda: not self.is_well("--port", port), "the port to tell that it hangs")
        self.wait_for(lambda: not self.is_well("--file", str(alive)), "the file to grow old")
        process.kill()
        process.wait(timeout=LIMIT)

    def test_the_file_goes_with_the_consumer(self):
        alive = self.place / "alive"
        self.consume(EVENT_BUS_CONSUMER_HEARTBEAT_FILE=str(alive))
        self.assertFalse(alive.exists())

    def test_too_many_errors_in_a_row_end_it(self):
        self.produce_many(5, key="ann")
        done = self.run_program("consume_events", "-t", "logins", "-g", "g", "--exec", "exit 3", code=12,
                                EVENT_BUS_EMBEDDED_CONSUMER_CONSECUTIVE_ERRORS_LIMIT="3")
        self.assert_error(done, "3 errors in a row", "exit code 3")
        self.assertEqual(self.lag(), 2)

    def test_tries_of_one_event_are_errors_in_a_row(self):
        self.produce()
        done = self.run_program("consume_events", "-t", "logins", "-g", "g", "--exec", "exit 3", code=12,
                                EVENT_BUS_EMBEDDED_CONSUMER_CONSECUTIVE_ERRORS_LIMIT="3", EVENT_BUS_CONSUMER_MAX_TRIES="10")
        self.assert_error(done, "3 errors in a row")
        self.assertEqual(self.lag(), 1)

    def test_any_success_begins_anew(self):
        self.produce_many(6, key="ann")
        self.run_program("consume_events", "-t", "logins", "-g", "g", "--until-idle", "0.3", "--exec",
                         "grep -qE '\"id\":[135],'", code=8, EVENT_BUS_EMBEDDED_CONSUMER_CONSECUTIVE_ERRORS_LIMIT="2")
        self.assertEqual(self.lag(), 0)

    def test_consumers_can_be_switched_off(self):
        self.produce()
        done = self.run_program("consume_events", "-t", "logins", "-g", "g", EVENT_BUS_EMBEDDED_CONSUMERS_ENABLED="false")
        self.assertIn("switched off", done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(users(self.consume()), [1])


if __name__ == "__main__":
    main()
