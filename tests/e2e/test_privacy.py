"""What the law asks: a person is forgotten everywhere, and nothing brings them back."""

from __future__ import annotations

import json
from typing import Any

import boto3

from cli.local.aws import BUCKET, TABLE
from tests.e2e.conftest import World, until
from tests.e2e.shop import SHOP, customer, order, product, triggered

EMAIL = "jo.unique@shop.example"
CUSTOMER = customer(777123777, email=EMAIL, first_name="Josephine")


def _order(number: int, **fields: Any) -> dict[str, Any]:
    return order(number, email=EMAIL, **fields)


def _redact(orders: list[int]) -> dict[str, Any]:
    customer = {"id": CUSTOMER["id"], "email": EMAIL, "phone": None}
    return {"shop_domain": SHOP, "customer": customer, "orders_to_redact": orders}


def _stored() -> str:
    """Everything that our stores hold, as text."""
    rows = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    bucket = boto3.client("s3")
    keys = [one["Key"] for one in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return json.dumps([rows, keys], default=str)


def test_a_redaction_removes_the_person_and_the_named_orders_from_the_platform(acme: World) -> None:
    acme.shop.send("customers/create", CUSTOMER, at=triggered(10))
    acme.shop.send("orders/create", _order(31, customer=CUSTOMER), at=triggered(20))
    acme.shop.send("orders/create", _order(32, customer=None), at=triggered(21))
    assert {str(CUSTOMER["id"]), EMAIL} <= set(acme.state()["users"])

    acme.shop.send("customers/redact", _redact([31, 32]), at=triggered(100))

    assert acme.settled()
    assert acme.state()["users"] == {}
    assert acme.state()["orders"] == {}
    assert EMAIL not in _stored()


def test_what_was_triggered_before_the_redaction_brings_nobody_back(acme: World) -> None:
    acme.shop.send("customers/redact", _redact([31]), at=triggered(100))
    late = [
        acme.shop.send("customers/update", CUSTOMER, at=triggered(10)),
        acme.shop.send("orders/create", _order(31, customer=CUSTOMER), at=triggered(20)),
        acme.shop.send("orders/create", _order(32, customer=None), at=triggered(21)),
        acme.shop.send("orders/create", _order(33, customer=CUSTOMER), at=triggered(22)),
    ]

    assert {reply.status for reply in late} == {"superseded"}
    assert acme.settled()
    assert acme.state()["users"] == {}
    assert acme.state()["orders"] == {}


def test_the_dead_letters_of_a_redacted_person_are_deleted_and_others_stay(acme: World) -> None:
    acme.fault(status=422)
    acme.shop.send("orders/create", _order(41, customer=CUSTOMER), at=triggered(20))
    acme.shop.send("orders/create", _order(42, customer=None), at=triggered(21))
    acme.shop.send("products/create", product(9), at=triggered(22))
    assert acme.dead() == 3
    acme.heal()

    acme.shop.send("customers/redact", _redact([]), at=triggered(100))

    assert until(lambda: acme.dead() == 1)


def test_a_data_request_leaves_a_record_without_personal_data(acme: World) -> None:
    acme.shop.send("customers/create", CUSTOMER, at=triggered(10))
    request = {
        "shop_domain": SHOP,
        "customer": {"id": CUSTOMER["id"], "email": EMAIL},
        "orders_requested": [31],
        "data_request": {"id": 5},
    }
    reply = acme.shop.send("customers/data_request", request, delivery="ask-1", at=triggered(50))

    assert reply.status == "queued"
    assert acme.settled()
    bucket = boto3.client("s3")
    record = bucket.get_object(Bucket=BUCKET, Key="privacy/ask-1.json")["Body"].read().decode()
    assert f"person:{CUSTOMER['id']}" in record
    assert EMAIL not in record


def test_a_shop_that_is_redacted_leaves_nothing(acme: World) -> None:
    acme.shop.send("products/create", product(9), at=triggered(10))
    acme.fault(status=422)
    acme.shop.send("products/create", product(8), at=triggered(10))
    acme.heal()

    acme.shop.send("shop/redact", {"shop_id": 1, "shop_domain": SHOP}, at=triggered(60))

    assert until(lambda: acme.dead() == 0)
    assert until(lambda: "entity#" not in _stored())
