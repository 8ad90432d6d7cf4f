"""The contract of every destination in the registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

import pytest

from shared.destinations.contract import Destination, KnownState
from shared.destinations.registry import DESTINATIONS
from shared.errors import NotConfigured, NotExpressible
from shared.http.call import Call, Effect
from shared.http.verdict import Delivered, FollowUp, Rejected, Response, Retry, Verdict
from shared.model.browsing import BrowsingEvent, Goods, ProductViewed
from shared.model.change import (
    Browsed,
    CartSaved,
    Change,
    CheckoutStarted,
    ConsentChanged,
    OrderRemoved,
    OrderSaved,
    PersonRemoved,
    PersonSaved,
    ProductRemoved,
    ProductSaved,
    Removed,
    StockChanged,
)
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Checkout, Line, Order, Status, Visit
from shared.model.person import Buyer, Person
from shared.model.product import Product, Variant
from shared.model.value import replace
from shared.model.version import Version
from shared.model.visitor import NOBODY, Visitor
from shared.settings import (
    DataCue,
    DataCueSecrets,
    DestinationName,
    ESputnik,
    Merchant,
    PersonaClick,
    PersonaClickSecrets,
    Secrets,
    TrackerSecrets,
    Yespo,
    read_merchant,
)

NOW = 1_795_251_600.0
KEY, SECRET = "the-key-of-acme", "the-secret-of-acme"
PRIVATE = ("ada", "byron", "shop.example", "203.0.113.9", "lovelace-agent")


@dataclass(frozen=True)
class Case:
    """
    A merchant's configuration: one per destination and profile. ``signs``: its calls are signed
    over their bytes. ``silent``: it has no call for these events, and needs none.
    """

    name: str
    merchant: Merchant
    secrets: Callable[[str, str], Secrets]
    hosts: tuple[str, ...]
    signs: bool = False
    silent: tuple[type[Change], ...] = ()


def _merchant(name: DestinationName = "datacue", **sections: Any) -> Merchant:
    return Merchant(
        name="acme",
        storefront="https://acme.example",
        currency="USD",
        sources=("shopify",),
        destinations=(name,),
        **sections,
    )


def _datacue(key: str, secret: str) -> Secrets:
    return Secrets(datacue=DataCueSecrets(api_key=key, api_secret=secret))


def _yespo(key: str, _: str) -> Secrets:
    return Secrets(yespo=TrackerSecrets(api_key=key))


def _esputnik(key: str, _: str) -> Secrets:
    return Secrets(esputnik=TrackerSecrets(api_key=key))


def _personaclick(key: str, _: str) -> Secrets:
    return Secrets(personaclick=PersonaClickSecrets(shop_secret=key))


_DATACUE_HOSTS = ("https://api.datacue.co/v1/", "https://events.datacue.co/")
CASES: Mapping[str, Case] = {
    "datacue-2018-09": Case(
        name="datacue",
        merchant=_merchant(datacue=DataCue(profile="2018-09")),
        secrets=_datacue,
        hosts=_DATACUE_HOSTS,
        signs=True,
    ),
    "datacue-2021-02": Case(
        name="datacue",
        merchant=_merchant(datacue=DataCue(profile="2021-02", carts="cart-token")),
        secrets=_datacue,
        hosts=_DATACUE_HOSTS,
        signs=True,
    ),
    "yespo": Case(
        name="yespo",
        merchant=_merchant("yespo", yespo=Yespo(site_id="8A412DC")),
        secrets=_yespo,
        hosts=("https://tracker.yespo.io/api/v2",),
        silent=(CheckoutStarted,),
    ),
    "esputnik": Case(
        name="esputnik",
        merchant=_merchant(
            "esputnik", esputnik=ESputnik(site_id="8A412DC", checkout_event="checkout")
        ),
        secrets=_esputnik,
        hosts=("https://tracker.esputnik.com/api/v2",),
    ),
    "personaclick": Case(
        name="personaclick",
        merchant=_merchant(
            "personaclick",
            personaclick=PersonaClick(
                shop_id="0d42fd8b713d0752776ca589cc0056", catalog=True, order_status=True
            ),
        ),
        secrets=_personaclick,
        hosts=("https://api.personaclick.com/",),
        silent=(PersonSaved, ConsentChanged, CheckoutStarted),
    ),
}

AT = "2026-11-21T09:00:00.000000000Z"
VERSION = Version.at(AT)
PRODUCT, PERSON, ORDER = (
    Entity(Kind.PRODUCT, "1"),
    Entity(Kind.PERSON, "7"),
    Entity(Kind.ORDER, "9"),
)
USD = Money(Decimal("24.50"), "USD")
ADA = Buyer(id="7", email="ada@shop.example", entity=PERSON)
LINES = (Line(product_id="1", variant_id="11", default=False, quantity=2, price=USD),)
VISIT = Visit(ip="203.0.113.9", user_agent="lovelace-agent")
CHANGES: tuple[Change, ...] = (
    ProductSaved(
        entity=PRODUCT,
        version=VERSION,
        product=Product(
            id="1",
            name="Moss Shirt",
            variants=(
                Variant(id="11", default=False, price=USD, stock=1),
                Variant(id="12", default=False, price=USD, stock=2),
            ),
            available=True,
        ),
    ),
    ProductRemoved(entity=PRODUCT, version=VERSION),
    StockChanged(entity=PRODUCT, at=AT, variant_id="11", default=False, stock=0),
    PersonSaved(
        entity=PERSON,
        version=VERSION,
        person=Person(id="7", email="ada@shop.example", first_name="Ada", last_name="Byron"),
    ),
    PersonSaved(
        entity=Entity(Kind.PERSON, "email:0123"),
        version=VERSION,
        person=Person(id=None, email="ada@shop.example", first_name="Ada"),
    ),
    PersonRemoved(
        entity=Entity(Kind.PERSON, "email:0123"), version=VERSION, user_id="ada@shop.example"
    ),
    ConsentChanged(entity=PERSON, at=AT, person_id="7", subscribed=True),
    OrderSaved(
        entity=ORDER,
        version=VERSION,
        order=Order(
            id="9",
            number="#1001",
            buyer=ADA,
            lines=LINES,
            status=Status.CANCELLED,
            placed_at=AT,
            currency="USD",
            visit=VISIT,
        ),
    ),
    OrderSaved(
        entity=ORDER,
        version=VERSION,
        order=Order(
            id="9",
            number="#1001",
            buyer=ADA,
            lines=LINES,
            status=Status.COMPLETED,
            placed_at=AT,
            currency="USD",
            visit=VISIT,
        ),
    ),
    OrderRemoved(entity=ORDER, version=VERSION),
    CartSaved(
        entity=Entity(Kind.CART, "token-1"),
        version=VERSION,
        cart=Cart(id="token-1", buyer=ADA, lines=LINES, at=AT, visit=VISIT),
    ),
    CheckoutStarted(
        entity=Entity(Kind.CHECKOUT, "token-2"),
        version=VERSION,
        checkout=Checkout(id="token-2", buyer=ADA, lines=LINES, at=AT, visit=VISIT),
    ),
    Browsed(
        entity=Entity(Kind.BROWSING, "event-1"),
        version=VERSION,
        event=BrowsingEvent(
            id="event-1",
            at=AT,
            action=ProductViewed(goods=Goods(product_id="1", variant_id="11", price=USD)),
            buyer=ADA,
            visit=VISIT,
        ),
    ),
)
SOMEBODY = Visitor(
    tracker_cookie="CDA68358-94FB-4D83-9655-3FEB3C4114A3",
    device_id="KQwq9AHI3A",
    session_id="Vk2ZBXL6k0",
)
MEMORIES = (
    KnownState(visitor=SOMEBODY),
    KnownState(known=True, variants=frozenset({"11", "12"}), visitor=SOMEBODY),
    KnownState(
        known=True,
        variants=frozenset({"11", "98", "99"}),
        stock={"11": None},
        subscribed=True,
        visitor=SOMEBODY,
        cart_sent=str(VERSION),
    ),
)
JUNK = (b"", b"{", b"null", b"[]", b'{"status":null}', b'{"status":[1]}', b"<html>", b"\xff\xfe")


def build(case: Case, key: str = KEY, secret: str = SECRET) -> Destination:
    return DESTINATIONS[case.name](case.merchant, case.secrets(key, secret))


def all_calls(destination: Destination) -> Iterator[tuple[Change, Call]]:
    """Yield every call of every change, and every call that corrects one."""
    for change in CHANGES:
        for memory in MEMORIES:
            for call in destination.plan(change, memory).calls:
                yield change, call
                for status in (400, 404, 409, 413):
                    body = b'{"error": "already exists"}' if status == 400 else b""
                    verdict = destination.judge(call, Response(status=status, body=body), NOW)
                    if isinstance(verdict, FollowUp):
                        yield from ((change, one) for one in verdict.calls)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def destination(case: Case) -> Destination:
    return build(case)


def test_every_destination_that_can_be_named_is_registered_and_has_a_case() -> None:
    assert set(DESTINATIONS) == set(get_args(DestinationName))
    assert {case.name for case in CASES.values()} == set(DESTINATIONS)


def test_a_destination_has_its_registered_name(case: Case) -> None:
    assert build(case).name == case.name


def test_a_missing_section_of_the_file_or_the_secret_is_rejected_at_startup(case: Case) -> None:
    with pytest.raises(NotConfigured):
        DESTINATIONS[case.name](_merchant(), Secrets())


def test_every_change_has_a_plan(case: Case) -> None:
    plans = [(change, build(case).plan(change, MEMORIES[1])) for change in CHANGES]
    dropped = {type(one) for one, plan in plans if not (plan.calls or plan.counts or plan.state)}

    assert {type(change) for change in CHANGES} == set(get_args(Change))
    assert dropped == set(case.silent)


def test_a_plan_is_the_same_every_time_and_in_every_container(case: Case) -> None:
    for change in CHANGES:
        for memory in MEMORIES:
            assert build(case).plan(change, memory) == build(case).plan(change, memory)


def test_calls_go_only_to_the_platforms_hosts(case: Case) -> None:
    for _, call in all_calls(build(case)):
        assert call.url.startswith(case.hosts)
        assert call.method in {"POST", "PUT", "PATCH", "DELETE"}
        assert "@" not in call.url


def test_bodies_are_json(destination: Destination) -> None:
    for _, call in all_calls(destination):
        if call.body:
            json.loads(call.body)


def test_a_full_change_leaves_a_state_and_a_partial_one_or_an_event_none(case: Case) -> None:
    destination = build(case)
    for change in CHANGES:
        if isinstance(change, case.silent):
            continue
        plan = destination.plan(change, MEMORIES[1])
        event = destination.brief(change).event
        passing = isinstance(change, StockChanged | ConsentChanged) or event
        after = destination.after_event(change) if event else None
        # An event leaves a state only where a later one can change it.
        assert plan.state == (after.state if after else b"" if passing else plan.state or b"none")


def test_the_state_does_not_depend_on_the_known_state(destination: Destination) -> None:
    for change in CHANGES:
        states = {destination.plan(change, memory).state for memory in MEMORIES[:2]}
        assert len(states) == 1


def test_the_effect_of_a_call_matches_its_change(
    destination: Destination,
) -> None:
    for change, call in all_calls(destination):
        has_event = destination.brief(change).event is not None
        assert call.effect is (Effect.EVENT if has_event else Effect.STATE)


def test_an_event_is_planned_or_counted(case: Case) -> None:
    destination, nobody = build(case), Buyer()
    for change in CHANGES:
        if isinstance(change, case.silent):
            continue
        unknown: Change = change
        if isinstance(change, CartSaved):
            unknown = replace(change, cart=replace(change.cart, buyer=nobody))
        elif isinstance(change, CheckoutStarted):
            unknown = replace(change, checkout=replace(change.checkout, buyer=nobody))
        elif isinstance(change, Browsed):
            unknown = replace(change, event=replace(change.event, buyer=nobody))
        plan = destination.plan(unknown, MEMORIES[1])
        assert plan.calls or plan.counts
        if not plan.calls:
            assert destination.brief(unknown).event is None


def test_an_unknown_visitor_is_identified_or_stays_unknown(case: Case) -> None:
    destination = build(case)
    for change in CHANGES:
        met = destination.identify(change, NOBODY)
        if isinstance(met, Visitor):
            assert met == NOBODY
            continue
        assert (met.method, met.effect) == ("GET", Effect.STATE)
        assert met.url.startswith(case.hosts)
        for status in (200, 204, 400, 403, 404, 429, 503):
            for body in JUNK:
                # Only a response with ids is a success.
                verdict = destination.judge(met, Response(status=status, body=body), NOW)
                assert isinstance(verdict, Retry | Rejected)


def test_every_status_has_a_verdict(destination: Destination) -> None:
    for _, call in all_calls(destination):
        for status in range(200, 600):
            for body in JUNK if status in {200, 207, 400, 404, 409} else (b"",):
                verdict = destination.judge(call, Response(status=status, body=body), NOW)
                assert isinstance(verdict, Delivered | Retry | Rejected | FollowUp)


def test_every_type_of_change_is_planned_or_has_a_stated_reason(destination: Destination) -> None:
    planned, unsupported = set(destination.plans), set(destination.unsupported)

    assert planned | unsupported == set(get_args(Change))
    assert planned & unsupported == set()
    assert all(destination.unsupported.values())


STATUSES: dict[int, type] = {
    **dict.fromkeys((408, 423, 425, 429, 500, 502, 503, 504, 599), Retry),
    **dict.fromkeys((301, 304, 307, 401, 402, 403, 405, 501), Rejected),
    **dict.fromkeys((200, 201, 202, 204), Delivered),
}


def test_statuses_have_the_documented_verdicts(destination: Destination) -> None:
    for _, call in all_calls(destination):
        for status, expected in STATUSES.items():
            verdict = destination.judge(call, Response(status=status), NOW)
            refuses_key = isinstance(verdict, Rejected) and verdict.credentials
            assert isinstance(verdict, expected)
            assert refuses_key is (status in {401, 403})


def test_a_delay_that_the_platform_requests_is_in_the_verdict(destination: Destination) -> None:
    for _, call in all_calls(destination):
        answer = Response(status=429, headers={"retry-after": "30"})
        verdict = destination.judge(call, answer, NOW)
        assert isinstance(verdict, Retry)
        assert verdict.after == 30


def test_a_second_removal_is_delivered(destination: Destination) -> None:
    for change in CHANGES:
        if not isinstance(change, Removed):
            continue
        for call in destination.plan(change, MEMORIES[1]).calls:
            if call.method != "DELETE":
                # Nothing is deleted: the product becomes unavailable.
                continue
            assert isinstance(destination.judge(call, Response(status=404), NOW), Delivered)


@pytest.mark.parametrize("status", [400, 404, 409, 413])
def test_corrections_end(destination: Destination, status: int) -> None:
    def depth(call: Call) -> int:
        body = b'{"error": "already exists, and not found"}'
        verdict: Verdict = destination.judge(call, Response(status=status, body=body), NOW)
        if not isinstance(verdict, FollowUp):
            return 0
        return 1 + max(depth(one) for one in verdict.calls)

    assert max(depth(call) for _, call in all_calls(destination)) <= 3


def test_the_signature_is_over_the_bytes_that_are_sent(case: Case) -> None:
    destination = build(case)
    for _, call in all_calls(destination):
        headers = destination.sign(call).headers
        assert headers == destination.sign(call).headers
        if call.effect is Effect.STATE:
            other = replace(call, body=call.body + b" ")
            assert (headers != destination.sign(other).headers) is case.signs


def test_headers_can_be_sent(destination: Destination) -> None:
    for _, call in all_calls(destination):
        for name, value in destination.sign(call).headers.items():
            assert f"{name}: {value}".isascii()
            assert "\n" not in value


def test_no_secret_is_shown(case: Case) -> None:
    destination = build(case)
    shown = [repr(destination), destination.fingerprint, repr(case.secrets(KEY, SECRET))]
    for change, call in all_calls(destination):
        shown += [repr(call), call.label, call.url, repr(call.context), call.body.decode()]
        shown += [
            repr(destination.plan(change, MEMORIES[0])),
            *destination.sign(call).headers.values(),
        ]

    for text in shown:
        assert SECRET not in text
        assert KEY not in text


def test_no_personal_data_is_shown(destination: Destination) -> None:
    for change, call in all_calls(destination):
        verdict = destination.judge(
            call,
            Response(status=400, body=b'{"error": "ada byron <ada@shop.example> is bad"}'),
            NOW,
        )
        plan = destination.plan(change, MEMORIES[1])
        for text in (repr(call), call.label, repr(call.context), repr(verdict), repr(plan)):
            assert not [name for name in PRIVATE if name in text.lower()]


def test_an_error_of_a_plan_shows_no_personal_data(case: Case) -> None:
    nameless = PersonSaved(entity=PERSON, version=VERSION, person=Person(id=None, email=None))
    # A destination that receives no person rejects an event of nobody.
    silent = isinstance(nameless, case.silent)
    change, memory = (CHANGES[-1], KnownState()) if silent else (nameless, MEMORIES[0])

    with pytest.raises(NotExpressible) as refused:
        build(case).plan(change, memory)

    assert refused.value.path.startswith("$")


def test_the_fingerprint_changes_with_the_credential(case: Case) -> None:
    assert build(case).fingerprint == build(case).fingerprint
    assert build(case, key="another").fingerprint != build(case).fingerprint


def test_the_smallest_merchant_file_is_enough() -> None:
    text = """
        name = "acme"
        storefront = "https://acme.example"
        currency = "USD"
        sources = ["shopify"]
        destinations = ["datacue"]
        [shopify]
        shop = "acme.myshopify.com"
    """
    merchant = read_merchant(text)

    for name in merchant.destinations:
        assert DESTINATIONS[name](merchant, _datacue(KEY, SECRET)).name == name
