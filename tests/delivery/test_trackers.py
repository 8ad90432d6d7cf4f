"""
Both trackers through the real pipeline, their stand-ins at the other end, and a clock that only
the tests advance: a purchase is sent once, with its cart and its shopper.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from cli.sandbox.exchange import Request
from cli.sandbox.tracker import esputnik as esputnik_played
from cli.sandbox.tracker import yespo as yespo_played
from shared.delivery.deliver import Pipeline
from shared.destinations.contract import Destination
from shared.http.call import Call
from shared.http.verdict import NoResponse, Response
from shared.model.change import CartSaved, Change, OrderSaved
from shared.model.entity import Entity, Kind
from shared.model.order import Cart, Order, Status
from shared.model.person import Buyer
from shared.model.value import replace
from shared.model.version import Version
from shared.model.visitor import Visitor
from shared.queue.envelope import Envelope
from shared.sources.contract import Source, Translated
from tests.delivery.harness import World, at, webhook
from tests.destinations.sample_shop import line
from tests.destinations.tracker_harness import SC, SITE, esputnik, yespo


def translate(envelope: Envelope, _deadline: float) -> Translated:
    body = json.loads(envelope.body)
    return Translated(changes=(_change(body, Version.at(at(body["second"]))),))


def _change(body: Mapping[str, Any], version: Version) -> Change:
    visitor = Visitor(tracker_cookie=body.get("sc"))
    if body["kind"] == "cart":
        lines = (line(quantity=body.get("quantity", 1)),)
        cart = Cart(id=body["id"], buyer=Buyer(), lines=lines, at=version.tie, visitor=visitor)
        entity = Entity.of_token(Kind.CART, body["id"])
        return CartSaved(entity=entity, version=version, cart=cart)
    order = Order(
        id=body["id"],
        number=body["id"],
        buyer=Buyer(id="7", entity=Entity(Kind.PERSON, "7")),
        lines=(line(),),
        status=Status(body.get("status", "completed")),
        placed_at=at(0),
        currency="USD",
        cart_token=body.get("cart"),
        visitor=visitor,
    )
    return OrderSaved(entity=Entity(Kind.ORDER, body["id"]), version=version, order=order)


class Street(World):
    """``trouble`` answers after the platform did, by its name and the event's."""

    def __init__(self) -> None:
        super().__init__("yespo", "esputnik")
        self.played = {
            "yespo": yespo_played({"site_id": SITE}, None),
            "esputnik": esputnik_played({"site_id": SITE}, None),
        }
        self.states = {name: dict(one.blank()) for name, one in self.played.items()}
        self.trouble: Callable[[str, str], Response | NoResponse | None] = lambda _name, _event: (
            None
        )

    def send(self, call: Call, headers: Mapping[str, str], _within: float) -> Response | NoResponse:
        url = urlsplit(call.url)
        name = (url.hostname or "").split(".")[1]
        lower = {one.lower(): value for one, value in headers.items()}
        request = Request(method=call.method, path=url.path, headers=lower, body=call.body)
        plan = self.played[name].plan(request)
        assert plan.violation is None
        given = plan.act(self.states[name])
        trouble = self.trouble(name, json.loads(call.body)["GeneralInfo"]["eventName"])
        return trouble or Response(status=given.status, body=given.body)

    def pipeline(self) -> Pipeline:
        source = Source(
            name="shop",
            verify=lambda _raw, _headers: None,
            to_envelope=lambda _raw, _headers, _now: webhook("order", 1, 1),
            translate=translate,
            handled=frozenset({"order", "cart"}),
            ignored={},
        )
        return replace(super().pipeline(), sources={"shop": source})

    def _destination(self, name: str) -> Destination:
        return yespo() if name == "yespo" else esputnik(degraded_sc=False)

    def purchases(self, name: str) -> list[Any]:
        """The purchases that a platform received."""
        every = self.states[name]["purchases"].values()
        return [one["PurchasedItems"] for sent in every for one in sent]

    def carts(self, name: str) -> list[Any]:
        """Every state of a cart that a platform received."""
        return [one["StatusCart"] for one in self.states[name]["events"]]


