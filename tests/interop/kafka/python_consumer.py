"""The consume_events command of openedx-events on Kafka: python_consumer.py BROKERS REGISTRY TOPIC GROUP FILE

Every event that it handles is a line of JSON in FILE: the metadata, and the data pickled."""
import json
import logging
import pathlib
import pickle
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peer"))
from peer import set_up_openedx_events  # noqa: E402

BROKERS, REGISTRY, TOPIC, GROUP, FILE = sys.argv[1:6]
SIGNALS = set_up_openedx_events(
    INSTALLED_APPS=["openedx_events"], EVENT_BUS_CONSUMER="edx_event_bus_kafka.KafkaEventConsumer", EVENT_BUS_TOPIC_PREFIX="dev",
    EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS=BROKERS, EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL=REGISTRY)

from django.core.management import call_command  # noqa: E402
from metadata import as_json  # noqa: E402


def note(signal, metadata, **data):
    line = {"metadata": as_json(metadata), "data": pickle.dumps({name: data[name] for name in signal.init_data}).hex()}
    FILE_OUT.write(json.dumps(line) + "\n")
    FILE_OUT.flush()


FILE_OUT = open(FILE, "w", encoding="utf-8")
logging.basicConfig(level=logging.ERROR)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
for each in SIGNALS:
    each.connect(note)
call_command("consume_events", "-t", TOPIC, "-g", GROUP)
