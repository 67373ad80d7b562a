"""A schema registry that answers as a test wants, and else as the real one behind it."""

import base64
import http.server
import threading
import urllib.error
import urllib.request

LIMIT = 30


class RegistryDouble:
    def __init__(self, url, user=None, password=None, tls=None):
        """With a user and a password it turns away who does not send them; `tls` is an ssl.SSLContext."""
        self.scheme = "https" if tls else "http"
        self.behind, self.answers, self.asked = url, {}, []
        self.login = user and "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        double = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                double.answer(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"{self.scheme}://{self.address}"

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def says(self, path, status, body):
        """What it answers to this path from now on."""
        self.answers[path] = status, body if isinstance(body, bytes) else body.encode()

    def forget(self):
        self.answers.clear()

    def answer(self, request):
        given = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.asked.append((request.command, request.path))
        if self.login and request.headers.get("Authorization") != self.login:
            status, body = 401, b'{"error_code": 40101, "message": "who are you?"}'
        elif request.path in self.answers:
            status, body = self.answers[request.path]
        else:
            status, body = self.ask(request, given)
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def ask(self, request, given):
        headers = {"Content-Type": request.headers["Content-Type"]} if request.headers["Content-Type"] else {}
        asked = urllib.request.Request(self.behind + request.path, given or None, headers, method=request.command)
        try:
            with urllib.request.urlopen(asked, timeout=LIMIT) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
