"""
A person is redacted, by the platform's webhook and by hand: afterwards every store is searched, and
no webhook that is delivered again restores the person.
"""

from __future__ import annotations

import gzip
import json
import logging
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from cli.local.aws import BUCKET, TABLE
from cli.main import app as shoprelay
from shared.errors import NotUnderstood
from shared.queue.dead_letters import DeadLetters
from shared.queue.envelope import Envelope, encode
from shared.queue.scan import scanning
from shared.queue.sqs import RetryQueue
from tests.e2e.conftest import StackHarness, until
from tests.e2e.shop import SHOP, Reply, customer, order, product, triggered

ID, EMAIL, PHONE = 777123777, "jo.unique@shop.example", "+15550007777"
NAME, STREET, TOWN = "Josephine", "17 Canary Street", "Canaryville"
PERSONAL = (EMAIL, NAME, PHONE, STREET, TOWN)
ORDERS = [9310000000001, 9310000000002, 9310000000003, 9310000000004]
LARGE_DEAD, LARGE_PARKED = ORDERS[2:]
ADDRESS = {"first_name": NAME, "phone": PHONE, "address1": STREET, "city": TOWN}
REDACTED_AT = triggered(500)
ACCOUNT = re.compile(r"entity#person:[0-9a-f]{32}")
GUEST = re.compile(r"entity#person:email:[0-9a-f]{32}")


def posted(acme: StackHarness, topic: str, body: bytes, **more: Any) -> Reply:
    """Post like a shop, which retries when a webhook could not be parked."""
    replies: list[Reply] = []

    def accepted() -> bool:
        replies.append(acme.shop.post(topic, body, **more))
        return replies[-1].code == 200

    assert until(accepted)
    return replies[-1]


@dataclass(slots=True)
class ShopPerson:
    """A person in the shop: a guest, a customer, or both; and all webhooks about them."""

    acme: StackHarness
    guest: bool
    account: bool
    sent: list[tuple[str, bytes, str]] = field(default_factory=list)
    unreadable: list[bytes] = field(default_factory=list)

    def send(self, topic: str, payload: Any) -> Reply:
        return self._post(topic, json.dumps(payload).encode())

    def send_unreadable(self, topic: str, text: str) -> None:
        self.unreadable.append(text.encode())
        self._post(topic, text.encode())

    def _post(self, topic: str, body: bytes) -> Reply:
        at = triggered(len(self.sent) + 1)
        self.sent.append((topic, body, at))
        return posted(self.acme, topic, body, at=at, delivery=f"life-{len(self.sent)}")

    @property
    def customer_body(self) -> dict[str, Any]:
        return customer(ID, email=EMAIL, first_name=NAME, phone=PHONE, default_address=ADDRESS)

    def order(self, number: int, **fields: Any) -> dict[str, Any]:
        whose = (
            self.customer_body
            if self.account and not (self.guest and number == ORDERS[1])
            else None
        )
        return order(
            number, email=EMAIL, phone=PHONE, customer=whose, shipping_address=ADDRESS, **fields
        )

    def large(self, number: int) -> dict[str, Any]:
        """Return an order that is larger than a message may be, even with gzip."""
        return self.order(number, note=random.Random(number).randbytes(850_000).hex())

    def leave_data(self) -> None:
        """Create data in each of our stores, and at the platform."""
        if self.account:
            self.send("customers/create", self.customer_body)
            consent = {"state": "subscribed", "consent_updated_at": "2026-11-21T08:00:02Z"}
            payload = {"customer_id": ID, "email_marketing_consent": consent}
            self.send("customers_email_marketing_consent/update", payload)
        self.send("orders/create", self.order(ORDERS[0]))
        self.send("orders/create", self.order(ORDERS[1]))
        self.send("carts/create", {"token": "cart-1", "line_items": [], "id": "cart-1"})
        self.send("checkouts/create", self._checkout())
        self.send("customers/data_request", {**self.privacy_subject(), "orders_requested": ORDERS})
        assert self.acme.settled()
        self.acme.fault(status=422)
        self._create_dead_letters()
        assert until(lambda: self.acme.dead() == 4 + self.account)
        self.acme.clear_faults()
        # Not 503: that opens the circuit breaker for ten seconds.
        self.acme.fault(status=429)
        self._park_webhooks()
        assert self.acme.waiting() >= 2 + self.account

    def _checkout(self) -> dict[str, Any]:
        line = {"product_id": 1, "variant_id": 11, "quantity": 1, "price": "19.99"}
        return {
            "id": 5,
            "token": "checkout-1",
            "cart_token": "cart-1",
            "email": EMAIL,
            "customer": self.customer_body if self.account else None,
            "shipping_address": ADDRESS,
            "currency": "USD",
            "total_price": "19.99",
            "created_at": "2026-11-21T08:00:20+00:00",
            "updated_at": "2026-11-21T08:00:20+00:00",
            "line_items": [line],
        }

    def _create_dead_letters(self) -> None:
        late = {"updated_at": "2026-11-21T08:01:00+00:00"}
        if self.account:
            self.send("customers/update", {**self.customer_body, **late})
        self.send("orders/updated", self.order(ORDERS[0], cancelled_at="2026-11-21T08:01:00Z"))
        self.send("orders/create", self.large(LARGE_DEAD))
        names = f'"email": "{EMAIL}"' if self.guest else f'"customer": {{"id": {ID}, '
        self.send_unreadable("orders/updated", '{"id": 1, ' + names)
        self.send_unreadable(
            "orders/paid", f'{{"id": {ORDERS[1]}, "shipping_address": {{"city": "{TOWN}"'
        )

    def _park_webhooks(self) -> None:
        late = {"updated_at": "2026-11-21T08:02:00+00:00"}
        if self.account:
            self.send("customers/update", {**self.customer_body, **late})
        cancelled = self.order(ORDERS[1], cancelled_at="2026-11-21T08:02:00Z", **late)
        self.send("orders/updated", cancelled)
        self.send("orders/create", self.large(LARGE_PARKED))

    def privacy_subject(self) -> dict[str, Any]:
        names = {"id": ID if self.account else None, "email": EMAIL if self.guest else None}
        return {"shop_domain": SHOP, "customer": names}


