"""The contract of dead letters: one suite for SQS (moto) and for the fake of other tests."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from shared.errors import QueueUnavailable
from shared.queue.dead_letter import DeadLetter, DeadLetterFilter
from shared.queue.envelope import Attempt, Envelope
from shared.queue.replay import Replay
from shared.queue.scan_report import ScanResult
from shared.queue.sqs import DeadLetterReason, RetryQueue
from tests.contracts.ports import AT, Ports, memory, webhook
from tests.fakes.queue import MemoryDeadLetters, MemoryQueue

ACT = Replay(dry=False)
REFUSED = DeadLetterReason(reason="answered 400", status=400, path="$.price")
LARGE = random.Random(7).randbytes(1_000_000)  # does not shrink when packed


def about(entity: str) -> Callable[[Envelope], bool]:
    return lambda envelope: envelope.entity == entity


def ids(dead_letters: list[DeadLetter]) -> set[str]:
    return {one.id for one in dead_letters}


def test_a_dead_letter_has_its_reason_status_path_and_facts(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)

    [dead_letter] = ports.list_dead_letters()
    assert (dead_letter.reason, dead_letter.status, dead_letter.path) == (
        "answered 400",
        400,
        "$.price",
    )
    assert (dead_letter.id, dead_letter.source, dead_letter.topic) == (
        "w-1",
        "shopify",
        "products/update",
    )
    assert (dead_letter.destination, dead_letter.entity) == ("datacue", "product:1")
    assert dead_letter.died_at == pytest.approx(ports.clock(), abs=1)
    assert ports.dead_letters.open(dead_letter) == webhook()
    assert ports.receive() is None


def test_a_dead_letter_without_a_response_has_no_status_and_no_path(ports: Ports) -> None:
    ports.queue.dead_letter(
        webhook(destination=None, task="forget"), DeadLetterReason(reason="no answer in time")
    )

    [dead_letter] = ports.list_dead_letters()
    assert (dead_letter.reason, dead_letter.status, dead_letter.path) == (
        "no answer in time",
        None,
        "",
    )
    assert dead_letter.destination == "forget"


def test_a_search_changes_nothing(ports: Ports) -> None:
    for at in range(12):
        ports.queue.dead_letter(webhook(f"w-{at}"), REFUSED)

    first = ports.dead_letters.find(DeadLetterFilter(reason="ANSWERED"))
    second = ports.dead_letters.find(DeadLetterFilter(topic="orders/paid"))

    assert (first.seen, first.matched, first.left, first.unseen, first.hidden) == (12, 12, 12, 0, 0)
    assert (second.seen, second.matched) == (12, 0)
    assert ports.dead_letters.count() == 12


def test_a_replay_renews_the_envelope_and_keeps_its_trail(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(replays=2), REFUSED)

    report = ports.dead_letters.replay(DeadLetterFilter(), ACT)

    assert (report.matched, report.done, report.left) == (1, 1, 0)
    assert ports.list_dead_letters() == []
    [again] = ports.parked()
    assert again == webhook(first_failed_at=None, not_before=None, confirms=False, replays=3)
    assert again.trail == (Attempt(at=AT, verdict="refused", status=400),)


def test_a_forced_replay_is_marked_and_the_next_one_is_not(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("forced"), REFUSED)
    ports.dead_letters.replay(DeadLetterFilter(), Replay(dry=False, force=True))
    [forced] = ports.parked()
    ports.queue.dead_letter(forced, REFUSED)

    ports.dead_letters.replay(DeadLetterFilter(), ACT)

    assert forced.forced
    assert [one.forced for one in ports.parked()] == [False]


def test_a_replay_sends_the_selected_dead_letters_up_to_the_limit(ports: Ports) -> None:
    for name in ("a", "b", "c"):
        ports.queue.dead_letter(webhook(name, destination="yespo"), REFUSED)
    ports.queue.dead_letter(webhook("other"), REFUSED)

    report = ports.dead_letters.replay(DeadLetterFilter(destination="yespo", limit=2), ACT)

    assert (report.done, report.stopped) == (2, "the limit is reached")
    assert len(ports.parked()) == 2
    left = ids(ports.list_dead_letters())
    assert "other" in left
    assert len(left) == 2


def test_a_dry_replay_sends_nothing(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)

    report = ports.dead_letters.replay(DeadLetterFilter(), Replay())

    assert (report.matched, report.done, report.left) == (1, 0, 1)
    assert ports.receive() is None
    assert ids(ports.list_dead_letters()) == {"w-1"}


class FailingQueue(RetryQueue):
    """Accepts no message."""

    def park(self, envelope: Envelope, delay: float) -> None:  # noqa: ARG002 - accepts nothing
        raise QueueUnavailable("SQS did not accept a message: ClientError")


def test_a_dead_letter_whose_send_failed_is_still_a_dead_letter(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)

    report = ports.over_queue(FailingQueue).replay(DeadLetterFilter(), ACT)

    assert (report.done, report.left) == (0, 1)
    assert report.error == "SQS did not accept a message: ClientError"
    assert ids(ports.list_dead_letters()) == {"w-1"}
    assert ports.receive() is None


class RejectingQueue(RetryQueue):
    """Dead-letters every envelope instead of parking it."""

    def park(self, envelope: Envelope, delay: float) -> None:  # noqa: ARG002 - no delay
        self.dead_letter(envelope, DeadLetterReason(reason="answered 400"))


def test_a_webhook_dead_lettered_again_during_a_replay_is_not_replayed_twice(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("a"), REFUSED)
    ports.queue.dead_letter(webhook("b"), REFUSED)

    report = ports.over_queue(RejectingQueue).replay(DeadLetterFilter(), ACT)

    assert (report.matched, report.done, report.returned) == (2, 2, 2)
    died = [ports.dead_letters.open(one) for one in ports.list_dead_letters()]
    assert [one.replays for one in died if one] == [1, 1]


def test_a_webhook_dead_lettered_again_is_replayed_by_the_next_replay(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.over_queue(RejectingQueue).replay(DeadLetterFilter(), ACT)

    ports.dead_letters.replay(DeadLetterFilter(), ACT)

    assert [one.replays for one in ports.parked()] == [2]
    assert ports.list_dead_letters() == []


def test_a_replayed_large_envelope_is_received_whole(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(body=LARGE), REFUSED)

    assert ports.dead_letters.replay(DeadLetterFilter(), ACT).done == 1

    assert [one.body == LARGE for one in ports.parked()] == [True]


def test_a_dead_letter_whose_body_s3_has_deleted_is_not_replayed(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(body=LARGE), REFUSED)
    ports.delete_bodies()

    report = ports.dead_letters.replay(DeadLetterFilter(), ACT)

    assert (report.matched, report.unreadable, report.done) == (1, 1, 0)
    assert ids(ports.list_dead_letters()) == {"w-1"}


def test_a_message_that_is_no_envelope_is_reported_and_never_replayed(ports: Ports) -> None:
    ports.send_raw(ports.dead, "hello")
    ports.queue.dead_letter(webhook(), REFUSED)

    report = ports.dead_letters.replay(DeadLetterFilter(), ACT)

    assert (report.matched, report.done, report.unreadable) == (2, 1, 1)
    assert [one.reason for one in ports.list_dead_letters()] == ["not an envelope"]


def test_a_crashed_message_is_replayed_with_a_new_receive_count(ports: Ports) -> None:
    ports.queue.park(webhook(), 0)
    for _ in range(5):
        ports.receive_one()
        ports.clock.pass_(361)
    assert ports.receive() is None

    assert ports.dead_letters.replay(DeadLetterFilter(reason="crashed"), ACT).done == 1

    again = ports.receive_one()
    assert again.count == 1
    assert ports.queue.open(again.body).replays == 1


def test_a_drop_deletes_only_the_selected_dead_letters(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("keep"), REFUSED)
    ports.queue.dead_letter(webhook("drop", topic="orders/paid"), REFUSED)

    looked = ports.dead_letters.drop(DeadLetterFilter(topic="orders/paid"), dry=True)
    dropped = ports.dead_letters.drop(DeadLetterFilter(topic="orders/paid"), dry=False)

    assert (looked.done, dropped.done) == (0, 1)
    assert ids(ports.list_dead_letters()) == {"keep"}
    assert ports.receive() is None


def test_a_count_of_matching_dead_letters_deletes_nothing(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("w-1", entity="person:7"), REFUSED)
    ports.queue.dead_letter(webhook("w-2", entity="person:7"), REFUSED)
    ports.queue.dead_letter(webhook("w-3", entity="person:8"), REFUSED)
    ports.send_raw(ports.dead, "hello")

    held = ports.dead_letters.count_matching(about("person:7"), ports.clock() + 60)

    assert (held.matched, held.over) == (2, True)
    assert ports.dead_letters.count() == 4


def test_a_purge_deletes_matching_dead_letters_and_counts_them(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("w-1", entity="person:7"), REFUSED)
    ports.queue.dead_letter(webhook("w-2", entity="person:8", body=LARGE), REFUSED)
    ports.queue.dead_letter(webhook("w-3", entity="person:7", body=LARGE), REFUSED)
    ports.send_raw(ports.dead, "hello")

    purged = ports.dead_letters.purge(about("person:7"), ports.clock() + 60)

    assert (purged.done, purged.over) == (2, True)
    assert {(one.id, one.reason) for one in ports.list_dead_letters()} == {
        ("w-2", "answered 400"),
        ("", "not an envelope"),
    }


def test_a_purge_of_all_also_deletes_messages_that_are_no_envelope(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.send_raw(ports.dead, "hello")
    ports.queue.park(webhook("waits"), 0)

    purged = ports.dead_letters.purge(None, ports.clock() + 60)

    assert (purged.done, purged.over) == (2, True)
    assert ports.list_dead_letters() == []
    assert [one.id for one in ports.parked()] == ["waits"]


def test_a_purge_finds_messages_that_another_scan_releases_meanwhile(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=3)

    purged = ports.dead_letters.purge(about("product:1"), ports.clock() + 60)

    assert (purged.done, purged.over) == (1, True)


def test_a_purge_is_not_over_while_messages_are_held_elsewhere(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=600)

    purged = ports.dead_letters.purge(about("product:1"), ports.clock() + 60)

    assert (purged.done, purged.over) == (0, False)


def test_dead_letters_held_elsewhere_are_reported_and_return(ports: Ports) -> None:
    for at in range(3):
        ports.queue.dead_letter(webhook(f"w-{at}"), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=60)

    now = ports.dead_letters.find(DeadLetterFilter())
    ports.clock.pass_(61)
    later = ports.dead_letters.find(DeadLetterFilter())

    assert (now.seen, now.in_flight_elsewhere) == (2, 1)
    assert (later.seen, later.in_flight_elsewhere) == (3, 0)


def test_messages_held_by_a_killed_replay_return_after_ten_minutes(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=600)

    ports.clock.pass_(599)
    assert ports.list_dead_letters() == []
    ports.clock.pass_(2)
    assert ids(ports.list_dead_letters()) == {"w-1"}


def test_an_interrupted_scan_releases_everything(ports: Ports) -> None:
    for at in range(12):
        ports.queue.dead_letter(webhook(f"w-{at}"), REFUSED)

    def interrupt(_letter: DeadLetter, _fate: ScanResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ports.dead_letters.find(DeadLetterFilter(), interrupt)

    assert ports.dead_letters.count() == 12


def test_matching_bodies_are_erased_and_others_stay(ports: Ports) -> None:
    ports.queue.park(webhook("w-1", entity="person:7", body=LARGE), 0)
    ports.queue.park(webhook("w-2", entity="person:8", body=LARGE), 0)

    cursor = ports.bodies.remove(about("person:7"))

    assert (cursor.done, cursor.over) == (1, True)
    assert {one.id: len(one.body) for one in ports.parked()} == {"w-1": 0, "w-2": 1_000_000}


def test_the_fake_does_not_wait_for_messages_held_elsewhere() -> None:
    ports = memory()
    assert isinstance(ports.queue, MemoryQueue)
    dead_letters = MemoryDeadLetters(ports.queue, ports.clock)
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=600)

    with pytest.raises(QueueUnavailable, match="some dead letters are held elsewhere"):
        dead_letters.purge(None, ports.clock() + 60)
