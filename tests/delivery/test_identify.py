"""
Meeting a shopper whom no webhook names: PersonaClick through the real pipeline, its stand-in at the
other end, and a clock that only we move.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from cli.sandbox.exchange import Request, State
from cli.sandbox.personaclick import personaclick as played
from shared.delivery.deliver import Pipeline
from shared.destinations.contract import Destination
from shared.http.call import Call
from shared.http.verdict import NoResponse, Response
from shared.model.browsing import BrowsingEvent, Goods, ProductViewed
from shared.model.change import Browsed, CartSaved, Change, OrderSaved
from shared.model.entity import Entity, Kind
from shared.model.order import Cart, Line, Order, Status
from shared.model.person import Buyer
from shared.model.value import replace
from shared.model.version import Version
from shared.model.visitor import Visitor
from shared.queue.envelope import Envelope
from shared.sources.contract import Source, Translated
from tests.delivery.harness import World, at, webhook
from tests.destinations.personaclick_harness import SECRET, SHOP, personaclick, usd

LINE = Line(product_id="1", variant_id="11", default=False, quantity=1, price=usd("24.5"))
HOUR = 3600


def translate(envelope: Envelope, _deadline: float) -> Translated:
    body = json.loads(envelope.body)
    return Translated(changes=(_change(body, Version.at(at(body["second"]))),))


def _change(body: Mapping[str, Any], version: Version) -> Change:
    number, customer, moment = body["id"], body.get("customer"), version.tie
    buyer = Buyer(id=customer, entity=Entity(Kind.PERSON, customer) if customer else None)
    if body["kind"] == "cart":
        cart = Cart(id=number, buyer=buyer, lines=(LINE,), at=moment)
        entity = Entity.of_token(Kind.CART, number)
        return CartSaved(entity=entity, version=version, cart=cart)
    if body["kind"] == "view":
        view = ProductViewed(goods=Goods(product_id="1", variant_id="11"))
        seen = BrowsingEvent(id=number, at=moment, action=view, buyer=buyer)
        return Browsed(entity=Entity(Kind.BROWSING, number), version=version, event=seen)
    order = Order(
        id=number,
        number=number,
        buyer=buyer,
        lines=(LINE,),
        status=Status(body.get("status", "completed")),
        placed_at=moment,
        currency="USD",
        cart_token=body.get("cart"),
    )
    return OrderSaved(entity=Entity(Kind.ORDER, number), version=version, order=order)


class Town(World):
    """``trouble`` answers in the platform's place, or lets it answer; ``sent`` are all calls."""

    def __init__(self, **settings: Any) -> None:
        super().__init__("personaclick")
        self.settings = settings
        self.platform = played({"shop_id": SHOP, "shop_secret": SECRET}, None)
        self.state: State = self.platform.blank()
        self.sent: list[str] = []
        self.trouble: Callable[[str], Response | NoResponse | None] = lambda _label: None

    def send(self, call: Call, headers: Mapping[str, str], _within: float) -> Response | NoResponse:
        self.sent.append(call.label)
        instead = self.trouble(call.label)
        if isinstance(instead, Response) or (isinstance(instead, NoResponse) and not instead.sent):
            return instead
        url = urlsplit(call.url)
        lower = {name.lower(): value for name, value in headers.items()}
        plan = self.platform.plan(
            Request(
                method=call.method, path=url.path, query=url.query, headers=lower, body=call.body
            )
        )
        assert plan.violation is None
        given = plan.act(self.state)
        return instead or Response(status=given.status, body=given.body)

    def pipeline(self) -> Pipeline:
        source = Source(
            name="shop",
            verify=lambda _raw, _headers: None,
            to_envelope=lambda _raw, _headers, _now: webhook("order", 1, 1),
            translate=translate,
            handled=frozenset({"order"}),
            ignored={},
        )
        return replace(super().pipeline(), sources={"shop": source})

    def _destination(self, _name: str) -> Destination:
        return personaclick(**self.settings)

    def who(self) -> list[tuple[str, str]]:
        """Device and session of every event that the platform took."""
        return [(one["did"], one["seance"]) for one in self.state["events"]]


@pytest.fixture
def town() -> Town:
    return Town()


def order(number: int, second: int = 0, **more: Any) -> Envelope:
    return webhook("order", number, second, **{"customer": "7"} | more)


FIRST = ("device0001", "session0001")
DOWN, SILENT = Response(status=503), NoResponse(sent=True, reason="no answer in time")


def failing(label: str, given: Response | NoResponse, times: int = 1) -> Callable[[str], Any]:
    """Fail so often at calls of one kind."""
    left = [given] * times
    return lambda sent: left.pop() if sent == label and left else None


def test_at_the_first_purchase_the_platform_is_asked_once_who_it_is(town: Town) -> None:
    town.deliver(order(1001))

    assert town.sent == ["GET init", "POST push purchase"]
    assert town.who() == [FIRST]
    met = Visitor(device_id=FIRST[0], session_id=FIRST[1], seen_at=at(0))
    assert town.visitors.known == {Entity(Kind.ORDER, "1001"): met, Entity(Kind.PERSON, "7"): met}


