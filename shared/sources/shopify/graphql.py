"""
Queries to the Admin GraphQL API, and the parts of its responses that are read. Fields:
shopify.dev/docs/api/admin-graphql, 2026-10.
"""

from __future__ import annotations

import msgspec

from shared.sources.parsing.scalars import NO_AMOUNT, Amount, Id, Moment
from shared.sources.shopify import payloads

# 250 variants with their picture and inventory item stay under the 1000 points that one query may
# cost (shopify.dev/docs/api/usage/limits).
PRODUCT = """
query product($id: ID!, $after: String) {
  product(id: $id) {
    id title handle descriptionHtml vendor productType tags status publishedAt updatedAt
    category { fullName }
    options { name position values }
    featuredMedia { preview { image { url } } }
    variants(first: 250, after: $after) {
      nodes {
        id title price compareAtPrice sku availableForSale inventoryPolicy inventoryQuantity
        selectedOptions { name value }
        image { url }
        inventoryItem { id tracked }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
# `variant` is deprecated since 2026-01; the connection has at most one.
OWNER = """
query owner($id: ID!) {
  inventoryItem(id: $id) { variants(first: 1) { nodes { product { id } } } }
}
"""


class Node(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """
    Any object of the API. A field without a default must be readable: an odd ``product`` is not one
    that is gone, and an odd page is not the last.
    """


class Picture(Node, frozen=True):
    """An image."""

    url: str | None = None


class Preview(Node, frozen=True):
    """The preview image of a medium."""

    image: Picture | None = None


class Featured(Node, frozen=True):
    """The first medium of a product."""

    preview: Preview | None = None


class Category(Node, frozen=True):
    """A category of the taxonomy."""

    full_name: str | None = None


class Choice(Node, frozen=True):
    """The value of an option."""

    name: str | None = None
    value: str | None = None


class Item(Node, frozen=True):
    """An inventory item."""

    id: Id
    tracked: bool | None = None


class Variant(Node, frozen=True):
    """A variant."""

    id: Id
    title: str | None = None
    price: Amount = NO_AMOUNT
    compare_at_price: Amount = NO_AMOUNT
    sku: str | None = None
    available_for_sale: bool | None = None
    inventory_policy: str | None = None
    inventory_quantity: int | None = None
    selected_options: list[Choice] = []
    image: Picture | None = None
    inventory_item: Item | None = None


class PageInfo(Node, frozen=True):
    """The position of a page in its list."""

    has_next_page: bool
    end_cursor: str | None = None


class Variants(Node, frozen=True):
    """A page of variants."""

    nodes: list[Variant]
    page_info: PageInfo


class Product(Node, frozen=True):
    """A product with one page of its variants."""

    id: Id
    variants: Variants
    title: str | None = None
    handle: str | None = None
    description_html: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    tags: list[str] = []
    status: str | None = None
    published_at: str | None = None
    updated_at: Moment | None = None
    category: Category | None = None
    options: list[payloads.Option] = []
    featured_media: Featured | None = None


class ProductData(Node, frozen=True):
    """The response to `PRODUCT`."""

    product: Product | None


class Owner(Node, frozen=True):
    """The product of a variant; only its id is read."""

    id: Id


class OwnedVariant(Node, frozen=True):
    """A variant; only its product is read."""

    product: Owner | None


class OwnedVariants(Node, frozen=True):
    """The variants of an inventory item."""

    nodes: list[OwnedVariant]


class OwnedItem(Node, frozen=True):
    """An inventory item; only its variants are read."""

    variants: OwnedVariants


class OwnerData(Node, frozen=True):
    """The response to `OWNER`."""

    inventory_item: OwnedItem | None