@dataclass(slots=True)
class StoreDump:
    """The contents of every store, as text."""

    acme: StackHarness

    @property
    def queue(self) -> RetryQueue:
        return RetryQueue(
            boto3.client("sqs"),
            boto3.client("s3"),
            retry=self.acme.stack.resources.retry_queue,
            dead=self.acme.stack.resources.dead_letters,
            bucket=BUCKET,
        )

    def rows(self) -> dict[str, Any]:
        found = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
        return {one["pk"]["S"]: one for one in found}

    def objects(self) -> dict[str, str]:
        s3 = boto3.client("s3")
        keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
        got = {key: s3.get_object(Bucket=BUCKET, Key=key) for key in keys}
        return {
            key: self._unpacked(one["Body"].read().decode()) + str(one["Metadata"])
            for key, one in got.items()
        }

    def messages(self, url: str) -> list[str]:
        with scanning(boto3.client("sqs"), url, lambda: 0.0, 0) as scan:
            return [
                self._unpacked(one["Body"]) + str(one["MessageAttributes"])
                for one in scan.messages()
            ]

    def _unpacked(self, text: str) -> str:
        try:
            envelope = self.queue.open(text)
        except NotUnderstood:
            return text
        return f"{envelope} {dict(envelope.headers)} {envelope.body.decode(errors='replace')}"

    def all_texts(self) -> dict[str, str]:
        resources = self.acme.stack.resources
        # An event that was sent belongs to a deleted user; DataCue has no call that deletes it.
        platform = {name: held for name, held in self.acme.state().items() if name != "events"}
        return {
            # Remembered facts are compressed.
            "ledger": json.dumps(self.rows(), default=lambda one: gzip.decompress(one).decode()),
            "retry queue": str(self.messages(resources.retry_queue)),
            "dead letters": str(self.messages(resources.dead_letters)),
            "S3": str(self.objects()),
            "platform": json.dumps(platform),
        }

    def tombstones(self) -> set[str]:
        return {key for key, row in self.rows().items() if row.get("tomb", {}).get("S")}


def found(places: dict[str, str], *texts: str) -> list[tuple[str, str]]:
    return [(place, text) for place, held in places.items() for text in texts if text in held]


