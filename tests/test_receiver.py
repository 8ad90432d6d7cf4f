"""The receiver: which response a request has, and what is delivered."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from shared.delivery.deliver import Deadline, Pipeline
from shared.delivery.settlement import RetryPolicy, Settlement, Status
from shared.errors import Incomplete, NotAuthentic, NotOurs, QueueUnavailable
from shared.observability import Observer
from shared.queue.envelope import Envelope
from shared.receiver import Receiver
from shared.sources.contract import Source, Translated
from tests.fakes.clock import Clock
from tests.fakes.parking import MemoryParking
from tests.queue.test_envelope import envelope

LEASE = 11.0


class RecordingObserver(Observer):
    """Records counters and alarms."""

    def __init__(self) -> None:
        super().__init__("acme")
        self.counted: Counter[tuple[str, str]] = Counter()
        self.alarms: list[str] = []

    def count(self, metric: str, dimension: str = "") -> None:
        self.counted[metric, dimension] += 1

    def alarm(self, metric: str, message: str, **facts: Any) -> None:
        super().alarm(metric, message, **facts)
        self.alarms.append(metric)


@dataclass
class FakePipeline:
    """Records what it delivers, and returns a status or raises an error."""

    status: Status | Exception = Status.DELIVERED
    delivered: list[tuple[Envelope, Deadline]] = field(default_factory=list)

    def deliver(self, one: Envelope, times: Deadline) -> Status:
        self.delivered.append((one, times))
        if isinstance(self.status, Exception):
            raise self.status
        return self.status


@dataclass
class Harness:
    """A receiver with one source; ``verified`` are the bodies that were verified."""

    error: Exception | None = None
    queued: bool = False
    pipeline: FakePipeline = field(default_factory=FakePipeline)
    parking: MemoryParking = field(default_factory=MemoryParking)
    observer: RecordingObserver = field(default_factory=RecordingObserver)
    clock: Clock = field(default_factory=Clock)
    verified: list[bytes] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)

    def source(self) -> Source:
        def verify(raw: bytes, headers: Mapping[str, str]) -> None:
            self.verified.append(raw)
            self.headers = headers
            if isinstance(self.error, NotAuthentic):
                raise self.error

        def to_envelope(raw: bytes, headers: Mapping[str, str], _now: float) -> Envelope:
            if self.error is not None:
                raise self.error
            return envelope(body=raw, headers=dict(headers))

        return Source(
            name="shopify",
            verify=verify,
            to_envelope=to_envelope,
            translate=lambda *_: Translated(),
            handled=frozenset(),
            ignored={},
            queued=self.queued,
            is_ping=lambda raw, _: raw == b"webhook_id=1",
        )

    def receive(self, source: str = "shopify", **event: Any) -> dict[str, Any]:
        receiver = Receiver(
            sources={"shopify": self.source()},
            pipeline=cast("Pipeline", self.pipeline),
            settlement=Settlement(
                parking=self.parking,
                observer=self.observer,
                clock=self.clock,
                random=lambda: 0.0,
                retry_policy=RetryPolicy(),
            ),
            observer=self.observer,
            clock=self.clock,
            within=4.0,
            lease=LEASE,
        )
        request = {"pathParameters": {"source": source}, "headers": {}, "body": "{}", **event}
        return receiver.receive(request)


def test_a_delivered_webhook_has_a_response_with_its_id_and_status() -> None:
    harness = Harness()

    response = harness.receive(body='{"id": 1}')

    assert response["statusCode"] == 200
    assert json.loads(response["body"]) == {"id": "w1", "status": "delivered"}
    assert [one.body for one, _ in harness.pipeline.delivered] == [b'{"id": 1}']
    assert harness.observer.counted["Webhook", "shopify"] == 1


@pytest.mark.parametrize("status", Status)
def test_every_status_of_a_delivery_has_a_200(status: Status) -> None:
    response = Harness(pipeline=FakePipeline(status)).receive()

    assert (response["statusCode"], json.loads(response["body"])["status"]) == (200, status.value)


def test_an_unknown_source_has_a_404() -> None:
    harness = Harness()

    assert harness.receive("magento")["statusCode"] == 404
    assert harness.verified == []


@pytest.mark.parametrize("error", [NotAuthentic("no"), NotOurs("no")])
def test_a_webhook_that_is_not_authentic_has_a_401_without_a_body(error: Exception) -> None:
    harness = Harness(error)

    assert harness.receive() == {"statusCode": 401, "body": ""}
    assert harness.observer.counted == {(type(error).__name__, "shopify"): 1}
    assert (harness.pipeline.delivered, harness.parking.parked) == ([], [])


def test_a_webhook_without_a_required_header_has_a_400_with_its_name() -> None:
    harness = Harness(Incomplete("x-shopify-topic"))

    response = harness.receive()

    assert response["statusCode"] == 400
    assert json.loads(response["body"]) == {"error": "the header `x-shopify-topic` is missing"}
    assert harness.pipeline.delivered == []


def test_a_ping_has_a_200_and_is_not_verified() -> None:
    harness = Harness()

    assert harness.receive(body="webhook_id=1") == {"statusCode": 200, "body": ""}
    assert harness.verified == []


def test_a_webhook_that_could_not_be_parked_has_a_500_and_raises_an_alarm() -> None:
    harness = Harness(pipeline=FakePipeline(QueueUnavailable("SQS did not accept a message")))

    response = harness.receive()

    assert response["statusCode"] == 500
    assert json.loads(response["body"]) == {"id": "w1", "error": "could not be parked"}
    assert harness.observer.alarms == ["NotParked"]
    assert ("Webhook", "shopify") not in harness.observer.counted


def test_a_source_with_a_queue_parks_without_a_delivery() -> None:
    harness = Harness(queued=True)

    response = harness.receive()

    assert json.loads(response["body"])["status"] == "queued"
    assert [(one.id, delay) for one, delay in harness.parking.parked] == [("w1", 0.0)]
    assert harness.pipeline.delivered == []


def test_a_source_whose_queue_is_unavailable_delivers_with_the_whole_time() -> None:
    harness = Harness(queued=True, parking=MemoryParking(out_of_reach=True))

    response = harness.receive(requestContext={"timeEpoch": (harness.clock() - 3) * 1000})

    assert json.loads(response["body"])["status"] == "delivered"
    [(_, times)] = harness.pipeline.delivered
    assert times.deadline - harness.clock() == pytest.approx(3.0)
    assert harness.observer.counted["DeliveredUnqueued", "shopify"] == 1


@pytest.mark.parametrize(
    ("received_at", "deadline"),
    [
        (lambda now: {"timeEpoch": (now - 2) * 1000}, 1.0),
        (lambda now: {"timeEpoch": (now + 60) * 1000}, 3.0),
        (lambda now: {"timeEpoch": (now - 3600) * 1000}, -7.0),
        (lambda _: {"timeEpoch": "yesterday"}, 3.0),
        (lambda _: {}, 3.0),
    ],
    ids=["two seconds ago", "in the future", "an hour ago", "no number", "unknown"],
)
def test_the_deadline_is_a_second_before_the_shops_timeout(
    received_at: Callable[[float], dict[str, Any]], deadline: float
) -> None:
    harness = Harness()

    harness.receive(requestContext=received_at(harness.clock()))

    [(_, times)] = harness.pipeline.delivered
    assert times.deadline - harness.clock() == pytest.approx(deadline, abs=0.001)
    assert (times.longest, times.lease) == (4.0, harness.clock() + LEASE)


@pytest.mark.parametrize(
    ("event", "raw"),
    [
        ({"body": '{"a": "é"}'}, '{"a": "é"}'.encode()),
        ({"body": base64.b64encode(b"\xff\x00").decode(), "isBase64Encoded": True}, b"\xff\x00"),
        ({"body": "a", "isBase64Encoded": True}, b""),
        ({"body": None}, b""),
    ],
    ids=["text", "base64", "invalid base64", "no body"],
)
def test_the_raw_bytes_are_verified(event: dict[str, Any], raw: bytes) -> None:
    harness = Harness()

    harness.receive(**event)

    assert harness.verified == [raw]


def test_header_names_are_lower_case_and_values_are_valid_text() -> None:
    harness = Harness()

    harness.receive(headers={"X-Shopify-Topic": "orders/\ud800create\uffff"})

    assert harness.headers == {"x-shopify-topic": "orders/?create?"}
