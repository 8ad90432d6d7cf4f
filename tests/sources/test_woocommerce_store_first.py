"""With a consumer key a webhook is a hint: its body names what changed, and the store is read."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.errors import StoreUnavailable
from shared.model.change import (
    OrderRemoved,
    OrderSaved,
    PersonRemoved,
    PersonSaved,
    ProductRemoved,
    Removed,
)
from shared.model.entity import Entity, Kind
from shared.model.order import Status
from shared.model.value import replace
from shared.model.version import Version
from shared.sources.contract import Translated
from tests.sources import woo
from tests.sources.shop import FakePorts, order_of
from tests.sources.woo import QUERIED_AT, FakeStore

STALE = Path(__file__).parent / "stale_webhooks"
NOW = Version.at(QUERIED_AT)
GONE: dict[str, Removed] = {
    "product": ProductRemoved(entity=Entity(Kind.PRODUCT, "11"), version=NOW),
    "order": OrderRemoved(entity=Entity(Kind.ORDER, "11"), version=NOW),
    "customer": PersonRemoved(entity=Entity(Kind.PERSON, "11"), version=NOW, user_id="11"),
}


def translate(
    topic: str, body: object, store: FakeStore, fake_ports: FakePorts | None = None
) -> Translated:
    return woo.translate(topic, body, fake_ports, store, read_store="always")


def stale(kind: str) -> tuple[str, Any, FakeStore]:
    """Return a captured last webhook, and the store, which was newer (WooCommerce 10.7)."""
    found = json.loads((STALE / f"{kind}.json").read_text())
    documents = {found["store"]["id"]: found["store"]}
    store = FakeStore()
    setattr(store, f"{kind}s", documents)
    return found["topic"], found["body"], store


def test_an_order_that_was_paid_while_its_webhook_was_rendered_ends_as_paid() -> None:
    found = translate(*stale("order"))

    order = found.changes[-1]
    assert isinstance(order, OrderSaved)
    assert order.order.status is Status.COMPLETED
    assert order.version == NOW


def test_a_product_and_a_customer_are_as_the_store_has_them() -> None:
    product = woo.product_of(translate(*stale("product")))
    (person,) = translate(*stale("customer")).changes

    assert product.variants[0].price.amount == Decimal(7)
    assert isinstance(person, PersonSaved)
    assert (person.person.first_name, person.version) == ("Late", NOW)


def test_a_query_costs_one_request_for_an_order_a_customer_and_a_product() -> None:
    store = FakeStore(
        products={11: woo.product(categories=[])},
        orders={51: woo.order()},
        customers={61: woo.customer()},
    )
    fake_ports = woo.ports()
    fake_ports.remember({"woocommerce:currency": "EUR"})
    for topic, body in (
        ("product.updated", woo.product()),
        ("order.created", woo.order()),
        ("customer.updated", woo.customer()),
    ):
        translate(topic, body, store, fake_ports)

    # And one more for the account of the order.
    assert store.queries == ["product 11", "order 51", "customer 61", "customer 61"]


@pytest.mark.parametrize("kind", ["product", "order", "customer"])
@pytest.mark.parametrize("event", ["created", "updated", "restored", "deleted"])
def test_what_the_store_does_not_have_is_removed_whatever_the_topic(kind: str, event: str) -> None:
    if (kind, event) == ("customer", "restored"):
        pytest.skip("there is no such topic")
    change = GONE[kind]

    found = translate(
        f"{kind}.{event}", {"id": 11}, FakeStore(), woo.ports(sent=frozenset({change.entity}))
    )

    assert found == Translated(changes=(change,))


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("order.updated", {"id": 51, "line_items": "none", "billing": []}),
        ("order.created", woo.order(status="cancelled", total="0.01")),
        ("order.restored", woo.order(date_modified_gmt="9999-01-01T00:00:00")),
        ("order.deleted", {"id": 51}),
    ],
    ids=["a plugin's", "a forged one", "a captured one", "a hint"],
)
def test_nothing_of_a_body_but_its_id_matters(topic: str, body: Any) -> None:
    store = FakeStore(orders={51: woo.order(total="25.00")})

    (change,) = translate(topic, body, store).changes

    assert isinstance(change, OrderSaved)
    assert (change.order.status, change.version) == (Status.COMPLETED, NOW)
    assert change.order.total is not None
    assert change.order.total.amount == Decimal("25.00")


def test_a_variation_names_the_product_that_is_read() -> None:
    store = FakeStore(products={11: woo.variable()}, children={11: [woo.variation()]})
    body = {"id": 21, "type": "variation", "parent_id": 11}

    found = translate("product.updated", body, store)

    assert [one.id for one in woo.product_of(found).variants] == ["21"]
    assert store.queries[:2] == ["product 11", "variations 11"]


def test_variations_without_an_end_of_parents_are_ignored() -> None:
    both = {21: woo.variation(parent_id=22), 22: woo.variation(id=22, parent_id=21)}

    found = translate("product.deleted", {"id": 21}, FakeStore(products=both))

    assert found.ignored == "a variation without a product is not for sale"


def test_a_guest_is_as_old_as_their_checkout() -> None:
    # An old order that is edited today must not overwrite what a newer one said.
    body = woo.order(customer_id=0, date_created_gmt="2026-11-01T10:00:00")

    person, order = translate("order.updated", body, FakeStore(orders={51: body})).changes

    assert isinstance(person, PersonSaved)
    assert person.version == Version("2026-11-01T10:00:00.000000000Z", QUERIED_AT)
    assert isinstance(order, OrderSaved)
    assert order.version == NOW


def test_the_order_of_an_account_has_the_accounts_own_address_name_and_telephone() -> None:
    # What was entered at the checkout would overwrite the account at a platform.
    entered = woo.address(email="office@example.com", first_name="Office", phone="+1")
    account = woo.customer(billing=woo.address(phone="+351"))
    store = FakeStore(orders={51: woo.order(billing=entered)}, customers={61: account})

    buyer = order_of(translate("order.created", {"id": 51}, store)).buyer

    assert (buyer.id, buyer.email) == ("61", "ana@example.com")
    assert (buyer.name, buyer.phone) == ("Ana Sample", "+351")


def test_without_its_account_an_order_has_what_was_entered() -> None:
    entered = woo.address(email="office@example.com")
    store = FakeStore(orders={51: woo.order(billing=entered)})

    assert order_of(translate("order.created", {"id": 51}, store)).buyer.email == (
        "office@example.com"
    )


def test_a_redaction_blocks_by_the_time_at_which_the_store_changed_it() -> None:
    (person,) = translate(
        "customer.updated", {"id": 61}, FakeStore(customers={61: woo.customer()})
    ).changes
    order = translate("order.updated", {"id": 51}, FakeStore(orders={51: woo.order()})).changes[-1]

    assert isinstance(person, PersonSaved)
    assert isinstance(order, OrderSaved)
    assert (person.modified, order.modified) == (
        "2026-11-20T08:00:00.000000000Z",
        "2026-11-20T08:00:02.000000000Z",
    )


def test_a_store_that_is_read_only_when_needed_is_not_read_for_a_whole_body() -> None:
    store = FakeStore(orders={51: woo.order(status="cancelled")})

    (change,) = woo.translate(
        "order.updated", woo.order(), store=store, read_store="when-needed"
    ).changes

    assert isinstance(change, OrderSaved)
    assert change.order.status is Status.COMPLETED
    assert store.queries == []


# -- one read for many webhooks --------------------------------------------------------------------


def test_a_read_that_fails_ends_and_covers_nothing() -> None:
    fake_ports = woo.ports()

    with pytest.raises(StoreUnavailable):
        translate("order.updated", {"id": 51}, FakeStore(down=True), fake_ports)

    ((read, settled),) = fake_ports.ended
    assert (read.entity, settled) == (Entity(Kind.ORDER, "51"), False)


@pytest.mark.parametrize(
    ("topic", "body", "entity"),
    [
        ("product.updated", {"id": 21, "type": "variation", "parent_id": 11}, "product:11"),
        ("product.deleted", {"id": 21}, "product:11"),
        (
            "action.woocommerce_delete_product_variation",
            {"action": "woocommerce_delete_product_variation", "arg": 21},
            "product:11",
        ),
        ("product.created", {"id": 11, "type": "variable"}, "product:11"),
        ("order.deleted", {"id": 51}, "order:51"),
        ("customer.updated", {"id": 61}, "person:61"),
    ],
)
def test_all_webhooks_of_a_product_and_its_variations_share_a_read(
    topic: str, body: Any, entity: str
) -> None:
    fake_ports = woo.ports()
    fake_ports.remember({"woocommerce:variation:21": "11"})
    source = woo.source(fake_ports, FakeStore(), read_store="always")

    found = source.translate(woo.envelope(topic, body), woo.DEADLINE)

    assert found.read is not None
    assert str(found.read.entity) == entity


@pytest.mark.parametrize("fields", [{"destination": "datacue"}, {"replays": 1}])
def test_a_copy_for_one_destination_and_a_replay_read_for_themselves(
    fields: dict[str, Any],
) -> None:
    source = woo.source(woo.ports(), FakeStore(), read_store="always")
    envelope = replace(woo.envelope("order.updated", {"id": 51}), **fields)

    assert source.translate(envelope, woo.DEADLINE).read is None


def test_without_time_nothing_is_read_and_no_other_delivery_waits() -> None:
    # The privacy search translates with a deadline of 0, to find whom a webhook is about.
    store, fake_ports = FakeStore(), woo.ports()
    source = woo.source(fake_ports, store, read_store="always")

    with pytest.raises(StoreUnavailable):
        source.translate(woo.envelope("order.updated", {"id": 51}), 0.0)
    assert (store.queries, fake_ports.ended) == ([], [])
