"""The browsing events in both documents, with the conventions of `payloads`."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Raw, UnsetType, field

from shared.destinations.building.fields import Body, Text
from shared.destinations.tracker.fields import InStock, Price, Tags
from shared.destinations.tracker.payloads import GeneralInfo


class CustomInfo(GeneralInfo, kw_only=True, frozen=True):
    """`GeneralInfo` of a custom event; its sample has more than its table. eSputnik only."""

    screendim: dict[Text, int] | UnsetType = UNSET
    adblock_enabled: bool | UnsetType = field(default=UNSET, name="adblockEnabled")
    device: Text | UnsetType = UNSET
    browser: dict[Text, Any] | UnsetType = UNSET
    s_location: Text | UnsetType = UNSET
    referrer: Text | UnsetType = UNSET
    user_client_id: Text | UnsetType = UNSET
    user_city: Text | UnsetType = UNSET
    user_card_id: Text | UnsetType = UNSET


class SeenProduct(Body, kw_only=True, frozen=True):
    """A viewed or wishlisted product; its `tag_...` are added beside its own fields."""

    product_key: Text = field(name="productKey")
    price: Price
    is_in_stock: InStock | UnsetType = field(default=UNSET, name="isInStock")


class Seen(Body, kw_only=True, frozen=True):
    """The content of `ProductPage` and `AddToWishlist`."""

    product: Raw = field(name="Product")
    tags: Tags | UnsetType = field(default=UNSET, name="Tags")


class ProductPage(Body, kw_only=True, frozen=True):
    """A view of a product."""

    info: GeneralInfo = field(name="GeneralInfo")
    event: Seen = field(name="ProductPage")


class AddToWishlist(Body, kw_only=True, frozen=True):
    """A product was added to the wishlist."""

    info: GeneralInfo = field(name="GeneralInfo")
    event: Seen = field(name="AddToWishlist")


class Category(Body, kw_only=True, frozen=True):
    """A category, by its id in the feed."""

    category_key: Text = field(name="categoryKey")


class SeenCategory(Body, kw_only=True, frozen=True):
    """The content of `CategoryPage`."""

    category: Category = field(name="Category")
    tags: Tags | UnsetType = field(default=UNSET, name="Tags")


class CategoryPage(Body, kw_only=True, frozen=True):
    """A view of a category."""

    info: GeneralInfo = field(name="GeneralInfo")
    event: SeenCategory = field(name="CategoryPage")


class ShownProduct(Body, kw_only=True, frozen=True):
    """A product or category in a block of recommendations."""

    product_id: Text
    container_type: Text


class Shown(Body, kw_only=True, frozen=True):
    """The content of `ProductImpressions`."""

    products: tuple[ShownProduct, ...] = field(name="Products")
    tags: Tags | UnsetType = field(default=UNSET, name="Tags")


class ProductImpressions(Body, kw_only=True, frozen=True):
    """Impressions of blocks. The body's key lacks the last letter of the event's name."""

    info: GeneralInfo = field(name="GeneralInfo")
    event: Shown = field(name="ProductImpression")


class Search(Body, kw_only=True, frozen=True):
    """The content of `SearchRequest`; `isFound` is only in Yespo's document."""

    search: Text
    is_found: Literal[0, 1] | UnsetType = field(default=UNSET, name="isFound")


class SearchRequest(Body, kw_only=True, frozen=True):
    """A search."""

    info: GeneralInfo = field(name="GeneralInfo")
    event: Search = field(name="SearchRequest")


class Own(Body, kw_only=True, frozen=True):
    """The content of `CustomEvent`."""

    event_name: Text = field(name="EventName")
    tags: Tags | UnsetType = field(default=UNSET, name="Tags")


class CustomEvent(Body, kw_only=True, frozen=True):
    """A custom event of the shop; eSputnik only."""

    info: CustomInfo = field(name="GeneralInfo")
    event: Own = field(name="CustomEvent")
