"""What both trackers are told of carts and checkouts."""

from __future__ import annotations

from typing import Any

import pytest

from shared.destinations.contract import Event, Rule
from shared.model.entity import Entity, Kind
from shared.model.order import Line
from shared.model.version import Version
from tests.destinations.shop import line, usd
from tests.destinations.tracked import (
    ADA,
    ADA_INFO,
    BOTH,
    NOBODY,
    SEEN,
    cart_saved,
    checkout_started,
    esputnik,
    info,
    told,
    yespo,
)

GUID = "4086252A-59A0-5B14-B990-EB9F9DA5DFA6"


def lines_of(*lines: Line) -> Any:
    return told(cart_saved(*lines))[0]["StatusCart"]["Products"]


@pytest.mark.parametrize("build", BOTH)
def test_a_cart_is_told_as_it_stands(build: Any) -> None:
    assert told(cart_saved(line(list_price=usd("30")), buyer=ADA), to=build()) == [
        {
            "GeneralInfo": info("StatusCart", **ADA_INFO),
            "StatusCart": {
                "GUID": GUID,
                "Products": [
                    {
                        "productKey": "11",
                        "price": "24.50",
                        "discount": "5.50",
                        "quantity": 2,
                        "price_currency_code": "USD",
                    }
                ],
            },
        }
    ]


def test_an_emptied_cart_has_no_products() -> None:
    assert lines_of() == []
    assert lines_of(line(quantity=0)) == []


def test_a_cart_of_nothing_that_the_feed_knows_is_counted_and_not_told_as_emptied() -> None:
    change, by_sku = cart_saved(line(sku=None)), yespo(feed_id="sku")
    plan = by_sku.plan(change, SEEN)

    assert (plan.calls, plan.counts) == ((), ("cart_of_unknown_products",))
    assert by_sku.brief(change).event is None


def test_a_line_that_the_feed_does_not_know_is_counted_and_the_others_are_told() -> None:
    change = cart_saved(line(sku="MOSS-S"), line(sku=None))

    by_sku = yespo(feed_id="sku")
    [body] = told(change, to=by_sku)

    assert [one["productKey"] for one in body["StatusCart"]["Products"]] == ["MOSS-S"]
    assert by_sku.plan(change, SEEN).counts == ("line_without_feed_id",)
    assert yespo().plan(change, SEEN).counts == ()


@pytest.mark.parametrize("full", [None, "24.50", "20"])
def test_what_is_no_discount_is_left_out(full: str | None) -> None:
    [product] = lines_of(line(list_price=usd(full) if full else None))

    assert "discount" not in product


def test_each_state_of_each_cart_at_each_site_has_an_id_of_its_own() -> None:
    def guid(change: Any, **settings: Any) -> Any:
        return told(change, to=yespo(**settings))[0]["StatusCart"]["GUID"]

    same = guid(cart_saved(line()))
    later = Version.at("2026-11-21T09:00:01.000000000Z")

    assert same == guid(cart_saved(line())) == GUID
    assert len(
        {
            same,
            guid(cart_saved(line(), version=later)),
            guid(cart_saved(line(), entity=Entity.of_token(Kind.CART, "another"))),
            guid(cart_saved(line()), site_id="ANOTHER"),
        }
    ) == 4  # fmt: skip


def test_a_state_of_a_cart_is_told_once_whatever_becomes_of_it() -> None:
    for build in BOTH:
        assert build().brief(cart_saved(line())).event == Event(
            name="cart", rule=Rule.PER_VERSION, again=False
        )


@pytest.mark.parametrize("to", [yespo(), esputnik()])
def test_a_checkout_is_told_nowhere_unless_its_event_has_a_name(to: Any) -> None:
    change = checkout_started(line())
    plan = to.plan(change, SEEN)

    assert (plan.calls, plan.state, to.brief(change).event) == ((), b"", None)
    assert not to.brief(change).visitor


def test_a_checkout_is_a_custom_event_of_esputniks() -> None:
    to = esputnik(checkout_event="checkout_started")
    change = checkout_started(line(), line(variant_id="12"), buyer=ADA)

    assert told(change, to=to) == [
        {
            "GeneralInfo": info("CustomEvent", **ADA_INFO),
            "CustomEvent": {"EventName": "checkout_started", "Tags": {"product_id": ["11", "12"]}},
        }
    ]
    assert to.brief(change).event == Event(name="checkout", rule=Rule.ONCE, again=False)
    assert to.brief(change).visitor


def test_a_checkout_of_nothing_has_no_empty_tags() -> None:
    [body] = told(checkout_started(buyer=NOBODY), to=esputnik(checkout_event="go"))

    assert body["CustomEvent"] == {"EventName": "go"}
