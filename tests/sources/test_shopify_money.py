"""No amount of a Shopify body is ever paired with another amount's currency."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.model.change import CartSaved, Change, CheckoutStarted, OrderSaved
from shared.model.money import Money
from tests.sources.shop import ROOT, order, order_of, translate

SOURCES = ROOT / "shared" / "sources"
# Product prices have no currency in any body: they are the shop's, by the platform's document.
PAIRING = {
    "shopify/context.py",
    "shopify/money.py",
    "woocommerce/lines.py",
    "woocommerce/variants.py",
}
Mode = Literal["shop", "presentment"]
CODES = ("USD", "EUR", "JPY", "KWD")


class Shop:
    """A shop whose own amounts are even and whose shoppers' amounts are odd, in thousandths."""

    def __init__(self, own: str, shown: str, gaps: Iterator[bool]) -> None:
        self.own, self.shown, self.gaps = own, shown, gaps

    def both(self, number: int) -> dict[str, Any] | None:
        if next(self.gaps):
            return None
        odd = 0 if self.own == self.shown else 1
        return {
            "shop_money": {"amount": text(number * 2), "currency_code": self.own},
            "presentment_money": {"amount": text(number * 2 + odd), "currency_code": self.shown},
        }

    def line(self, number: int) -> dict[str, Any]:
        return {
            "product_id": 11, "variant_id": 21, "quantity": 1, "gift_card": False,
            "price": text(number * 2), "price_set": self.both(number),
        }  # fmt: skip


def text(thousandths: int) -> str:
    return f"{Decimal(thousandths) / 1000:.3f}"


def is_odd(money: Money) -> bool:
    return bool(int(money.amount * 1000) % 2)


def amounts(change: Change) -> Iterable[Money | None]:
    match change:
        case OrderSaved(order=found):
            return [*(one.price for one in found.lines), found.total, found.shipping]
        case CartSaved(cart=found):
            return [one.price for one in found.lines]
        case CheckoutStarted(checkout=found):
            return [one.price for one in found.lines]
        case _:
            return ()


def order_body(shop: Shop, number: int) -> dict[str, Any]:
    return order(
        line_items=[shop.line(number), shop.line(number + 1)],
        currency=shop.own,
        presentment_currency=shop.shown,
        total_price=text(number * 2),
        total_price_set=shop.both(number),
        current_total_price=None,
        current_total_price_set=None,
        total_shipping_price_set=shop.both(number),
        shipping_lines=[{"price": text(number * 2), "price_set": shop.both(number)}],
    )


def cart_body(shop: Shop, number: int) -> dict[str, Any]:
    return {"token": "t", "line_items": [shop.line(number), shop.line(number + 1)]}


def checkout_body(shop: Shop, number: int) -> dict[str, Any]:
    # Its plain prices are the shopper's; it has no sets.
    odd = 0 if shop.own == shop.shown else 1
    lines = [{**shop.line(number), "price": text(number * 2 + odd), "price_set": None}]
    return {
        "token": "t",
        "line_items": lines,
        "currency": shop.own,
        "presentment_currency": shop.shown,
    }


BODIES = {
    "orders/create": order_body,
    "orders/updated": order_body,
    "carts/update": cart_body,
    "checkouts/update": checkout_body,
}


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(BODIES)),
    st.sampled_from(CODES[1:]),
    st.sampled_from(["shop", "presentment"]),
    st.integers(1, 10**6),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_every_amount_has_the_currency_that_the_body_states_for_it(
    topic: str, shown: str, mode: Mode, number: int, gaps: list[bool]
) -> None:
    # The merchant's currency is USD: a cart without any set is in it.
    body = BODIES[topic](Shop("USD", shown, iter(gaps)), number)

    (change,) = [
        one for one in translate(topic, body, money=mode).changes if not hasattr(one, "person")
    ]

    found = [one for one in amounts(change) if one is not None]
    assert found
    for one in found:
        assert is_odd(one) == (one.currency == shown)
        assert one.own is None or (one.own.currency == "USD" and not is_odd(one.own))
    assert len({one.currency for one in found}) == 1


def test_a_checkout_is_in_the_currency_that_the_shopper_sees() -> None:
    body = checkout_body(Shop("USD", "EUR", iter([False] * 9)), 44_050)

    (change,) = translate("checkouts/create", body).changes

    assert list(amounts(change)) == [Money(Decimal("88.101"), "EUR")]


def test_a_checkout_without_the_shoppers_currency_is_in_the_shops() -> None:
    body = {**checkout_body(Shop("EUR", "EUR", iter([False] * 9)), 44_050)}
    del body["presentment_currency"]

    (change,) = translate("checkouts/create", body).changes

    assert list(amounts(change)) == [Money(Decimal("88.100"), "EUR")]


def shipping_line(price: str, **fields: Any) -> dict[str, Any]:
    return {"title": "Standard", "price": price, "is_removed": False, **fields}


@pytest.mark.parametrize(
    ("lines", "paid"),
    [
        ([shipping_line("5.00", discounted_price="5.00")], "5.00"),
        ([shipping_line("5.00", discounted_price="0.00")], "0.00"),
        # A discount of the whole order is in the shares alone.
        ([shipping_line("5.00", discounted_price="5.00",
                        discount_allocations=[{"amount": "2.00"}])], "3.00"),
        ([shipping_line("5.00", discount_allocations=[{"amount": "9.00"}])], "0.00"),
        ([shipping_line("5.00"), shipping_line("7.00", is_removed=True)], "5.00"),
        ([shipping_line("5.00", is_removed=True)], "0"),
        ([shipping_line("5.00"), shipping_line("2.50")], "7.50"),
        ([], "9.00"),
        ([{"title": "A line without a price"}], "9.00"),
    ],
)  # fmt: skip
def test_shipping_is_what_was_paid(lines: list[dict[str, Any]], paid: str) -> None:
    total = {"shop_money": {"amount": "9.00", "currency_code": "USD"}}
    body = order(shipping_lines=lines, total_shipping_price_set=total)

    assert order_of(translate("orders/create", body)).shipping == Money(Decimal(paid), "USD")


def test_a_removed_way_of_shipping_is_not_sent() -> None:
    body = order(
        shipping_lines=[
            shipping_line("7.00", title="Express", is_removed=True),
            shipping_line("5.00"),
        ]
    )

    assert order_of(translate("orders/create", body)).delivery == "Standard"


def pairs(source: str) -> bool:
    """Return whether a module makes an amount itself."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id == "Money" for call in calls)


def test_amounts_are_paired_with_their_currency_in_one_module_per_document() -> None:
    modules = {path.relative_to(SOURCES).as_posix(): path for path in SOURCES.rglob("*.py")}

    assert {name for name, path in modules.items() if pairs(Path(path).read_text())} == PAIRING
    assert pairs("price = Money(value, body.currency)")
