"""Whatever the shop says, what we send is what the platform's pages allow."""

from __future__ import annotations

from urllib.parse import urlsplit

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from cli.sandbox.exchange import Request
from cli.sandbox.personaclick import personaclick as played
from shared.destinations.contract import Destination, KnownState, Plan
from shared.errors import NotExpressible
from shared.http.call import Call
from shared.http.verdict import Delivered, Identified, Response
from shared.model.change import Browsed, Change
from shared.model.visitor import NOBODY, Campaign, Visitor
from tests.destinations.clicks import AT, SECRET, SHOP, VISITOR, personaclick
from tests.destinations.invented import changes

PLATFORM = played({"shop_id": SHOP, "shop_secret": SECRET, "devices": "7rjVGhMykT"}, None)
# What a change may say that no call can: one product in two currencies, a product without an id.
UNSAID = {"$.items", "$.items[0].id"}

campaigns = st.builds(
    Campaign, origin=st.text(max_size=3), code=st.text(max_size=3), at=st.just(AT)
)
visitors = st.builds(
    Visitor,
    device_id=st.just(VISITOR.device_id),
    session_id=st.just("s") | st.just(VISITOR.session_id),
    seen_at=st.none() | st.just(AT),
    segment=st.none() | st.sampled_from("ABC"),
    campaign=st.none() | campaigns,
)
destinations = st.builds(
    personaclick,
    feed_id=st.sampled_from(("product", "variant", "sku")),
    clear=st.sampled_from(("omit", "empty")),
    session=st.sampled_from(("seance", "sid")),
    delivery_address=st.booleans(),
    catalog=st.booleans(),
    order_status=st.booleans(),
)


def planned(destination: Destination, change: Change, memory: KnownState) -> Plan:
    """Plan a change; of one that no call can say, it is as if nothing had happened."""
    try:
        return destination.plan(change, memory)
    except NotExpressible as error:
        if error.path not in UNSAID:
            raise
        reject()


def answered(destination: Destination, call: Call) -> object:
    """Send a call to the stand-in, and judge what it says; it finds no fault in any."""
    sealed = destination.seal(call)
    url = urlsplit(sealed.url)
    headers = {name.lower(): value for name, value in destination.sign(sealed).items()}
    plan = PLATFORM.plan(
        Request(
            method=sealed.method, path=url.path, query=url.query, headers=headers, body=sealed.body
        )
    )
    assert plan.violation is None
    given = plan.act(PLATFORM.blank() | {"applied": 0})
    return destination.judge(call, Response(status=given.status, body=given.body), 0.0)


@settings(max_examples=150, deadline=None)
@given(destination=destinations, change=changes, visitor=visitors)
def test_the_stand_in_finds_no_fault_in_any_change(
    destination: Destination, change: Change, visitor: Visitor
) -> None:
    memory = KnownState(visitor=visitor, variants=frozenset({"1", "2:default"}))
    plan = planned(destination, change, memory)

    for call in plan.calls:
        assert isinstance(answered(destination, call), Delivered)
    # A purchase or a cart is written down as intended: then it is told.
    assert (destination.event(change) is None) or bool(plan.calls)


@settings(max_examples=100, deadline=None)
@given(destination=destinations, change=changes, visitor=visitors | st.just(NOBODY))
def test_whoever_is_asked_for_is_introduced(
    destination: Destination, change: Change, visitor: Visitor
) -> None:
    if not destination.need(change).visitor:
        return
    met = destination.meet(change, visitor)

    if isinstance(met, Call):
        assert isinstance(answered(destination, met), Identified)
        assert not isinstance(change, Browsed) or visitor.device_id
    else:
        assert met.device_id == visitor.device_id