class LogRecorder(logging.Handler):
    """A handler that records every log record."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(str(record.__dict__))


@pytest.fixture
def logs() -> Iterator[LogRecorder]:
    handler = LogRecorder()
    logging.getLogger("shoprelay").addHandler(handler)
    yield handler
    logging.getLogger("shoprelay").removeHandler(handler)


@pytest.fixture(autouse=True)
def _no_long_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    # moto's long poll of an empty queue takes a second
    monkeypatch.setitem(DeadLetters.__init__.__kwdefaults__ or {}, "wait", 0)


def by_webhook(person: ShopPerson) -> None:
    body = json.dumps({**person.privacy_subject(), "orders_to_redact": ORDERS}).encode()
    posted(person.acme, "customers/redact", body, at=REDACTED_AT, delivery="redact")


def by_hand(person: ShopPerson) -> None:
    options = ["--id", str(ID)] if person.account else ["--email", EMAIL]
    orders = [word for number in ORDERS for word in ("--order", str(number))]
    where = ["--endpoint-url", person.acme.stack.resources.endpoint]
    result = CliRunner().invoke(
        shoprelay, ["forget", "--source", "shopify", *options, *orders, *where, "--yes"]
    )
    assert (result.exit_code, EMAIL in result.output) == (0, False)


WAYS = {
    "webhook": (by_webhook, True, True),
    "hand, a guest by the address": (by_hand, True, False),
    "hand, a customer by the id": (by_hand, False, True),
}


def parked(person: ShopPerson) -> list[str]:
    """Return every readable webhook in the form of a parked message."""
    return [
        encode(
            Envelope(
                id=f"life-{number}",
                source="shopify",
                topic=topic,
                triggered_at=at,
                received_at=at,
                headers={},
                body=body if len(body) < 100_000 else b'{"id": 1}',
                destination="datacue",
                forced=True,
                replays=1,
            )
        ).decode()
        for number, (topic, body, at) in enumerate(person.sent, 1)
        if body not in person.unreadable and len(body) < 100_000
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_redacted_person_is_in_no_store_and_is_not_restored(
    acme: StackHarness, logs: LogRecorder, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    forget, guest, account = WAYS[way]
    person, dump = ShopPerson(acme, guest, account), StoreDump(acme)
    acme.shop.send("products/create", product(9), at=triggered(0))
    person.leave_data()
    before = dump.all_texts()
    assert {place for place, _ in found(before, EMAIL)} >= {"dead letters", "S3"}
    assert found(before, "privacy/") == [("S3", "privacy/")]

    forget(person)
    acme.clear_faults()
    assert acme.settled()

    after = dump.all_texts()
    assert_erased(after)
    people = {key for key in dump.tombstones() if key.startswith("entity#person:")}
    # The keyed hash of an id, or of an address.
    assert len([one for one in people if ACCOUNT.fullmatch(one)]) == account
    assert len([one for one in people if GUEST.fullmatch(one)]) == guest

    assert deliver_again(person, dump) <= {"superseded", "ignored", "queued"}

    ended = dump.all_texts()
    assert_erased({**ended, "S3": ""})
    assert found(ended, *PERSONAL) == []
    assert ended["platform"] == after["platform"]
    output = {"log": "\n".join(logs.lines), "metrics": capsys.readouterr().out}
    assert found(output, *PERSONAL) == []


def assert_erased(places: dict[str, str]) -> None:
    assert found(places, *PERSONAL) == []
    # The ledger keeps tombstones, under the ids of deleted objects.
    assert found(places, str(ID), "privacy/") == []
    assert found({**places, "ledger": ""}, *map(str, ORDERS)) == []
    assert (places["retry queue"], places["dead letters"]) == ("[]", "[]")


def deliver_again(person: ShopPerson, dump: StoreDump) -> set[str]:
    """Post every webhook again, and receive every message that could still be in a queue."""
    again = {posted(person.acme, *one[:2], at=one[2]).status for one in readable(person)}
    for body in [*parked(person), *pointers(dump)]:
        person.acme.stack.sqs.send_message(
            QueueUrl=person.acme.stack.resources.retry_queue, MessageBody=body
        )
    assert person.acme.settled()
    return again


def readable(person: ShopPerson) -> list[tuple[str, bytes, str]]:
    return [one for one in person.sent if one[1] not in person.unreadable]


def pointers(dump: StoreDump) -> list[str]:
    return [json.dumps({"pointer": key}) for key in dump.objects() if key.startswith("bodies/")]


def test_the_stored_body_of_a_large_webhook_is_deleted_after_delivery(acme: StackHarness) -> None:
    person, dump = ShopPerson(acme, guest=True, account=False), StoreDump(acme)
    acme.fault(status=429, count=2)
    person.send("orders/create", person.large(LARGE_PARKED))

    assert acme.settled()
    assert str(LARGE_PARKED) in json.dumps(acme.state()["orders"])
    objects = dump.objects()
    assert found(objects, *PERSONAL) == []
    assert len(objects) >= 2
