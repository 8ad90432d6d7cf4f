"""The sections of a merchant's file that belong to one shop or platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, field

from shared.settings.strict import Strict, Text, Url

SourceName = Literal["shopify", "woocommerce"]
DestinationName = Literal["datacue", "yespo", "esputnik", "personaclick"]
FeedId = Literal["product", "variant", "sku"]
OnForeignCurrency = Literal["omit", "dead-letter"]
StatusMeaning = Literal["placed", "pending", "cancelled", "ignored"]


class Shopify(Strict, frozen=True):
    """``[shopify]``: the store."""

    shop: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$",
            description="The permanent domain. A webhook of any other shop gets a 401.",
        ),
    ]
    delivery_mode: Annotated[
        Literal["inline", "queued"],
        Meta(
            description="`inline`: the platforms are called before the response to the shop, "
            "and failures are parked. `queued`: everything is parked first."
        ),
    ] = "inline"
    api_version: Annotated[
        str,
        Meta(
            pattern=r"^(\d{4}-\d{2}|unstable)$",
            description="The version of the Admin API for queries. Set the same version in the "
            "app: the app decides the version of its webhooks.",
        ),
    ] = "2026-10"
    admin_url: Annotated[
        Url | None,
        Meta(description="The address of the Admin API. The default is `https://` and the shop."),
    ] = None
    accept_test: Annotated[
        bool,
        Meta(description="Also accept test webhooks and test orders. For a trial, not for a shop."),
    ] = False
    zero_stock: Annotated[
        Literal["sold-out", "sellable"],
        Meta(
            description="What a count of zero means where nothing says whether the variant is "
            "tracked, and the store cannot be queried because there is no token."
        ),
    ] = "sold-out"
    money: Annotated[
        Literal["shop", "presentment"],
        Meta(
            description="Which of an order's two currencies is sent: the shop's or the shopper's."
        ),
    ] = "shop"
    cancelling: Annotated[
        frozenset[str],
        Meta(description="Financial statuses that cancel an order, in addition to `cancelled_at`."),
    ] = frozenset({"voided", "refunded"})
    statuses: Annotated[
        Mapping[str, StatusMeaning],
        Meta(
            description="What an order with a financial status is, as for WooCommerce. Before"
            ' `cancelling`. `pending = "pending"` waits for the payment of a bank deposit.'
        ),
    ] = field(default_factory=dict)
    color_options: Annotated[
        tuple[str, ...],
        Meta(
            description="Option names that mean the colour, checked before the built-in list of"
            " many languages."
        ),
    ] = ()
    size_options: Annotated[
        tuple[str, ...],
        Meta(description="Option names that mean the size, checked before the built-in list."),
    ] = ()


class WooCommerce(Strict, frozen=True):
    """``[woocommerce]``: the store."""

    url: Annotated[
        str,
        Meta(
            pattern=r"^https?://[^\s/?#][^\s?#]*$",
            description="The store's home address, as in WordPress' settings. A webhook of any "
            "other store, such as a staging copy with the same secret, gets a 401.",
        ),
    ]
    other_urls: Annotated[
        tuple[Url, ...],
        Meta(
            description="More home addresses of the same store whose webhooks are accepted: with "
            "`www.`, or of a language. `http`, upper case and a final slash make no difference."
        ),
    ] = ()
    delivery_mode: Annotated[
        Literal["inline", "queued"],
        Meta(
            description="As for Shopify. A store sends each webhook once and must be queried "
            "for what they leave out, so they are parked first."
        ),
    ] = "queued"
    read_store: Annotated[
        Literal["always", "when-needed"],
        Meta(
            description="`always`: with a consumer key, a webhook only says what changed, and the "
            "product, order or customer is read from the store when it is delivered: one request "
            "per change. `when-needed`: a complete body is used as it is, and may be older than "
            "the store. For a store that cannot bear the requests."
        ),
    ] = "always"
    language: Annotated[
        Annotated[str, Meta(pattern=r"^[a-z]{2,3}([-_][A-Za-z]{2,8})?\Z")] | None,
        Meta(
            description="For a store whose texts are in several languages at once (qTranslate): "
            "the one that is sent. The default is the first language of each text.",
        ),
    ] = None
    roles: Annotated[
        frozenset[str], Meta(description="Users with one of these roles are sent as customers.")
    ] = frozenset({"customer"})
    statuses: Annotated[
        Mapping[str, StatusMeaning],
        Meta(
            description="What an order with a status is, for those that differ from the defaults"
            " in docs/woocommerce.md. `placed`: a purchase. `pending`: not paid yet; only DataCue"
            " gets it, which can cancel. `cancelled`. `ignored`: nothing is sent."
        ),
    ] = field(default_factory=dict)
    color_attributes: Annotated[
        tuple[str, ...],
        Meta(description="Attribute names that mean the colour, checked before the built-in list."),
    ] = ()
    size_attributes: Annotated[
        tuple[str, ...],
        Meta(description="Attribute names that mean the size, checked before the built-in list."),
    ] = ()


class DataCue(Strict, frozen=True):
    """``[datacue]``: the platform."""

    profile: Annotated[
        Literal["2018-09", "2021-02"],
        Meta(
            description="The API version of the account. Ask DataCue; if unsure, use the default."
        ),
    ] = "2018-09"
    api_url: Annotated[Url, Meta(description="The API's host.")] = "https://api.datacue.co"
    events_url: Annotated[
        Url, Meta(description="The host of browser events, which receives carts and checkouts.")
    ] = "https://events.datacue.co"
    carts: Annotated[
        Literal["known-visitors", "cart-token"],
        Meta(
            description="A cart names no customer, and DataCue knows the browser by an id of its"
            " own that no webhook has. `known-visitors`: no cart is sent, since none has a known"
            " visitor yet. `cart-token`: a cart is sent with its token as `anonymous_id`, which"
            " the order then gives to its buyer, instead of the browser's own."
        ),
    ] = "known-visitors"


class Yespo(Strict, frozen=True):
    """``[yespo]``: the platform."""

    site_id: Annotated[
        str,
        Meta(
            pattern=r"^[0-9A-Za-z_-]{1,64}\Z",
            description="The site's id at the platform. Its support provides it.",
        ),
    ]
    url: Annotated[Url, Meta(description="The address of the tracker.")] = (
        "https://tracker.yespo.io/api/v2"
    )
    feed_id: Annotated[
        FeedId,
        Meta(
            description="Which id products have in the platform's feed. Events name products by"
            " it; with the wrong one nothing matches."
        ),
    ] = "variant"
    max_purchase_age_days: Annotated[
        int, Meta(ge=1, le=365, description="An order placed longer ago is not sent as a purchase.")
    ] = 7
    foreign_currency: Annotated[
        OnForeignCurrency,
        Meta(
            description="What to do with a purchase that is not stated in the shop's currency: a"
            " purchase has amounts without a currency. `omit`: count it, and raise the alarm"
            " `ForeignCurrency`."
        ),
    ] = "omit"
    searches: Annotated[
        Literal["all", "without-results"],
        Meta(
            description="Which searches are sent. The platform's document asks for those "
            "without results."
        ),
    ] = "without-results"


class ESputnik(Yespo, frozen=True):
    """``[esputnik]``: the platform; the keys of ``[yespo]`` and its own."""

    url: Annotated[Url, Meta(description="The address of the tracker.")] = (
        "https://tracker.esputnik.com/api/v2"
    )
    degraded_sc: Annotated[
        bool,
        Meta(
            description="For a shopper whose cookie is not known, create one and count it. With "
            "`false` an order or a cart without a cookie is a dead letter, which a replay delivers "
            "once the cookie is known, and a customer without one is counted and not sent."
        ),
    ] = True
    checkout_event: Annotated[
        Text | None,
        Meta(description="The name of a custom event of the account. With it, checkouts are sent."),
    ] = None


class PersonaClick(Strict, frozen=True):
    """
    ``[personaclick]``: the platform. ``catalog`` and ``order_status`` use calls of pages other than
    the document's, which need the store's secret.
    """

    shop_id: Annotated[
        str,
        Meta(
            pattern=r"^[0-9a-f]{30}\Z",
            description="The key of the store in PersonaClick: Settings > Store Settings.",
        ),
    ]
    url: Annotated[Url, Meta(description="The API's host.")] = "https://api.personaclick.com"
    stream: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9]{1,16}\Z", description="The stream of the shop's events.")
    ] = "web"
    feed_id: Annotated[
        FeedId,
        Meta(description="Which id of a product the platform's feed has. All events use it."),
    ] = "variant"
    max_purchase_age_days: Annotated[
        int,
        Meta(
            ge=1,
            le=365,
            description="An order that is older when its first webhook arrives is not sent.",
        ),
    ] = 7
    foreign_currency: Annotated[OnForeignCurrency, Meta(description="As for Yespo.")] = "omit"
    clear: Annotated[
        Literal["omit", "empty"],
        Meta(
            description="How an emptied cart or wishlist is sent: without items, as the "
            "document says, or with an empty list, as the platform's later pages "
            "do."
        ),
    ] = "omit"
    session: Annotated[
        Literal["seance", "sid"],
        Meta(description="The name of the session field: `sid` is the later name."),
    ] = "seance"
    delivery_address: Annotated[bool, Meta(description="Send the delivery address of orders.")] = (
        False
    )
    catalog: Annotated[
        bool,
        Meta(
            description="Also send products. Do not use it together with a feed. Needs "
            "`shop_secret`."
        ),
    ] = False
    order_status: Annotated[
        bool,
        Meta(
            description="Send the cancellation of an order, and its return. The account must have "
            "the statuses `cancelled` and `completed`. Needs `shop_secret`."
        ),
    ] = False
