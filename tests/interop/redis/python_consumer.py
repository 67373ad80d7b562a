"""The consume_events command of openedx-events on Redis: python_consumer.py URL TOPIC GROUP EXTRA FILE [HANG_AT]

What it handles is in FILE, as HandledLines has it."""
import logging
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peer"))
from peer import set_up_openedx_events  # noqa: E402

URL, TOPIC, GROUP, EXTRA, FILE = sys.argv[1:6]
SIGNALS = set_up_openedx_events(
    INSTALLED_APPS=["openedx_events"], EVENT_BUS_CONSUMER="edx_event_bus_redis.RedisEventConsumer", EVENT_BUS_REDIS_CONNECTION_URL=URL,
    EVENT_BUS_TOPIC_PREFIX="dev", EVENT_BUS_REDIS_CONSUMER_POLL_TIMEOUT=1)

from django.core.management import call_command  # noqa: E402
from handled_lines import HandledLines  # noqa: E402

logging.basicConfig(level=logging.ERROR)
lines = HandledLines(FILE, SIGNALS, int(sys.argv[6]) if len(sys.argv) > 6 else None)
call_command("consume_events", "-t", TOPIC, "-g", GROUP, "--extra", EXTRA)
