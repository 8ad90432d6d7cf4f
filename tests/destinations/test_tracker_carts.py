"""Carts and checkouts, as they are sent to both trackers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.destinations.contract import Event, Rule
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Line
from shared.model.version import Version
from tests.destinations.sample_shop import line, usd
from tests.destinations.tracker_harness import (
    ADA,
    ADA_INFO,
    BOTH,
    SEEN,
    UNKNOWN_BUYER,
    cart_saved,
    checkout_started,
    esputnik,
    info,
    sent_bodies,
    yespo,
)

GUID = "4086252A-59A0-5B14-B990-EB9F9DA5DFA6"


def lines_of(*lines: Line) -> Any:
    return sent_bodies(cart_saved(*lines))[0]["StatusCart"]["Products"]


@pytest.mark.parametrize("build", BOTH)
def test_a_cart_is_sent_with_its_current_lines(build: Any) -> None:
    assert sent_bodies(cart_saved(line(list_price=usd("30")), buyer=ADA), to=build()) == [
        {
            "GeneralInfo": info("StatusCart", **ADA_INFO),
            "StatusCart": {
                "GUID": GUID,
                "Products": [
                    {
                        "productKey": "11",
                        "price": "30.00",
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


def test_a_cart_without_products_in_the_feed_is_counted_and_not_sent_as_emptied() -> None:
    change, by_sku = cart_saved(line(sku=None)), yespo(feed_id="sku")
    plan = by_sku.plan(change, SEEN)

    assert (plan.calls, plan.counts) == ((), ("cart_of_unknown_products",))
    assert by_sku.brief(change).event is None


def test_a_line_without_an_id_in_the_feed_is_counted_and_the_others_are_sent() -> None:
    change = cart_saved(line(sku="MOSS-S"), line(sku=None))

    by_sku = yespo(feed_id="sku")
    [body] = sent_bodies(change, to=by_sku)

    assert [one["productKey"] for one in body["StatusCart"]["Products"]] == ["MOSS-S"]
    assert by_sku.plan(change, SEEN).counts == ("line_without_feed_id",)
    assert yespo().plan(change, SEEN).counts == ()


@given(st.decimals(0, 10**4, places=4), st.decimals(0, 10**4, places=4))
def test_price_less_discount_is_what_was_paid(paid: Decimal, full: Decimal) -> None:
    one = line(price=Money(paid, "USD"), list_price=Money(full, "USD"))

    [product] = lines_of(one)

    left = Decimal(product["price"]) - Decimal(product.get("discount", "0"))
    assert left == one.price.rounded()


@pytest.mark.parametrize("full", [None, "24.50", "20"])
def test_a_price_without_a_discount_has_no_discount_field(full: str | None) -> None:
    [product] = lines_of(line(list_price=usd(full) if full else None))

    assert product["price"] == "24.50"
    assert "discount" not in product


def test_each_state_of_each_cart_at_each_site_has_a_guid_of_its_own() -> None:
    def guid(change: Any, **settings: Any) -> Any:
        return sent_bodies(change, to=yespo(**settings))[0]["StatusCart"]["GUID"]

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


def test_a_state_of_a_cart_is_sent_once_whatever_its_outcome_is() -> None:
    for build in BOTH:
        assert build().brief(cart_saved(line())).event == Event(
            name="cart", rule=Rule.PER_VERSION, again=False
        )


@pytest.mark.parametrize("to", [yespo(), esputnik()])
def test_a_checkout_is_not_sent_unless_its_event_has_a_name(to: Any) -> None:
    change = checkout_started(line())
    plan = to.plan(change, SEEN)

    assert (plan.calls, plan.state, to.brief(change).event) == ((), b"", None)
    assert not to.brief(change).visitor


def test_a_checkout_is_a_custom_event_of_esputnik() -> None:
    to = esputnik(checkout_event="checkout_started")
    change = checkout_started(line(), line(variant_id="12"), buyer=ADA)

    assert sent_bodies(change, to=to) == [
        {
            "GeneralInfo": info("CustomEvent", **ADA_INFO),
            "CustomEvent": {"EventName": "checkout_started", "Tags": {"product_id": ["11", "12"]}},
        }
    ]
    assert to.brief(change).event == Event(name="checkout", rule=Rule.ONCE, again=False)
    assert to.brief(change).visitor


def test_a_checkout_without_products_has_no_empty_tags() -> None:
    [body] = sent_bodies(checkout_started(buyer=UNKNOWN_BUYER), to=esputnik(checkout_event="go"))

    assert body["CustomEvent"] == {"EventName": "go"}
