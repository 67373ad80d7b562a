"""The consume_events command of openedx-events on Kafka: python_consumer.py BROKERS REGISTRY TOPIC GROUP FILE

What it handles is in FILE, as HandledLines has it."""
import logging
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peer"))
from peer import set_up_openedx_events  # noqa: E402

BROKERS, REGISTRY, TOPIC, GROUP, FILE = sys.argv[1:6]
SIGNALS = set_up_openedx_events(
    INSTALLED_APPS=["openedx_events"], EVENT_BUS_CONSUMER="edx_event_bus_kafka.KafkaEventConsumer", EVENT_BUS_TOPIC_PREFIX="dev",
    EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS=BROKERS, EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL=REGISTRY)

from django.core.management import call_command  # noqa: E402
from handled_lines import HandledLines  # noqa: E402

logging.basicConfig(level=logging.ERROR)
lines = HandledLines(FILE, SIGNALS)
call_command("consume_events", "-t", TOPIC, "-g", GROUP)
