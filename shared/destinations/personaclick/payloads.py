"""
The bodies of PersonaClick's page "User Activity Tracking (REST API)", field by field. Fields that
no supported shop can provide (money from bonuses, an order's own properties) are declared but never
set.

Limits that the page does not state are from the platform's other pages: ids of at most 255
characters, amounts of 1 to 1000 pieces, no empty optional text.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import Body, Text
from shared.errors import NotExpressible

MOST_PIECES = 1000

ShopId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{30}\Z")]
Stream = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,16}\Z")]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Pieces = Annotated[int, msgspec.Meta(ge=1, le=MOST_PIECES)]
Optional = Text | UnsetType
Amount = Decimal | UnsetType


class Seen(Body, kw_only=True, frozen=True):
    """The visitor fields of every event; ``sid`` is the later name of ``seance``."""

    shop_id: ShopId
    did: Text
    seance: Optional = UNSET
    sid: Optional = UNSET
    stream: Stream
    segment: Literal["A", "B"] | UnsetType = UNSET
    referer: Optional = UNSET
    source: Optional = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.seance is UNSET) is (self.sid is UNSET):
            raise NotExpressible("no session", "$.seance")


class Source(Body, kw_only=True, frozen=True, rename={"origin": "from"}):
    """The campaign that led the visitor to the shop. It is sent as a string of JSON."""

    origin: Text
    code: Text


class Item(Body, kw_only=True, frozen=True):
    """A product, by its id in the feed."""

    id: Id


class AddedItem(Body, kw_only=True, frozen=True):
    """A number of pieces of a product."""

    id: Id
    amount: Pieces


class CartItem(Body, kw_only=True, frozen=True):
    """A number of pieces of a product in a whole cart, where the field has another name."""

    id: Id
    quantity: Pieces


class BoughtItem(Body, kw_only=True, frozen=True):
    """
    A purchased item and the unit price that was paid. It is 0 for a free item: without a price the
    platform takes the one in the feed.
    """

    id: Id
    amount: Pieces
    price: Amount = UNSET


class Recommended(Seen, kw_only=True, frozen=True):
    """An event that a recommendation may have led to: both its kind and code, or neither."""

    recommended_by: Optional = UNSET
    recommended_code: Optional = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.recommended_by is UNSET) is not (self.recommended_code is UNSET):
            raise NotExpressible(
                "a kind without a code, or a code without a kind", "$.recommended_by"
            )


class View(Recommended, kw_only=True, frozen=True):
    """A view of a product's page."""

    event: Literal["view"] = "view"
    items: tuple[Item]


class Category(Seen, kw_only=True, frozen=True):
    """A view of a category's page."""

    event: Literal["category"] = "category"
    category_id: Id


class CartAdd(Recommended, kw_only=True, frozen=True):
    """A product was added to the cart."""

    event: Literal["cart"] = "cart"
    items: tuple[AddedItem]


class CartRemove(Seen, kw_only=True, frozen=True):
    """A product was removed from the cart."""

    event: Literal["remove_from_cart"] = "remove_from_cart"
    items: tuple[Item]


class CartWhole(Seen, kw_only=True, frozen=True):
    """The whole current cart; without items it is cleared."""

    event: Literal["cart"] = "cart"
    items: tuple[CartItem, ...] | UnsetType = UNSET
    full_cart: Literal[True] = True


class Purchase(Seen, kw_only=True, frozen=True):
    """A purchase. Properties in ``custom`` must have been created in the account."""

    event: Literal["purchase"] = "purchase"
    items: Annotated[tuple[BoughtItem, ...], msgspec.Meta(min_length=1)]
    custom: dict[str, str | int] | UnsetType = UNSET
    order_id: Id
    order_price: Amount = UNSET
    order_cash: Amount = UNSET
    order_bonuses: Amount = UNSET
    order_delivery: Amount = UNSET
    order_discount: Amount = UNSET
    promocode: Optional = UNSET
    delivery_address: Optional = UNSET
    delivery_type: Optional = UNSET
    payment_type: Optional = UNSET
    tax_free: bool | UnsetType = UNSET


class Search(Seen, kw_only=True, frozen=True):
    """A search; its recommendation has only a code."""

    event: Literal["search"] = "search"
    search_query: Text
    recommended_code: Optional = UNSET


class WishAdd(Seen, kw_only=True, frozen=True):
    """A product was added to the wishlist."""

    event: Literal["wish"] = "wish"
    items: tuple[Item]


class WishRemove(Seen, kw_only=True, frozen=True):
    """A product was removed from the wishlist."""

    event: Literal["remove_wish"] = "remove_wish"
    items: tuple[Item]


class WishWhole(Seen, kw_only=True, frozen=True):
    """The whole current wishlist; without items it is cleared."""

    event: Literal["wish"] = "wish"
    items: tuple[Item, ...] | UnsetType = UNSET
    full_wish: Literal[True] = True


class Custom(Seen, kw_only=True, frozen=True):
    """An event whose key was created in the account."""

    event: Text
    category: Optional = UNSET
    label: Optional = UNSET
    value: int | UnsetType = UNSET


class Message(Body, kw_only=True, frozen=True):
    """A message of a campaign that was received, clicked or closed; it has no visitor."""

    shop_id: ShopId
    code: Text
    type: Text
    stream: Stream
