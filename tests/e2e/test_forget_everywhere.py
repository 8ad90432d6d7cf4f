"""
A person is forgotten, by the platform's webhook and by hand: every store is walked afterwards, and
whatever comes again finds its way to nowhere.
"""

from __future__ import annotations

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
    """Post as a shop does, which tries again when it hears that a webhook could not be parked."""
    replies: list[Reply] = []

    def answered() -> bool:
        replies.append(acme.shop.post(topic, body, **more))
        return replies[-1].code == 200

    assert until(answered)
    return replies[-1]


@dataclass(slots=True)
class Life:
    """Somebody in the shop: a guest, a customer, or both; and all that was told of them."""

    acme: StackHarness
    guest: bool
    account: bool
    told: list[tuple[str, bytes, str]] = field(default_factory=list)
    unreadable: list[bytes] = field(default_factory=list)

    def tell(self, topic: str, payload: Any) -> Reply:
        return self._post(topic, json.dumps(payload).encode())

    def mangle(self, topic: str, text: str) -> None:
        self.unreadable.append(text.encode())
        self._post(topic, text.encode())

    def _post(self, topic: str, body: bytes) -> Reply:
        at = triggered(len(self.told) + 1)
        self.told.append((topic, body, at))
        return posted(self.acme, topic, body, at=at, delivery=f"life-{len(self.told)}")

    @property
    def who(self) -> dict[str, Any]:
        return customer(ID, email=EMAIL, first_name=NAME, phone=PHONE, default_address=ADDRESS)

    def order(self, number: int, **fields: Any) -> dict[str, Any]:
        whose = self.who if self.account and not (self.guest and number == ORDERS[1]) else None
        return order(
            number, email=EMAIL, phone=PHONE, customer=whose, shipping_address=ADDRESS, **fields
        )

    def large(self, number: int) -> dict[str, Any]:
        """Not even gzip brings it under what a message may have."""
        return self.order(number, note=random.Random(number).randbytes(850_000).hex())

    def pass_by(self) -> None:
        """Leave something in every store of ours, and at the platform."""
        if self.account:
            self.tell("customers/create", self.who)
            consent = {"state": "subscribed", "consent_updated_at": "2026-11-21T08:00:02Z"}
            told = {"customer_id": ID, "email_marketing_consent": consent}
            self.tell("customers_email_marketing_consent/update", told)
        self.tell("orders/create", self.order(ORDERS[0]))
        self.tell("orders/create", self.order(ORDERS[1]))
        self.tell("carts/create", {"token": "cart-1", "line_items": [], "id": "cart-1"})
        self.tell("checkouts/create", self._checkout())
        self.tell("customers/data_request", {**self.asking(), "orders_requested": ORDERS})
        assert self.acme.settled()
        self.acme.fault(status=422)
        self._die()
        assert until(lambda: self.acme.dead() == 4 + self.account)
        self.acme.clear_faults()
        # Not 503: a platform that is down is left alone for ten seconds.
        self.acme.fault(status=429)
        self._wait()
        assert self.acme.waiting() >= 2 + self.account

    def _checkout(self) -> dict[str, Any]:
        line = {"product_id": 1, "variant_id": 11, "quantity": 1, "price": "19.99"}
        return {
            "id": 5,
            "token": "checkout-1",
            "cart_token": "cart-1",
            "email": EMAIL,
            "customer": self.who if self.account else None,
            "shipping_address": ADDRESS,
            "currency": "USD",
            "total_price": "19.99",
            "created_at": "2026-11-21T08:00:20+00:00",
            "updated_at": "2026-11-21T08:00:20+00:00",
            "line_items": [line],
        }

    def _die(self) -> None:
        late = {"updated_at": "2026-11-21T08:01:00+00:00"}
        if self.account:
            self.tell("customers/update", {**self.who, **late})
        self.tell("orders/updated", self.order(ORDERS[0], cancelled_at="2026-11-21T08:01:00Z"))
        self.tell("orders/create", self.large(LARGE_DEAD))
        names = f'"email": "{EMAIL}"' if self.guest else f'"customer": {{"id": {ID}, '
        self.mangle("orders/updated", '{"id": 1, ' + names)
        self.mangle("orders/paid", f'{{"id": {ORDERS[1]}, "shipping_address": {{"city": "{TOWN}"')

    def _wait(self) -> None:
        late = {"updated_at": "2026-11-21T08:02:00+00:00"}
        if self.account:
            self.tell("customers/update", {**self.who, **late})
        cancelled = self.order(ORDERS[1], cancelled_at="2026-11-21T08:02:00Z", **late)
        self.tell("orders/updated", cancelled)
        self.tell("orders/create", self.large(LARGE_PARKED))

    def asking(self) -> dict[str, Any]:
        names = {"id": ID if self.account else None, "email": EMAIL if self.guest else None}
        return {"shop_domain": SHOP, "customer": names}


