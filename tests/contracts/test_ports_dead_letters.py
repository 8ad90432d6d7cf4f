"""What dead letters must do; one suite for SQS (moto) and for the stand-in of other tests."""

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


def ids(letters: list[DeadLetter]) -> set[str]:
    return {one.id for one in letters}


def test_a_dead_letter_carries_its_reason_status_path_and_facts(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)

    [letter] = ports.buried()
    assert (letter.reason, letter.status, letter.path) == ("answered 400", 400, "$.price")
    assert (letter.id, letter.source, letter.topic) == ("w-1", "shopify", "products/update")
    assert (letter.destination, letter.entity) == ("datacue", "product:1")
    assert letter.died_at == pytest.approx(ports.clock(), abs=1)
    assert ports.letters.open(letter) == webhook()
    assert ports.receive() is None


def test_what_was_never_answered_has_no_status_and_no_path(ports: Ports) -> None:
    ports.queue.dead_letter(
        webhook(destination=None, task="forget"), DeadLetterReason(reason="no answer in time")
    )

    [letter] = ports.buried()
    assert (letter.reason, letter.status, letter.path) == ("no answer in time", None, "")
    assert letter.destination == "forget"


def test_a_look_changes_nothing(ports: Ports) -> None:
    for at in range(12):
        ports.queue.dead_letter(webhook(f"w-{at}"), REFUSED)

    first = ports.letters.find(DeadLetterFilter(reason="ANSWERED"))
    second = ports.letters.find(DeadLetterFilter(topic="orders/paid"))

    assert (first.seen, first.matched, first.left, first.unseen, first.hidden) == (12, 12, 12, 0, 0)
    assert (second.seen, second.matched) == (12, 0)
    assert ports.letters.count() == 12


def test_a_replay_renews_the_envelope_and_keeps_its_trail(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(replays=2), REFUSED)

    tally = ports.letters.replay(DeadLetterFilter(), ACT)

    assert (tally.matched, tally.done, tally.left) == (1, 1, 0)
    assert ports.buried() == []
    [again] = ports.parked()
    assert again == webhook(first_failed_at=None, not_before=None, confirms=False, replays=3)
    assert again.trail == (Attempt(at=AT, verdict="refused", status=400),)


def test_a_forced_replay_says_so_and_the_next_one_does_not(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("forced"), REFUSED)
    ports.letters.replay(DeadLetterFilter(), Replay(dry=False, force=True))
    [forced] = ports.parked()
    ports.queue.dead_letter(forced, REFUSED)

    ports.letters.replay(DeadLetterFilter(), ACT)

    assert forced.forced
    assert [one.forced for one in ports.parked()] == [False]


def test_a_replay_takes_what_was_chosen_and_no_more_than_the_limit(ports: Ports) -> None:
    for name in ("a", "b", "c"):
        ports.queue.dead_letter(webhook(name, destination="yespo"), REFUSED)
    ports.queue.dead_letter(webhook("other"), REFUSED)

    tally = ports.letters.replay(DeadLetterFilter(destination="yespo", limit=2), ACT)

    assert (tally.done, tally.stopped) == (2, "the limit is reached")
    assert len(ports.parked()) == 2
    left = ids(ports.buried())
    assert "other" in left
    assert len(left) == 2


def test_a_replay_that_only_looks_sends_nothing(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)

    tally = ports.letters.replay(DeadLetterFilter(), Replay())

    assert (tally.matched, tally.done, tally.left) == (1, 0, 1)
    assert ports.receive() is None
    assert ids(ports.buried()) == {"w-1"}


class Full(RetryQueue):
    """Takes nothing."""

    def park(self, envelope: Envelope, delay: float) -> None:  # noqa: ARG002 - takes nothing
        raise QueueUnavailable("SQS did not take a message: ClientError")


def test_a_letter_whose_send_failed_is_still_a_dead_letter(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)

    tally = ports.other(Full).replay(DeadLetterFilter(), ACT)

    assert (tally.done, tally.left) == (0, 1)
    assert tally.error == "SQS did not take a message: ClientError"
    assert ids(ports.buried()) == {"w-1"}
    assert ports.receive() is None


class Grave(RetryQueue):
    """What is parked dies at once."""

    def park(self, envelope: Envelope, delay: float) -> None:  # noqa: ARG002 - no wait
        self.dead_letter(envelope, DeadLetterReason(reason="answered 400"))


def test_what_dies_again_during_a_replay_is_not_replayed_twice(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("a"), REFUSED)
    ports.queue.dead_letter(webhook("b"), REFUSED)

    tally = ports.other(Grave).replay(DeadLetterFilter(), ACT)

    assert (tally.matched, tally.done, tally.returned) == (2, 2, 2)
    died = [ports.letters.open(one) for one in ports.buried()]
    assert [one.replays for one in died if one] == [1, 1]


