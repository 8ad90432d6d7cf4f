"""The ledger requests of a webhook: the table in docs/delivery.md."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from cli.docs.ledger_costs import COSTS
from shared import wiring
from shared.delivery.visitors import VisitorLookup
from shared.destinations.contract import Brief
from shared.destinations.registry import DESTINATIONS
from shared.model.change import Change
from shared.model.entity import Entity, Kind
from shared.model.value import Value
from shared.model.visitor import Visitor
from shared.queue.envelope import Envelope
from shared.settings import read_merchant, read_secrets
from shared.state.shop_ports import Pauses
from tests.e2e.conftest import StackHarness, running_stack
from tests.e2e.shop import SECRETS, SHOP, customer, merchant, order, product, variant

READS = {"GetItem", "BatchGetItem", "Query", "Scan"}
CUSTOMER = customer(7, email="jo@shop.example")


@pytest.fixture(scope="module")
def costs() -> Iterator[tuple[StackHarness, Counter[str]]]:
    counted: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        counted["reads" if model.name in READS else "writes"] += 1

    def message(**_: Any) -> None:
        counted["messages"] += 1

    with running_stack(merchant(carts="cart-token")) as acme:
        acme.shop.send("products/create", product(1))  # wires the function, and reads the pauses
        acme.shop.send("customers/create", CUSTOMER)  # the customer who consents
        assert acme.settled()
        app = wiring.app(fail_fast=True)
        app.pauses = Pauses(app.ledger, ("datacue",), 3600, time.time)
        app.pauses()
        app.shop_ports.pseudonym("jo@shop.example")
        app.clients.dynamodb.meta.events.register("before-call.dynamodb", count)
        app.clients.sqs.meta.events.register("before-call.sqs", message)
        yield acme, counted


CART = {
    "id": "c1", "token": "c1", "updated_at": "2026-11-21T08:00:00.000Z",
    "line_items": [
        {"product_id": 1, "variant_id": 11, "quantity": 1, "price": "19.99", "line_price": "19.99"}
    ],
}  # fmt: skip


ZERO = product(4) | {"variants": [variant(4, 1, "S", inventory_quantity=0)]}
MANY = product(5) | {"variants": [variant(5, place, f"V{place}") for place in range(1, 121)]}
CONSENT = {
    "customer_id": 7,
    "email_address": "jo@shop.example",
    "email_marketing_consent": {
        "state": "subscribed",
        "consent_updated_at": "2026-11-21T09:00:00Z",
    },
}
REDACT = {
    "shop_domain": SHOP,
    "customer": {"id": 9, "email": "ann@shop.example"},
    "orders_to_redact": [31, 32],
}
MERGE = {
    "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1",
    "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/2",
    "status": "completed",
    "errors": [],
}


# The row of `COSTS`, which docs/delivery.md prints, and a webhook that must cost it.
CASES = [
    ("one entity", "products/create", product(2)),
    ("one entity", "products/delete", {"id": 3}),
    (
        "part of an entity",
        "variants/out_of_stock",
        {"id": 11, "product_id": 1, "title": "S", "price": "1"},
    ),
    ("one entity", "customers/create", CUSTOMER | {"id": 70}),
    ("one entity", "customers/delete", {"id": 8}),
    ("customer's order", "orders/create", order(21, customer=CUSTOMER, email="jo@shop.example")),
    ("guest's order", "orders/create", order(22, customer=None, email="jo@shop.example")),
    (
        "order without a buyer",
        "orders/create",
        order(23, customer=None, email=None, contact_email=None),
    ),
    ("order without a buyer", "orders/delete", {"id": 24}),
    ("cart", "carts/create", CART),
    ("zero count", "products/update", ZERO),
    ("many variants", "products/create", MANY),
    ("merge", "customers/merge", MERGE),
    ("part of an entity", "customers_email_marketing_consent/update", CONSENT),
]


@pytest.mark.parametrize(("row", "topic", "body"), CASES)
def test_a_webhook_that_succeeds_costs_what_the_table_says(
    costs: tuple[StackHarness, Counter[str]], row: str, topic: str, body: Any
) -> None:
    acme, counted = costs
    counted.clear()
    reply = acme.shop.send(topic, body, at="2026-11-21T09:30:00.000000000Z")

    assert reply.status == "delivered"
    assert (counted["writes"], counted["reads"]) == (COSTS[row].writes, COSTS[row].reads)
    assert counted["messages"] == COSTS[row].messages == 0


def test_every_row_of_the_table_is_counted() -> None:
    assert {row for row, *_ in CASES} | {"redaction", "inventory item"} == set(COSTS)


def test_a_redaction_costs_two_writes_for_each_name_and_order_and_two_messages(
    costs: tuple[StackHarness, Counter[str]],
) -> None:
    acme, counted = costs
    counted.clear()
    reply = acme.shop.send("customers/redact", REDACT, at="2026-11-21T09:40:00.000000000Z")

    assert reply.status == "delivered"
    # A customer, an address and two orders.
    cost = COSTS["redaction"]
    assert (counted["writes"], counted["reads"]) == (4 * cost.writes + 1, cost.reads) == (9, 1)
    assert counted["messages"] == cost.messages == 2


def test_an_inventory_item_without_a_token_costs_one_write(
    costs: tuple[StackHarness, Counter[str]],
) -> None:
    acme, counted = costs
    counted.clear()
    reply = acme.shop.send("inventory_items/update", {"id": 401, "tracked": True})

    assert reply.status == "ignored"
    cost = COSTS["inventory item"]
    assert (counted["writes"], counted["reads"]) == (cost.writes, cost.reads) == (1, 0)
    assert counted["messages"] == cost.messages == 0


TRACKERS = """
[yespo]
site_id = "8A412DC"
[esputnik]
site_id = "8A412DC"
[personaclick]
shop_id = "0d42fd8b713d0752776ca589cc0056"
"""
SOLD = order(25, customer=CUSTOMER, email="jo@shop.example", cart_token="c1", checkout_token="k1")


class Briefed(Value):
    """A change, with the briefs that a claim would give it."""

    change: Change
    briefs: Mapping[str, Brief]


def _look_up(app: wiring.App, changes: Sequence[Change], names: Sequence[str]) -> None:
    whole = read_merchant(merchant() + TRACKERS)
    secrets = read_secrets(json.dumps(SECRETS), whole)
    built = {name: DESTINATIONS[name](whole, secrets) for name in names}
    claimed = [
        Briefed(change=one, briefs={name: to.brief(one) for name, to in built.items()})
        for one in changes
    ]
    VisitorLookup(store=app.visitors, row=app.ledger.row).of(claimed)


def _changes(app: wiring.App) -> tuple[Change, ...]:
    moment = "2026-11-21T09:30:00.000000000Z"
    sold = Envelope(
        id="sold",
        source="shopify",
        topic="orders/create",
        triggered_at=moment,
        received_at=moment,
        headers={},
        body=json.dumps(SOLD).encode(),
    )
    return app.sources["shopify"].translate(sold, 0.0).changes


@pytest.mark.parametrize(
    ("names", "reads"),
    [
        (["datacue"], 0),
        (["yespo"], 1),
        (["datacue", "yespo", "personaclick"], 1),
        # It also queries how the cart was sent.
        (["datacue", "yespo", "esputnik", "personaclick"], 2),
    ],
    ids=str,
)
def test_destinations_with_visitors_add_one_read_together(
    costs: tuple[StackHarness, Counter[str]], names: list[str], reads: int
) -> None:
    _, counted = costs
    app = wiring.app(fail_fast=True)
    changes = _changes(app)
    counted.clear()

    _look_up(app, changes, names)

    assert (counted["writes"], counted["reads"]) == (0, reads)


def test_a_new_visitor_costs_a_write_for_each_name_and_then_none(
    costs: tuple[StackHarness, Counter[str]],
) -> None:
    _, counted = costs
    app = wiring.app(fail_fast=True)
    changes = _changes(app)
    app.visitors.keep([Entity.of_token(Kind.CART, "c1")], Visitor(tracker_cookie="SC-1"))
    spent = []
    for _ in range(2):
        counted.clear()
        _look_up(app, changes, ["yespo"])
        spent.append((counted["writes"], counted["reads"]))

    assert spent == [(4, 1), (0, 1)]
