"""An order that ends and comes back has one state at the platform, in whatever order it arrives."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.http.verdict import NoResponse, Response
from shared.queue.envelope import Envelope
from tests.delivery.harness import webhook
from tests.delivery.test_identify import Town

STATUSES = ["completed", "cancelled"]


def order(second: int, status: str) -> Envelope:
    return webhook("order", 1, second, customer="7", status=status)


def known_status(town: Town) -> str:
    """Return the order's status at the platform: a purchase without one is completed."""
    return str(town.state["orders"].get("1", "completed"))


@pytest.mark.parametrize(
    "statuses", [one for n in (1, 2, 3, 4) for one in itertools.product(STATUSES, repeat=n)]
)
def test_the_last_status_is_the_platforms(statuses: tuple[str, ...]) -> None:
    town = Town(order_status=True)

    for second, status in enumerate(statuses, 1):
        town.deliver(order(second, status))

    assert known_status(town) == statuses[-1]
    assert len(town.state["purchases"].get("1", ())) == ("completed" in statuses)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_the_newest_status_is_the_platforms_in_any_order_and_with_failures(
    data: st.DataObject,
) -> None:
    statuses = data.draw(st.lists(st.sampled_from(STATUSES), min_size=1, max_size=5))
    shuffled = data.draw(st.permutations(list(enumerate(statuses, 1))))
    town = Town(order_status=True)

    def trouble(_label: str) -> Response | NoResponse | None:
        bad = data.draw(st.sampled_from([None, None, "refused", "cut"]))
        if bad == "refused":
            return Response(status=503, body=b"")
        return NoResponse(sent=True, reason="cut") if bad == "cut" else None

    town.trouble = trouble
    for second, status in shuffled:
        town.deliver(order(second, status))
    town.trouble = lambda _label: None
    town.drain()

    assert town.dead == []
    assert known_status(town) == statuses[-1]


def test_an_order_that_did_not_end_has_no_call_but_its_purchase() -> None:
    town = Town(order_status=True)

    for second in (1, 2, 3):
        town.deliver(order(second, "completed"))

    assert town.state["orders"] == {}
    assert len(town.sent) == len(["init", "purchase"])


def test_without_order_status_only_the_purchase_is_sent() -> None:
    town = Town()

    for second, status in enumerate(["completed", "cancelled", "completed"], 1):
        town.deliver(order(second, status))

    assert len(town.state["purchases"]["1"]) == 1
    assert town.state["orders"] == {}