def test_what_died_again_is_replayed_by_the_next_replay(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.other(Grave).replay(DeadLetterFilter(), ACT)

    ports.letters.replay(DeadLetterFilter(), ACT)

    assert [one.replays for one in ports.parked()] == [2]
    assert ports.buried() == []


def test_a_replay_of_a_large_envelope_comes_back_whole(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(body=LARGE), REFUSED)

    assert ports.letters.replay(DeadLetterFilter(), ACT).done == 1

    assert [one.body == LARGE for one in ports.parked()] == [True]


def test_a_letter_whose_body_s3_has_forgotten_is_not_replayed(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(body=LARGE), REFUSED)
    ports.lose_bodies()

    tally = ports.letters.replay(DeadLetterFilter(), ACT)

    assert (tally.matched, tally.unreadable, tally.done) == (1, 1, 0)
    assert ids(ports.buried()) == {"w-1"}


def test_what_is_no_envelope_is_told_of_and_never_replayed(ports: Ports) -> None:
    ports.throw(ports.dead, "hello")
    ports.queue.dead_letter(webhook(), REFUSED)

    tally = ports.letters.replay(DeadLetterFilter(), ACT)

    assert (tally.matched, tally.done, tally.unreadable) == (2, 1, 1)
    assert [one.reason for one in ports.buried()] == ["not an envelope"]


def test_what_crashed_is_replayed_and_counts_its_receives_anew(ports: Ports) -> None:
    ports.queue.park(webhook(), 0)
    for _ in range(5):
        ports.taken()
        ports.clock.pass_(361)
    assert ports.receive() is None

    assert ports.letters.replay(DeadLetterFilter(reason="crashed"), ACT).done == 1

    again = ports.taken()
    assert again.count == 1
    assert ports.queue.open(again.body).replays == 1


def test_a_drop_deletes_what_was_chosen_and_nothing_else(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("keep"), REFUSED)
    ports.queue.dead_letter(webhook("drop", topic="orders/paid"), REFUSED)

    looked = ports.letters.drop(DeadLetterFilter(topic="orders/paid"), dry=True)
    dropped = ports.letters.drop(DeadLetterFilter(topic="orders/paid"), dry=False)

    assert (looked.done, dropped.done) == (0, 1)
    assert ids(ports.buried()) == {"keep"}
    assert ports.receive() is None


def test_a_count_tells_what_matches_and_deletes_nothing(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("w-1", entity="person:7"), REFUSED)
    ports.queue.dead_letter(webhook("w-2", entity="person:7"), REFUSED)
    ports.queue.dead_letter(webhook("w-3", entity="person:8"), REFUSED)
    ports.throw(ports.dead, "hello")

    held = ports.letters.holds(about("person:7"), ports.clock() + 60)

    assert (held.matched, held.over) == (2, True)
    assert ports.letters.count() == 4


def test_a_purge_deletes_what_matches_and_tells_how_many(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("w-1", entity="person:7"), REFUSED)
    ports.queue.dead_letter(webhook("w-2", entity="person:8", body=LARGE), REFUSED)
    ports.queue.dead_letter(webhook("w-3", entity="person:7", body=LARGE), REFUSED)
    ports.throw(ports.dead, "hello")

    purged = ports.letters.purge(about("person:7"), ports.clock() + 60)

    assert (purged.done, purged.over) == (2, True)
    assert {(one.id, one.reason) for one in ports.buried()} == {
        ("w-2", "answered 400"),
        ("", "not an envelope"),
    }


def test_a_purge_of_all_deletes_also_what_is_no_envelope(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.throw(ports.dead, "hello")
    ports.queue.park(webhook("waits"), 0)

    purged = ports.letters.purge(None, ports.clock() + 60)

    assert (purged.done, purged.over) == (2, True)
    assert ports.buried() == []
    assert [one.id for one in ports.parked()] == ["waits"]


def test_a_purge_finds_also_what_another_scan_gives_back_meanwhile(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=3)

    purged = ports.letters.purge(about("product:1"), ports.clock() + 60)

    assert (purged.done, purged.over) == (1, True)


def test_a_purge_of_what_others_hold_for_long_is_not_over(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=600)

    purged = ports.letters.purge(about("product:1"), ports.clock() + 60)

    assert (purged.done, purged.over) == (0, False)


def test_letters_that_others_hold_are_told_of_and_come_back(ports: Ports) -> None:
    for at in range(3):
        ports.queue.dead_letter(webhook(f"w-{at}"), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=60)

    now = ports.letters.find(DeadLetterFilter())
    ports.clock.pass_(61)
    later = ports.letters.find(DeadLetterFilter())

    assert (now.seen, now.in_flight_elsewhere) == (2, 1)
    assert (later.seen, later.in_flight_elsewhere) == (3, 0)


def test_what_a_killed_replay_held_comes_back_after_ten_minutes(ports: Ports) -> None:
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=600)

    ports.clock.pass_(599)
    assert ports.buried() == []
    ports.clock.pass_(2)
    assert ids(ports.buried()) == {"w-1"}


def test_an_interrupted_scan_gives_everything_back(ports: Ports) -> None:
    for at in range(12):
        ports.queue.dead_letter(webhook(f"w-{at}"), REFUSED)

    def interrupt(_letter: DeadLetter, _fate: ScanResult) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ports.letters.find(DeadLetterFilter(), interrupt)

    assert ports.letters.count() == 12


def test_bodies_that_match_are_forgotten_and_others_stay(ports: Ports) -> None:
    ports.queue.park(webhook("w-1", entity="person:7", body=LARGE), 0)
    ports.queue.park(webhook("w-2", entity="person:8", body=LARGE), 0)

    look = ports.bodies.remove(about("person:7"))

    assert (look.done, look.over) == (1, True)
    assert {one.id: len(one.body) for one in ports.parked()} == {"w-1": 0, "w-2": 1_000_000}


def test_the_stand_in_does_not_wait_for_what_others_hold() -> None:
    ports = memory()
    assert isinstance(ports.queue, MemoryQueue)
    letters = MemoryDeadLetters(ports.queue, ports.clock)
    ports.queue.dead_letter(webhook(), REFUSED)
    ports.sqs.receive_message(QueueUrl=ports.dead, VisibilityTimeout=600)

    with pytest.raises(QueueUnavailable, match="others hold some dead letters"):
        letters.purge(None, ports.clock() + 60)
