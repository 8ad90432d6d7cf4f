"""The machine over the four real destinations: a few thousand steps, and what it must find."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from shared.pipeline.visits import Visit
from tests.proof.draws import steady
from tests.proof.four import FourMachine
from tests.proof.planted import BUGS

TestFourMachine = FourMachine.TestCase
TestFourMachine.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def broken(themes: tuple[tuple[str, ...], ...], number: int) -> None:
    """Let the machine look for a bug that was planted."""
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


def test_it_finds_a_purchase_that_is_told_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    [told] = [bug for bug in BUGS if bug.name == "what was told already"]
    told.plant(monkeypatch)

    with pytest.raises(AssertionError, match=r"told 2 times|too often|changed something"):
        broken((("cart",),), 1)


def test_it_finds_a_device_that_nobody_gave(monkeypatch: pytest.MonkeyPatch) -> None:
    def invented(_visit: Visit, visitor: Any) -> Any:
        return type(visitor)(did="invented", seance="invented", seen_at=visitor.seen_at)

    monkeypatch.setattr(Visit, "introduced", invented)

    with pytest.raises(AssertionError, match="dead letters that no replay brings home"):
        broken((("order",),), 1)
