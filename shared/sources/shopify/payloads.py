"""
The parts of Shopify's REST-shaped bodies that are read; everything else is skipped. Nearly every
field may be missing or null: bodies differ by API version, by `include_fields`, and by the app's
access to personal data. Shapes: shopify.dev/docs/api/webhooks, versions 2023-07 to 2026-10.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from shared.sources.parsing.decoders import Needed
from shared.sources.parsing.scalars import NO_AMOUNT, Amount, Id, Moment

# Not "$": that also matches before a final line feed.
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]


class Body(msgspec.Struct, kw_only=True, frozen=True):
    """
    The base of all bodies and of their parts. Every field with a default is optional: see
    `parsing.lenient`. ``bare`` is the field that a text alone stands for.
    """

    bare: ClassVar[str | None] = None


class OnlyId(Body, frozen=True):
    """A body with only an id, as in deletes (in 2023 they had the whole object)."""

    id: Id


class Preview(Body, frozen=True):
    """The preview picture of an image, a video or a 3D model."""

    bare = "src"

    src: str | None = None


class Image(Body, frozen=True):
    """An image of a product; ``variant_ids`` are the variants that show it."""

    bare = "src"

    id: Id | None = None
    src: str | None = None
    variant_ids: list[Id] | None = None


class Media(Body, frozen=True):
    """A medium of a product (2024-07 and later)."""

    preview_image: Preview | None = None
    variant_ids: list[Id] | None = None


class Option(Body, frozen=True):
    """An option of a product, such as its size."""

    bare = "name"

    name: str | None = None
    position: int | None = None
    values: list[str] | None = None


class Category(Body, frozen=True):
    """A category of Shopify's taxonomy: ``full_name`` is "Furniture > Benches"."""

    bare = "full_name"

    full_name: str | None = None


class Variant(Body, frozen=True):
    """
    A variant, within its product or alone (variants/in_stock). ``inventory_management`` was removed
    in 2024-07: null means untracked, a missing key means nothing. ``sellable`` is never in a body:
    it comes from the store's API (``availableForSale``).
    """

    id: Id
    title: str | None = None
    price: Amount = NO_AMOUNT
    compare_at_price: Amount = NO_AMOUNT
    sku: str | None = None
    option1: str | None = None
    option2: str | None = None
    option3: str | None = None
    image_id: Id | None = None
    inventory_item_id: Id | None = None
    inventory_policy: str | None = None
    inventory_quantity: int | None = None
    inventory_management: str | msgspec.UnsetType | None = msgspec.UNSET
    sellable: bool | None = None


class Product(Body, frozen=True):
    """A product. ``variant_gids`` lists all variants, ``variants`` has the first hundred."""

    id: Id
    title: str | None = None
    handle: str | None = None
    body_html: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    tags: str | list[str] | None = None
    status: str | None = None
    # Only whether there is one is read: an unreadable moment must not hide a product.
    published_at: str | None = None
    updated_at: Moment | None = None
    category: Category | None = None
    options: list[Option] | None = None
    variants: list[Variant] | None = None
    variant_gids: list[msgspec.Raw] | None = None
    images: list[Image] | None = None
    image: Preview | None = None
    media: list[Media] | None = None


class InventoryItem(Body, frozen=True):
    """An inventory item; ``tracked`` is whether the stock of its variant is counted."""

    id: Id
    tracked: bool | None = None


class InventoryLevel(Body, frozen=True):
    """The count of an inventory item at one location."""

    inventory_item_id: Id


class Address(Body, frozen=True):
    """A postal address."""

    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    city: str | None = None
    province: str | None = None
    country: str | None = None


class Postal(Address, frozen=True):
    """A postal address that is sent whole."""

    address1: str | None = None
    address2: str | None = None
    zip: str | None = None


class Consent(Body, frozen=True):
    """The consent to marketing e-mail."""

    state: Needed[str | None] = None
    consent_updated_at: Moment | None = None


class Customer(Body, frozen=True):
    """A customer; consent was removed from this payload in 2025-01."""

    id: Id | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    default_address: Address | None = None
    email_marketing_consent: Consent | None = None
    accepts_marketing: bool | None = None
    accepts_marketing_updated_at: Moment | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None


class ConsentUpdate(Body, frozen=True):
    """The body of customers_email_marketing_consent/update."""

    customer_id: Id
    email_marketing_consent: Needed[Consent | None] = None


class Merge(Body, frozen=True):
    """The body of customers/merge; ``status`` may be failed."""

    admin_graphql_api_customer_deleted_id: Id | None = None
    status: str | None = None


class Contact(Body, frozen=True):
    """The customer within an order, a checkout or a privacy request; it may be an empty object."""

    id: Id | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None


class PrivacyRequest(Body, frozen=True):
    """The body of customers/data_request and customers/redact."""

    customer: Contact | None = None
    orders_requested: list[Id] | None = None
    orders_to_redact: list[Id] | None = None
