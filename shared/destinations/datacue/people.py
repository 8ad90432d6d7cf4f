"""Plans of customers and guests."""

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


def saved(api: Api, change: PersonSaved, known_state: KnownState) -> Plan:
    """Return the plan of a person; the id of a guest is the e-mail address."""
    subscribed = (
        change.person.subscribed if known_state.subscribed is None else known_state.subscribed
    )
    row = (
        rows.user_2021(change.person, subscribed)
        if api.newer
        else rows.user(change.person, subscribed)
    )
    # In 2021-02 a create also updates.
    act = Act.UPDATE if known_state.known and not api.newer else Act.CREATE
    calls = write(api, CallContext(collection=Collection.USERS, act=act, rows=(row,)))
    return Plan(calls=calls, state=encode(row))


def removed(api: Api, change: PersonRemoved) -> Plan:
    """Return the plan of a person's removal."""
    user_id = rows.user_id(None, change.user_id) or change.user_id
    return Plan(calls=(delete(api, Collection.USERS, user_id),), state=GONE)


def consent_changed(api: Api, change: ConsentChanged, known_state: KnownState) -> Plan:
    """
    Return the plan of a consent.

    If it is not certain that the person is stored, the consent is sent later with their row.
    """
    if not known_state.known:
        return Plan(counts=(UNKNOWN,))
    subscribed = change.subscribed if known_state.subscribed is None else known_state.subscribed
    update = UserUpdate(email_subscriber=subscribed)
    return Plan(calls=(set_field(api, Collection.USERS, (change.person_id,), update, UNKNOWN),))
