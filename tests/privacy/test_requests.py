"""Privacy tasks, also those that need several invocations, and messages without their bodies."""

from __future__ import annotations

import json

import pytest

from shared.errors import LedgerUnavailable
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.model.visitor import Visitor
from shared.observability import Observer
from shared.privacy.requests import Privacy
from shared.queue.envelope import Envelope, decode, encode
from shared.queue.payload_store import PayloadStore
from shared.queue.sqs import DeadLetterReason, placeholder
from shared.sources.contract import Forget
from shared.sources.registry import REDACTIONS
from shared.state.row import Row
from tests.fakes.clock import Clock
from tests.fakes.ledger import MemoryLedger
from tests.fakes.queue import MemoryDeadLetters, MemoryQueue, memory_bodies
from tests.fakes.visitors import MemoryVisitors
from tests.queue.test_envelope import envelope
from tests.sources import woo
from tests.sources.shop import SHOP, FakePorts, FakeStore, source

REDACTION = envelope(
    id="redact-1",
    topic="customers/redact",
    body=b'{"customer": {"id": 77}, "orders_to_redact": [5]}',
    task="forget",
)


LEAVES = envelope(
    id="leaves",
    topic="shop/redact",
    body=json.dumps({"shop_id": 1, "shop_domain": SHOP}).encode(),
    task="purge",
)


class PrivacyHarness:
    """Privacy over queues of dicts; each dead letter takes a tenth of a second."""

    def __init__(self, *without_erasure: str) -> None:
        self.clock, self.source = Clock(), source()
        self.queue, self.rows = MemoryQueue(self.clock), MemoryLedger()
        self.visitors = MemoryVisitors()
        self.bodies: PayloadStore = memory_bodies(self.queue)
        self.privacy = Privacy(
            sources={
                "shopify": replace(self.source, translate=self.translate_slowly),
                "woocommerce": woo.source(),
            },
            rows=self.rows,
            visitors=self.visitors,
            dead=MemoryDeadLetters(self.queue, self.clock, self.clock.pass_),
            bodies=self.bodies,
            purge_queue=self.queue.purge,
            pseudonym=FakePorts().pseudonym,
            observer=Observer("acme"),
            without_erasure=without_erasure,
        )

    def translate_slowly(self, one: Envelope, deadline: float):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as a source's
        self.clock.pass_(0.1)
        return self.source.translate(one, deadline)

    def dead_letter(self, name: str, person: int) -> None:
        body = json.dumps({"customer": {"id": person}, "orders_requested": []}).encode()
        asked = envelope(id=name, topic="customers/data_request", body=body)
        self.queue.dead_letter(asked, DeadLetterReason(reason="answered 400"))

    def perform(self, task: Envelope) -> int:
        """Carry out a task as the worker does; return how many messages it took."""
        rest: Envelope | None = task
        for messages in range(100):
            if rest is None:
                return messages
            rest = self.privacy.perform(decode(encode(rest)), self.clock() + 50)
            self.clock.pass_(3)
        raise AssertionError("the task does not end")


def test_an_erasure_that_needs_several_invocations_ends() -> None:
    harness = PrivacyHarness()
    for number in range(1000):
        harness.dead_letter(f"w{number}", 77 if number % 100 == 0 else 1000 + number)

    assert harness.perform(REDACTION) == 3
    assert len(harness.queue.dead) == 990


ANA, ANAS_ORDER, ANAS_CART = (
    Entity(Kind.PERSON, "77"),
    Entity(Kind.ORDER, "5"),
    Entity.of_token(Kind.CART, "c-1"),
)


def test_the_visitors_of_a_person_and_their_orders_are_erased_and_others_stay() -> None:
    harness, jo = PrivacyHarness(), Entity(Kind.PERSON, "78")
    harness.visitors.keep([ANAS_CART, ANA], Visitor(tracker_cookie="SC-1"))
    harness.visitors.keep([ANAS_ORDER], Visitor(tracker_cookie="SC-2"))
    harness.visitors.keep([jo], Visitor(tracker_cookie="SC-3"))

    harness.perform(REDACTION)

    assert set(harness.visitors.known) == {jo}


def test_unavailable_visitors_keep_the_task_in_the_queue() -> None:
    harness = PrivacyHarness("yespo")
    harness.visitors.out_of_reach = True

    with pytest.raises(LedgerUnavailable):
        harness.privacy.perform(REDACTION, harness.clock() + 50)

    assert harness.queue.s3.objects == {}