def test_within_two_hours_nobody_is_asked_again(town: Town) -> None:
    town.deliver(order(1001))
    town.deliver(order(1002, 2 * HOUR))

    assert town.sent.count("GET init") == 1
    assert town.who() == [FIRST, FIRST]


def test_a_session_that_goes_on_does_not_end(town: Town) -> None:
    for hours in range(4):
        town.deliver(order(1001 + hours, hours * 2 * HOUR))

    assert town.who() == [FIRST] * 4


def test_after_two_idle_hours_the_same_device_has_a_new_session(town: Town) -> None:
    town.deliver(order(1001))
    town.deliver(order(1002, 2 * HOUR + 1))
    town.deliver(order(1003, 3 * HOUR))

    later = ("device0001", "session0002")
    assert town.who() == [FIRST, later, later]


def test_whoever_bought_is_known_by_the_cart_of_the_order(town: Town) -> None:
    town.deliver(webhook("cart", 5, 0))
    town.deliver(order(1001, 10, cart="5"))
    town.deliver(order(1002, 20))

    assert town.sent.count("GET init") == 1
    assert town.who() == [FIRST] * 3


@pytest.mark.parametrize("event", [order(1001), webhook("cart", 5, 0)])
@pytest.mark.parametrize("trouble", [DOWN, SILENT, NoResponse(sent=False, reason="no connection")])
def test_while_nobody_says_who_it_is_nothing_is_sent_and_then_it_is_once(
    town: Town, event: Envelope, trouble: Response | NoResponse
) -> None:
    town.trouble = failing("GET init", trouble, 2)
    town.deliver(event)

    assert (town.who(), len(town.parked), town.dead) == ([], 1, [])
    town.drain()
    assert len(town.who()) == 1
    assert (town.parked, town.dead) == ([], [])


def test_a_store_that_is_not_let_in_is_sent_nothing_of(town: Town) -> None:
    town.trouble = failing("GET init", Response(status=403))
    town.deliver(order(1001))

    [(_, death)] = town.dead
    assert (death.reason, town.who()) == ("answered 403", [])
    town.replay()
    town.drain()
    assert town.who() == [FIRST]


def test_two_at_once_end_with_one_device(town: Town) -> None:
    def meanwhile(label: str) -> None:
        if label == "GET init" and town.sent.count(label) == 1:
            town.deliver(webhook("cart", 5, 1))

    town.trouble = meanwhile
    town.deliver(order(1001, cart="5"))

    assert town.sent.count("GET init") == 2
    assert [one["event"] for one in town.state["events"]] == ["cart", "purchase"]
    assert len({did for did, _ in town.who()}) == 1
    assert {one.device_id for one in town.visitors.known.values()} == {town.who()[0][0]}


def test_a_purchase_of_unknown_outcome_is_sent_again_by_the_same_device(town: Town) -> None:
    town.trouble = failing("POST push purchase", SILENT)
    town.deliver(order(1001))
    town.clock.now += 3 * HOUR
    town.drain()

    assert len(town.state["purchases"]["1001"]) == 2
    assert town.who() == [FIRST, FIRST]
    assert town.sent.count("GET init") == 1


def test_a_page_view_of_nobody_waits_among_the_dead_until_they_are_known(town: Town) -> None:
    town.deliver(webhook("view", 1, 0, customer="7"))

    [(_, death)] = town.dead
    assert (death.reason, death.path) == ("no visitor", "$.did")
    assert town.sent == []

    town.deliver(order(1001, 60))
    town.replay()
    town.drain()
    assert [one["event"] for one in town.state["events"]] == ["purchase", "view"]
    assert town.who() == [FIRST, FIRST]


def test_while_our_own_memory_is_out_of_reach_nobody_is_asked(town: Town) -> None:
    town.visitors.out_of_reach = True
    town.deliver(order(1001))

    assert (town.sent, len(town.parked)) == ([], 1)
    town.visitors.out_of_reach = False
    town.drain()
    assert town.who() == [FIRST]


def test_what_became_of_a_purchase_is_sent_with_the_secret_and_of_no_visitor() -> None:
    town = Town(order_status=True)
    town.deliver(order(1001))
    town.deliver(order(1001, 60, status="cancelled"))

    assert town.sent == ["GET init", "POST push purchase", "POST sync/orders x1"]
    assert town.state["orders"] == {"1001": "cancelled"}
    assert (town.parked, town.dead) == ([], [])


def test_a_purchase_that_comes_after_its_cancellation_is_not_sent() -> None:
    town = Town()
    town.deliver(order(1001, 60, status="cancelled"))
    town.deliver(order(1001))

    assert town.sent == []
    assert (town.parked, town.dead) == ([], [])
