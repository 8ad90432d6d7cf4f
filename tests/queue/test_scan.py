"""The scan with a queue in memory, for cases that moto does not support or is too slow for."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from shared.errors import QueueUnavailable
from shared.queue.dead_letter import DeadLetterFilter
from shared.queue.dead_letters import DeadLetters
from shared.queue.envelope import Envelope, encode
from shared.queue.replay import Replay
from shared.queue.scan import scanning
from shared.queue.sqs import RetryQueue

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

DEAD, RETRY = "dead", "retry"


class Received(dict[str, Any]):
    """A received message, whose lifetime in memory can be observed."""


@dataclass(slots=True)
class Message:
    """One message: when it is visible again, and how often it was received."""

    name: str
    visible_at: float = 0.0
    received: int = 0


@dataclass
class Sqs:
    """A queue as SQS documents it: a received message is invisible for the requested time."""

    messages: dict[str, Message]
    body: str = "{}"
    now: float = 1000.0
    sent: int = 0
    alive: int = 0
    most_alive: int = 0
    twice: set[str] = field(default_factory=set)
    fails_after: int | None = None
    changed: list[int] = field(default_factory=list)
    receives: int = 0
    uncounted: int = 0

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        seen = [one for one in self.messages.values() if one.visible_at <= self.now]
        hidden = len(self.messages) - len(seen)
        return {
            "Attributes": {
                "ApproximateNumberOfMessages": str(len(seen) + self.uncounted),
                "ApproximateNumberOfMessagesNotVisible": str(hidden),
            }
        }

    def receive_message(self, **request: Any) -> dict[str, Any]:
        self.receives += 1
        if self.fails_after is not None and self.receives > self.fails_after:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        names: list[str] = []
        for one in self.messages.values():
            if len(names) == request["MaxNumberOfMessages"]:
                break
            if one.visible_at <= self.now:
                names.append(one.name)
                # At-least-once delivery: now and then a message stays visible.
                again = one.name in self.twice
                self.twice.discard(one.name)
                one.visible_at = self.now + (0 if again else request["VisibilityTimeout"])
        return {"Messages": [self._message(self.messages[name]) for name in names]}

    def _message(self, message: Message) -> dict[str, Any]:
        self.alive += 1
        self.most_alive = max(self.most_alive, self.alive)
        message.received += 1
        received = Received(
            MessageId=message.name,
            ReceiptHandle=f"{message.name}/{message.received}",
            Body=self.body,
            Attributes={"SentTimestamp": "0"},
        )
        weakref.finalize(received, self._freed)
        return received

    def _freed(self) -> None:
        self.alive -= 1

    def delete_message(self, **request: Any) -> None:
        self.messages.pop(request["ReceiptHandle"].partition("/")[0], None)

    def change_message_visibility_batch(self, **request: Any) -> None:
        for entry in request["Entries"]:
            name, _, received = entry["ReceiptHandle"].partition("/")
            self.changed.append(entry["VisibilityTimeout"])
            if name in self.messages and self.messages[name].received == int(received):
                self.messages[name].visible_at = self.now + entry["VisibilityTimeout"]

    def send_message(self, **request: Any) -> None:
        assert request["QueueUrl"] == RETRY
        self.sent += 1

    def clock(self) -> float:
        return self.now

    def visible(self) -> int:
        return sum(one.visible_at <= self.now for one in self.messages.values())


def queue_of(number: int) -> Sqs:
    return Sqs({f"m-{at}": Message(f"m-{at}") for at in range(number)})


def client(sqs: Sqs) -> SQSClient:
    return cast("SQSClient", sqs)


def dead_letters(sqs: Sqs) -> DeadLetters:
    queue = RetryQueue(client(sqs), cast("S3Client", None), retry=RETRY, dead=DEAD, bucket="bodies")
    return DeadLetters(client(sqs), queue, url=DEAD, clock=sqs.clock, wait=0)


def names(sqs: Sqs) -> list[str]:
    with scanning(client(sqs), DEAD, sqs.clock, 0) as scan:
        return [message["MessageId"] for message in scan.messages()]


def test_three_thousand_dead_letters_are_replayed_in_bounded_memory() -> None:
    envelope = Envelope(
        id="w", source="shopify", topic="t", triggered_at="", received_at="", headers={}, body=b""
    )
    sqs = queue_of(3000)
    sqs.body = encode(envelope).decode()

    report = dead_letters(sqs).replay(DeadLetterFilter(), Replay(dry=False))

    assert (report.seen, report.done, sqs.sent, len(sqs.messages)) == (3000, 3000, 3000, 0)
    assert sqs.most_alive <= 25


def test_three_thousand_dead_letters_are_scanned_in_bounded_memory() -> None:
    sqs = queue_of(3000)

    report = dead_letters(sqs).find(DeadLetterFilter(topic="none"))

    assert (report.seen, report.matched, sqs.visible()) == (3000, 0, 3000)
    assert sqs.most_alive <= 25


def test_a_message_received_twice_is_counted_once_and_released_once() -> None:
    sqs = queue_of(15)
    sqs.twice = {"m-3", "m-11"}

    assert sorted(names(sqs)) == sorted(f"m-{at}" for at in range(15))
    assert sqs.visible() == 15
    assert sqs.changed == [0] * 15


def test_a_deleted_message_that_is_received_again_is_deleted_again() -> None:
    sqs = queue_of(1)
    seen: list[str] = []

    with scanning(client(sqs), DEAD, sqs.clock, 0) as scan:
        for message in scan.messages():
            seen.append(message["MessageId"])
            scan.delete(message["MessageId"])
            sqs.messages["m-0"] = Message("m-0")  # a server of SQS did not know of the delete

    assert seen == ["m-0"]
    assert sqs.messages == {}


def test_a_long_scan_renews_its_holds() -> None:
    sqs = queue_of(30)
    seen: list[str] = []

    with scanning(client(sqs), DEAD, sqs.clock, 0) as scan:
        for message in scan.messages():
            seen.append(message["MessageId"])
            sqs.now += 100  # fifty minutes in all, five times as long as a message is held

    assert len(seen) == len(set(seen)) == 30
    assert {one.received for one in sqs.messages.values()} == {1}
    assert sqs.visible() == 30


def test_an_error_during_a_scan_releases_everything_and_is_reported() -> None:
    sqs = queue_of(25)
    sqs.fails_after = 2

    report = dead_letters(sqs).find(DeadLetterFilter())

    assert report.error == "SQS returned no messages: EndpointConnectionError"
    assert (report.seen, sqs.visible()) == (20, 25)


def test_messages_that_cannot_be_released_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: Sqs, **_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(Sqs, "change_message_visibility_batch", fail)

    report = dead_letters(queue_of(12)).find(DeadLetterFilter())

    assert (report.seen, report.hidden) == (12, 12)


def test_a_queue_that_returns_less_than_it_counted_is_polled_three_times() -> None:
    sqs = queue_of(4)
    sqs.uncounted = 2

    report = dead_letters(sqs).find(DeadLetterFilter())

    assert (report.seen, report.unseen, sqs.receives) == (4, 2, 4)


def test_a_queue_that_cannot_be_counted_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: Sqs, **_: Any) -> dict[str, Any]:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(Sqs, "get_queue_attributes", fail)

    with pytest.raises(QueueUnavailable, match="SQS did not count its messages"):
        dead_letters(queue_of(1)).find(DeadLetterFilter())
