"""Products and their variants."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import field

from shared.model.money import Money
from shared.model.value import Value

DEFAULT_MARK = ":default"


def variant_key(variant_id: str, *, default: bool) -> str:
    """
    Name a variant in the ledger's known-variant set: its id, or ``<id>:default``.

    A product without options has one variant that stands for the product itself; platforms give
    it a fixed name. When options are added, the shop may keep that variant's id, so the set must
    tell the two apart, or the fixed name would never be removed.
    """
    return f"{variant_id}{DEFAULT_MARK}" if default else variant_id


class Variant(Value):
    """
    What is sold: one row at a platform.

    ``stock`` is a count, clamped at 0; ``None`` means sellable without a count. ``stock_known`` is
    False where the payload cannot tell (a zero count of a variant that may be untracked): then the
    ledger's newest availability decides, and without one the variant is taken as sellable.
    ``full_price`` is the price before a sale, None when there is none.
    """

    id: str
    default: bool
    price: Money
    full_price: Money | None = None
    sku: str | None = None
    title: str | None = None
    stock: int | None = None
    stock_known: bool = True
    color: str | None = None
    size: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    photo: str | None = None
    link: str | None = None

    @property
    def key(self) -> str:
        """The name of this variant in the ledger's known-variant set."""
        return variant_key(self.id, default=self.default)


class Product(Value):
    """
    A product with all variants that are known of it.

    ``available`` means: published and for sale (a lack of stock is told by ``Variant.stock``).
    ``categories`` goes from the widest to the narrowest; empty when the shop gives none.
    """

    id: str
    name: str
    variants: tuple[Variant, ...]
    available: bool
    description: str | None = None
    brand: str | None = None
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    photo: str | None = None
    link: str | None = None
