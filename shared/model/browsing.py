"""What a shopper did in the storefront's pages: one `Happening` of one browser at one moment."""

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
    """The recommendation that a click came from: which kind of block, and its code."""

    by: str
    code: str


class Goods(Value):
    """
    A product, or one variant of it, as a page showed it.

    ``default`` as in `Line`. ``in_stock`` is None where the page does not tell; ``tags`` are facts
    of the shop's own, by name.
    """

    product_id: str
    variant_id: str | None = None
    default: bool | None = None
    sku: str | None = None
    price: Money | None = None
    in_stock: bool | None = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class PageViewed(Value):
    """A page that shows no product, category or search: ``home`` is the shop's first page."""

    home: bool = False


class ProductViewed(Value):
    """A product's page."""

    goods: Goods
    recommended: Recommended | None = None


class CategoryViewed(Value):
    """A category's page; ``names`` go from the widest to the narrowest."""

    id: str
    names: tuple[str, ...] = ()


class Searched(Value):
    """A search; ``found`` is None where the page does not tell."""

    query: Hidden[str]
    found: bool | None = None
    recommended: Recommended | None = None


class WishlistAdded(Value):
    """Something was added to the wishlist."""

    goods: Goods


class WishlistRemoved(Value):
    """Something was taken off the wishlist."""

    goods: Goods


class WishlistSet(Value):
    """The whole wishlist, as it is now; none is an empty one."""

    goods: tuple[Goods, ...]


class CartAdded(Value):
    """Something was put into the cart, as the page tells it (the cart itself is a `Cart`)."""

    goods: Goods
    quantity: int = 1
    recommended: Recommended | None = None


class CartRemoved(Value):
    """Something was taken out of the cart."""

    goods: Goods


class BannerClicked(Value):
    """A banner was clicked; ``category_id`` is that of the category it leads to."""

    banner_id: str
    category_id: str | None = None


class ProductClicked(Value):
    """A product in a block was clicked; ``block`` is the kind of the block."""

    goods: Goods
    block: str | None = None


class Shown(Value):
    """A product or category (``id`` as in the feed when it is no product) in a block."""

    block: str
    goods: Goods | None = None
    category_id: str | None = None


class Impressions(Value):
    """Blocks with recommendations were shown."""

    shown: tuple[Shown, ...]


class LoggedIn(Value):
    """The shopper logged in; who they are is the happening's ``buyer``."""


class Custom(Value):
    """An event of the shop's own."""

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
    What happened, to whom, where. ``id`` is unique: an event that is told twice is told once.

    ``at`` is an `instant`; ``url`` and ``referrer`` are of the page; ``tags`` facts of the shop's
    own, by name. ``buyer.anonymous`` is the id that the storefront gave this browser; ``profile``
    is what the shop knows of the shopper, by name: sex, location, segment ...
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