def test_a_manual_erasure_is_recorded() -> None:
    harness = PrivacyHarness("yespo", "personaclick")

    harness.perform(REDACTION)

    assert json.loads(harness.queue.s3.objects["privacy/redact-1.json"]) == {
        "request": "redact-1",
        "asked_at": REDACTION.triggered_at,
        "about": ["order:5", "person:77"],
        "erase_by_hand": ["yespo", "personaclick"],
    }


def test_no_manual_erasure_is_recorded_if_every_platform_can_erase() -> None:
    harness = PrivacyHarness()

    harness.perform(REDACTION)

    assert harness.queue.s3.objects == {}


def test_the_record_of_a_manual_erasure_survives_later_redactions() -> None:
    harness = PrivacyHarness("yespo")
    asked = envelope(
        id="ask-1",
        topic="customers/data_request",
        body=b'{"customer": {"id": 77}, "orders_requested": []}',
        task="report",
    )
    harness.perform(asked)

    harness.perform(REDACTION)
    harness.perform(REDACTION)
    harness.perform(replace(REDACTION, id="redact-2"))

    assert set(harness.queue.s3.objects) == {"privacy/redact-1.json", "privacy/redact-2.json"}


def test_a_data_request_reports_the_kinds_of_browser_ids_without_the_ids() -> None:
    harness = PrivacyHarness()
    harness.visitors.keep([ANA], Visitor(tracker_cookie="SC-1", device_id="d-1", session_id="s-1"))
    harness.visitors.keep([ANAS_ORDER], Visitor(tracker_cookie="SC-1"))
    body = b'{"customer": {"id": 77}, "orders_requested": [5, 6]}'

    harness.perform(envelope(id="ask", topic="customers/data_request", body=body, task="report"))

    written = harness.queue.s3.objects["privacy/ask.json"]
    assert json.loads(written)["visitors"] == {
        "person:77": ["sc", "did", "seance"],
        "order:5": ["sc"],
    }
    assert [one for one in (b"SC-1", b"d-1", b"s-1") if one in written] == []


@pytest.mark.parametrize("shops", [1, 2])
def test_a_shop_redaction_erases_all_visitors(shops: int) -> None:
    harness = PrivacyHarness()
    both = harness.privacy.sources
    harness.privacy = replace(harness.privacy, sources=dict(list(both.items())[:shops]))
    harness.visitors.keep([ANAS_CART, ANA], Visitor(tracker_cookie="SC-1"))

    harness.perform(LEAVES)

    assert harness.visitors.known == {}


def test_dead_letters_are_counted_over_several_messages() -> None:
    harness = PrivacyHarness()
    for number in range(1000):
        harness.dead_letter(f"w{number}", 77 if number % 100 == 0 else 1000 + number)
    body = b'{"customer": {"id": 77}, "orders_requested": []}'

    harness.perform(envelope(id="ask", topic="customers/data_request", body=body, task="report"))

    assert json.loads(harness.queue.s3.objects["privacy/ask.json"])["dead_letters"] == 10


@pytest.mark.parametrize("asked_of", ["shopify", "woocommerce"])
def test_a_manual_request_erases_the_dead_letters_of_both_sources(asked_of: str) -> None:
    harness, request = PrivacyHarness(), Forget(email="ana@example.com", id="61", orders=("51",))
    nobodys = {"email": "jo@example.com", "billing": None, "shipping": None}
    harness.dead_letter("shopify", 61)
    dead_letters = {
        "order": woo.envelope("order.updated", woo.order()),
        "guest": woo.envelope("order.updated", woo.order(id=52, customer_id=0)),
        "cut off": woo.envelope("order.updated", b'{"id": 51, "cust'),
        "not asked": woo.envelope("order.deleted", {"id": 51}),
        "customer": woo.envelope("customer.updated", woo.customer(date_created_gmt="?")),
        "somebody else": woo.envelope("customer.updated", woo.customer(id=7, **nobodys)),
        "a product": woo.envelope("product.updated", woo.product(id=51, stock_quantity=61)),
        "a product's end": woo.envelope("product.deleted", {"id": 61}),
    }
    for name, dead_letter_ in dead_letters.items():
        harness.queue.dead_letter(
            replace(dead_letter_, id=name), DeadLetterReason(reason="answered 400")
        )

    task = REDACTIONS[asked_of](request, "forget-1", woo.NOW)
    harness.perform(replace(task, task="forget"))

    left = {harness.queue.open(one.body).id for one in harness.queue.dead}
    assert left == {"somebody else", "a product", "a product's end"}


