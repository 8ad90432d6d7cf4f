from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from shared.errors import NotUnderstood, QueueUnavailable
from shared.model.value import replace
from shared.queue.dead_letter import DeadLetter, DeadLetterFilter
from shared.queue.dead_letters import DeadLetters
from shared.queue.envelope import Attempt, Envelope
from shared.queue.replay import Replay
from shared.queue.scan_report import ScanResult
from shared.queue.sqs import DeadLetterReason, RetryQueue

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z
ACT = Replay(dry=False)
COUNTS: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


@dataclass(slots=True)
class Clock:
    now: float = NOON
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass(slots=True)
class Stack:
    sqs: SQSClient
    s3: S3Client
    retry: str
    dead: str
    clock: Clock = field(default_factory=Clock)

    @property
    def queue(self) -> RetryQueue:
        return RetryQueue(self.sqs, self.s3, retry=self.retry, dead=self.dead, bucket="bodies")

    def dead_letters(self, queue: RetryQueue | None = None) -> DeadLetters:
        return DeadLetters(
            self.sqs,
            queue or self.queue,
            url=self.dead,
            clock=self.clock,
            sleep=self.clock.sleep,
            wait=0,
        )

    def dead_letter(
        self, envelope: Envelope, reason: str = "answered 400", status: int = 400
    ) -> None:
        self.queue.dead_letter(
            envelope, DeadLetterReason(reason=reason, status=status, path="$.price")
        )

    def counts(self, url: str) -> tuple[int, int]:
        """Return how many messages are visible, and how many are not."""
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"]
        return int(found[COUNTS[0]]), int(found[COUNTS[1]])

    def parked(self) -> list[Envelope]:
        """Receive everything from the retry queue."""
        found: list[Envelope] = []
        while batch := self.sqs.receive_message(QueueUrl=self.retry).get("Messages"):
            found += [self.queue.open(one["Body"]) for one in batch]
        return found


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nobody")
    with mock_aws():
        sqs, s3 = boto3.client("sqs", "us-east-1"), boto3.client("s3", "us-east-1")
        s3.create_bucket(Bucket="bodies")
        dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
        redrive = {
            "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead",
            "maxReceiveCount": 1,
        }
        retry = sqs.create_queue(
            QueueName="retry", Attributes={"RedrivePolicy": json.dumps(redrive)}
        )["QueueUrl"]
        yield Stack(sqs, s3, retry, dead)


def webhook(name: str = "w-1", **changes: Any) -> Envelope:
    envelope = Envelope(
        id=name,
        source="shopify",
        topic="products/update",
        triggered_at="2026-11-20T09:00:00.000000000Z",
        received_at="2026-11-20T09:00:01.000000000Z",
        headers={"x-shopify-topic": "products/update"},
        body=b'{"id": 1}',
        entity="product:1",
        destination="datacue",
        first_failed_at="2026-11-20T09:00:02.000000000Z",
        not_before="2026-11-20T10:00:00.000000000Z",
        confirms=True,
        trail=(Attempt(at="2026-11-20T09:00:02.000000000Z", verdict="refused", status=400),),
    )
    return replace(envelope, **changes)


def found(dead_letters: DeadLetters, criteria: DeadLetterFilter) -> set[str]:
    names: set[str] = set()

    def watch(dead_letter: DeadLetter, result: ScanResult) -> None:
        if result is ScanResult.MATCHED:
            names.add(dead_letter.id)

    dead_letters.find(criteria, watch)
    return names


