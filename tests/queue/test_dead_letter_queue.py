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

    def letters(self, queue: RetryQueue | None = None) -> DeadLetters:
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
        """Tell how many messages are visible, and how many are not."""
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"]
        return int(found[COUNTS[0]]), int(found[COUNTS[1]])

    def parked(self) -> list[Envelope]:
        """Take everything out of the retry queue."""
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


def found(letters: DeadLetters, choice: DeadLetterFilter) -> set[str]:
    names: set[str] = set()

    def watch(letter: DeadLetter, fate: ScanResult) -> None:
        if fate is ScanResult.MATCHED:
            names.add(letter.id)

    letters.find(choice, watch)
    return names


@pytest.mark.parametrize(
    "choice",
    [
        DeadLetterFilter(id="this"),
        DeadLetterFilter(source="woocommerce"),
        DeadLetterFilter(topic="orders/paid"),
        DeadLetterFilter(destination="yespo"),
        DeadLetterFilter(entity="order:7"),
        DeadLetterFilter(reason="NO ANSWER"),
        DeadLetterFilter(topic="orders/paid", destination="yespo", reason="in time"),
    ],
)
def test_each_filter_finds_what_it_names_alone(stack: Stack, choice: DeadLetterFilter) -> None:
    this = webhook(
        "this", source="woocommerce", topic="orders/paid", destination="yespo", entity="order:7"
    )
    stack.dead_letter(this, "no answer in time")
    stack.dead_letter(webhook("other"))

    assert found(stack.letters(), choice) == {"this"}


def test_filters_that_fit_different_letters_find_none(stack: Stack) -> None:
    stack.dead_letter(webhook("one", topic="orders/paid"))
    stack.dead_letter(webhook("two", destination="yespo"))

    assert (
        found(stack.letters(), DeadLetterFilter(topic="orders/paid", destination="yespo")) == set()
    )


def test_before_and_after_bound_the_time_of_death(stack: Stack) -> None:
    stack.dead_letter(webhook())
    died: list[float] = []
    stack.letters().find(DeadLetterFilter(), lambda letter, _: died.append(letter.died_at))
    at = died[0]

    assert found(stack.letters(), DeadLetterFilter(before=at + 1)) == {"w-1"}
    assert found(stack.letters(), DeadLetterFilter(before=at)) == set()
    assert found(stack.letters(), DeadLetterFilter(after=at)) == {"w-1"}
    assert found(stack.letters(), DeadLetterFilter(after=at + 1)) == set()


def test_a_letter_tells_all_its_facts(stack: Stack) -> None:
    stack.dead_letter(webhook())
    seen: list[DeadLetter] = []
    stack.letters().find(DeadLetterFilter(), lambda letter, _: seen.append(letter))

    [letter] = seen
    assert (letter.id, letter.source, letter.topic, letter.destination, letter.entity) == (
        "w-1", "shopify", "products/update", "datacue", "product:1",
    )  # fmt: skip
    assert (letter.reason, letter.status, letter.path) == ("answered 400", 400, "$.price")
    assert "price" not in repr(letter).replace("$.price", "")


def test_the_limit_ends_the_scan(stack: Stack) -> None:
    for at in range(4):
        stack.dead_letter(webhook(f"w-{at}"))

    tally = stack.letters().replay(DeadLetterFilter(limit=3), ACT)

    assert (tally.matched, tally.done, tally.stopped) == (3, 3, "the limit is reached")
    assert stack.counts(stack.dead) == (1, 0)


def test_a_dry_run_changes_nothing(stack: Stack) -> None:
    stack.dead_letter(webhook())

    replayed = stack.letters().replay(DeadLetterFilter(), Replay())
    dropped = stack.letters().drop(DeadLetterFilter(), dry=True)

    assert (replayed.matched, replayed.done, replayed.left) == (1, 0, 1)
    assert (dropped.matched, dropped.done, dropped.left) == (1, 0, 1)
    assert stack.counts(stack.dead) == (1, 0)
    assert stack.counts(stack.retry) == (0, 0)


def test_a_replay_starts_the_clock_anew_and_carries_the_trail(stack: Stack) -> None:
    stack.dead_letter(webhook(forced=True))

    tally = stack.letters().replay(DeadLetterFilter(), ACT)

    assert (tally.done, tally.left) == (1, 0)
    assert stack.parked() == [
        webhook(first_failed_at=None, not_before=None, confirms=False, replays=1)
    ]
    assert stack.counts(stack.dead) == (0, 0)


def test_a_forced_replay_marks_the_envelope(stack: Stack) -> None:
    stack.dead_letter(webhook())

    stack.letters().replay(DeadLetterFilter(), Replay(dry=False, force=True))

    assert [one.forced for one in stack.parked()] == [True]


class BrokenQueue(RetryQueue):
    """Takes so many envelopes, and then no more."""

    takes = 0

    def park(self, envelope: Envelope, delay: float) -> None:
        if not self.takes:
            raise QueueUnavailable("SQS did not take a message: ClientError")
        self.takes -= 1
        super().park(envelope, delay)


