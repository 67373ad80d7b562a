"""Compares when consumers give up after errors in a row with the loops of the Python consumers: error_streak_test.py PEER [SEED [ROUNDS]]

Both get the same steps: an event that is handled (h), an event that is not (f), a read that fails (p), a read that finds nothing (.). What
the Python loops read, and what handles their events, is replaced; the loops are theirs. Also that they end at once when they are switched off."""
import logging
import pathlib
import random
import sys
import time
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "peer"))
from peer import Peer, set_up_openedx_events  # noqa: E402

set_up_openedx_events()

from django.test import override_settings  # noqa: E402
from edx_event_bus_kafka.internal import consumer as kafka  # noqa: E402
from edx_event_bus_redis.internal import consumer as redis  # noqa: E402

logging.disable(logging.CRITICAL)


class Steps:
    """What a consumer reads, one step a read; after the last the loop is told to end."""

    def __init__(self, consumer, steps):
        self.consumer, self.left, self.taken = consumer, list(steps), 0

    def read(self, nothing):
        if not self.left:
            self.consumer._shut_down_loop = True
            return nothing
        self.taken += 1
        step = self.left.pop(0)
        if step == "p":
            raise ConnectionError("the read failed")
        return nothing if step == "." else step


def handle(step):
    if step == "f":
        raise ValueError("the handler failed")


def end_of(consumer, steps):
    """After how many steps the loop ends with an error; None when it takes all."""
    try:
        consumer._consume_indefinitely()
    except Exception as error:
        assert "Too many consecutive errors" in str(error), error
        return steps.taken
    return None


def ended_redis(limit, text):
    consumer = redis.RedisEventConsumer.__new__(redis.RedisEventConsumer)
    steps = Steps(consumer, text)
    consumer.topic = consumer.full_topic = consumer.group_id = consumer.consumer_name = "x"
    consumer.has_pending_msgs, consumer._shut_down_loop, consumer.db = False, False, mock.Mock()
    consumer.consumer = mock.Mock()
    consumer.consumer.read.side_effect = lambda **_: steps.read([])
    consumer.emit_signals_from_message = handle
    with mock.patch.object(redis.RedisMessage, "parse", lambda raw, topic: raw), mock.patch.object(redis.time, "sleep"), \
            mock.patch.object(redis, "prepare_for_new_work_cycle"), \
            mock.patch.multiple(consumer, record_event_consuming_error=mock.Mock(), _add_message_monitoring=mock.Mock()), \
            override_settings(EVENT_BUS_REDIS_CONSUMER_CONSECUTIVE_ERRORS_LIMIT=limit):
        return end_of(consumer, steps), steps.taken


def ended_kafka(limit, text):
    consumer = kafka.KafkaEventConsumer.__new__(kafka.KafkaEventConsumer)
    steps = Steps(consumer, text)

    def poll(**_):
        step = steps.read(None)
        return step and mock.Mock(step=step)

    consumer.topic = consumer.group_id = "x"
    consumer._shut_down_loop, consumer.consumer = False, mock.Mock()
    consumer.consumer.poll.side_effect = poll
    consumer.determine_signal = consumer._deserialize_message_value = mock.Mock()
    consumer.emit_signals_from_message = lambda message, signal: handle(message.step)
    with mock.patch.object(kafka.time, "sleep"), mock.patch.object(kafka, "_prepare_for_new_work_cycle"), \
            mock.patch.multiple(consumer, record_event_consuming_error=mock.Mock(), _add_message_monitoring=mock.Mock(),
                                _get_kafka_message_and_error=mock.Mock(return_value=(None, None))), \
            override_settings(EVENT_BUS_KAFKA_CONSUMER_CONSECUTIVE_ERRORS_LIMIT=limit):
        return end_of(consumer, steps), steps.taken


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2 ** 32)
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 300
    print(f"seed {seed}", flush=True)
    chance = random.Random(seed)
    peer = Peer(sys.argv[1])
    cases = [(0, "f" * 50), (1, "f"), (1, "hp"), (2, "f.f"), (2, "p.p"), (3, "ffhff.p"), (3, "ff....h..ff"), (2, "fhfhfhfpf")]
    cases += [(chance.randint(0, 5), "".join(chance.choices("hfp.", (3, 3, 2, 2), k=chance.randint(0, 30)))) for _ in range(rounds)]
    ends = 0
    for limit, steps in cases:
        ours = peer.ask(limit=limit, steps=steps)["ended"]
        for theirs, taken in (ended_redis(limit, steps), ended_kafka(limit, steps)):
            assert ours == theirs, f"limit {limit}, steps {steps}: ours ends after {ours}, theirs after {theirs}"
            assert taken == (ours or len(steps)), (limit, steps, taken)
        ends += ours is not None
    assert 0 < ends < len(cases)
    for ended in (ended_redis, ended_kafka):
        name = "REDIS" if ended is ended_redis else "KAFKA"
        with override_settings(**{f"EVENT_BUS_{name}_CONSUMERS_ENABLED": False}):
            assert ended(1, "f") == (None, 0), "a consumer that is switched off read something"
    print(f"{len(cases)} sequences of steps, {ends} of them end the consumers")


start = time.monotonic()
main()
print(f"{time.monotonic() - start:.1f} s")
