"""
The parts of Shopify's REST-shaped bodies that are read; everything else is skipped. Nearly every
field may be missing or null: bodies differ by API version, by `include_fields`, and by what the
app may see of people. Shapes: shopify.dev/docs/api/webhooks, versions 2023-07 to 2026-10.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from shared.sources.parsing.scalars import NOTHING, Amount, Id, Moment

# Not "$": it lets a line feed pass.
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]


class Body(msgspec.Struct, kw_only=True, frozen=True):
    """Any body, and any part of one."""


class Identified(Body, frozen=True):
    """A body that is but an id, as deletes are (whole in 2023)."""

    id: Id


class Preview(Body, frozen=True):
    """The picture that stands for an image, a film or a model."""

    src: str | None = None


class Image(Body, frozen=True):
    """One of a product's images; ``variant_ids`` are the variants that show it."""

    id: Id | None = None
    src: str | None = None
    variant_ids: list[Id] | None = None


class Media(Body, frozen=True):
    """One of a product's media (2024-07 and later)."""

    preview_image: Preview | None = None
    variant_ids: list[Id] | None = None


class Option(Body, frozen=True):
    """An option of a product, such as its size."""

    name: str | None = None
    position: int | None = None
    values: list[str] | None = None


class Category(Body, frozen=True):
    """A node of Shopify's taxonomy: ``full_name`` is "Furniture > Benches"."""

    full_name: str | None = None


class Variant(Body, frozen=True):
    """
    A variant, within its product or alone (variants/in_stock). ``inventory_management`` went with
    2024-07: null means untracked, a missing key nothing. ``sellable`` is never in a body: the
    store's API says so (``availableForSale``).
    """

    id: Id
    title: str | None = None
    price: Amount = NOTHING
    compare_at_price: Amount = NOTHING
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
    """A product. ``variant_gids`` names all variants, ``variants`` holds the first hundred."""

    id: Id
    title: str | None = None
    handle: str | None = None
    body_html: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    tags: str | list[str] | None = None
    status: str | None = None
    published_at: Moment | None = None
    updated_at: Moment | None = None
    category: Category | None = None
    options: list[Option] | None = None
    variants: list[Variant] | None = None
    variant_gids: list[msgspec.Raw] | None = None
    images: list[Image] | None = None
    image: Preview | None = None
    media: list[Media] | None = None


class InventoryItem(Body, frozen=True):
    """What is counted: one variant's stock, or not, as ``tracked`` says."""

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
    """A postal address that is told whole."""

    address1: str | None = None
    address2: str | None = None
    zip: str | None = None


class Consent(Body, frozen=True):
    """The consent to marketing e-mail."""

    state: str | None = None
    consent_updated_at: Moment | None = None


class Customer(Body, frozen=True):
    """A customer; consent left this payload with 2025-01."""

    id: Id | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    default_address: Address | None = None
    email_marketing_consent: Consent | None = None
    accepts_marketing: bool | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None


class ConsentUpdate(Body, frozen=True):
    """The body of customers_email_marketing_consent/update."""

    customer_id: Id
    email_marketing_consent: Consent | None = None


class Merge(Body, frozen=True):
    """The body of customers/merge; ``status`` may be failed."""

    admin_graphql_api_customer_deleted_id: Id | None = None
    status: str | None = None


class Contact(Body, frozen=True):
    """The customer within an order, a checkout or a privacy request; an empty object at times."""

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