def test_a_letter_is_deleted_only_after_its_send_succeeded(stack: Stack) -> None:
    for at in range(3):
        stack.dead_letter(webhook(f"w-{at}"))
    broken = BrokenQueue(stack.sqs, stack.s3, retry=stack.retry, dead=stack.dead, bucket="bodies")
    broken.takes = 1

    tally = stack.letters(broken).replay(DeadLetterFilter(), ACT)

    assert tally.error == "SQS did not take a message: ClientError"
    assert (tally.matched, tally.done, tally.left) == (2, 1, 1)
    assert stack.counts(stack.dead) == (2, 0)
    assert stack.counts(stack.retry) == (1, 0)


def test_everything_is_released_after_a_scan(stack: Stack) -> None:
    for at in range(12):
        stack.dead_letter(webhook(f"w-{at}"))

    tally = stack.letters().find(DeadLetterFilter(topic="orders/paid"))

    assert (tally.seen, tally.matched, tally.hidden, tally.unseen) == (12, 0, 0, 0)
    assert stack.counts(stack.dead) == (12, 0)


def test_everything_is_released_after_an_interruption(stack: Stack) -> None:
    for at in range(12):
        stack.dead_letter(webhook(f"w-{at}"))

    def interrupt(_letter: DeadLetter, _fate: ScanResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stack.letters().find(DeadLetterFilter(), interrupt)

    assert stack.counts(stack.dead) == (12, 0)


def test_letters_that_others_hold_are_told_of(stack: Stack) -> None:
    for at in range(3):
        stack.dead_letter(webhook(f"w-{at}"))
    stack.sqs.receive_message(QueueUrl=stack.dead, MaxNumberOfMessages=1, VisibilityTimeout=60)

    tally = stack.letters().find(DeadLetterFilter())

    assert (tally.seen, tally.in_flight_elsewhere) == (2, 1)
    assert stack.counts(stack.dead) == (2, 1)


def test_a_message_that_sqs_moved_is_listed_as_crashed_and_replayed(stack: Stack) -> None:
    stack.queue.park(webhook(), 0)
    for _ in range(2):  # the second receive is one too many
        stack.sqs.receive_message(QueueUrl=stack.retry, VisibilityTimeout=0)
    seen: list[DeadLetter] = []

    stack.letters().find(DeadLetterFilter(reason="crashed"), lambda letter, _: seen.append(letter))
    tally = stack.letters().replay(DeadLetterFilter(reason="crashed"), ACT)

    assert [(one.reason, one.id) for one in seen] == [("crashed: received too often", "w-1")]
    assert tally.done == 1
    assert [one.replays for one in stack.parked()] == [1]


def test_the_facts_of_a_message_without_attributes_come_from_its_envelope(stack: Stack) -> None:
    stack.queue.park(webhook(), 0)
    body = stack.sqs.receive_message(QueueUrl=stack.retry)["Messages"][0]["Body"]
    stack.sqs.send_message(QueueUrl=stack.dead, MessageBody=body)

    assert found(
        stack.letters(), DeadLetterFilter(topic="products/update", entity="product:1")
    ) == {"w-1"}


def test_a_body_that_is_no_envelope_is_told_of_and_never_replayed(stack: Stack) -> None:
    stack.sqs.send_message(QueueUrl=stack.dead, MessageBody="hello")
    stack.dead_letter(webhook())

    tally = stack.letters().replay(DeadLetterFilter(), ACT)

    assert (tally.matched, tally.done, tally.unreadable) == (2, 1, 1)
    assert stack.letters().drop(DeadLetterFilter(reason="not an envelope"), dry=False).done == 1
    assert stack.counts(stack.dead) == (0, 0)


def large() -> Envelope:
    return webhook(body=bytes(range(256)) * 2, headers={"x": "y" * 1_100_000})


def test_a_replay_renews_the_body_in_s3(stack: Stack) -> None:
    stack.dead_letter(large())
    [old] = [one["Key"] for one in stack.s3.list_objects_v2(Bucket="bodies")["Contents"]]

    stack.letters().replay(DeadLetterFilter(), ACT)

    message = stack.sqs.receive_message(QueueUrl=stack.retry)["Messages"][0]
    pointer = json.loads(message["Body"])["pointer"]
    assert pointer != old
    stack.s3.delete_object(Bucket="bodies", Key=old)
    assert stack.queue.open(message["Body"]).body == large().body


def test_a_letter_whose_body_s3_has_forgotten_is_unreadable(stack: Stack) -> None:
    stack.dead_letter(large())
    [key] = [one["Key"] for one in stack.s3.list_objects_v2(Bucket="bodies")["Contents"]]
    stack.s3.delete_object(Bucket="bodies", Key=key)

    tally = stack.letters().replay(DeadLetterFilter(), ACT)

    assert (tally.matched, tally.unreadable, tally.done) == (1, 1, 0)
    assert stack.counts(stack.dead) == (1, 0)


def test_the_rate_spreads_the_sends(stack: Stack) -> None:
    for at in range(3):
        stack.dead_letter(webhook(f"w-{at}"))

    stack.letters().replay(DeadLetterFilter(), Replay(dry=False, rate=4))

    assert stack.clock.slept == [0.25, 0.25]


def test_what_dies_again_during_the_replay_is_not_replayed_again(stack: Stack) -> None:
    class Grave(RetryQueue):
        def park(self, envelope: Envelope, delay: float) -> None:  # noqa: ARG002 - no wait
            self.dead_letter(envelope, DeadLetterReason(reason="answered 400"))

    stack.dead_letter(webhook())
    grave = Grave(stack.sqs, stack.s3, retry=stack.retry, dead=stack.dead, bucket="bodies")

    tally = stack.letters(grave).replay(DeadLetterFilter(), ACT)

    assert (tally.done, tally.returned, tally.matched) == (1, 1, 1)
    assert stack.counts(stack.dead) == (1, 0)


def test_a_drop_deletes_what_was_chosen_and_nothing_else(stack: Stack) -> None:
    stack.dead_letter(webhook("keep"))
    stack.dead_letter(webhook("drop", topic="orders/paid"))

    tally = stack.letters().drop(DeadLetterFilter(topic="orders/paid"), dry=False)

    assert tally.done == 1
    assert found(stack.letters(), DeadLetterFilter()) == {"keep"}


def about(name: str) -> Callable[[Envelope], bool]:
    return lambda envelope: envelope.entity == name


def test_a_purge_deletes_what_matches_and_a_count_deletes_nothing(stack: Stack) -> None:
    stack.dead_letter(webhook("w-1", entity="person:7"))
    stack.dead_letter(webhook("w-2", entity="person:8"))
    stack.sqs.send_message(QueueUrl=stack.dead, MessageBody="hello")
    letters = stack.letters()

    assert letters.holds(about("person:7"), NOON + 60).matched == 1
    assert letters.purge(about("person:7"), NOON + 60).done == 1
    assert letters.holds(about("person:7"), NOON + 60).matched == 0
    assert stack.counts(stack.dead) == (2, 0)


def test_a_purge_waits_for_what_others_hold(stack: Stack) -> None:
    stack.dead_letter(webhook())
    [held] = stack.sqs.receive_message(QueueUrl=stack.dead, VisibilityTimeout=60)["Messages"]

    def release(seconds: float) -> None:
        stack.clock.sleep(seconds)
        stack.sqs.change_message_visibility(
            QueueUrl=stack.dead, ReceiptHandle=held["ReceiptHandle"], VisibilityTimeout=0
        )

    letters = DeadLetters(
        stack.sqs, stack.queue, url=stack.dead, clock=stack.clock, sleep=release, wait=0
    )

    swept = letters.purge(about("product:1"), NOON + 60)

    assert (swept.over, swept.done) == (True, 1)
    assert len(stack.clock.slept) == 1


def test_a_purge_that_could_not_see_everything_says_so(stack: Stack) -> None:
    stack.dead_letter(webhook())
    stack.dead_letter(webhook())
    stack.sqs.receive_message(QueueUrl=stack.dead, VisibilityTimeout=600)

    assert not stack.letters().purge(about("nobody"), NOON + 60).over
    assert not stack.letters().purge(about("nobody"), NOON).over


def test_what_is_dropped_or_replayed_leaves_no_body_in_s3(stack: Stack) -> None:
    stack.dead_letter(large())
    stack.dead_letter(large())
    stack.letters().drop(DeadLetterFilter(limit=1), dry=False)
    stack.letters().replay(DeadLetterFilter(), ACT)

    # The third is what the replay parked.
    sizes = [one["Size"] for one in stack.s3.list_objects_v2(Bucket="bodies")["Contents"]]
    assert sorted(size > 1000 for size in sizes) == [False, False, True]


def test_the_replay_function_only_looks_unless_it_is_told_to_act(stack: Stack) -> None:
    stack.dead_letter(webhook("w-1"))
    stack.dead_letter(webhook("w-2", destination="yespo"))
    letters = stack.letters()

    assert letters.serve({"destination": "yespo"}, 900) == {
        "matched": 1, "replayed": 0, "left": 1, "unreadable": 0, "in_flight_elsewhere": 0,
        "dry_run": True, "stopped": "", "error": "",
    }  # fmt: skip
    assert letters.serve({"destination": "yespo", "dry_run": False}, 900) == {
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
def test_a_wrong_event_replays_nothing_and_names_the_key(
    stack: Stack, event: dict[str, Any], path: str
) -> None:
    stack.dead_letter(webhook())

    with pytest.raises(NotUnderstood) as told:
        stack.letters().serve({"dry_run": False} | event, 900)

    assert told.value.path == path
    assert stack.counts(stack.dead) == (1, 0)


def test_the_replay_function_stops_before_its_time_is_over(stack: Stack) -> None:
    for at in range(5):
        stack.dead_letter(webhook(f"w-{at}"))

    answer = stack.letters().serve({"dry_run": False, "rate": 0.5}, 13)

    # 13 s less a reserve of 10 s: at two seconds each, the third would be too late
    assert (answer["replayed"], answer["left"], answer["stopped"]) == (2, 1, "no time is left")
    assert stack.counts(stack.dead) == (3, 0)
