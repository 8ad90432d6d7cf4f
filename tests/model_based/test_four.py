"""The machine over the four real destinations: a few thousand steps, and bugs that it must find."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.delivery.visitors import WebhookVisitor
from tests.model_based.draws import steady
from tests.model_based.four import FourMachine
from tests.model_based.planted import BUGS
from tests.model_based.test_regressions_found import Play as Moved

TestFourMachine = FourMachine.TestCase
TestFourMachine.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def run_with_bug(themes: tuple[tuple[str, ...], ...], number: int) -> None:
    """Run the machine with a planted bug."""
    machine: Any = seed(number)(type("Planted", (FourMachine,), {"themes": themes}))
    with steady():
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=400,
                stateful_step_count=25,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )


class Play(Moved, FourMachine):
    """The machine over the four destinations, moved by hand."""


def test_the_stock_of_a_removed_variant_does_not_put_it_up_for_sale_again() -> None:
    play = Play()
    play.arrives(play.makes("product", name="A", variants=("a", "b"), stock=2, blind=False))
    play.system.platforms["datacue"].behaviour = "unavailable"
    play.arrives(play.makes("product", name="A", variants=("a",), stock=2, blind=False))
    play.arrives(play.makes("stock", variant="b", stock=1))

    play.teardown()


def test_it_finds_a_purchase_that_is_sent_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    [sent] = [bug for bug in BUGS if bug.name == "an event that was sent already"]
    sent.plant(monkeypatch)

    with pytest.raises(AssertionError, match=r"sent 2 times|too often|changed something"):
        run_with_bug((("cart",),), 1)


def test_it_finds_an_invented_device(monkeypatch: pytest.MonkeyPatch) -> None:
    def invented(_visit: WebhookVisitor, visitor: Any) -> Any:
        return type(visitor)(device_id="invented", session_id="invented", seen_at=visitor.seen_at)

    monkeypatch.setattr(WebhookVisitor, "register", invented)

    with pytest.raises(AssertionError, match="dead letters that no replay delivers"):
        run_with_bug((("order",),), 1)
