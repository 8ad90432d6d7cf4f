"""The privacy webhooks: a person is erased everywhere, and nothing restores the data."""

from __future__ import annotations

import json
import random
from typing import Any

import boto3
import pytest

from cli.local.aws import BUCKET, TABLE
from shared.queue.envelope import Envelope, encode
from tests.e2e.conftest import StackHarness, running_stack, until
from tests.e2e.shop import SHOP, customer, merchant, order, product, triggered

EMAIL = "jo.unique@shop.example"
CUSTOMER = customer(777123777, email=EMAIL, first_name="Josephine")


def _order(number: int, **fields: Any) -> dict[str, Any]:
    return order(number, email=EMAIL, **fields)


def _redact(orders: list[int]) -> dict[str, Any]:
    customer = {"id": CUSTOMER["id"], "email": EMAIL, "phone": None}
    return {"shop_domain": SHOP, "customer": customer, "orders_to_redact": orders}


def _data_request(*orders: int) -> dict[str, Any]:
    customer = {"id": CUSTOMER["id"], "email": EMAIL}
    return {"shop_domain": SHOP, "customer": customer, "orders_requested": orders}


def _stored() -> str:
    """Return the contents of our stores as text."""
    rows = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    bucket = boto3.client("s3")
    keys = [one["Key"] for one in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    return json.dumps([rows, keys], default=str)


def _keys() -> list[str]:
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [one["Key"] for one in found]


def _object(key: str) -> str:
    return boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()


def test_a_redaction_removes_the_person_and_the_named_orders_from_the_platform(
    acme: StackHarness,
) -> None:
    acme.shop.send("customers/create", CUSTOMER, at=triggered(10))
    acme.shop.send("orders/create", _order(31, customer=CUSTOMER), at=triggered(20))
    acme.shop.send("orders/create", _order(32, customer=None), at=triggered(21))
    assert {str(CUSTOMER["id"]), EMAIL} <= set(acme.state()["users"])

    acme.shop.send("customers/redact", _redact([31, 32]), at=triggered(100))

    assert acme.settled()
    assert acme.state()["users"] == {}
    assert acme.state()["orders"] == {}
    assert EMAIL not in _stored()


def test_webhooks_triggered_before_a_redaction_restore_nobody(acme: StackHarness) -> None:
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


def test_the_dead_letters_of_a_redacted_person_are_deleted_and_others_stay(
    acme: StackHarness,
) -> None:
    acme.fault(status=422)
    acme.shop.send("orders/create", _order(41, customer=CUSTOMER), at=triggered(20))
    acme.shop.send("orders/create", _order(42, customer=None), at=triggered(21))
    acme.shop.send("products/create", product(9), at=triggered(22))
    assert acme.dead() == 3
    acme.clear_faults()

    acme.shop.send("customers/redact", _redact([]), at=triggered(100))

    assert until(lambda: acme.dead() == 1)


def test_a_data_request_leaves_a_record_without_personal_data(acme: StackHarness) -> None:
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


def test_a_record_of_a_data_request_lists_the_stored_data_without_personal_data(
    acme: StackHarness,
) -> None:
    acme.shop.send("customers/create", CUSTOMER, at=triggered(10))
    acme.fault(status=422)
    acme.shop.send("orders/create", _order(31, customer=CUSTOMER), at=triggered(20))
    acme.clear_faults()
    acme.shop.send("customers/data_request", _data_request(31), delivery="ask-2", at=triggered(50))

    assert acme.settled()
    record = json.loads(_object("privacy/ask-2.json"))
    guest = next(one for one in record["about"] if one.startswith("person:email:"))
    assert record == {
        "request": "ask-2",
        "asked_at": triggered(50),
        "about": [f"person:{CUSTOMER['id']}", guest, "order:31"],
        "ledger": {
            f"person:{CUSTOMER['id']}": {
                "datacue": f"2026-11-21T08:00:10.{0:09d}Z/{triggered(10)}"
            },
            "order:31": {},
        },
        "dead_letters": 1,
        "visitors": {},
    }


def test_a_record_of_a_request_made_after_the_redaction_stays(acme: StackHarness) -> None:
    acme.shop.send("customers/data_request", _data_request(), delivery="early", at=triggered(50))
    acme.shop.send("customers/data_request", _data_request(), delivery="late", at=triggered(150))
    assert acme.settled()

    acme.shop.send("customers/redact", _redact([]), at=triggered(100))

    assert acme.settled()
    assert [key for key in _keys() if key.startswith("privacy/")] == ["privacy/late.json"]


def test_a_dead_letter_of_a_data_request_is_deleted_with_the_person(acme: StackHarness) -> None:
    envelope = Envelope(
        id="ask-3",
        source="shopify",
        topic="customers/data_request",
        triggered_at=triggered(50),
        received_at=triggered(50),
        headers={},
        body=json.dumps(_data_request()).encode(),
        task="report",
    )
    acme.stack.sqs.send_message(
        QueueUrl=acme.stack.resources.dead_letters, MessageBody=encode(envelope).decode()
    )

    acme.shop.send("customers/redact", _redact([]), at=triggered(100))

    assert until(lambda: acme.dead() == 0)


def test_a_redacted_shop_leaves_only_control_items(acme: StackHarness) -> None:
    acme.shop.send("products/create", product(9), at=triggered(10))
    acme.shop.send("customers/data_request", _data_request())
    acme.fault(status=422)
    acme.shop.send("products/create", product(8), at=triggered(10))
    large = _order(31, note=random.Random(1).randbytes(850_000).hex())
    acme.shop.send("orders/create", large, at=triggered(11))
    acme.clear_faults()
    assert acme.settled()
    assert _keys() != []

    acme.shop.send("shop/redact", {"shop_id": 1, "shop_domain": SHOP}, at=triggered(60))

    assert until(lambda: acme.dead() == 0)
    assert until(lambda: acme.waiting() == 0)
    assert _keys() == []
    rows = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert {row["pk"]["S"] for row in rows} <= {"control#pseudonym"}


YESPO = '\n[yespo]\nsite_id = "8A412DC"\n'


def test_a_redaction_deletes_the_visitors_and_raises_an_alarm_where_no_call_erases(
    caplog: pytest.LogCaptureFixture,
) -> None:
    both = merchant().replace('["datacue"]', '["datacue", "yespo"]') + YESPO
    written = [{"name": "shoprelay_sc", "value": "SC-JOSEPHINE"}]
    sold = _order(31, customer=CUSTOMER, cart_token="c-1", note_attributes=written)
    with running_stack(both) as acme:
        acme.shop.send("orders/create", sold, at=triggered(20))
        assert _stored().count("SC-JOSEPHINE") == 3  # for the cart, the order, the customer
        acme.shop.send(
            "customers/data_request", _data_request(31), delivery="ask", at=triggered(50)
        )
        assert acme.settled()
        visitors = json.loads(_object("privacy/ask.json"))["visitors"]
        assert visitors == {f"person:{CUSTOMER['id']}": ["sc"], "order:31": ["sc"]}

        redact = _redact([31])
        acme.shop.send("customers/redact", redact, delivery="redact", at=triggered(100))

        assert until(lambda: _keys() == ["privacy/redact.json"])
        assert json.loads(_object("privacy/redact.json"))["erase_by_hand"] == ["yespo"]
        assert [one for one in ("SC-JOSEPHINE", "visitor#") if one in _stored()] == []
        alarms = [one for one in caplog.records if getattr(one, "alarm", "") == "EraseByHand"]
        assert {getattr(one, "destination", "") for one in alarms} == {"yespo"}
