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
    """An amount in major units of one currency."""

    amount: Decimal
    currency: str

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._amount_of(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._amount_of(other), self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.amount * count, self.currency)

    def __truediv__(self, count: int) -> Money:
        return Money(self.amount / count, self.currency)

    def _amount_of(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            msg = f"{other.currency} cannot be counted with {self.currency}"
            raise ValueError(msg)
        return other.amount

    def rounded(self) -> Decimal:
        """Round half up to the currency's decimals, as on a receipt and in platforms' APIs."""
        return self.amount.quantize(Decimal(1).scaleb(-decimals(self.currency)), ROUND_HALF_UP)
