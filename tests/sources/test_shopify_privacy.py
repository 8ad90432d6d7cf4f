from __future__ import annotations

from typing import Any

import pytest

from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.change import OrderRemoved, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.model.version import Version
from shared.sources.contract import DataRequested, Redacted, ShopRedacted, Translated, Uninstalled
from tests.sources.shop import (
    SHOP,
    TRIGGERED,
    FakePorts,
    FakeStore,
    envelope,
    source,
    translate,
)

ANA = Entity(Kind.PERSON, "61")
GUEST = Entity(Kind.PERSON, "email:" + b"ana@example.com".hex())
NOW = Version(TRIGGERED, TRIGGERED)


def test_a_redaction_removes_both_entities_of_a_person_and_the_orders() -> None:
    body = {
        "customer": {"id": 61, "email": "Ana@example.com", "phone": None},
        "orders_to_redact": [51, "52"],
    }

    found = translate("customers/redact", body)

    first, second = Entity(Kind.ORDER, "51"), Entity(Kind.ORDER, "52")
    assert found.changes == (
        PersonRemoved(entity=ANA, version=NOW, user_id="61", redacted=True),
        PersonRemoved(entity=GUEST, version=NOW, user_id="ana@example.com", redacted=True),
        OrderRemoved(entity=first, version=NOW, redacted=True),
        OrderRemoved(entity=second, version=NOW, redacted=True),
    )
    assert found.notice == Redacted(people=(ANA, GUEST), orders=(first, second))


@pytest.mark.parametrize(
    ("customer", "people"),
    [
        ({"id": "61", "email": None}, (ANA,)),
        ({"id": None, "email": "ana@example.com"}, (GUEST,)),
        ({"id": 61, "email": ""}, (ANA,)),
        ({}, ()),
        (None, ()),
    ],
)
def test_a_redaction_may_name_one_id_or_none(customer: object, people: tuple[Entity, ...]) -> None:
    found = translate("customers/redact", {"customer": customer, "orders_to_redact": None})

    assert found.notice == Redacted(people=people, orders=())
    assert tuple(change.entity for change in found.changes) == people


def test_a_data_request_notifies_the_merchant_and_changes_nothing() -> None:
    body = {"customer": {"id": 61, "email": "ana@example.com"}, "orders_requested": [51]}

    found = translate("customers/data_request", body)

    orders = (Entity(Kind.ORDER, "51"),)
    assert found.changes == ()
    assert found.notice == DataRequested(people=(ANA, GUEST), orders=orders)


@pytest.mark.parametrize(
    ("topic", "notice"), [("shop/redact", ShopRedacted()), ("app/uninstalled", Uninstalled())]
)
def test_shop_redactions_and_uninstalls_are_notices(topic: str, notice: Any) -> None:
    found = translate(topic, {"shop_id": 1, "shop_domain": "demo-store.myshopify.com"})

    assert found.notice == notice
    assert found.changes == ()


@pytest.mark.parametrize("topic", ["shop/redact", "app/uninstalled", "customers/redact"])
def test_an_invalid_body_redacts_nothing(topic: str) -> None:
    with pytest.raises(NotUnderstood):
        translate(topic, b"shop")


# ---- requests that are sent again ----------------------------------------------------------------

LATER = "2026-12-21T09:00:00.000000000Z"
BODY = {"customer": {"id": 61, "email": "ana@example.com"}, "orders_to_redact": [51]}


def redact(ports: FakePorts, triggered_at: str, body: object = BODY, **headers: str) -> Translated:
    request = envelope("customers/redact", body, **headers)
    return source(ports).translate(replace(request, triggered_at=triggered_at), 0.0)


FROM_SHOPIFY = {"shopify-shop-domain": SHOP}


def test_a_redaction_that_is_sent_again_is_as_old_as_the_first() -> None:
    ports = FakePorts()
    first = redact(ports, TRIGGERED, **FROM_SHOPIFY)

    again = redact(ports, LATER, **FROM_SHOPIFY)

    assert again.changes == first.changes
    assert first.counts == ()
    assert again.counts == ("redaction_repeated", "EraseByHand")
    assert isinstance(again.notice, Redacted)
    assert again.notice.repeats == TRIGGERED


def test_a_redaction_that_shopify_delivers_again_is_no_repetition() -> None:
    ports = FakePorts()

    first, again = (redact(ports, TRIGGERED, **FROM_SHOPIFY) for _ in range(2))

    assert again == first


def test_an_old_trigger_time_does_not_make_the_first_redaction_older() -> None:
    ports = FakePorts()
    first = redact(ports, TRIGGERED, **FROM_SHOPIFY)
    redact(ports, "1970-01-01T00:00:00.000000000Z", **FROM_SHOPIFY)

    assert redact(ports, TRIGGERED, **FROM_SHOPIFY) == first


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        # It lists the orders of the person who came back.
        (BODY | {"orders_to_redact": [52]}, FROM_SHOPIFY),
        # It is a request of the merchant.
        (BODY, {}),
    ],
)
def test_another_request_about_a_person_is_as_new_as_it_is(
    body: object, headers: dict[str, str]
) -> None:
    ports = FakePorts()
    redact(ports, TRIGGERED, **headers)

    found = redact(ports, LATER, body, **headers)

    assert {change.version for change in found.changes} == {Version.at(LATER)}  # type: ignore[union-attr]  # all are removals
    assert found.counts == ()


def test_nothing_that_is_remembered_of_a_redaction_contains_the_address() -> None:
    ports = FakePorts()

    redact(ports, TRIGGERED, **FROM_SHOPIFY)

    assert "ana" not in str(ports.facts)


# ---- shop/redact ---------------------------------------------------------------------------------

LEAVES = {"shop_id": 1, "shop_domain": SHOP}


def test_a_shop_redaction_is_ignored_while_the_store_accepts_our_token() -> None:
    found = translate("shop/redact", LEAVES, store=FakeStore())

    assert found.notice is None
    assert found.ignored
    assert found.counts == ("shop_redact_rejected",)


@pytest.mark.parametrize("refused", [True, False])
def test_a_shop_redaction_is_accepted_where_the_store_does_not_accept_our_token(
    *, refused: bool
) -> None:
    store = FakeStore(error=StoreUnavailable("the store answered", refused=refused))

    assert translate("shop/redact", LEAVES, store=store).notice == ShopRedacted()
