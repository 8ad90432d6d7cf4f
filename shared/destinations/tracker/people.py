"""People: `CustomerData` tells whose cookie it is. No call takes a person away."""

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
    """Plan a person. When they were told is no part of what the platform holds of them."""
    sc, counts = visitor.cookie(site, change, memory)
    who = of_person(change.person, sc)
    if not (who.id or who.email or who.phone):
        raise NotExpressible("a person without id, address or telephone number", "$.GeneralInfo")
    body = CustomerData(info=info(site, "CustomerData", change.version.modified, who))
    state = encode(msgspec.structs.replace(body.info, datetime=UNSET))
    return Plan(calls=(calls.call(site.url, body, Effect.STATE),), state=state, counts=counts)


def removed(change: PersonRemoved) -> Plan:
    """Plan the end of a person: somebody must erase them by hand, where the law asks for it."""
    alarms = ("EraseByHand",) if change.redacted else ()
    return Plan(state=GONE, counts=(REMOVAL,), alarms=alarms)


def told(site: Site, at: str, who: Who) -> Call:
    """Write that somebody is known, as part of what they did."""
    return calls.call(
        site.url, CustomerData(info=info(site, "CustomerData", at, who)), Effect.EVENT
    )