@pytest.mark.parametrize(
    "criteria",
    [
        DeadLetterFilter(ids=("this",)),
        DeadLetterFilter(source="woocommerce"),
        DeadLetterFilter(topic="orders/paid"),
        DeadLetterFilter(destination="yespo"),
        DeadLetterFilter(entity="order:7"),
        DeadLetterFilter(reason="NO ANSWER"),
        DeadLetterFilter(topic="orders/paid", destination="yespo", reason="in time"),
    ],
)
def test_each_filter_matches_only_its_dead_letter(stack: Stack, criteria: DeadLetterFilter) -> None:
    wanted = webhook(
        "this", source="woocommerce", topic="orders/paid", destination="yespo", entity="order:7"
    )
    stack.dead_letter(wanted, "no answer in time")
    stack.dead_letter(webhook("other"))

    assert found(stack.dead_letters(), criteria) == {"this"}


def test_all_criteria_of_a_filter_must_match(stack: Stack) -> None:
    stack.dead_letter(webhook("one", topic="orders/paid"))
    stack.dead_letter(webhook("two", destination="yespo"))

    assert (
        found(stack.dead_letters(), DeadLetterFilter(topic="orders/paid", destination="yespo"))
        == set()
    )


def test_before_and_after_bound_the_time_of_dead_lettering(stack: Stack) -> None:
    stack.dead_letter(webhook())
    died: list[float] = []
    stack.dead_letters().find(
        DeadLetterFilter(), lambda dead_letter, _: died.append(dead_letter.died_at)
    )
    at = died[0]

    assert found(stack.dead_letters(), DeadLetterFilter(before=at + 1)) == {"w-1"}
    assert found(stack.dead_letters(), DeadLetterFilter(before=at)) == set()
    assert found(stack.dead_letters(), DeadLetterFilter(after=at)) == {"w-1"}
    assert found(stack.dead_letters(), DeadLetterFilter(after=at + 1)) == set()


def test_a_dead_letter_has_all_its_facts(stack: Stack) -> None:
    stack.dead_letter(webhook())
    seen: list[DeadLetter] = []
    stack.dead_letters().find(DeadLetterFilter(), lambda dead_letter, _: seen.append(dead_letter))

    [dead_letter] = seen
    assert (dead_letter.id, dead_letter.source, dead_letter.topic) == (
        "w-1", "shopify", "products/update",
    )  # fmt: skip
    assert (dead_letter.destination, dead_letter.entity) == ("datacue", "product:1")
    assert (dead_letter.reason, dead_letter.status, dead_letter.path) == (
        "answered 400",
        400,
        "$.price",
    )
    assert "price" not in repr(dead_letter).replace("$.price", "")


def test_the_limit_ends_the_scan(stack: Stack) -> None:
    for at in range(4):
        stack.dead_letter(webhook(f"w-{at}"))

    report = stack.dead_letters().replay(DeadLetterFilter(limit=3), ACT)

    assert (report.matched, report.done, report.stopped) == (3, 3, "the limit is reached")
    assert stack.counts(stack.dead) == (1, 0)


def test_a_dry_run_changes_nothing(stack: Stack) -> None:
    stack.dead_letter(webhook())

    replayed = stack.dead_letters().replay(DeadLetterFilter(), Replay())
    dropped = stack.dead_letters().drop(DeadLetterFilter(), dry=True)

    assert (replayed.matched, replayed.done, replayed.left) == (1, 0, 1)
    assert (dropped.matched, dropped.done, dropped.left) == (1, 0, 1)
    assert stack.counts(stack.dead) == (1, 0)
    assert stack.counts(stack.retry) == (0, 0)


def test_a_replay_restarts_the_retry_time_and_keeps_the_trail(stack: Stack) -> None:
    stack.dead_letter(webhook(forced=True))

    report = stack.dead_letters().replay(DeadLetterFilter(), ACT)

    assert (report.done, report.left) == (1, 0)
    assert stack.parked() == [
        webhook(first_failed_at=None, not_before=None, confirms=False, replays=1)
    ]
    assert stack.counts(stack.dead) == (0, 0)


def test_a_forced_replay_marks_the_envelope(stack: Stack) -> None:
    stack.dead_letter(webhook())

    stack.dead_letters().replay(DeadLetterFilter(), Replay(dry=False, force=True))

    assert [one.forced for one in stack.parked()] == [True]


