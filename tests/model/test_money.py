"""Money."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.money import Money, decimals

AMOUNTS = st.decimals(-(10**9), 10**9, places=3)


def money(amount: str, currency: str = "EUR") -> Money:
    return Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("currency", "amount", "expected"),
    [
        ("EUR", "9.995", "10.00"),
        ("USD", "9.994", "9.99"),
        ("EUR", "-0.005", "-0.01"),
        ("eur", "1", "1.00"),
        ("JPY", "1500.5", "1501"),
        ("KRW", "1500.4", "1500"),
        ("CLP", "0.5", "1"),
        ("KWD", "1.2345", "1.235"),
        ("BHD", "1", "1.000"),
        ("HUF", "1.005", "1.01"),
    ],
)
def test_money_is_rounded_half_up_to_the_decimals_of_its_currency(
    currency: str, amount: str, expected: str
) -> None:
    assert str(money(amount, currency).rounded()) == expected


def test_currencies_have_two_decimals_with_exceptions() -> None:
    assert [decimals(one) for one in ("USD", "jpy", "ISK", "TND", "XXX")] == [2, 0, 0, 3, 2]


@pytest.mark.parametrize("operation", [Money.__add__, Money.__sub__])
def test_two_currencies_cannot_be_mixed(operation: Callable[[Money, Money], Money]) -> None:
    with pytest.raises(ValueError, match="USD cannot be counted with EUR"):
        operation(money("1"), money("1", "USD"))


@given(AMOUNTS, AMOUNTS)
def test_subtraction_is_the_inverse_of_addition(one: Decimal, other: Decimal) -> None:
    first, second = Money(one, "EUR"), Money(other, "EUR")

    assert first + second - second == first


def test_division_is_the_inverse_of_multiplication() -> None:
    assert money("3.33") * 3 == money("9.99")
    assert money("9.99") / 3 == money("3.33")


def test_cents_are_exact() -> None:
    assert money("0.1") + money("0.2") == money("0.3")


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.integers(1, 1000))
def test_the_shops_own_amount_goes_through_every_operation(
    one: Decimal, own: Decimal, other: Decimal, others_own: Decimal, count: int
) -> None:
    first = Money(one, "EUR", Money(own, "USD"))
    second = Money(other, "EUR", Money(others_own, "USD"))

    for result, expected in (
        (first + second, own + others_own),
        (first - second, own - others_own),
        (first * count, own * count),
        (first / count, own / count),
    ):
        assert result.within("USD") == Money(expected, "USD")
        assert result.within("EUR") == result
        assert result.within("GBP") is None


def test_a_sum_has_the_shops_amount_only_if_both_have_it() -> None:
    both = Money(Decimal(1), "EUR", money("2", "USD"))

    assert (both + money("1")).own is None
    assert (money("1") - both).own is None


def test_no_amount_is_below_zero_on_request() -> None:
    assert money("-1").not_negative() == money("0")
    assert money("1").not_negative() == money("1")