@dataclass(slots=True)
class Walk:
    """Everything that is held anywhere, as text, store by store."""

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

    def everything(self) -> dict[str, str]:
        resources = self.acme.stack.resources
        # An event that was told is of a user who is deleted; DataCue has no call that recalls it.
        platform = {name: held for name, held in self.acme.state().items() if name != "events"}
        return {
            "ledger": json.dumps(self.rows()),
            "retry queue": str(self.messages(resources.retry_queue)),
            "dead letters": str(self.messages(resources.dead_letters)),
            "S3": str(self.objects()),
            "platform": json.dumps(platform),
        }

    def tombstones(self) -> set[str]:
        return {key for key, row in self.rows().items() if row.get("tomb", {}).get("S")}


def found(places: dict[str, str], *texts: str) -> list[tuple[str, str]]:
    return [(place, text) for place, held in places.items() for text in texts if text in held]


class Heard(logging.Handler):
    """Everything that is logged, whatever its form."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(str(record.__dict__))


@pytest.fixture
def heard() -> Iterator[Heard]:
    handler = Heard()
    logging.getLogger("shoprelay").addHandler(handler)
    yield handler
    logging.getLogger("shoprelay").removeHandler(handler)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    # moto's long poll of an empty queue takes its second
    monkeypatch.setitem(DeadLetters.__init__.__kwdefaults__ or {}, "wait", 0)


def by_webhook(life: Life) -> None:
    asked = json.dumps({**life.asking(), "orders_to_redact": ORDERS}).encode()
    posted(life.acme, "customers/redact", asked, at=REDACTED_AT, delivery="redact")


def by_hand(life: Life) -> None:
    whom = ["--id", str(ID)] if life.account else ["--email", EMAIL]
    orders = [word for number in ORDERS for word in ("--order", str(number))]
    where = ["--endpoint-url", life.acme.stack.resources.endpoint]
    result = CliRunner().invoke(
        shoprelay, ["forget", "--source", "shopify", *whom, *orders, *where, "--yes"]
    )
    assert (result.exit_code, EMAIL in result.output) == (0, False)


WAYS = {
    "webhook": (by_webhook, True, True),
    "hand, a guest by the address": (by_hand, True, False),
    "hand, a customer by the id": (by_hand, False, True),
}


def parked(life: Life) -> list[str]:
    """Every webhook as it might still lie somewhere, but for what nobody can read."""
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
        for number, (topic, body, at) in enumerate(life.told, 1)
        if body not in life.unreadable and len(body) < 100_000
    ]


@pytest.mark.parametrize("way", WAYS)
def test_who_is_forgotten_is_nowhere_and_comes_back_from_nowhere(
    acme: StackHarness, heard: Heard, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    forget, guest, account = WAYS[way]
    life, walk = Life(acme, guest, account), Walk(acme)
    acme.shop.send("products/create", product(9), at=triggered(0))
    life.pass_by()
    before = walk.everything()
    assert {place for place, _ in found(before, EMAIL)} >= {"dead letters", "S3"}
    assert found(before, "privacy/") == [("S3", "privacy/")]

    forget(life)
    acme.clear_faults()
    assert acme.settled()

    after = walk.everything()
    nothing_left(after)
    people = {key for key in walk.tombstones() if key.startswith("entity#person:")}
    # The keyed hash of a number, or of an address.
    assert len([one for one in people if ACCOUNT.fullmatch(one)]) == account
    assert len([one for one in people if GUEST.fullmatch(one)]) == guest

    assert come_again(life, walk) <= {"superseded", "ignored", "queued"}

    ended = walk.everything()
    nothing_left({**ended, "S3": ""})
    assert found(ended, *PERSONAL) == []
    assert ended["platform"] == after["platform"]
    said = {"log": "\n".join(heard.lines), "metrics": capsys.readouterr().out}
    assert found(said, *PERSONAL) == []


def nothing_left(places: dict[str, str]) -> None:
    assert found(places, *PERSONAL) == []
    # The ledger keeps tombstones, under the ids of what is gone.
    assert found(places, str(ID), "privacy/") == []
    assert found({**places, "ledger": ""}, *map(str, ORDERS)) == []
    assert (places["retry queue"], places["dead letters"]) == ("[]", "[]")


def come_again(life: Life, walk: Walk) -> set[str]:
    """Post everything anew, and let everything that could still lie in a queue come out of it."""
    again = {posted(life.acme, *one[:2], at=one[2]).status for one in readable(life)}
    for body in [*parked(life), *pointers(walk)]:
        life.acme.stack.sqs.send_message(
            QueueUrl=life.acme.stack.resources.retry_queue, MessageBody=body
        )
    assert life.acme.settled()
    return again


def readable(life: Life) -> list[tuple[str, bytes, str]]:
    return [one for one in life.told if one[1] not in life.unreadable]


def pointers(walk: Walk) -> list[str]:
    return [json.dumps({"pointer": key}) for key in walk.objects() if key.startswith("bodies/")]


def test_a_large_webhook_leaves_no_body_behind_once_it_is_delivered(acme: StackHarness) -> None:
    life, walk = Life(acme, guest=True, account=False), Walk(acme)
    acme.fault(status=429, count=2)
    life.tell("orders/create", life.large(LARGE_PARKED))

    assert acme.settled()
    assert str(LARGE_PARKED) in json.dumps(acme.state()["orders"])
    objects = walk.objects()
    assert found(objects, *PERSONAL) == []
    assert len(objects) >= 2
