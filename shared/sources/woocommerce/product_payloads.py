"""
The parts of products and variations that are read; everything else is skipped. Both have the same
keys in a webhook; `products/<id>/variations` has ``image`` and ``attributes`` and no categories.
Shapes: wc/v3 of WooCommerce 9.9.5 and 11.0.1, as captured.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from shared.sources.parsing.decoders import Needed
from shared.sources.parsing.scalars import NO_AMOUNT, Amount, Id, Moment


class Body(msgspec.Struct, kw_only=True, frozen=True):
    """
    The base of all bodies and of their parts. Every field with a default is optional: see
    `parsing.lenient`. ``bare`` is the field that a text alone stands for.
    """

    bare: ClassVar[str | None] = None


class Hint(Body, frozen=True):
    """A body with only an id, as in deletes; it does not name the type of the entity."""

    id: Id


class Reference(Hint, frozen=True):
    """What a product's or a variation's body says about which product must be read."""

    parent_id: Id = "0"
    type: str | None = None


class Action(Body, frozen=True):
    """The name and the argument of a WordPress hook."""

    action: str
    arg: Id


class Term(Body, frozen=True):
    """
    A category, brand or tag that is assigned directly; its name may contain HTML entities. A term
    of WordPress itself, as some plugins send, has ``term_id``.
    """

    bare = "name"

    id: Id | None = None
    term_id: Id | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        """Return the id; empty if the term has none."""
        return self.id or self.term_id or ""


class Image(Body, frozen=True):
    """A picture."""

    bare = "src"

    src: str | None = None


class Attribute(Body, frozen=True):
    """An attribute: of a product with all its ``options``, of a variation with one ``option``."""

    name: str | None = None
    slug: str | None = None
    variation: bool | None = None
    options: list[str] | None = None
    option: str | None = None


class Product(Reference, frozen=True):
    """
    A product or, if ``parent_id`` is not 0, a variation. ``price`` is the price to pay now.
    ``manage_stock`` is "parent" where a variation shares its parent's count, which is then in its
    own ``stock_quantity``. ``stock_status`` decides the availability.
    """

    status: Needed[str | None] = None
    name: str | None = None
    permalink: str | None = None
    description: str | None = None
    short_description: str | None = None
    sku: str | None = None
    price: Needed[Amount] = NO_AMOUNT
    regular_price: Amount = NO_AMOUNT
    on_sale: bool | None = None
    purchasable: bool | None = None
    catalog_visibility: str | None = None
    post_password: str | None = None
    manage_stock: bool | str | None = None
    stock_quantity: Amount = NO_AMOUNT
    stock_status: str | None = None
    categories: list[Term] | None = None
    brands: list[Term] | None = None
    tags: list[Term] | None = None
    images: list[Image] | None = None
    image: Image | None = None
    attributes: list[Attribute] | None = None
    variations: list[Id] | None = None
    date_modified_gmt: Moment | None = None