class BrokenQueue(RetryQueue):
    """Accepts some envelopes, and then fails."""

    accepts = 0

    def park(self, envelope: Envelope, delay: float) -> None:
        if not self.accepts:
            raise QueueUnavailable("SQS did not accept a message: ClientError")
        self.accepts -= 1
        super().park(envelope, delay)


def test_a_dead_letter_is_deleted_only_after_its_send_succeeded(stack: Stack) -> None:
    for at in range(3):
        stack.dead_letter(webhook(f"w-{at}"))
    broken = BrokenQueue(stack.sqs, stack.s3, retry=stack.retry, dead=stack.dead, bucket="bodies")
    broken.accepts = 1

    report = stack.dead_letters(broken).replay(DeadLetterFilter(), ACT)

    assert report.error == "SQS did not accept a message: ClientError"
    assert (report.matched, report.done, report.left) == (2, 1, 1)
    assert stack.counts(stack.dead) == (2, 0)
    assert stack.counts(stack.retry) == (1, 0)


def test_everything_is_released_after_a_scan(stack: Stack) -> None:
    for at in range(12):
        stack.dead_letter(webhook(f"w-{at}"))

    report = stack.dead_letters().find(DeadLetterFilter(topic="orders/paid"))

    assert (report.seen, report.matched, report.hidden, report.unseen) == (12, 0, 0, 0)
    assert stack.counts(stack.dead) == (12, 0)


