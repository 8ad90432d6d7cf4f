"""
The machine over the WooCommerce source: a few thousand steps, the bugs that it must find, and those
that it found.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model_based.draws import steady
from tests.model_based.planted import Bug
from tests.model_based.woo import Call, WooMachine
from tests.model_based.woo_harness import WooCommerceSystem
from tests.model_based.woo_planted import WOO_BUGS

TestWooMachine = WooMachine.TestCase
TestWooMachine.settings = settings(
    max_examples=100,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("bug", WOO_BUGS, ids=lambda bug: bug.name)
def test_the_machine_finds_a_naive_adapter(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    own = {"themes": (bug.theme,), "always_reads": bug.reads}
    machine: Any = seed(bug.seed)(type("Planted", (WooMachine,), own))

    with steady(), pytest.raises(AssertionError, match=r"must hold|changed something"):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=1500,
                stateful_step_count=25,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )


class Play(WooMachine):
    """The machine, moved by hand."""

    def makes(self, action: str, **facts: object) -> list[Call]:
        """Act in the store a moment later; return the webhooks that this causes."""
        before = len(self.posts)
        self.system.advance(0.1)
        given = {"id": "1", "name": "A", "part": 0, "stock": 1, "who": "1"}
        self.happens(action, **{**given, "bare": False, "guest": False, **facts})
        return self.posts[before:]

    def arrives(self, *calls: Call) -> None:
        """Deliver webhooks without failures; their bodies are built now."""
        for one in calls:
            self.post(one)
            self._end(self.system.processes.alive[-1:])


@pytest.fixture
def play() -> Iterator[Play]:
    one = Play()
    one.system.queued = False
    yield one
    one.teardown()


def test_a_variable_product_that_was_read_and_became_simple_in_one_second_stayed_variable() -> None:
    play = Play()
    play.system.queued = False
    play.arrives(*play.makes("variable"))
    play.arrives(*play.makes("type"))
    play.teardown()


def test_a_late_body_of_a_store_whose_clock_is_ahead_restored_a_customer() -> None:
    play = Play()
    play.system = WooCommerceSystem(queued=False, behind=-5.0)
    updated, created = play.makes("customer")
    play._build(created)  # noqa: SLF001 - as a runner of the store's queue does
    play.arrives(updated, *play.makes("customer gone"))
    play.system.advance(60)
    play.arrives(created)
    play.teardown()


def test_trash_restore_trash_ends_in_a_removal(play: Play) -> None:
    play.arrives(*play.makes("simple"))
    play.arrives(*play.makes("trash"))
    play.arrives(*play.makes("restore"))
    play.arrives(*play.makes("trash"))


def test_a_body_from_before_the_removal_does_not_restore_a_product(play: Play) -> None:
    published, created = play.makes("simple")
    play._build(created)  # noqa: SLF001 - as a runner of the store's queue does
    play.arrives(published)
    play.arrives(*play.makes("gone"))
    play.system.advance(60)
    play.arrives(created)
