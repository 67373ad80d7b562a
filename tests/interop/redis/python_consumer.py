"""The consume_events command of openedx-events on Redis: python_consumer.py URL TOPIC GROUP EXTRA FILE [HANG_AT]

Every event that it handles is a line of JSON in FILE: the metadata, and the data pickled. At the event HANG_AT, counted from 1, it
writes the line `"hangs"` instead and comes back no more."""
import json
import logging
import pathlib
import pickle
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peer"))
from peer import set_up_openedx_events  # noqa: E402

URL, TOPIC, GROUP, EXTRA, FILE = sys.argv[1:6]
HANG_AT = int(sys.argv[6]) if len(sys.argv) > 6 else None
SIGNALS = set_up_openedx_events(
    INSTALLED_APPS=["openedx_events"], EVENT_BUS_CONSUMER="edx_event_bus_redis.RedisEventConsumer", EVENT_BUS_REDIS_CONNECTION_URL=URL,
    EVENT_BUS_TOPIC_PREFIX="dev", EVENT_BUS_REDIS_CONSUMER_POLL_TIMEOUT=1)

from django.core.management import call_command  # noqa: E402
from metadata import as_json  # noqa: E402


class Lines:
    def __init__(self, path):
        self.file, self.count = open(path, "w", encoding="utf-8"), 0

    def write(self, value):
        self.file.write(json.dumps(value) + "\n")
        self.file.flush()

    def note(self, signal, metadata, **data):
        self.count += 1
        if self.count == HANG_AT:
            self.write("hangs")
            while True:
                time.sleep(60)
        self.write({"metadata": as_json(metadata), "data": pickle.dumps({name: data[name] for name in signal.init_data}).hex()})


logging.basicConfig(level=logging.ERROR)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
lines = Lines(FILE)
for each in SIGNALS:
    each.connect(lines.note)
call_command("consume_events", "-t", TOPIC, "-g", GROUP, "--extra", EXTRA)
