"""For any change, every call is valid in the platform's pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from hypothesis import given, reject, settings
from hypothesis import strategies as st

from cli.sandbox.exchange import Request
from cli.sandbox.personaclick import personaclick as build_sandbox
from shared.destinations.contract import Destination, KnownState, Plan
from shared.errors import NotExpressible
from shared.http.call import Call
from shared.http.verdict import Delivered, Identified, Response
from shared.model.change import Browsed, Change
from shared.model.visitor import NOBODY, Campaign, Visitor
from tests.destinations.personaclick_harness import AT, SECRET, SHOP, VISITOR, personaclick
from tests.destinations.strategies import changes

PLATFORM = build_sandbox({"shop_id": SHOP, "shop_secret": SECRET, "devices": "7rjVGhMykT"}, None)
# Changes that no call can express: one product in two currencies, a product without an id.
NOT_EXPRESSIBLE = {"$.items", "$.items[0].id"}

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


def planned(destination: Destination, change: Change, known_state: KnownState) -> Plan:
    """Return the plan of a change; skip an example that no call can express."""
    try:
        return destination.plan(change, known_state)
    except NotExpressible as error:
        if error.path not in NOT_EXPRESSIBLE:
            raise
        reject()


def judged_by_sandbox(destination: Destination, call: Call) -> object:
    """Send a call to the sandbox, which must accept it, and judge the response."""
    sealed = destination.sign(call).call
    url = urlsplit(sealed.url)
    headers = {name.lower(): value for name, value in destination.sign(sealed).headers.items()}
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
def test_the_sandbox_accepts_every_call(
    destination: Destination, change: Change, visitor: Visitor
) -> None:
    known_state = KnownState(visitor=visitor, variants=frozenset({"1", "2:default"}))
    plan = planned(destination, change, known_state)

    for call in plan.calls:
        assert isinstance(judged_by_sandbox(destination, call), Delivered)
    # A change with an event is recorded as intended, so that it must be sent.
    assert (destination.brief(change).event is None) or bool(plan.calls)


@settings(max_examples=100, deadline=None)
@given(destination=destinations, change=changes, visitor=visitors | st.just(NOBODY))
def test_a_query_for_a_visitor_returns_ids(
    destination: Destination, change: Change, visitor: Visitor
) -> None:
    if not destination.brief(change).visitor:
        return
    identified = destination.identify(change, visitor)

    if isinstance(identified, Call):
        assert isinstance(judged_by_sandbox(destination, identified), Identified)
        assert not isinstance(change, Browsed) or visitor.device_id
    else:
        assert identified.device_id == visitor.device_id
