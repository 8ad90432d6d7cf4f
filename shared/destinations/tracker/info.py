"""`GeneralInfo`: the site, the time by the shop's clock, and the visitor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec import UNSET, UnsetType

from shared.destinations.building.values import email, text
from shared.destinations.tracker.browsing_payloads import CustomInfo
from shared.destinations.tracker.fields import MOST_DIGITS
from shared.destinations.tracker.payloads import Cookies, GeneralInfo
from shared.destinations.tracker.site import Site
from shared.model.person import Buyer, Person
from shared.model.value import Hidden, Value
from shared.model.version import moment

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = frozenset("0123456789")


class Who(Value):
    """The identity of a visitor at the trackers; ``sc`` is the cookie."""

    sc: Hidden[str]
    id: Hidden[str | UnsetType] = UNSET
    email: Hidden[str | UnsetType] = UNSET
    phone: Hidden[str | UnsetType] = UNSET
    name: Hidden[str | UnsetType] = UNSET


def of_buyer(buyer: Buyer, sc: str) -> Who:
    """Return the identity of a buyer."""
    return Who(
        sc=sc,
        id=text(buyer.id),
        email=email(buyer.email),
        phone=phone(buyer.phone),
        name=text(buyer.name),
    )


def of_person(person: Person, sc: str) -> Who:
    """Return the identity of a person."""
    names = (text(person.first_name), text(person.last_name))
    return Who(
        sc=sc,
        id=text(person.id),
        email=email(person.email),
        phone=phone(person.phone),
        name=" ".join(name for name in names if name) or UNSET,
    )


def info(site: Site, event: str, at: str, who: Who) -> GeneralInfo:
    """Return the general information of an event at an `instant`."""
    return GeneralInfo(
        event_name=event,
        site_id=site.site_id,
        datetime=milliseconds(at),
        external_customer_id=who.id,
        user_phone=who.phone,
        user_email=who.email,
        user_name=who.name,
        cookies=Cookies(sc=who.sc),
    )


def custom_info(
    site: Site, at: str, who: Who, url: str | None = None, referrer: str | None = None
) -> CustomInfo:
    """Return the general information of a custom event on a page."""
    general = info(site, "CustomEvent", at, who)
    return CustomInfo(
        **{name: getattr(general, name) for name in general.__struct_fields__},
        s_location=text(url),
        referrer=text(referrer),
    )


def milliseconds(at: str) -> int:
    """Return an `instant` in milliseconds since 1970."""
    return (moment(at) - _EPOCH) // timedelta(milliseconds=1)


def phone(number: str | None) -> str | UnsetType:
    """
    Return the digits of a telephone number, which is what both samples have in common.

    A text that is no telephone number is UNSET, so that no purchase fails because of it.
    """
    digits = "".join(one for one in number or "" if one in _DIGITS)
    return digits if 0 < len(digits) <= MOST_DIGITS else UNSET
