"""What a Python consumer handles, written down for exchange.PythonConsumer; after set_up_openedx_events."""
import json
import pickle
import signal
import sys
import time

from metadata import as_json


class HandledLines:
    """Every event is a line of JSON: the metadata, and the data pickled. At the event `hang_at`, counted from 1, the line is `"hangs"`,
    and nothing comes back any more."""

    def __init__(self, path, signals, hang_at=None):
        self.file, self.count, self.hang_at = open(path, "w", encoding="utf-8"), 0, hang_at
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        for each in signals:
            each.connect(self.note)

    def write(self, value):
        self.file.write(json.dumps(value) + "\n")
        self.file.flush()

    def note(self, signal, metadata, **data):
        self.count += 1
        if self.count == self.hang_at:
            self.write("hangs")
            while True:
                time.sleep(60)
        self.write({"metadata": as_json(metadata), "data": pickle.dumps({name: data[name] for name in signal.init_data}).hex()})
