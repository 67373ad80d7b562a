"""health: what a probe is told."""

import http.server
import os
import socket
import threading
import time

from program import Case, main


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


if __name__ == "__main__":
    main()
