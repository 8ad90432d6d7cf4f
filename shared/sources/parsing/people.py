"""Who somebody is, from what shops know of them: an id, or an e-mail address alone."""

from __future__ import annotations

import msgspec

from shared.errors import NotUnderstood
from shared.model.entity import Entity, Kind
from shared.sources.contract import Forget, Ports


def email(text: str | None) -> str | None:
    """Give an e-mail address trimmed and in lower case; None for what is none ("", "NULL")."""
    address = (text or "").strip().lower()
    return address if "@" in address else None


def guest(ports: Ports, address: str) -> Entity:
    """Name the guest who is known by an e-mail address (as `email` gives it) alone."""
    return Entity(Kind.PERSON, f"email:{ports.pseudonym(address)}")


def wished(wish: Forget) -> bytes:
    """
    Write whom to forget, in the keys of Shopify's customers/redact.

    Raises NotUnderstood when nobody is named, and for an address that is none.
    """
    if wish.email is not None and email(wish.email) is None:
        raise NotUnderstood("this is not an e-mail address", "$.customer.email")
    if not (wish.email or wish.id or wish.orders):
        raise NotUnderstood("nobody is named")
    person = {"id": wish.id, "email": email(wish.email)}
    return msgspec.json.encode({"customer": person, "orders_to_redact": wish.orders})


def known(ports: Ports, customer_id: str | None, address: str | None) -> Entity | None:
    """Name who buys: a customer by id, else a guest by e-mail address, else nobody known."""
    if customer_id is not None:
        return Entity(Kind.PERSON, customer_id)
    return None if address is None else guest(ports, address)


def one_text(*parts: str | None, between: str = " ") -> str | None:
    """Put what is known of some parts into one text; None when nothing is."""
    return between.join([own for part in parts if part and (own := part.strip())]) or None


def narrowest(city: str | None, region: str | None, country: str | None) -> str | None:
    """Give the narrowest known place."""
    return city or region or country or None