def test_a_shop_redaction_keeps_the_data_of_the_merchants_other_shop() -> None:
    harness = PrivacyHarness()
    harness.dead_letter("shopify", 61)
    harness.queue.dead_letter(
        replace(woo.envelope("order.updated", woo.order()), id="woo"), DeadLetterReason(reason="x")
    )
    harness.queue.park(woo.envelope("order.created", woo.order(id=52)), 0)
    harness.rows.rows[Entity(Kind.ORDER, "52")] = Row(entity=Entity(Kind.ORDER, "52"))

    leaves = envelope(
        id="bye",
        topic="shop/redact",
        body=json.dumps({"shop_id": 1, "shop_domain": SHOP}).encode(),
        task="purge",
    )
    harness.perform(leaves)

    assert [harness.queue.open(one.body).id for one in harness.queue.dead] == ["woo"]
    assert harness.queue.next_due() is not None
    assert harness.rows.row(Entity(Kind.ORDER, "52")) is not None


def test_a_redaction_of_the_only_shop_purges_everything() -> None:
    harness = PrivacyHarness()
    harness.privacy = replace(
        harness.privacy, sources={"shopify": harness.privacy.sources["shopify"]}
    )
    harness.dead_letter("shopify", 61)
    harness.queue.park(envelope(id="parked"), 0)

    leaves = envelope(
        id="bye",
        topic="shop/redact",
        body=json.dumps({"shop_id": 1, "shop_domain": SHOP}).encode(),
        task="purge",
    )
    harness.perform(leaves)

    assert harness.queue.dead == []
    assert harness.queue.next_due() is None


@pytest.mark.parametrize(
    ("kept", "left"),
    [(None, 0), ("2026-11-01T09:00:00.000000000Z", 0), (LEAVES.received_at, 1)],
)
def test_a_shop_redaction_is_carried_out_unless_it_was_cancelled_since(
    kept: str | None, left: int
) -> None:
    harness = PrivacyHarness()
    harness.dead_letter("shopify", 61)
    harness.rows.shop_kept = kept

    harness.perform(LEAVES)

    assert len(harness.queue.dead) == left


def test_a_shop_redaction_is_dropped_if_the_app_is_installed_after_all() -> None:
    harness = PrivacyHarness()
    harness.source = source(store=FakeStore())
    harness.dead_letter("shopify", 61)

    assert harness.perform(LEAVES) == 1

    assert len(harness.queue.dead) == 1


@pytest.mark.parametrize("source", REDACTIONS)
def test_a_manual_request_has_a_redaction_topic_of_its_source(
    source: str,
) -> None:
    made = REDACTIONS[source](Forget(email="ana@example.com"), "first", woo.NOW)

    assert made.topic in PrivacyHarness().privacy.sources[source].redactions


@pytest.mark.parametrize(
    ("refused", "asked_of"), [("shopify", "woocommerce"), ("woocommerce", "shopify")]
)
def test_a_rejected_redaction_survives_the_same_request_of_the_other_source(
    refused: str, asked_of: str
) -> None:
    harness, request = PrivacyHarness(), Forget(email="ana@example.com", id="61", orders=("51",))
    harness.queue.dead_letter(
        REDACTIONS[refused](request, "first", woo.NOW), DeadLetterReason(reason="answered 400")
    )

    task = REDACTIONS[asked_of](request, "second", woo.NOW + 60)
    harness.perform(replace(task, task="forget"))

    assert [harness.queue.open(one.body).id for one in harness.queue.dead] == ["first"]


def test_a_redaction_keeps_dead_letters_that_came_after_it() -> None:
    harness = PrivacyHarness()
    body = json.dumps({"customer": {"id": 77}, "orders_requested": []}).encode()
    for name, triggered_at in {
        "before": "2026-11-21T08:59:59.999999999Z",
        "at the same time": REDACTION.triggered_at,
        "after": "2026-11-21T09:00:00.000000001Z",
    }.items():
        one = envelope(
            id=name, topic="customers/data_request", body=body, triggered_at=triggered_at
        )
        harness.queue.dead_letter(one, DeadLetterReason(reason="answered 400"))

    harness.perform(REDACTION)

    assert [harness.queue.open(one.body).id for one in harness.queue.dead] == ["after"]


@pytest.mark.parametrize("why", ["ended", "forgotten"])
def test_a_placeholder_is_logged_and_counted(
    why: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    harness = PrivacyHarness()
    gone = placeholder(envelope(id="large-1", body=b"jo@shop.example", entity="person:77"), why)

    assert harness.privacy.perform(gone, harness.clock() + 50) is None
    harness.privacy.observer.flush()

    assert why in caplog.messages
    assert f'"{why.capitalize()}":[1.0]' in capsys.readouterr().out.replace(" ", "")
