from __future__ import annotations

from typing import Any

import pytest

from shared.errors import NotUnderstood
from shared.model.change import OrderRemoved, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import Version
from shared.sources.contract import DataRequested, Redacted, ShopRedacted, Uninstalled
from tests.sources.shop import TRIGGERED, translate

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