@pytest.fixture
def street() -> Street:
    return Street()


def test_a_purchase_names_the_last_state_of_its_cart_that_was_sent(street: Street) -> None:
    street.deliver(webhook("cart", 5, 1, sc=SC))
    street.deliver(webhook("cart", 5, 2, sc=SC, quantity=3))
    street.deliver(webhook("order", 1001, 3, sc=SC, cart="5"))

    first, last = street.carts("esputnik")
    assert first["GUID"] != last["GUID"]
    assert [one["GUID"] for one in street.purchases("esputnik")] == [last["GUID"]]
    assert ["GUID" in one for one in street.purchases("yespo")] == [False]


def test_the_cookie_of_a_cart_is_that_of_the_order_that_came_of_it(street: Street) -> None:
    street.deliver(webhook("cart", 5, 1, sc=SC))
    street.deliver(webhook("order", 1001, 3, cart="5"))

    [sent] = street.states["esputnik"]["purchases"]["1001"]
    assert sent["GeneralInfo"]["cookies"]["sc"] == SC


def test_what_nobodys_cookie_is_known_of_is_dead_and_heals_once_it_is_known(street: Street) -> None:
    street.deliver(webhook("order", 1001, 1))

    [(_, death)] = street.dead
    assert (death.reason, death.path) == ("no visitor", "$.GeneralInfo.cookies.sc")
    assert len(street.purchases("yespo")) == 1
    assert street.purchases("esputnik") == []

    # The same customer, in a browser that the storefront knows.
    street.deliver(webhook("order", 1002, 2, sc=SC))
    street.replay()
    street.drain()

    assert street.dead == []
    assert set(street.states["esputnik"]["purchases"]) == {"1001", "1002"}
    assert len(street.purchases("yespo")) == 2


def test_a_purchase_is_sent_once_however_often_its_order_changes(street: Street) -> None:
    for second in (1, 1, 2, 3):
        street.deliver(webhook("order", 1001, second, sc=SC))

    assert len(street.purchases("yespo")) == len(street.purchases("esputnik")) == 1


def test_a_purchase_of_unknown_outcome_is_sent_again_and_a_cart_is_not(street: Street) -> None:
    left = {("yespo", "PurchasedItems"): 1, ("yespo", "StatusCart"): 1}

    def silent(name: str, event: str) -> NoResponse | None:
        if not left.get((name, event)):
            return None
        left[name, event] -= 1
        return NoResponse(sent=True, reason="no answer in time")

    street.trouble = silent
    street.deliver(webhook("cart", 5, 1, sc=SC))
    street.deliver(webhook("order", 1001, 2, sc=SC))
    street.drain()

    assert len(street.carts("yespo")) == 1
    assert len(street.purchases("yespo")) == 2
    assert len(street.purchases("esputnik")) == 1


def test_an_order_that_was_cancelled_before_it_was_sent_is_no_purchase(street: Street) -> None:
    street.deliver(webhook("order", 1001, 5, status="cancelled", sc=SC))
    street.deliver(webhook("order", 1001, 1, sc=SC))
    street.drain()

    assert street.purchases("yespo") == street.purchases("esputnik") == []
    assert street.dead == []


def test_a_purchase_is_not_sent_twice_because_its_customer_was_refused(street: Street) -> None:
    refused = {("yespo", "CustomerData"): Response(status=400)}
    street.trouble = lambda name, event: refused.get((name, event))

    street.deliver(webhook("order", 1001, 1, sc=SC))
    [(_, death)] = street.dead
    assert death.status == 400
    refused.clear()
    street.replay()
    street.drain()

    assert street.dead == []
    assert len(street.purchases("yespo")) == len(street.purchases("esputnik")) == 1
