"""A redis-server of one's own for tests in Python: on a free port of the loopback, in a directory of its own."""
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

from child import die_with_parent

PATIENCE = 10
ATTEMPTS = 5


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisServer:
    """Started, and answering; RuntimeError when it does not within ten seconds. It ends with `close`, and with the process that made it.
    `options` are redis-server's own: ["--maxmemory", "10mb"]."""

    def __init__(self, options=(), keeps_data=False):
        self.options, self.keeps_data = list(options), keeps_data
        self.place = tempfile.TemporaryDirectory(prefix="eventbus-redis-")
        self.process = None
        for attempt in range(ATTEMPTS):
            self.port = free_port()
            try:
                return self.start()
            except RuntimeError:
                # Another may have taken the port meanwhile.
                if attempt == ATTEMPTS - 1:
                    raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def unix_socket(self):
        return str(pathlib.Path(self.place.name) / "socket")

    def start(self):
        """Starts it, again on the same port and with what it kept."""
        words = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", self.unix_socket, "--dir", self.place.name,
                 "--save", "", "--appendonly", "yes" if self.keeps_data else "no", "--appendfsync", "always", "--daemonize", "no",
                 *self.options]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=die_with_parent)
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError("redis-server does not start")
            time.sleep(0.005)

    def answers(self):
        try:
            return self.ask("PING").startswith(("+PONG", "-NOAUTH"))
        except OSError:
            return False

    def ask(self, command):
        """The answer to an inline command over a connection of its own, as the server wrote it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
            connection.sendall(command.encode() + b"\r\n")
            return connection.recv(65536).decode(errors="replace")

    def stop(self):
        self.end(signal.SIGTERM)

    def kill(self):
        self.end(signal.SIGKILL)

    def end(self, how):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def close(self):
        self.kill()
        self.place.cleanup()
