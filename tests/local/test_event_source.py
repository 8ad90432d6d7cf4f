from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3

from cli.local.aws import Resources
from cli.local.event_source import EventSource
from cli.local.event_source import Mapping as QueueMapping
from cli.local.function import Function

ARN = "arn:aws:sqs:us-east-1:123456789012:shoprelay-retry"


class Recorder:
    """A handler that records its events and returns a configured response."""

    def __init__(self, response: Callable[[list[dict[str, Any]]], Any] = lambda _: None) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.times: list[float] = []
        self._answer = response
        self._lock = threading.Lock()

    def __call__(self, event: Mapping[str, Any], _context: object) -> Any:
        with self._lock:
            self.batches.append(event["Records"])
            self.times.append(time.time())
        return self._answer(event["Records"])

    @property
    def bodies(self) -> list[str]:
        return [record["body"] for batch in self.batches for record in batch]


@contextmanager
def feeding(
    aws: Resources, handler: Recorder, *, wait_scale: float = 0.001, timeout: float = 5
) -> Iterator[EventSource]:
    mapping = QueueMapping(queue_url=aws.retry_queue, queue_arn=ARN, wait_scale=wait_scale)
    function = Function(name="retry", handler=handler, timeout=timeout)
    source = EventSource(boto3.client("sqs"), function, mapping)
    source.start()
    try:
        yield source
    finally:
        source.stop()


def send(aws: Resources, *bodies: str) -> None:
    sqs = boto3.client("sqs")
    for start in range(0, len(bodies), 10):
        sqs.send_message_batch(
            QueueUrl=aws.retry_queue,
            Entries=[
                {
                    "Id": str(n),
                    "MessageBody": body,
                    "MessageAttributes": {
                        "topic": {"DataType": "String", "StringValue": "products/update"}
                    },
                }
                for n, body in enumerate(bodies[start : start + 10])
            ],
        )


def size(url: str) -> int:
    attributes = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    numbers: dict[str, str] = dict(attributes["Attributes"].items())
    kinds = ("", "NotVisible", "Delayed")
    return sum(int(numbers[f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)


def wait_until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 15
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_batch_is_an_sqs_event_as_lambda_writes_it(aws: Resources) -> None:
    send(aws, "one")
    handler = Recorder()

    with feeding(aws, handler):
        assert wait_until(lambda: size(aws.retry_queue) == 0)

    [[record]] = handler.batches
    assert record["body"] == "one"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == ARN
    assert record["awsRegion"] == "us-east-1"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert int(record["attributes"]["SentTimestamp"]) > 0
    assert record["messageAttributes"]["topic"] == {
        "dataType": "String",
        "stringValue": "products/update",
        "stringListValues": [],
        "binaryListValues": [],
    }
    assert len(record["messageId"]) == 36
    assert record["receiptHandle"]


def test_no_batch_is_larger_than_five_and_every_message_is_received_once(aws: Resources) -> None:
    bodies = [str(n) for n in range(23)]
    send(aws, *bodies)
    handler = Recorder()

    with feeding(aws, handler):
        assert wait_until(lambda: size(aws.retry_queue) == 0)

    assert sorted(handler.bodies) == sorted(bodies)
    assert max(map(len, handler.batches)) == 5


def test_only_failed_messages_are_received_again(aws: Resources) -> None:
    send(aws, "good", "bad")

    def response(records: list[dict[str, Any]]) -> Any:
        first = [
            r["messageId"] for r in records if r["attributes"]["ApproximateReceiveCount"] == "1"
        ]
        bad = [r["messageId"] for r in records if r["body"] == "bad" and r["messageId"] in first]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in bad]}

    handler = Recorder(response)

    with feeding(aws, handler):
        assert wait_until(lambda: size(aws.retry_queue) == 0)

    assert sorted(handler.bodies) == ["bad", "bad", "good"]


def fails(_: list[dict[str, Any]]) -> Any:
    raise RuntimeError


def test_a_batch_that_raises_fails_as_a_whole_and_becomes_dead_letters(aws: Resources) -> None:
    send(aws, "poison")
    handler = Recorder(fails)

    with feeding(aws, handler):
        assert wait_until(lambda: size(aws.dead_letters) == 1)

    assert handler.bodies == ["poison"] * 5
    assert size(aws.retry_queue) == 0


def test_a_failed_message_stays_hidden_until_its_visibility_time_out(aws: Resources) -> None:
    send(aws, "bad")
    handler = Recorder(fails)

    with feeding(aws, handler, wait_scale=0.002):
        assert wait_until(lambda: len(handler.times) >= 2)

    assert handler.times[1] - handler.times[0] >= 360 * 0.002


def test_a_message_waits_for_the_fraction_of_its_second(aws: Resources) -> None:
    due = time.time() + 0.6
    not_before = f"{datetime.fromtimestamp(due, UTC):%Y-%m-%dT%H:%M:%S.%f}000Z"
    handler = Recorder()

    with feeding(aws, handler):
        send(aws, json.dumps({"not_before": not_before, "body": ""}), "due at once")
        assert wait_until(lambda: size(aws.retry_queue) == 0)

    assert handler.bodies[0] == "due at once"
    assert handler.times[1] >= due - 0.001


def test_a_message_that_is_due_much_later_is_sent_to_the_function_at_once(aws: Resources) -> None:
    send(aws, json.dumps({"not_before": "2999-01-01T00:00:00.000000000Z"}))
    handler = Recorder()

    with feeding(aws, handler):
        assert wait_until(lambda: size(aws.retry_queue) == 0)

    assert len(handler.bodies) == 1


def test_a_handler_that_is_too_slow_fails_its_batch_and_blocks_no_other(aws: Resources) -> None:
    send(aws, "slow")
    release = threading.Event()

    def response(records: list[dict[str, Any]]) -> Any:
        if records[0]["body"] == "slow":
            release.wait(10)

    handler = Recorder(response)

    with feeding(aws, handler, timeout=0.2, wait_scale=1.0):
        assert wait_until(lambda: handler.bodies == ["slow"])
        send(aws, "quick")
        assert wait_until(lambda: handler.bodies == ["slow", "quick"])
        assert wait_until(lambda: size(aws.retry_queue) == 1)
        release.set()


def test_a_source_stops_soon_and_is_not_alive_then(aws: Resources) -> None:
    handler = Recorder()

    with feeding(aws, handler) as source:
        assert source.alive

    assert not source.alive
