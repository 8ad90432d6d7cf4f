"""
Golden files: what each sample of ``events/`` becomes at each destination, call by call. ``make
golden`` writes them anew; the diff is what a change of the code changes for merchants.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.mapping import PROFILES, wired
from cli.probe import envelope
from cli.samples import samples
from shared.destinations.contract import Destination, Memory
from shared.model.change import Change, ProductSaved, StockChanged
from shared.model.product import variant_key
from shared.sources.registry import SOURCES

GOLDEN = Path(__file__).parent / "golden"
DESTINATION = "datacue"
CASES = [
    pytest.param(source, profile, sample, id=f"{profile}-{sample[0]}")
    for source in SOURCES
    for profile in PROFILES
    for sample in samples(source)
]


def file_of(profile: str, name: str) -> Path:
    return GOLDEN / DESTINATION / profile / f"{name}.json"


def story(source: str, profile: str, topic: str, body: bytes) -> str:
    """Tell what a sample becomes: at first sight, and when all of it is known already."""
    shop, platform = wired(source, profile)
    meaning = shop.translate(envelope(source, topic, body), 0.0)
    told = {
        "topic": topic,
        "ignored": meaning.ignored,
        "notice": type(meaning.notice).__name__ if meaning.notice else "",
        "counts": meaning.counts,
        "changes": [_change(platform, one) for one in meaning.changes],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"


def _change(platform: Destination, change: Change) -> dict[str, Any]:
    event = platform.event(change)
    return {
        "change": type(change).__name__,
        "entity": str(change.entity),
        "event": event.name if event else "",
        "first_sight": _plan(platform, change, Memory()),
        "known": _plan(platform, change, Memory(known=True, variants=_variants(change))),
    }


def _variants(change: Change) -> frozenset[str]:
    match change:
        case ProductSaved(product=product):
            return frozenset(one.key for one in product.variants)
        case StockChanged(variant_id=own, default=default):
            return frozenset({variant_key(own, default=default)})
        case _:
            return frozenset()


def _plan(platform: Destination, change: Change, memory: Memory) -> dict[str, Any]:
    plan = platform.plan(change, memory)
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
    return {"calls": calls, "counts": plan.counts}


@pytest.mark.parametrize(("source", "profile", "sample"), CASES)
def test_a_sample_becomes_exactly_the_calls_of_its_golden_file(
    request: pytest.FixtureRequest, source: str, profile: str, sample: tuple[str, str, bytes]
) -> None:
    name, topic, body = sample
    file = file_of(profile, name)
    now = story(source, profile, topic, body)
    if request.config.getoption("--golden"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(now, encoding="utf-8")

    assert file.is_file(), "there is no golden file: `make golden` writes it"
    assert now == file.read_text(encoding="utf-8"), "stale: `make golden`, and read the diff"


def stale() -> Iterator[Path]:
    """Give the files whose sample is gone."""
    wanted = {
        file_of(profile, name)
        for source in SOURCES
        for profile in PROFILES
        for name, _, _ in samples(source)
    }
    yield from (file for file in sorted(GOLDEN.rglob("*.json")) if file not in wanted)


def test_no_golden_file_outlives_its_sample(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--golden"):
        for file in stale():
            file.unlink()

    assert list(stale()) == []
