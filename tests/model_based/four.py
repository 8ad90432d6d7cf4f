"""
The machine over the four real destinations: the same rules, with the calls that the product really
sends, to the sandbox's platforms, which check every call against their documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import rule

from shared.model.change import OrderRemoved, OrderSaved
from shared.model.entity import Kind
from tests.model_based.expected import (
    SentCall,
    allowed_of,
    event_violations,
    purchase_violations,
    sent_by,
)
from tests.model_based.four_harness import FourPlatformSystem, Sandboxed
from tests.model_based.machine import INDEX, Machine
from tests.model_based.platforms import BEHAVIOURS
from tests.model_based.shop import Fact

FOUR_THEMES = (
    ("product", "product", "product gone", "stock"),
    ("person", "consent", "person gone"),
    ("order",),
    ("order", "order gone", "redact"),
    ("cart",),
    ("cart", "order", "person"),
    ("product", "person", "order", "order", "cart", "redact", "mangled"),
)
PLATFORMS = st.sampled_from(("datacue", "yespo", "esputnik", "personaclick"))
TRACKERS = frozenset({"yespo", "esputnik"})


def violations(system: FourPlatformSystem, facts: Iterable[Fact]) -> Iterator[str]:
    """Return every difference between what the platforms hold and what they must hold."""
    sent = list(sent_by([fact for fact in facts if not fact.mangled]))
    for name, platform in system.platforms.items():
        assert isinstance(platform, Sandboxed)
        yield from (f"{name}: {rule}" for rule in platform.broken)
        for entity in sorted({one.change.entity for one in sent}):
            own = [one for one in sent if one.change.entity == entity]
            match entity.kind:
                case Kind.CART if name != "datacue":
                    found = event_violations(system, name, platform, entity, own)
                case Kind.ORDER if name != "datacue":
                    found = purchase_violations(system, name, platform, entity, _still_there(own))
                case Kind.PRODUCT if name in TRACKERS:
                    found = _feed_violations(platform, entity.id, own)
                case _:
                    continue
            yield from (f"{name}: {entity}: {what}" for what in found)


def _still_there(sent: list[SentCall]) -> list[SentCall]:
    """Leave out states from before the order was removed: they need not be sent."""
    ends = [one.change.version for one in sent if isinstance(one.change, OrderRemoved)]
    ended = max(ends, default=None)
    return [
        one
        for one in sent
        if isinstance(one.change, OrderSaved) and (ended is None or one.change.version > ended)
    ]


def _feed_violations(platform: Sandboxed, product: str, sent: list[SentCall]) -> Iterator[str]:
    """Check that a feed has every variant of its product, removed ones as out of stock."""
    rows = platform.state["products"]
    entity = sent[0].change.entity
    allowed = list(allowed_of(entity, sent))
    if not any(_matches(rows, one) for one in allowed):
        yield f"product {product} is {rows}, and must be {' or '.join(map(str, allowed))}"


def _matches(rows: dict[str, dict[str, str]], allowed: dict[str, dict[str, set[object]]]) -> bool:
    sold = {name for name, row in rows.items() if row["isInStock"] == "1"}
    return (
        all(
            name in rows
            and rows[name]["name"] in row["name"]
            and (
                (name in sold and any(count is None or count != 0 for count in row["stock"]))
                or (name not in sold and 0 in row["stock"])
            )
            for name, row in allowed.items()
        )
        and sold <= allowed.keys()
    )


class FourMachine(Machine):
    """One system, one shop, four platforms."""

    themes: ClassVar[tuple[tuple[str, ...], ...]] = FOUR_THEMES

    def __init__(self) -> None:
        super().__init__()
        self.system: FourPlatformSystem = FourPlatformSystem()

    def happens(self, kind: str, **facts: object) -> None:
        # One product only: a feed lists variants without products, and variant ids repeat.
        own = {"id": "1"} if kind in {"product", "product gone", "stock"} else {}
        super().happens(kind, **{**facts, **own})

    @rule(platform=PLATFORMS, paused=st.booleans())
    def a_platform_is_paused_or_resumed(self, platform: str, *, paused: bool) -> None:
        (self.system.paused.add if paused else self.system.paused.discard)(platform)

    @rule(platform=PLATFORMS, behaviour=st.sampled_from(("healthy", "healthy", *BEHAVIOURS)))
    def a_platform_changes_its_behaviour(self, platform: str, behaviour: str) -> None:
        self.system.platforms[platform].behaviour = behaviour

    @rule(platform=PLATFORMS, _again=INDEX)
    def late_calls_land(self, platform: str, _again: int) -> None:
        self.system.platforms[platform].catch_up()

    def _check(self) -> None:
        facts = [post.fact for post in self.posts]
        found = [*self.system.observer.bugs, *violations(self.system, facts)]
        assert not found, found
