"""Money is a Decimal with a currency; it is never mixed with a float or another currency."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from shared.model.value import Value

# ISO 4217 currencies whose smallest unit is not a hundredth.
_DECIMALS = dict.fromkeys(
    (
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
        "VND", "VUV", "XAF", "XOF", "XPF",
    ),
    0,
) | dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)  # fmt: skip


def decimals(currency: str) -> int:
    """Return the number of decimals of a currency: 2, but 0 for JPY and 3 for KWD."""
    return _DECIMALS.get(currency.upper(), 2)


class Money(Value, kw_only=False):
    """
    An amount in major units of one currency.

    ``own`` is the same amount in the shop's currency, where the shop states it in both: a body's
    amount and its currency are read together, and no rate is ever applied.
    """

    amount: Decimal
    currency: str
    own: Money | None = None

    def __add__(self, other: Money) -> Money:
        own = self.own + other.own if self.own and other.own else None
        return Money(self.amount + self._amount_of(other), self.currency, own)

    def __sub__(self, other: Money) -> Money:
        return self + other * -1

    def __mul__(self, factor: Decimal | int) -> Money:
        return Money(self.amount * factor, self.currency, self.own and self.own * factor)

    def __truediv__(self, count: int) -> Money:
        return Money(self.amount / count, self.currency, self.own and self.own / count)

    def _amount_of(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            msg = f"{other.currency} cannot be counted with {self.currency}"
            raise ValueError(msg)
        return other.amount

    def not_negative(self) -> Money:
        """Return the amount, or zero if it is below zero."""
        return self if self.amount >= 0 else self * 0

    def within(self, currency: str) -> Money | None:
        """Return the amount in a currency; None if the shop does not state it in that one."""
        if self.currency.upper() == currency.upper():
            return self
        return self.own.within(currency) if self.own else None

    def rounded(self) -> Decimal:
        """Round half up to the currency's decimals, as on a receipt and in platforms' APIs."""
        return self.amount.quantize(Decimal(1).scaleb(-decimals(self.currency)), ROUND_HALF_UP)
