"""What a shopper did in the storefront's pages: one `Happening` of one browser at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.model.money import Money
from shared.model.order import Visit
from shared.model.person import Buyer
from shared.model.visitor import NOBODY, Visitor

NOBODY_KNOWN, NOWHERE = Buyer(), Visit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommended:
    """The recommendation that a click came from: which kind of block, and its code."""

    by: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PageViewed:
    """A page that shows no product, category or search: ``home`` is the shop's first page."""

    home: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductViewed:
    """A product's page."""

    goods: Goods
    recommended: Recommended | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryViewed:
    """A category's page; ``names`` go from the widest to the narrowest."""

    id: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """A search; ``found`` is None where the page does not tell."""

    query: str = field(repr=False)
    found: bool | None = None
    recommended: Recommended | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WishlistAdded:
    """Something was added to the wishlist."""

    goods: Goods


@dataclass(frozen=True, slots=True, kw_only=True)
class WishlistRemoved:
    """Something was taken off the wishlist."""

    goods: Goods


@dataclass(frozen=True, slots=True, kw_only=True)
class WishlistSet:
    """The whole wishlist, as it is now; none is an empty one."""

    goods: tuple[Goods, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CartAdded:
    """Something was put into the cart, as the page tells it (the cart itself is a `Cart`)."""

    goods: Goods
    quantity: int = 1
    recommended: Recommended | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CartRemoved:
    """Something was taken out of the cart."""

    goods: Goods


@dataclass(frozen=True, slots=True, kw_only=True)
class BannerClicked:
    """A banner was clicked; ``category_id`` is that of the category it leads to."""

    banner_id: str
    category_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductClicked:
    """A product in a block was clicked; ``block`` is the kind of the block."""

    goods: Goods
    block: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A product or category (``id`` as in the feed when it is no product) in a block."""

    block: str
    goods: Goods | None = None
    category_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Impressions:
    """Blocks with recommendations were shown."""

    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """The shopper logged in; who they are is the happening's ``buyer``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """An event of the shop's own."""

    name: str
    category: str | None = None
    label: str | None = None
    value: int | None = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A message of a campaign was ``received``, ``clicked`` or ``closed``; ``kind`` is its type."""

    act: str
    code: str = field(repr=False)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowsingEvent:
    """
    What happened, to whom, where. ``id`` is unique: an event that is told twice is told once.

    ``at`` is an `instant`; ``url`` and ``referrer`` are of the page; ``tags`` facts of the shop's
    own, by name. ``buyer.anonymous`` is the id that the storefront gave this browser; ``profile``
    is what the shop knows of the shopper, by name: sex, location, segment ...
    """

    id: str
    at: str
    what: BrowsingAction
    buyer: Buyer = NOBODY_KNOWN
    visitor: Visitor = NOBODY
    url: str | None = field(default=None, repr=False)
    referrer: str | None = field(default=None, repr=False)
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    visit: Visit = NOWHERE
    profile: Mapping[str, str] = field(default_factory=dict, repr=False)
