"""How many events a second edx-event-bus-kafka sends, and consumes with a handler that does nothing: python_kafka.py BROKERS REGISTRY"""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "interop" / "peer"))
from peer import set_up_openedx_events  # noqa: E402

COUNT = 5000
BROKERS, REGISTRY = sys.argv[1:3]
set_up_openedx_events(EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS=BROKERS, EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL=REGISTRY, EVENT_BUS_TOPIC_PREFIX="dev",
                      EVENT_BUS_KAFKA_AUDIT_LOGGING_ENABLED=False)

from datetime import datetime, timezone  # noqa: E402

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition  # noqa: E402
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402
from edx_event_bus_kafka import KafkaEventConsumer, create_producer  # noqa: E402
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

admin = AdminClient({"bootstrap.servers": BROKERS})
# A group of the package's starts at the end; this one has a position at the first event.
for asked in (admin.create_topics([NewTopic("dev-python", 1, 1)]),
              admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions("python", [TopicPartition("dev-python", 0, 0)])])):
    for done in asked.values():
        done.result()

producer = create_producer()


def send():
    producer.send(signal=SIGNAL, topic="python", event_key_field="enrollment.user.pii.username", event_data=EVENT,
                  event_metadata=SIGNAL.generate_signal_metadata())


# The first asks the registry.
send()
producer.prepare_for_shutdown()
begin = time.perf_counter()
for _ in range(COUNT):
    send()
producer.prepare_for_shutdown()
produced = COUNT / (time.perf_counter() - begin)

consumer = KafkaEventConsumer("python", "python")
handled = 0


def note(**_):
    global begin, handled
    if handled == 0:
        begin = time.perf_counter()
    handled += 1
    if handled == COUNT + 1:
        print(produced, COUNT / (time.perf_counter() - begin), flush=True)
        consumer._shut_down()


SIGNAL.connect(note)
consumer.consume_indefinitely()
