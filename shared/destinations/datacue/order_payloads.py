"""
Users and orders as in DataCue's tables, with the conventions of `payloads`. Orders are the same in
both profiles, except that 2018-09 cannot change their lines.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import Body, Currency, Email, Quantity, Text
from shared.destinations.datacue.fields import Second
from shared.destinations.datacue.payloads import ProductId
from shared.errors import NotExpressible

Status = Literal["completed", "cancelled"]


class Profile(Body, kw_only=True, frozen=True):
    """The segmentation fields of a user."""

    sex: Text | UnsetType = UNSET
    segment: Text | UnsetType = UNSET
    location: Text | UnsetType = UNSET


class UserUpdate(Body, kw_only=True, frozen=True):
    """The fields of an update of a user. `anonymous_id` as in the table, not the samples."""

    anonymous_id: Text | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    title: Text | UnsetType = UNSET
    first_name: Text | UnsetType = UNSET
    last_name: Text | UnsetType = UNSET
    profile: Profile | UnsetType = UNSET
    email_subscriber: bool | UnsetType = UNSET
    cart: tuple[ProductId, ...] | UnsetType = UNSET
    timestamp: Second | UnsetType = UNSET


class User(UserUpdate, kw_only=True, frozen=True):
    """A user: a customer, or a guest under their e-mail address."""

    user_id: Text
    first_name: Text

    def __post_init__(self) -> None:
        _reachable(self)


class User2021Update(UserUpdate, kw_only=True, frozen=True):
    """As `UserUpdate`, with a flag for guests."""

    guest_account: bool | UnsetType = UNSET


class User2021(User2021Update, kw_only=True, frozen=True):
    """A user: a customer, or a guest under their e-mail address."""

    user_id: Text
    first_name: Text

    def __post_init__(self) -> None:
        _reachable(self)


def _reachable(user: UserUpdate) -> None:
    # In the table, `email` is required: "Yes, if using email marketing".
    if user.email_subscriber is True and user.email is UNSET:
        raise NotExpressible("a subscriber without an e-mail address", "$.email")


class OrderLine(Body, kw_only=True, frozen=True):
    """A line of an order; the currency is in every sample, but not in the table."""

    product_id: Text
    variant_id: Text
    quantity: Quantity
    unit_price: Decimal
    currency: Currency


class OrderStatus(Body, kw_only=True, frozen=True):
    """The only field of an order that can be changed."""

    order_status: Status


class Order(Body, kw_only=True, frozen=True):
    """An order."""

    order_id: Text
    user_id: Text
    order_status: Status
    cart: tuple[OrderLine, ...]
    timestamp: Second


class UserId(Body, kw_only=True, frozen=True):
    """The id of a user."""

    user_id: Text


class OrderId(Body, kw_only=True, frozen=True):
    """The id of an order."""

    order_id: Text
