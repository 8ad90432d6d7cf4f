"""Conversion of values for all bodies: texts, e-mail addresses and amounts."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import PRICE_PLACES
from shared.errors import NotExpressible
from shared.model.money import Money, decimals

# The rounding unit of an amount, by its number of decimals.
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(PRICE_PLACES + 1))


def text(value: str | None) -> str | UnsetType:
    """Return the trimmed text; UNSET if it is empty."""
    return (value or "").strip() or UNSET


def email(address: str | None) -> str | UnsetType:
    """Return the e-mail address trimmed and in lower case; UNSET if it is not valid."""
    trimmed = (address or "").strip().lower()
    name, at, host = trimmed.rpartition("@")
    return trimmed if name and at and host and len(trimmed.split()) == 1 else UNSET


def amount(money: Money) -> Decimal:
    """
    Return the amount, rounded half up to the decimals of its currency, at most two.

    No document accepts more than two decimals: a dinar loses its third. Raises NotExpressible.
    """
    places = min(decimals(money.currency), PRICE_PLACES)
    try:
        return money.amount.quantize(_UNITS[places], ROUND_HALF_UP)
    except InvalidOperation:
        raise NotExpressible("not an amount", "$.price") from None


def amount_in(currency: str, money: Money) -> Decimal:
    """Return the amount in a currency. Raise NotExpressible if it is not stated in that one."""
    stated = money.within(currency)
    if stated is None:
        raise NotExpressible("not in the shop's currency", "$.price")
    return amount(stated)


def percent_off(price: Money, full: Money | None) -> int | None:
    """Return the discount in whole per cent, half up; None if it is zero when rounded."""
    if full is None or price.currency != full.currency or not 0 <= price.amount < full.amount:
        return None
    share = (full.amount - price.amount) * 100 / full.amount
    return int(share.quantize(Decimal(1), ROUND_HALF_UP)) or None
