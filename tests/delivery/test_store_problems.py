"""What becomes of a webhook whose store cannot be read, and of fields of an unexpected type."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from shared.delivery.deliver import Pipeline
from shared.delivery.settlement import Status
from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.value import replace
from shared.observability import Observer
from shared.queue.envelope import Envelope
from shared.sources.contract import Translated
from tests.delivery.harness import World, translate, webhook

Translate = Callable[[Envelope, float], Translated]


class _World(World):
    def __init__(self, *names: str, translate: Translate) -> None:
        super().__init__(*names)
        self._translate = translate
        self.observer = Observer("test")

    def pipeline(self) -> Pipeline:
        pipeline = super().pipeline()
        source = replace(pipeline.sources["shop"], translate=self._translate)
        return replace(pipeline, sources={"shop": source}, observer=self.observer)


def world_with(source_translate: Translate) -> _World:
    return _World("one", "two", translate=source_translate)


def verdicts(world: World) -> list[dict[str, str]]:
    return [dict(one.verdicts) for one in world.journal.notes]


def test_a_webhook_that_waits_for_the_store_is_in_the_journal_from_its_first_failure() -> None:
    def unavailable(_: Envelope, __: float) -> Translated:
        raise StoreUnavailable("the store answered 502")

    world = world_with(unavailable)

    assert world.deliver(webhook("product", 1, 1)) is Status.QUEUED

    assert verdicts(world) == [{"all": "waits: the store answered 502"}]


def test_a_webhook_that_is_ignored_after_it_waited_does_not_wait_in_the_journal() -> None:
    found: list[Exception | Translated] = [
        StoreUnavailable("the store answered 502"),
        Translated(ignored="the product is no longer in the store"),
    ]

    def once(_: Envelope, __: float) -> Translated:
        result = found.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    world = world_with(once)
    world.deliver(webhook("product", 1, 1))

    world.drain()

    assert verdicts(world)[-1] == {"all": "ignored: the product is no longer in the store"}


def test_a_response_that_is_not_understood_is_final_and_names_its_path() -> None:
    def unreadable(_: Envelope, __: float) -> Translated:
        raise NotUnderstood("the store's answer: Expected an id", "$.id")

    world = world_with(unreadable)

    assert world.deliver(webhook("product", 1, 1)) is Status.DEAD_LETTER

    [(_, reason)] = world.dead
    assert (reason.reason, reason.path) == ("the store's answer: Expected an id", "$.id")
    assert verdicts(world) == [{"all": "dead letter: the store's answer: Expected an id - at $.id"}]


def test_odd_fields_are_counted_by_path(capsys: pytest.CaptureFixture[str]) -> None:
    def odd(envelope: Envelope, deadline: float) -> Translated:
        found = translate(envelope, deadline)
        return replace(found, odd_fields=("Order.line_items[].sku", "Order.phone"))

    world = world_with(odd)

    assert world.deliver(webhook("product", 1, 1)) is Status.DELIVERED
    world.observer.flush()

    lines = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if "odd_field" in line
    ]
    assert {one["of"] for one in lines} == {"Order.line_items[].sku", "Order.phone"}
