"""The retry queue and the dead letters, on moto."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from shared.errors import NotUnderstood, QueueUnavailable
from shared.queue.envelope import decode, encode
from shared.queue.sqs import DeadLetterReason, pointer_of
from tests.queue.stores import BUCKET, Stores
from tests.queue.test_envelope import envelope

LARGE = random.Random(7).randbytes(1_000_000)  # does not shrink when packed


def facts(message: Any) -> dict[str, str]:
    return {name: one["StringValue"] for name, one in message["MessageAttributes"].items()}


def test_a_parked_envelope_is_received_unchanged(stores: Stores) -> None:
    queue, one = stores.queue(), envelope(destination="datacue", entity="product:1")

    queue.park(one, 0)

    (message,) = stores.messages(stores.retry)
    assert queue.open(message["Body"]) == one
    assert facts(message) == {
        "id": "w1",
        "source": "shopify",
        "topic": "products/update",
        "destination": "datacue",
        "entity": "product:1",
    }


def test_a_task_is_written_to_the_destination_attribute(stores: Stores) -> None:
    stores.queue().park(envelope(task="forget"), 0)

    (message,) = stores.messages(stores.retry)
    assert facts(message)["destination"] == "forget"


@pytest.mark.parametrize(
    ("delay", "seconds"), [(-5.0, 0), (0.9, 0), (5.7, 5), (899.9, 899), (900.1, 900), (3e4, 900)]
)
def test_a_message_is_delayed_at_most_fifteen_minutes(
    stores: Stores, delay: float, seconds: int
) -> None:
    delays: list[int] = []

    def watch(params: dict[str, Any], **_: Any) -> None:
        delays.append(json.loads(params["body"])["DelaySeconds"])

    stores.sqs.meta.events.register("before-call.sqs.SendMessage", watch)

    stores.queue().park(envelope(), delay)

    assert delays == [seconds]


def test_a_dead_letter_has_its_reason(stores: Stores) -> None:
    one = envelope(destination="datacue", entity="order:1")

    stores.queue().dead_letter(
        one, DeadLetterReason(reason="answered 422", status=422, path="$.name")
    )

    (message,) = stores.messages(stores.dead)
    assert decode(message["Body"].encode()) == one
    assert facts(message) == {
        "id": "w1",
        "source": "shopify",
        "topic": "products/update",
        "destination": "datacue",
        "entity": "order:1",
        "reason": "answered 422",
        "status": "422",
        "path": "$.name",
    }


def test_attributes_are_truncated_and_printable(stores: Stores) -> None:
    stores.queue().dead_letter(envelope(), DeadLetterReason(reason="a\x00b\ud800" + "é" * 300))

    (message,) = stores.messages(stores.dead)
    assert facts(message)["reason"] == "a?b?" + "é" * 252
    assert "status" not in facts(message)


def test_a_body_over_the_limit_goes_to_the_bucket(stores: Stores) -> None:
    queue, one = stores.queue(), envelope(body=LARGE, entity="product:1")

    queue.park(one, 0)

    (message,) = stores.messages(stores.retry)
    (key,) = stores.keys()
    assert key.startswith("bodies/2026-11-21/")
    assert json.loads(message["Body"]) == {"pointer": key}
    assert pointer_of(message["Body"]) == key
    assert queue.open(message["Body"]) == one
    assert stores.s3.head_object(Bucket=BUCKET, Key=key)["Metadata"] == {"entity": "product:1"}


def test_each_send_of_a_large_body_writes_a_new_object(stores: Stores) -> None:
    queue, one = stores.queue(), envelope(body=LARGE)

    queue.park(one, 0)
    queue.dead_letter(one, DeadLetterReason(reason="over"))

    assert len(stores.keys()) == 2


def test_a_message_just_under_the_limit_with_long_attributes_is_accepted(stores: Stores) -> None:
    rest = 1_040_000 - len(encode(envelope(body=LARGE[:770_000], topic="😀" * 256)))
    one = envelope(body=LARGE[: 770_000 + rest * 3 // 4 - 400], topic="😀" * 256)
    assert 1_038_000 < len(encode(one)) <= 1_040_000

    stores.queue().dead_letter(
        one, DeadLetterReason(reason="😀" * 300, status=422, path="😀" * 300)
    )

    assert stores.keys() == []
    assert len(stores.messages(stores.dead)) == 1


def test_a_pointer_to_a_body_that_is_gone_is_not_understood(stores: Stores) -> None:
    with pytest.raises(NotUnderstood, match="the body in S3 is gone"):
        stores.queue().open('{"pointer": "bodies/2026-01-01/none"}')


def test_a_pointer_outside_bodies_is_not_understood(stores: Stores) -> None:
    stores.s3.put_object(Bucket=BUCKET, Key="privacy/x.json", Body=b"{}")

    with pytest.raises(NotUnderstood):
        stores.queue().open('{"pointer": "privacy/x.json"}')


@pytest.mark.parametrize("body", ["", "null", "{}", '{"pointer": 1}', '{"pointer": "a", "b": 1}'])
def test_a_message_of_another_kind_is_not_understood(stores: Stores, body: str) -> None:
    assert pointer_of(body) is None
    with pytest.raises(NotUnderstood):
        stores.queue().open(body)


def test_a_pointer_must_not_leave_the_folder_of_bodies() -> None:
    assert pointer_of('{"pointer": "bodies/../privacy/x.json"}') is None


def test_an_error_of_sqs_is_unavailable(stores: Stores) -> None:
    lost = stores.queue(retry=stores.retry + "x", dead=stores.dead + "x")

    with pytest.raises(QueueUnavailable, match="SQS did not accept a message: QueueDoesNotExist"):
        lost.park(envelope(), 0)
    with pytest.raises(QueueUnavailable, match="SQS did not accept a message: QueueDoesNotExist"):
        lost.dead_letter(envelope(), DeadLetterReason(reason="over"))
    with pytest.raises(QueueUnavailable, match="SQS did not purge"):
        lost.purge()


def test_an_error_of_s3_is_unavailable(stores: Stores) -> None:
    lost = stores.queue(bucket="no-such-bucket")

    with pytest.raises(QueueUnavailable, match="S3 did not accept a body"):
        lost.park(envelope(body=LARGE), 0)
    with pytest.raises(QueueUnavailable, match="S3 did not return a body"):
        lost.open('{"pointer": "bodies/x"}')
    assert stores.messages(stores.retry) == []


def test_an_invalid_bucket_name_is_unavailable(stores: Stores) -> None:
    with pytest.raises(QueueUnavailable, match="S3 did not return a body"):
        stores.queue(bucket="not a bucket's name").open('{"pointer": "bodies/x"}')


def test_a_purge_empties_the_retry_queue_alone(stores: Stores) -> None:
    queue = stores.queue()
    queue.park(envelope(), 0)
    queue.dead_letter(envelope(), DeadLetterReason(reason="over"))

    queue.purge()

    assert stores.messages(stores.retry) == []
    assert len(stores.messages(stores.dead)) == 1


def test_an_unavailable_queue_shows_no_body(stores: Stores) -> None:
    with pytest.raises(QueueUnavailable) as caught:
        stores.queue(retry=stores.retry + "x").park(envelope(body=b"ann@shop.example"), 0)

    assert "ann" not in str(caught.value)
