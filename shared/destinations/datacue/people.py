"""What to send of customers and guests."""

from __future__ import annotations

from shared.destinations.building.fields import encode
from shared.destinations.contract import KnownState, Plan
from shared.destinations.datacue import rows
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.calls import Act, CallContext, Collection, delete, set_field, write
from shared.destinations.datacue.order_payloads import UserUpdate
from shared.model.change import ConsentChanged, PersonRemoved, PersonSaved

UNKNOWN = "consent_of_unknown_person"
GONE = b"gone"


def saved(api: Api, change: PersonSaved, memory: KnownState) -> Plan:
    """Plan a person; a guest is named by e-mail address."""
    subscribed = change.person.subscribed if memory.subscribed is None else memory.subscribed
    row = (
        rows.user_2021(change.person, subscribed)
        if api.newer
        else rows.user(change.person, subscribed)
    )
    # In 2021-02 a create also updates.
    act = Act.UPDATE if memory.known and not api.newer else Act.CREATE
    calls = write(api, CallContext(collection=Collection.USERS, act=act, rows=(row,)))
    return Plan(calls=calls, state=encode(row))


def removed(api: Api, change: PersonRemoved) -> Plan:
    """Plan the end of a person."""
    named = rows.user_id(None, change.user_id) or change.user_id
    return Plan(calls=(delete(api, Collection.USERS, named),), state=GONE)


def consent_changed(api: Api, change: ConsentChanged, memory: KnownState) -> Plan:
    """Plan a consent. Of a person who may not be there yet it is merged when they are saved."""
    if not memory.known:
        return Plan(counts=(UNKNOWN,))
    subscribed = change.subscribed if memory.subscribed is None else memory.subscribed
    update = UserUpdate(email_subscriber=subscribed)
    return Plan(calls=(set_field(api, Collection.USERS, (change.person_id,), update, UNKNOWN),))
