"""The contract of every retry queue: one suite for SQS (moto) and for the fake of other tests."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings

from shared.errors import NotUnderstood, QueueUnavailable
from shared.queue.envelope import Envelope
from shared.queue.sqs import DeadLetterReason
from tests.contracts.ports import Ports, memory, webhook
from tests.fakes.clock import Clock
from tests.fakes.queue import MemoryQueue
from tests.queue.test_envelope import ENVELOPES

LARGE = random.Random(7).randbytes(1_000_000)  # does not shrink when packed


@given(one=ENVELOPES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_parked_envelope_is_received_equal(ports: Ports, one: Envelope) -> None:
    ports.queue.park(one, 0)

    message = ports.receive_one()

    assert ports.queue.open(message.body) == one
    ports.delete(message.receipt)
    assert ports.receive() is None


def test_a_message_is_hidden_for_its_delay(ports: Ports) -> None:
    ports.queue.park(webhook(), 30)

    ports.clock.pass_(29)
    assert ports.receive() is None
    ports.clock.pass_(2)
    assert ports.receive_one().count == 1


def test_a_message_has_a_delay_of_fifteen_minutes_at_most(ports: Ports) -> None:
    ports.queue.park(webhook(), 20_000)

    ports.clock.pass_(899)
    assert ports.receive() is None
    ports.clock.pass_(2)
    assert ports.parked() == [webhook()]


def test_a_delayed_message_does_not_block_a_due_one(ports: Ports) -> None:
    ports.queue.park(webhook("late"), 60)
    ports.queue.park(webhook("now"), 0)

    assert [one.id for one in ports.parked()] == ["now"]


def test_each_due_message_is_received_once(ports: Ports) -> None:
    for name in ("a", "b", "c"):
        ports.queue.park(webhook(name), 0)

    assert sorted(one.id for one in ports.parked()) == ["a", "b", "c"]


def test_a_received_message_is_hidden_and_then_received_again(ports: Ports) -> None:
    ports.queue.park(webhook(), 0)
    first = ports.receive_one()

    ports.clock.pass_(359)
    assert ports.receive() is None
    ports.clock.pass_(2)
    second = ports.receive_one()

    assert (first.count, second.count) == (1, 2)
    assert (first.message_id, first.body) == (second.message_id, second.body)
    assert first.receipt != second.receipt


def test_a_deleted_message_is_never_received_again(ports: Ports) -> None:
    ports.queue.park(webhook(), 0)

    ports.delete(ports.receive_one().receipt)

    ports.clock.pass_(10_000)
    assert ports.receive() is None
    assert ports.list_dead_letters() == []


def test_a_message_is_deleted_also_after_its_visibility_ended(ports: Ports) -> None:
    ports.queue.park(webhook(), 0)
    message = ports.receive_one()
    ports.clock.pass_(361)

    ports.delete(message.receipt)

    assert ports.receive() is None


def test_an_old_receipt_deletes_nothing_after_another_receive(ports: Ports) -> None:
    ports.queue.park(webhook(), 0)
    old = ports.receive_one()
    ports.clock.pass_(361)
    new = ports.receive_one()

    ports.delete(old.receipt)
    ports.clock.pass_(361)

    again = ports.receive_one()
    assert (again.message_id, again.count) == (new.message_id, 3)
    ports.delete(again.receipt)
    ports.clock.pass_(361)
    assert ports.receive() is None


def test_a_second_delete_deletes_nothing_more(ports: Ports) -> None:
    ports.queue.park(webhook("a"), 0)
    message = ports.receive_one()
    ports.delete(message.receipt)
    ports.queue.park(webhook("b"), 0)

    ports.delete(message.receipt)

    assert [one.id for one in ports.parked()] == ["b"]


def test_a_message_received_five_times_without_a_delete_is_a_dead_letter(ports: Ports) -> None:
    ports.queue.park(webhook(), 0)
    sent = ports.clock()
    counts = []
    for _ in range(5):
        counts.append(ports.receive_one().count)
        ports.clock.pass_(361)

    assert ports.receive() is None

    assert counts == [1, 2, 3, 4, 5]
    [dead_letter] = ports.list_dead_letters()
    assert (dead_letter.reason, dead_letter.status, dead_letter.path) == (
        "crashed: received too often",
        None,
        "",
    )
    assert (dead_letter.id, dead_letter.source, dead_letter.topic) == (
        "w-1",
        "shopify",
        "products/update",
    )
    assert (dead_letter.destination, dead_letter.entity) == ("datacue", "product:1")
    assert dead_letter.died_at == pytest.approx(sent, abs=1)
    assert ports.dead_letters.open(dead_letter) == webhook()
    ports.clock.pass_(10_000)
    assert ports.receive() is None


def test_a_dead_lettered_message_does_not_block_the_next_one(ports: Ports) -> None:
    ports.queue.park(webhook("poison"), 0)
    for _ in range(5):
        ports.receive_one()
        ports.clock.pass_(361)
    ports.queue.park(webhook("good"), 0)

    assert [one.id for one in ports.parked()] == ["good"]
    assert [one.id for one in ports.list_dead_letters()] == ["poison"]


def test_a_message_whose_last_receive_was_deleted_is_no_dead_letter(ports: Ports) -> None:
    ports.queue.park(webhook(), 0)
    for _ in range(4):
        ports.receive_one()
        ports.clock.pass_(361)
    ports.delete(ports.receive_one().receipt)
    ports.clock.pass_(361)

    assert ports.receive() is None
    assert ports.list_dead_letters() == []


def test_a_foreign_message_is_not_understood(ports: Ports) -> None:
    ports.send_raw(ports.retry, "hello")

    message = ports.receive_one()

    assert message.body == "hello"
    with pytest.raises(NotUnderstood):
        ports.queue.open(message.body)


def test_a_large_envelope_goes_through_the_bucket(ports: Ports) -> None:
    one = webhook(body=LARGE)

    ports.queue.park(one, 0)

    message = ports.receive_one()
    assert message.body.startswith('{"pointer":"bodies/2026-11-20/')
    assert ports.queue.open(message.body) == one


def test_a_large_envelope_whose_body_is_gone_is_not_understood(ports: Ports) -> None:
    ports.queue.park(webhook(body=LARGE), 0)
    message = ports.receive_one()
    ports.delete_bodies()

    with pytest.raises(NotUnderstood, match="the body in S3 is gone"):
        ports.queue.open(message.body)


def test_a_purge_empties_the_retry_queue_and_leaves_dead_letters_and_bodies(ports: Ports) -> None:
    ports.queue.dead_letter(webhook("dead", body=LARGE), DeadLetterReason(reason="answered 400"))
    ports.queue.park(webhook("hidden"), 0)
    ports.receive_one()
    ports.queue.park(webhook("due"), 0)
    ports.queue.park(webhook("late"), 900)

    ports.queue.purge()

    ports.clock.pass_(1000)
    assert ports.receive() is None
    [dead_letter] = ports.list_dead_letters()
    assert ports.dead_letters.open(dead_letter) == webhook("dead", body=LARGE)


def test_an_envelope_parked_after_a_purge_is_received(ports: Ports) -> None:
    ports.queue.park(webhook("before"), 0)
    ports.queue.purge()
    ports.queue.park(webhook("after"), 0)

    assert [one.id for one in ports.parked()] == ["after"]


def test_a_second_purge_within_a_minute_is_rejected_and_a_later_one_is_not(ports: Ports) -> None:
    ports.queue.purge()
    ports.queue.park(webhook(), 0)

    ports.clock.pass_(59)
    with pytest.raises(QueueUnavailable, match="SQS did not purge"):
        ports.queue.purge()
    ports.clock.pass_(2)
    ports.queue.purge()

    assert ports.receive() is None


# ---- Only the fake: SQS guarantees no order ------------------------------------------------------


def test_the_fake_returns_first_what_is_due_first() -> None:
    ports = memory()
    ports.queue.park(webhook("third"), 20)
    ports.queue.park(webhook("first"), 5)
    ports.queue.park(webhook("second"), 5)
    ports.clock.pass_(30)

    assert [one.id for one in ports.parked()] == ["first", "second", "third"]


def test_the_fake_returns_when_the_next_message_is_due() -> None:
    clock = Clock(now=1000.0)
    queue = MemoryQueue(clock)
    assert queue.next_due() is None

    queue.park(webhook("late"), 60)
    queue.park(webhook("soon"), 10)
    assert queue.next_due() == 1010
    clock.pass_(10)
    soon = queue.receive()
    assert soon is not None
    assert queue.next_due() == 1060
    clock.pass_(60)
    late = queue.receive()
    assert late is not None
    assert queue.next_due() == 1370

    queue.delete(soon.receipt)
    queue.delete(late.receipt)
    assert queue.next_due() is None


def test_the_fake_lists_its_dead_letters_with_their_attributes() -> None:
    clock = Clock(now=1000.0)
    queue = MemoryQueue(clock)

    queue.dead_letter(
        webhook(), DeadLetterReason(reason="answered 400", status=400, path="$.price")
    )

    [dead] = queue.dead
    assert dead.attributes == {
        "id": "w-1",
        "source": "shopify",
        "topic": "products/update",
        "destination": "datacue",
        "entity": "product:1",
        "reason": "answered 400",
        "status": "400",
        "path": "$.price",
    }
    assert (queue.open(dead.body), dead.died_at) == (webhook(), 1000.0)
