"""
The bodies of PersonaClick's page "User Activity Tracking (REST API)", field by field. Fields
that no shop provides (money from bonuses, an order's own properties) are declared and never filled.

Limits that the page does not name are from the platform's other pages: ids of at most 255
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
    """The visitor's fields in every event; ``sid`` is the later name of ``seance``."""

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
    """The campaign behind a visit. It is sent as JSON in a string."""

    origin: Text
    code: Text


class Item(Body, kw_only=True, frozen=True):
    """A product, by its id in the feed."""

    id: Id


class AddedItem(Body, kw_only=True, frozen=True):
    """Pieces of a product."""

    id: Id
    amount: Pieces


class CartItem(Body, kw_only=True, frozen=True):
    """Pieces of a product in a whole cart, where the field has another name."""

    id: Id
    quantity: Pieces


class BoughtItem(Body, kw_only=True, frozen=True):
    """An item that was bought, with its unit price; a free item has none."""

    id: Id
    amount: Pieces
    price: Amount = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.price == 0:
            raise NotExpressible("a price of nothing", "$.price")


class Recommended(Seen, kw_only=True, frozen=True):
    """An event that a recommendation may have led to: its kind and code, or neither."""

    recommended_by: Optional = UNSET
    recommended_code: Optional = UNSET

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.recommended_by is UNSET) is not (self.recommended_code is UNSET):
            raise NotExpressible("one without the other", "$.recommended_by")


class View(Recommended, kw_only=True, frozen=True):
    """A product's page."""

    event: Literal["view"] = "view"
    items: tuple[Item]


class Category(Seen, kw_only=True, frozen=True):
    """A category's page."""

    event: Literal["category"] = "category"
    category_id: Id


class CartAdd(Recommended, kw_only=True, frozen=True):
    """Something was put into the cart."""

    event: Literal["cart"] = "cart"
    items: tuple[AddedItem]


class CartRemove(Seen, kw_only=True, frozen=True):
    """Something was taken out of the cart."""

    event: Literal["remove_from_cart"] = "remove_from_cart"
    items: tuple[Item]


class CartWhole(Seen, kw_only=True, frozen=True):
    """The whole cart; without items it is cleared."""

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
    """A search; its code stands alone."""

    event: Literal["search"] = "search"
    search_query: Text
    recommended_code: Optional = UNSET


class WishAdd(Seen, kw_only=True, frozen=True):
    """Something was added to the wishlist."""

    event: Literal["wish"] = "wish"
    items: tuple[Item]


class WishRemove(Seen, kw_only=True, frozen=True):
    """Something was taken off the wishlist."""

    event: Literal["remove_wish"] = "remove_wish"
    items: tuple[Item]


class WishWhole(Seen, kw_only=True, frozen=True):
    """The whole wishlist; without items it is cleared."""

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
    """A message of a campaign that was received, clicked or closed; it names no visitor."""

    shop_id: ShopId
    code: Text
    type: Text
    stream: Stream
