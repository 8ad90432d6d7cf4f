"""Plans of people: `CustomerData` links a cookie to a person. No call deletes a person."""

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
UNKNOWN = "customer_of_unknown_visitor"
REMOVAL = "person_removal_not_expressible"


def saved(site: Site, change: PersonSaved, known_state: KnownState) -> Plan:
    """Return the plan of a person. Its state does not contain the time of the call."""
    if not (site.invents or known_state.visitor.tracker_cookie):
        # No webhook of a customer contains a cookie, so there is nothing that a person could fix:
        # the data comes with the first purchase or cart that names the visitor.
        return Plan(counts=(UNKNOWN,))
    sc, counts = visitor.cookie(site, change, known_state)
    who = of_person(change.person, sc)
    if not (who.id or who.email or who.phone):
        raise NotExpressible(
            "a person without id, e-mail address or telephone number", "$.GeneralInfo"
        )
    at = change.modified or change.version.modified
    body = CustomerData(info=info(site, "CustomerData", at, who))
    state = encode(msgspec.structs.replace(body.info, datetime=UNSET))
    return Plan(calls=(calls.call(site.url, body, Effect.STATE),), state=state, counts=counts)


def removed(change: PersonRemoved) -> Plan:
    """Return the plan of a person's removal; a redaction must be done by hand."""
    alarms = ("EraseByHand",) if change.redacted else ()
    return Plan(state=GONE, counts=(REMOVAL,), alarms=alarms)


def customer_event(site: Site, at: str, who: Who) -> Call:
    """Return the call with a customer's data that is part of another event."""
    return calls.call(
        site.url, CustomerData(info=info(site, "CustomerData", at, who)), Effect.EVENT
    )
