"""Products and their variants."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import field

from shared.model.money import Money
from shared.model.value import Value

DEFAULT_MARK = ":default"


def variant_key(variant_id: str, *, default: bool) -> str:
    """
    Return the name of a variant in the ledger's set of known variants: its id or ``<id>:default``.

    A product without options has one variant that represents the product itself; at platforms it
    has a fixed name. When options are added, the shop may keep the id of this variant. So the set
    must distinguish the variant before and after, or the fixed name would never be removed.
    """
    return f"{variant_id}{DEFAULT_MARK}" if default else variant_id


class Variant(Value):
    """
    A variant of a product: one row at a platform.

    ``stock`` is a count, clamped at 0; ``None`` means sellable without a count. ``stock_known`` is
    False if the payload is ambiguous (a zero count of a variant that may be untracked): then the
    ledger's newest availability decides, and without one ``stock`` is an assumption. ``full_price``
    is the price before a sale, None if there is none.
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
        """The name of this variant in the ledger's set of known variants."""
        return variant_key(self.id, default=self.default)


class Product(Value):
    """
    A product with its known variants.

    ``available`` means: published and for sale (a lack of stock is in ``Variant.stock``).
    ``categories`` is from the widest to the narrowest; empty if the shop has none.
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
