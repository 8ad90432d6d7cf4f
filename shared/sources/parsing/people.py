"""Identification of people by what a shop knows of them: an id, or only an e-mail address."""

from __future__ import annotations

import msgspec

from shared.errors import NotUnderstood
from shared.model.entity import Entity, Kind
from shared.model.version import Version
from shared.sources.contract import Forget, Ports


def normalize_email(text: str | None) -> str | None:
    """Return an e-mail address trimmed and in lower case; None if it is not one ("", "NULL")."""
    address = (text or "").strip().lower()
    return address if "@" in address else None


def guest_entity(ports: Ports, address: str) -> Entity:
    """Return the entity of a guest from a normalised e-mail address."""
    return Entity(Kind.PERSON, f"email:{ports.pseudonym(address)}")


def redaction_body(request: Forget) -> bytes:
    """
    Return the body of an erasure request, with the keys of Shopify's customers/redact.

    Raises NotUnderstood if it names no person and no order, and for an invalid e-mail address.
    """
    if request.email is not None and normalize_email(request.email) is None:
        raise NotUnderstood("this is not an e-mail address", "$.customer.email")
    if not (request.email or request.id or request.orders):
        raise NotUnderstood("the request names no person and no order")
    person = {"id": request.id, "email": normalize_email(request.email)}
    return msgspec.json.encode({"customer": person, "orders_to_redact": request.orders})


def buyer_entity(ports: Ports, customer_id: str | None, address: str | None) -> Entity | None:
    """Return the entity of a buyer: a customer by id, else a guest by e-mail address, else None."""
    if customer_id is not None:
        return Entity(Kind.PERSON, customer_id)
    return None if address is None else guest_entity(ports, address)


def checkout_version(placed_at: str, order: Version) -> Version:
    """
    Return the version of a guest as an order states them: the answers are as old as the checkout.

    An order that is fulfilled today says nothing new about its buyer. Of two states of one order
    the newer one counts. Both times are signed.
    """
    return Version(min(placed_at, order.modified), order.modified)


def join_text(*parts: str | None, between: str = " ") -> str | None:
    """Join the parts that are not empty into one text; None if all are empty."""
    return between.join([own for part in parts if part and (own := part.strip())]) or None


def narrowest_place(city: str | None, region: str | None, country: str | None) -> str | None:
    """Return the narrowest known place."""
    return city or region or country or None
