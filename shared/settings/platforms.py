"""The sections of a merchant's file that belong to one shop or platform."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from shared.settings.strict import Strict, Text, Url

SourceName = Literal["shopify", "woocommerce"]
DestinationName = Literal["datacue", "yespo", "esputnik", "personaclick"]
FeedId = Literal["product", "variant", "sku"]


class Shopify(Strict, frozen=True):
    """
    ``[shopify]``: the store.

    ``money`` is which of an order's two currencies platforms are told. ``cancelling`` are the
    financial statuses that count as cancelled beside ``cancelled_at``.
    """

    shop: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")]
    delivery_mode: Literal["inline", "queued"] = "inline"
    api_version: Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-\d{2}|unstable)$")] = "2026-10"
    admin_url: Url | None = None
    accept_test: bool = False
    money: Literal["shop", "presentment"] = "shop"
    cancelling: frozenset[str] = frozenset({"voided", "refunded"})
    color_options: tuple[str, ...] = ()
    size_options: tuple[str, ...] = ()


class WooCommerce(Strict, frozen=True):
    """
    ``[woocommerce]``: the store, by its home address as in WordPress' settings.

    ``roles`` are the roles of users who are told as customers.
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")]
    delivery_mode: Literal["inline", "queued"] = "queued"
    roles: frozenset[str] = frozenset({"customer"})
    color_attributes: tuple[str, ...] = ()
    size_attributes: tuple[str, ...] = ()


class DataCue(Strict, frozen=True):
    """``[datacue]``: the platform. ``carts`` decides for whom cart events are sent."""

    profile: Literal["2018-09", "2021-02"] = "2018-09"
    api_url: Url = "https://api.datacue.co"
    events_url: Url = "https://events.datacue.co"
    carts: Literal["known-visitors", "cart-token"] = "known-visitors"


class Yespo(Strict, frozen=True):
    """
    ``[yespo]``: the platform, by the id of the site there.

    ``feed_id`` is which id of a product its feed has. A purchase older than
    ``max_purchase_age_days`` is not told. ``searches`` decides which searches are.
    """

    site_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{1,64}\Z")]
    url: Url = "https://tracker.yespo.io/api/v2"
    feed_id: FeedId = "variant"
    max_purchase_age_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 7
    searches: Literal["all", "without-results"] = "without-results"


class ESputnik(Yespo, frozen=True):
    """
    ``[esputnik]``: as ``[yespo]``. With ``degraded_sc`` a shopper whose cookie is not known gets
    one of ours; ``checkout_event`` names the custom event of a checkout, which is told with it.
    """

    url: Url = "https://tracker.esputnik.com/api/v2"
    degraded_sc: bool = False
    checkout_event: Text | None = None


class PersonaClick(Strict, frozen=True):
    """
    ``[personaclick]``: the platform, by the key of the store there.

    ``feed_id`` and ``max_purchase_age_days`` as in ``[yespo]``. ``clear`` is how an emptied cart or
    wishlist is told. ``catalog`` and ``order_status`` tell products and what became of orders, on
    pages beside the document's, which need the store's secret.
    """

    shop_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{30}\Z")]
    url: Url = "https://api.personaclick.com"
    stream: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,16}\Z")] = "web"
    feed_id: FeedId = "variant"
    max_purchase_age_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 7
    clear: Literal["omit", "empty"] = "omit"
    session: Literal["seance", "sid"] = "seance"
    delivery_address: bool = False
    catalog: bool = False
    order_status: bool = False