def test_everything_is_released_after_an_interruption(stack: Stack) -> None:
    for at in range(12):
        stack.dead_letter(webhook(f"w-{at}"))

    def interrupt(_dead_letter: DeadLetter, _result: ScanResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stack.dead_letters().find(DeadLetterFilter(), interrupt)

    assert stack.counts(stack.dead) == (12, 0)


def test_dead_letters_held_by_other_receivers_are_reported(stack: Stack) -> None:
    for at in range(3):
        stack.dead_letter(webhook(f"w-{at}"))
    stack.sqs.receive_message(QueueUrl=stack.dead, MaxNumberOfMessages=1, VisibilityTimeout=60)

    report = stack.dead_letters().find(DeadLetterFilter())

    assert (report.seen, report.in_flight_elsewhere) == (2, 1)
    assert stack.counts(stack.dead) == (2, 1)


def test_a_message_that_sqs_moved_is_listed_as_crashed_and_replayed(stack: Stack) -> None:
    stack.queue.park(webhook(), 0)
    for _ in range(2):  # the second receive is one too many
        stack.sqs.receive_message(QueueUrl=stack.retry, VisibilityTimeout=0)
    seen: list[DeadLetter] = []

    stack.dead_letters().find(
        DeadLetterFilter(reason="crashed"), lambda dead_letter, _: seen.append(dead_letter)
    )
    report = stack.dead_letters().replay(DeadLetterFilter(reason="crashed"), ACT)

    assert [(one.reason, one.id) for one in seen] == [("crashed: received too often", "w-1")]
    assert report.done == 1
    assert [one.replays for one in stack.parked()] == [1]


def test_the_facts_of_a_message_without_attributes_come_from_its_envelope(stack: Stack) -> None:
    stack.queue.park(webhook(), 0)
    body = stack.sqs.receive_message(QueueUrl=stack.retry)["Messages"][0]["Body"]
    stack.sqs.send_message(QueueUrl=stack.dead, MessageBody=body)

    assert found(
        stack.dead_letters(), DeadLetterFilter(topic="products/update", entity="product:1")
    ) == {"w-1"}


def test_a_body_that_is_no_envelope_is_reported_and_never_replayed(stack: Stack) -> None:
    stack.sqs.send_message(QueueUrl=stack.dead, MessageBody="hello")
    stack.dead_letter(webhook())

    report = stack.dead_letters().replay(DeadLetterFilter(), ACT)

    assert (report.matched, report.done, report.unreadable) == (2, 1, 1)
    assert (
        stack.dead_letters().drop(DeadLetterFilter(reason="not an envelope"), dry=False).done == 1
    )
    assert stack.counts(stack.dead) == (0, 0)


def large() -> Envelope:
    return webhook(body=bytes(range(256)) * 2, headers={"x": "y" * 1_100_000})


def test_a_replay_renews_the_body_in_s3(stack: Stack) -> None:
    stack.dead_letter(large())
    [old] = [one["Key"] for one in stack.s3.list_objects_v2(Bucket="bodies")["Contents"]]

    stack.dead_letters().replay(DeadLetterFilter(), ACT)

    message = stack.sqs.receive_message(QueueUrl=stack.retry)["Messages"][0]
    pointer = json.loads(message["Body"])["pointer"]
    assert pointer != old
    stack.s3.delete_object(Bucket="bodies", Key=old)
    assert stack.queue.open(message["Body"]).body == large().body


def test_a_dead_letter_whose_body_s3_has_deleted_is_unreadable(stack: Stack) -> None:
    stack.dead_letter(large())
    [key] = [one["Key"] for one in stack.s3.list_objects_v2(Bucket="bodies")["Contents"]]
    stack.s3.delete_object(Bucket="bodies", Key=key)

    report = stack.dead_letters().replay(DeadLetterFilter(), ACT)

    assert (report.matched, report.unreadable, report.done) == (1, 1, 0)
    assert stack.counts(stack.dead) == (1, 0)


def test_the_rate_spreads_the_sends(stack: Stack) -> None:
    for at in range(3):
        stack.dead_letter(webhook(f"w-{at}"))

    stack.dead_letters().replay(DeadLetterFilter(), Replay(dry=False, rate=4))

    assert stack.clock.slept == [0.25, 0.25]


def test_a_webhook_dead_lettered_again_during_the_replay_is_not_replayed_again(
    stack: Stack,
) -> None:
    class RejectingQueue(RetryQueue):
        def park(self, envelope: Envelope, delay: float) -> None:  # noqa: ARG002 - no wait
            self.dead_letter(envelope, DeadLetterReason(reason="answered 400"))

    stack.dead_letter(webhook())
    rejecting_queue = RejectingQueue(
        stack.sqs, stack.s3, retry=stack.retry, dead=stack.dead, bucket="bodies"
    )

    report = stack.dead_letters(rejecting_queue).replay(DeadLetterFilter(), ACT)

    assert (report.done, report.returned, report.matched) == (1, 1, 1)
    assert stack.counts(stack.dead) == (1, 0)


def test_a_drop_deletes_only_the_selected_dead_letters(stack: Stack) -> None:
    stack.dead_letter(webhook("keep"))
    stack.dead_letter(webhook("drop", topic="orders/paid"))

    report = stack.dead_letters().drop(DeadLetterFilter(topic="orders/paid"), dry=False)

    assert report.done == 1
    assert found(stack.dead_letters(), DeadLetterFilter()) == {"keep"}


def about(name: str) -> Callable[[Envelope], bool]:
    return lambda envelope: envelope.entity == name


def test_a_purge_deletes_matching_dead_letters_and_a_count_deletes_none(stack: Stack) -> None:
    stack.dead_letter(webhook("w-1", entity="person:7"))
    stack.dead_letter(webhook("w-2", entity="person:8"))
    stack.sqs.send_message(QueueUrl=stack.dead, MessageBody="hello")
    dead_letters = stack.dead_letters()

    assert dead_letters.count_matching(about("person:7"), NOON + 60).matched == 1
    assert dead_letters.purge(about("person:7"), NOON + 60).done == 1
    assert dead_letters.count_matching(about("person:7"), NOON + 60).matched == 0
    assert stack.counts(stack.dead) == (2, 0)


def test_a_purge_waits_for_messages_held_by_other_receivers(stack: Stack) -> None:
    stack.dead_letter(webhook())
    [held] = stack.sqs.receive_message(QueueUrl=stack.dead, VisibilityTimeout=60)["Messages"]

    def release(seconds: float) -> None:
        stack.clock.sleep(seconds)
        stack.sqs.change_message_visibility(
            QueueUrl=stack.dead, ReceiptHandle=held["ReceiptHandle"], VisibilityTimeout=0
        )

    dead_letters = DeadLetters(
        stack.sqs, stack.queue, url=stack.dead, clock=stack.clock, sleep=release, wait=0
    )

    swept = dead_letters.purge(about("product:1"), NOON + 60)

    assert (swept.over, swept.done) == (True, 1)
    assert len(stack.clock.slept) == 1


def test_a_purge_that_could_not_see_everything_is_not_over(stack: Stack) -> None:
    stack.dead_letter(webhook())
    stack.dead_letter(webhook())
    stack.sqs.receive_message(QueueUrl=stack.dead, VisibilityTimeout=600)

    assert not stack.dead_letters().purge(about("nobody"), NOON + 60).over
    assert not stack.dead_letters().purge(about("nobody"), NOON).over


def test_dropped_and_replayed_dead_letters_leave_no_body_in_s3(stack: Stack) -> None:
    stack.dead_letter(large())
    stack.dead_letter(large())
    stack.dead_letters().drop(DeadLetterFilter(limit=1), dry=False)
    stack.dead_letters().replay(DeadLetterFilter(), ACT)

    # The third is the one that the replay parked.
    sizes = [one["Size"] for one in stack.s3.list_objects_v2(Bucket="bodies")["Contents"]]
    assert sorted(size > 1000 for size in sizes) == [False, False, True]


def test_the_replay_function_is_a_dry_run_by_default(stack: Stack) -> None:
    stack.dead_letter(webhook("w-1"))
    stack.dead_letter(webhook("w-2", destination="yespo"))
    dead_letters = stack.dead_letters()

    assert dead_letters.serve({"destination": "yespo"}, 900) == {
        "matched": 1, "replayed": 0, "left": 1, "unreadable": 0, "in_flight_elsewhere": 0,
        "dry_run": True, "stopped": "", "error": "",
    }  # fmt: skip
    assert dead_letters.serve({"destination": "yespo", "dry_run": False}, 900) == {
        "matched": 1, "replayed": 1, "left": 0, "unreadable": 0, "in_flight_elsewhere": 0,
        "dry_run": False, "stopped": "", "error": "",
    }  # fmt: skip
    assert [one.id for one in stack.parked()] == ["w-2"]


@pytest.mark.parametrize(
    ("event", "path"),
    [
        ({"destnation": "yespo"}, "$"),
        ({"limit": 0}, "$.limit"),
        ({"rate": 0}, "$.rate"),
        ({"before": "yesterday"}, "$.before"),
        ({"dry_run": "no"}, "$.dry_run"),
    ],
)
def test_an_invalid_event_replays_nothing_and_names_the_key(
    stack: Stack, event: dict[str, Any], path: str
) -> None:
    stack.dead_letter(webhook())

    with pytest.raises(NotUnderstood) as caught:
        stack.dead_letters().serve({"dry_run": False} | event, 900)

    assert caught.value.path == path
    assert stack.counts(stack.dead) == (1, 0)


def test_the_replay_function_stops_before_its_time_is_over(stack: Stack) -> None:
    for at in range(5):
        stack.dead_letter(webhook(f"w-{at}"))

    response = stack.dead_letters().serve({"dry_run": False, "rate": 0.5}, 13)

    # 13 s less a reserve of 10 s: at two seconds each, the third would be too late
    assert (response["replayed"], response["left"], response["stopped"]) == (
        2, 1, "no time is left",
    )  # fmt: skip
    assert stack.counts(stack.dead) == (3, 0)
