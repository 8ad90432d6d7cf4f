from __future__ import annotations

import json
from typing import Any

import pytest

from shared.destinations.contract import Event, Plan, Rule
from shared.http.call import Effect
from shared.model.change import CartSaved, CheckoutStarted
from shared.model.entity import Entity, Kind
from shared.model.order import Cart, Checkout, Line, Visit
from shared.model.person import Buyer
from tests.destinations.sample_shop import (
    AT,
    NEW,
    NOTHING,
    OLD,
    VERSION,
    Profile,
    customer,
    datacue,
    line,
    order_saved,
    person_saved,
    planned,
)

ADA = Buyer(id="7", email="ada@shop.example")
VISITOR = Buyer(anonymous="token-1")
USER = {"user_id": "7"}
WHEN = "2026-11-21T09:00:00Z"
WHOLE_LINE = {
    "product_id": "1",
    "variant_id": "11",
    "quantity": 2,
    "unit_price": 24.5,
    "currency": "USD",
}


def cart_saved(buyer: Buyer = ADA, **more: Any) -> CartSaved:
    facts: dict[str, Any] = {"id": "token-1", "lines": (line(),), "at": AT}
    cart = Cart(**facts | {"buyer": buyer} | more)
    return CartSaved(entity=Entity(Kind.CART, cart.id), version=VERSION, cart=cart)


def checkout_started(buyer: Buyer = ADA, **more: Any) -> CheckoutStarted:
    facts: dict[str, Any] = {"id": "token-2", "lines": (line(),), "at": AT}
    checkout = Checkout(**facts | {"buyer": buyer} | more)
    entity = Entity(Kind.CHECKOUT, checkout.id)
    return CheckoutStarted(entity=entity, version=VERSION, checkout=checkout)


def sent_body(change: CartSaved | CheckoutStarted, profile: Profile = OLD, **settings: Any) -> Any:
    [call] = datacue(profile, **settings).plan(change, NOTHING).calls
    assert (call.method, call.url) == ("POST", "https://events.datacue.co/")
    assert call.effect is Effect.EVENT
    return json.loads(call.body)


def test_a_cart_has_product_and_variant_ids() -> None:
    lines = (line(), line(product_id="2", variant_id="21", default=True))

    assert sent_body(cart_saved(lines=lines)) == {
        "user": USER,
        "event": {
            "type": "cart",
            "subtype": "update",
            "cart": [
                {"product_id": "1", "variant_id": "11"},
                {"product_id": "2", "variant_id": "no-variants"},
            ],
        },
        "timestamp": WHEN,
    }


def test_in_2021_a_cart_has_whole_lines_and_a_link() -> None:
    assert sent_body(cart_saved(), NEW)["event"] == {
        "type": "cart",
        "subtype": "update",
        "cart": [WHOLE_LINE],
        "cart_link": "https://acme.example/cart",
    }


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_an_emptied_cart_is_sent(profile: Profile) -> None:
    assert sent_body(cart_saved(lines=()), profile)["event"]["cart"] == []


def test_a_checkout_has_price_and_variant_id() -> None:
    assert sent_body(checkout_started()) == {
        "user": USER,
        "event": {
            "type": "checkout",
            "subtype": "started",
            "cart": [
                {
                    "product_id": "1",
                    "variant_id": "11",
                    "quantity": 2,
                    "price": 24.5,
                    "currency": "USD",
                }
            ],
        },
        "timestamp": WHEN,
    }


def test_in_2021_a_checkout_has_the_lines_of_an_order() -> None:
    assert sent_body(checkout_started(), NEW)["event"] == {
        "type": "checkout",
        "subtype": "started",
        "cart": [WHOLE_LINE],
        "cart_link": "https://acme.example/cart",
    }


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_line_of_an_unknown_product_is_omitted_from_a_cart(profile: Profile) -> None:
    # It may be the product itself, "no-variants", or one of its variants: nothing says which.
    unknown = line(product_id="9", known=False)

    [body] = [json.loads(call.body) for call in _cart_plan(profile, line(), unknown).calls]

    assert [one["product_id"] for one in body["event"]["cart"]] == [line().product_id]
    assert _cart_plan(profile, line(), unknown).counts == ("cart_line_of_unknown_product",)
    assert _cart_plan(profile, unknown).calls == ()
    assert len(_cart_plan(profile).calls) == 1


def _cart_plan(profile: Profile, *lines: Line) -> Plan:
    return datacue(profile).plan(cart_saved(lines=lines), NOTHING)


@pytest.mark.parametrize("change", [cart_saved(VISITOR), checkout_started(VISITOR)])
def test_a_visitor_is_not_identified_by_a_token_unless_the_merchant_enables_it(
    change: CartSaved | CheckoutStarted,
) -> None:
    # One vendor's module sends every guest's cart with the user "0".
    plan = planned(change)

    assert plan.calls == ()
    assert plan.counts[0] in {"cart_of_unknown_visitor", "checkout_of_unknown_visitor"}
    assert datacue().brief(change).event is None


@pytest.mark.parametrize("change", [cart_saved(VISITOR), checkout_started(VISITOR)])
def test_with_cart_tokens_a_visitor_is_anonymous(change: CartSaved | CheckoutStarted) -> None:
    assert sent_body(change, carts="cart-token")["user"] == {"anonymous_id": "token-1"}
    assert datacue(carts="cart-token").brief(change).event is not None


def test_a_guest_is_identified_by_the_e_mail_address() -> None:
    assert sent_body(checkout_started(Buyer(email="Bo@Shop.example")))["user"] == {
        "user_id": "bo@shop.example"
    }


def test_the_client_of_an_event_is_sent_if_it_is_known() -> None:
    visit = Visit(ip="203.0.113.9", user_agent="Mozilla/5.0")

    assert sent_body(checkout_started(visit=visit))["context"] == {
        "ip": "203.0.113.9",
        "user_agent": "Mozilla/5.0",
    }


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        (Visit(), None),
        (Visit(ip="unknown", user_agent=" "), None),
        (Visit(ip="2001:DB8::1"), {"ip": "2001:db8::1"}),
    ],
)
def test_an_unknown_client_is_omitted(visit: Visit, expected: dict[str, str] | None) -> None:
    assert sent_body(cart_saved(visit=visit)).get("context") == expected


def test_an_event_leaves_no_state() -> None:
    assert planned(cart_saved()).state == b""


def test_a_cart_is_sent_once_per_version_and_a_checkout_once() -> None:
    destination = datacue()

    assert destination.brief(cart_saved()).event == Event(
        name="cart", rule=Rule.PER_VERSION, again=False
    )
    assert destination.brief(checkout_started()).event == Event(
        name="checkout", rule=Rule.ONCE, again=False
    )


def test_orders_and_people_are_states_and_no_events() -> None:
    assert datacue().brief(order_saved()).event is None
    assert datacue().brief(person_saved(customer())).event is None
