"""What the tests of the program on Redis share: a redis-server of its own for each test."""

import json
import pathlib
import socket
import sys

from program import Case, LIMIT, main  # noqa: F401

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "servers"))
from redis_server import RedisServer  # noqa: E402


class RedisCase(Case):
    OPTIONS = ()

    def setUp(self):
        super().setUp()
        self.server = RedisServer(self.OPTIONS)
        self.addCleanup(self.server.close)
        del self.environment["EVENT_BUS_EMBEDDED_PATH"]
        self.environment.update(EVENT_BUS_PRODUCER="redis", EVENT_BUS_CONSUMER="redis", EVENT_BUS_REDIS_CONNECTION_URL=self.server.url,
                                EVENT_BUS_REDIS_AUDIT_LOGGING_ENABLED="false")

    def redis(self, *words):
        """The server's answer to a command: a number, a text, None, or a list of such."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=LIMIT) as connection:
            parts = [b"*%d\r\n" % len(words)] + [b"$%d\r\n%s\r\n" % (len(word), word) for word in map(as_bytes, words)]
            connection.sendall(b"".join(parts))
            with connection.makefile("rb") as stream:
                return read_reply(stream)

    def rows(self, *words, **settings):
        return [json.loads(line) for line in self.run_program(*words, "-o", "json", **settings).stdout.splitlines()]

    def positions(self, topic="logins"):
        return [entry[0] for entry in self.redis("XRANGE", topic, "-", "+")]


def as_bytes(word):
    return word if isinstance(word, bytes) else str(word).encode()


def read_reply(stream):
    line = stream.readline()
    kind, text = line[:1], line[1:-2].decode()
    if kind == b"+":
        return text
    if kind == b"-":
        raise AssertionError(f"the server refused: {text}")
    if kind == b":":
        return int(text)
    if kind == b"$":
        return None if text == "-1" else stream.read(int(text) + 2)[:-2].decode(errors="replace")
    return [read_reply(stream) for _ in range(int(text))]
