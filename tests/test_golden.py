"""
Golden files: what each sample of ``events/``, and each browsing event, becomes at each destination,
call by call. ``make golden`` rewrites them; the diff is what a change of the code changes for
merchants.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.docs.call_diff import visitor_of
from cli.docs.demo import PLATFORMS, Platform, read_platform, read_source
from cli.docs.field_probe import IN_TIME, envelope
from cli.sandbox.samples import samples
from shared.destinations.contract import Destination, KnownState
from shared.model.change import Change, ProductRemoved, ProductSaved, StockChanged
from shared.model.product import variant_key
from shared.model.visitor import Visitor
from shared.sources.contract import Source
from shared.sources.registry import SOURCES
from tests.destinations.browsing_events import BROWSING_EVENTS

GOLDEN = Path(__file__).parent / "golden"
CASES = [
    pytest.param(source, platform, sample, id=f"{platform.folder}-{sample[0]}")
    for source in SOURCES
    for platform in PLATFORMS
    for sample in samples(source)
]
# The version of an order's cart that was last sent to its destination.
CART = "2026-11-21T08:55:00.000000000Z/2026-11-21T08:55:01.000000000Z"


def file_of(platform: Platform, name: str) -> Path:
    return GOLDEN / platform.folder / f"{name}.json"


def story(source: str, destination: Destination, topic: str, body: bytes) -> str:
    """Return what becomes of a sample: while its entities are unknown, and when they are known."""
    meaning = built_source(source).translate(envelope(source, topic, body), IN_TIME)
    found = {
        "topic": topic,
        "ignored": meaning.ignored,
        "notice": type(meaning.notice).__name__ if meaning.notice else "",
        "counts": meaning.counts,
        "changes": [
            _change(destination, one, visitor_of(meaning.changes)) for one in meaning.changes
        ],
    }
    return written(found)


def _change(destination: Destination, change: Change, visitor: Visitor) -> dict[str, Any]:
    event = destination.brief(change).event
    known = KnownState(known=True, variants=_variants(change), visitor=visitor, cart_sent=CART)
    return {
        "change": type(change).__name__,
        "entity": str(change.entity),
        "event": event.name if event else "",
        "first_sight": planned(destination, change, KnownState(visitor=visitor)),
        "known": planned(destination, change, known),
    }


def _variants(change: Change) -> frozenset[str]:
    match change:
        case ProductSaved(product=product):
            return frozenset(one.key for one in product.variants)
        case StockChanged(variant_id=own, default=default):
            return frozenset({variant_key(own, default=default)})
        case ProductRemoved():
            return frozenset({"v1", "v2"})
        case _:
            return frozenset()


def planned(destination: Destination, change: Change, memory: KnownState) -> dict[str, Any]:
    """Give what is sent, as it is sent."""
    plan = destination.plan(change, memory)
    calls = [
        {
            "label": call.label,
            "method": call.method,
            "url": call.url,
            # The bytes themselves, so that 24.50 does not become 24.5.
            "body": msgspec.Raw(call.body or b"null"),
        }
        for call in plan.calls
    ]
    return {"calls": calls, "counts": plan.counts} | (
        {"alarms": plan.alarms} if plan.alarms else {}
    )


def written(found: object) -> str:
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


@cache
def built_source(name: str) -> Source:
    return read_source(name)


@cache
def built(platform: Platform) -> Destination:
    return read_platform(platform)


@pytest.mark.parametrize(("source", "platform", "sample"), CASES)
def test_a_sample_becomes_exactly_the_calls_of_its_golden_file(
    request: pytest.FixtureRequest, source: str, platform: Platform, sample: tuple[str, str, bytes]
) -> None:
    name, topic, body = sample
    compare(request, file_of(platform, name), story(source, built(platform), topic, body))


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda one: one.folder)
@pytest.mark.parametrize("name", BROWSING_EVENTS)
def test_a_browsing_event_becomes_exactly_the_calls_of_its_golden_file(
    request: pytest.FixtureRequest, name: str, platform: Platform
) -> None:
    change = BROWSING_EVENTS[name]
    event = built(platform).brief(change).event
    found = {
        "change": type(change.event.action).__name__,
        "event": event.name if event else "",
        "plan": planned(built(platform), change, KnownState(visitor=visitor_of([change]))),
    }
    compare(request, file_of(platform, f"browsing/{name}"), written(found))


def compare(request: pytest.FixtureRequest, file: Path, now: str) -> None:
    """Compare with a golden file, or write it."""
    if request.config.getoption("--golden"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(now, encoding="utf-8")

    assert file.is_file(), "there is no golden file: `make golden` writes it"
    assert now == file.read_text(encoding="utf-8"), "stale: `make golden`, and read the diff"


def stale() -> Iterator[Path]:
    """Give the files whose sample is gone."""
    names = {name for source in SOURCES for name, _, _ in samples(source)}
    names |= {f"browsing/{name}" for name in BROWSING_EVENTS}
    wanted = {file_of(platform, name) for platform in PLATFORMS for name in names}
    yield from (file for file in sorted(GOLDEN.rglob("*.json")) if file not in wanted)


def test_no_golden_file_outlives_its_sample(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--golden"):
        for file in stale():
            file.unlink()

    assert list(stale()) == []
