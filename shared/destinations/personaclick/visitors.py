"""The visitor of an event: device and session. Unknown ids are queried, and never generated."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec import UNSET, UnsetType

from shared.destinations.building.fields import encode_body
from shared.destinations.building.values import text
from shared.destinations.personaclick import calls
from shared.destinations.personaclick.payloads import Source
from shared.errors import NotExpressible
from shared.http.call import Call
from shared.model.change import Browsed, CartSaved, OrderSaved
from shared.model.value import replace
from shared.model.version import moment
from shared.model.visitor import Visitor
from shared.settings import PersonaClick

# "Every time the user starts a new session"; the platform's own scripts end it after two hours.
IDLE = timedelta(hours=2)
# The minimum interval between two updates of a session's last use.
REFRESH = timedelta(minutes=15)
# "Used in all user activity tracking requests for 48 hours."
CAMPAIGN = timedelta(hours=48)

VisitorChange = OrderSaved | CartSaved | Browsed


def happened(change: VisitorChange) -> str:
    """Return the time of the visitor's action, by the shop's clock."""
    match change:
        case OrderSaved(order=order):
            return order.placed_at
        case CartSaved(cart=cart):
            return cart.at
        case Browsed(event=happening):
            return happening.at


def identify(own: PersonaClick, change: VisitorChange, visitor: Visitor) -> Call | Visitor:
    """
    Return the visitor with an active session, or the call that queries for one.

    A browsing event belongs to its own browser: if its device is not known, none is queried.
    """
    at = happened(change)
    if not visitor.device_id:
        return visitor if isinstance(change, Browsed) else calls.ask(own, at, None)
    if _lives(visitor, at) or _says_so(change, visitor):
        return _used(visitor, at)
    return calls.ask(own, at, visitor.device_id)


def _lives(visitor: Visitor, at: str) -> bool:
    if not visitor.session_id or visitor.seen_at is None:
        return False
    return moment(at) - moment(visitor.seen_at) <= IDLE


def _says_so(change: VisitorChange, visitor: Visitor) -> bool:
    """Return whether the browsing event itself contains this device and session."""
    if not isinstance(change, Browsed) or not visitor.session_id:
        return False
    own = change.event.visitor
    return (own.device_id, own.session_id) == (visitor.device_id, visitor.session_id)


def _used(visitor: Visitor, at: str) -> Visitor:
    seen = visitor.seen_at
    outdated = seen is None or moment(at) - moment(seen) > REFRESH
    return replace(visitor, seen_at=at) if outdated else visitor


def basics(own: PersonaClick, visitor: Visitor, at: str, url: str | None = None) -> dict[str, Any]:
    """
    Return the visitor fields of an event; ``url`` is the page of the event.

    Raises NotExpressible if the visitor is not known.
    """
    if not visitor.device_id:
        raise NotExpressible("no visitor", "$.did")
    return {
        "shop_id": own.shop_id,
        "did": visitor.device_id,
        own.session: text(visitor.session_id),
        "stream": own.stream,
        "segment": visitor.segment if visitor.segment in {"A", "B"} else UNSET,
        "referer": text(url),
        "source": _source(visitor, at),
    }


def _source(visitor: Visitor, at: str) -> str | UnsetType:
    campaign = visitor.campaign
    if campaign is None or not (campaign.origin.strip() and campaign.code.strip()):
        return UNSET
    if not timedelta() <= moment(at) - moment(campaign.at) < CAMPAIGN:
        return UNSET
    return encode_body(Source(origin=campaign.origin, code=campaign.code)).decode()
