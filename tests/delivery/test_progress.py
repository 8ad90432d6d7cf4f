"""A read of the store behind a delivery: who waits for it, and whom it covers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from shared.delivery.deliver import Deadline
from shared.delivery.settlement import Status
from shared.errors import QueueUnavailable, StoreReadLater, StoreReadSince
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.queue.envelope import Envelope, decode
from shared.sources.contract import Translated
from shared.state.ports import Busy
from shared.state.store_reads import StoreRead
from tests.delivery.harness import World, translate, webhook

ENTITY = Entity(Kind.PRODUCT, "1")
READ = StoreRead(entity=ENTITY, at="2026-11-18T12:00:00.000000000Z", token="r")


class Reading:
    """A world whose source reads a store, and the ends of its reads."""

    def __init__(self, world: World, translated: Callable[[Envelope, float], Translated]) -> None:
        self.world = world
        self.translated = translated
        self.ended: list[bool] = []

    def deliver(self, envelope: Envelope) -> Status:
        pipeline = self.world.pipeline()
        source = replace(pipeline.sources["shop"], translate=self.translated)
        now = self.world.clock()
        return replace(pipeline, sources={"shop": source}, end_read=self._end).deliver(
            envelope, Deadline(deadline=now + 3, longest=3, lease=now + 11)
        )

    def _end(self, read: StoreRead, *, settled: bool) -> None:
        assert read == READ
        self.ended.append(settled)


def read(envelope: Envelope, deadline: float) -> Translated:
    return replace(translate(envelope, deadline), read=READ)


@pytest.mark.parametrize("mood", ["well", "down", "refuses", "silent after"])
def test_a_read_is_settled_once_its_changes_are_delivered_parked_or_dead_lettered(
    mood: str,
) -> None:
    reading = Reading(World(), read)
    reading.world.platforms["one"].mood = lambda _: mood

    reading.deliver(webhook("product", 1, 1))

    assert reading.ended == [True]


def test_a_read_without_changes_is_settled() -> None:
    reading = Reading(World(), lambda *_: Translated(ignored="a draft", read=READ))

    assert reading.deliver(webhook("product", 1, 1)) is Status.IGNORED
    assert reading.ended == [True]


def test_a_read_whose_entity_is_busy_covers_nothing() -> None:
    world = World()
    reading = Reading(world, read)
    world.claim = lambda claim: Busy()  # type: ignore[method-assign]  # noqa: ARG005 - as the port has it

    assert reading.deliver(webhook("product", 1, 1)) is Status.QUEUED
    assert reading.ended == [False]


def test_a_read_whose_commit_failed_or_that_could_not_be_parked_covers_nothing() -> None:
    lost = Reading(World(), read)
    lost.world.commit = lambda *_: False  # type: ignore[method-assign]  # as above
    lost.deliver(webhook("product", 1, 1))
    unparked = Reading(World(), read)
    unparked.world.queue_down = True
    unparked.world.platforms["one"].mood = lambda _: "down"
    with suppress(QueueUnavailable):
        unparked.deliver(webhook("product", 1, 1))

    assert (lost.ended, unparked.ended) == ([False], [False])


def test_a_webhook_waits_without_an_attempt_while_another_one_reads() -> None:
    def busy(*_: object) -> Translated:
        raise StoreReadLater(7.0)

    reading = Reading(World(), busy)

    assert reading.deliver(webhook("product", 1, 1)) is Status.QUEUED
    ((due, data),) = reading.world.parked
    assert due == reading.world.clock() + 7
    assert (decode(data).trail, decode(data).first_failed_at) == ((), None)
    assert reading.ended == []


def test_a_covered_webhook_ends_and_is_in_the_journal() -> None:
    def covered(*_: object) -> Translated:
        raise StoreReadSince(str(ENTITY))

    reading = Reading(World(), covered)

    assert reading.deliver(webhook("product", 1, 1)) is Status.SUPERSEDED
    (entry,) = reading.world.journal.notes
    assert entry.entity == "product:1"
    assert entry.verdicts == {"all": "superseded: the store was read since"}
    assert (reading.world.parked, reading.world.dead) == ([], [])
