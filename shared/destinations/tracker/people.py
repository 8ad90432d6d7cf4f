"""Plans for people: `CustomerData` links a cookie to a person. No call removes a person."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from shared.destinations.building.fields import encode
from shared.destinations.contract import KnownState, Plan
from shared.destinations.tracker import calls, visitor
from shared.destinations.tracker.info import Who, info, of_person
from shared.destinations.tracker.payloads import CustomerData
from shared.destinations.tracker.site import Site
from shared.errors import NotExpressible
from shared.http.call import Call, Effect
from shared.model.change import PersonRemoved, PersonSaved

GONE = b"gone"
CONSENT = "consent_not_expressible"
REMOVAL = "person_removal_not_expressible"


def saved(site: Site, change: PersonSaved, memory: KnownState) -> Plan:
    """Plan a person. The time of sending is no part of the state at the platform."""
    sc, counts = visitor.cookie(site, change, memory)
    who = of_person(change.person, sc)
    if not (who.id or who.email or who.phone):
        raise NotExpressible("a person without id, address or telephone number", "$.GeneralInfo")
    body = CustomerData(info=info(site, "CustomerData", change.version.modified, who))
    state = encode(msgspec.structs.replace(body.info, datetime=UNSET))
    return Plan(calls=(calls.call(site.url, body, Effect.STATE),), state=state, counts=counts)


def removed(change: PersonRemoved) -> Plan:
    """Plan a removed person: a redaction must be done by hand at the platform."""
    alarms = ("EraseByHand",) if change.redacted else ()
    return Plan(state=GONE, counts=(REMOVAL,), alarms=alarms)


def link_person(site: Site, at: str, who: Who) -> Call:
    """Return the call that links a visitor to a person, before their event."""
    return calls.call(
        site.url, CustomerData(info=info(site, "CustomerData", at, who)), Effect.EVENT
    )
