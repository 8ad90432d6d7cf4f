"""Browsing events: what a shopper did in the storefront, one action of one browser at one time."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import field

from shared.model.money import Money
from shared.model.order import Visit
from shared.model.person import Buyer
from shared.model.value import Hidden, Value
from shared.model.visitor import NOBODY, Visitor

NOBODY_KNOWN, NOWHERE = Buyer(), Visit()


class Recommended(Value):
    """The recommendation that led to an action: the kind of block, and its code."""

    by: str
    code: str


class Goods(Value):
    """
    A product, or one variant of it, as a page showed it.

    ``default`` as in `Line`. ``in_stock`` is None if the page does not contain it; ``tags`` are
    custom facts of the shop, by name.
    """

    product_id: str
    variant_id: str | None = None
    default: bool | None = None
    sku: str | None = None
    price: Money | None = None
    in_stock: bool | None = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class PageViewed(Value):
    """A page without a product, category or search; ``home`` is the shop's home page."""

    home: bool = False


class ProductViewed(Value):
    """A product's page."""

    goods: Goods
    recommended: Recommended | None = None


class CategoryViewed(Value):
    """A category's page; ``names`` are from the widest to the narrowest."""

    id: str
    names: tuple[str, ...] = ()


class Searched(Value):
    """A search; ``found`` is None if the page does not contain it."""

    query: Hidden[str]
    found: bool | None = None
    recommended: Recommended | None = None


class WishlistAdded(Value):
    """A product was added to the wishlist."""

    goods: Goods


class WishlistRemoved(Value):
    """A product was removed from the wishlist."""

    goods: Goods


class WishlistSet(Value):
    """The whole current wishlist; it may be empty."""

    goods: tuple[Goods, ...]


class CartAdded(Value):
    """A product was added to the cart, as the page reports it (the cart itself is a `Cart`)."""

    goods: Goods
    quantity: int = 1
    recommended: Recommended | None = None


class CartRemoved(Value):
    """A product was removed from the cart."""

    goods: Goods


class BannerClicked(Value):
    """A banner was clicked; ``category_id`` is the category of its link."""

    banner_id: str
    category_id: str | None = None


class ProductClicked(Value):
    """A product in a block was clicked; ``block`` is the kind of the block."""

    goods: Goods
    block: str | None = None


class Shown(Value):
    """A product or category in a block; the id of a category is as in the feed."""

    block: str
    goods: Goods | None = None
    category_id: str | None = None


class Impressions(Value):
    """Blocks with recommendations were shown."""

    shown: tuple[Shown, ...]


class LoggedIn(Value):
    """The shopper logged in; the event's ``buyer`` identifies them."""


class Custom(Value):
    """A custom event of the shop."""

    name: str
    category: str | None = None
    label: str | None = None
    value: int | None = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Pushed(Value):
    """A message of a campaign was ``received``, ``clicked`` or ``closed``; ``kind`` is its type."""

    act: str
    code: Hidden[str]
    kind: str
    sms: bool = False


BrowsingAction = (
    PageViewed
    | ProductViewed
    | CategoryViewed
    | Searched
    | WishlistAdded
    | WishlistRemoved
    | WishlistSet
    | CartAdded
    | CartRemoved
    | BannerClicked
    | ProductClicked
    | Impressions
    | LoggedIn
    | Custom
    | Pushed
)


class BrowsingEvent(Value):
    """
    An action in a browser. ``id`` is unique: an event that is received twice is sent once.

    ``at`` is an `instant`; ``url`` and ``referrer`` are of the page; ``tags`` are custom facts of
    the shop, by name. ``buyer.anonymous`` is the id that the storefront assigned to this browser;
    ``profile`` has the shop's facts about the shopper, by name: sex, location, segment ...
    """

    id: str
    at: str
    action: BrowsingAction
    buyer: Buyer = NOBODY_KNOWN
    visitor: Visitor = NOBODY
    url: Hidden[str | None] = None
    referrer: Hidden[str | None] = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    visit: Visit = NOWHERE
    profile: Hidden[Mapping[str, str]] = field(default_factory=dict)
