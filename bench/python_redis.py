"""How many events a second edx-event-bus-redis sends, and consumes with a handler that does nothing: python_redis.py URL"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "interop" / "peer"))
from peer import set_up_openedx_events  # noqa: E402

COUNT = 2000
SIGNALS = set_up_openedx_events(EVENT_BUS_REDIS_CONNECTION_URL=sys.argv[1], EVENT_BUS_REDIS_STREAM_MAX_LEN=1_000_000,
                                EVENT_BUS_REDIS_AUDIT_LOGGING_ENABLED=False)

from datetime import datetime, timezone  # noqa: E402

from edx_event_bus_redis import RedisEventConsumer, create_producer  # noqa: E402
from opaque_keys.edx.keys import CourseKey  # noqa: E402
from openedx_events.learning.data import CourseData, CourseEnrollmentData, UserData, UserPersonalData  # noqa: E402
from openedx_events.learning.signals import COURSE_ENROLLMENT_CREATED as SIGNAL  # noqa: E402

START = datetime(2026, 1, 15, tzinfo=timezone.utc)
EVENT = {"enrollment": CourseEnrollmentData(
    user=UserData(id=1234567, is_active=True, pii=UserPersonalData(username="ada_lovelace", email="ada.lovelace@example.org",
                                                                   name="Ada Lovelace")),
    course=CourseData(course_key=CourseKey.from_string("course-v1:edX+DemoX+2026_T1"),
                      display_name="An introduction to analytical engines", start=START, end=START),
    mode="verified", is_active=True, creation_date=START)}

consumer = RedisEventConsumer("python", "python", "python", check_backlog=True)
producer = create_producer()
begin = time.perf_counter()
for _ in range(COUNT):
    producer.send(signal=SIGNAL, topic="python", event_key_field="enrollment.user.pii.username", event_data=EVENT,
                  event_metadata=SIGNAL.generate_signal_metadata())
produced = COUNT / (time.perf_counter() - begin)

handled = 0


def note(**_):
    global handled
    handled += 1
    if handled == COUNT:
        consumer._shut_down()


SIGNAL.connect(note)
begin = time.perf_counter()
consumer.consume_indefinitely()
print(produced, COUNT / (time.perf_counter() - begin))
