"""A duty for which one invocation has no time, and the messages whose bodies are gone."""

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
from tests.sources.shop import SHOP, FakePorts, source

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


class Office:
    """Privacy over queues of dicts; to look at one dead letter takes a tenth of a second."""

    def __init__(self, *unforgetting: str) -> None:
        self.clock, self.source = Clock(), source()
        self.queue, self.rows = MemoryQueue(self.clock), MemoryLedger()
        self.visitors = MemoryVisitors()
        self.bodies: PayloadStore = memory_bodies(self.queue)
        self.privacy = Privacy(
            sources={
                "shopify": replace(self.source, translate=self.slowly),
                "woocommerce": woo.source(),
            },
            rows=self.rows,
            visitors=self.visitors,
            dead=MemoryDeadLetters(self.queue, self.clock, self.clock.pass_),
            bodies=self.bodies,
            purge_queue=self.queue.purge,
            pseudonym=FakePorts().pseudonym,
            observer=Observer("acme"),
            unforgetting=unforgetting,
        )

    def slowly(self, one: Envelope, deadline: float):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as a source's
        self.clock.pass_(0.1)
        return self.source.translate(one, deadline)

    def dead_letter(self, name: str, person: int) -> None:
        body = json.dumps({"customer": {"id": person}, "orders_requested": []}).encode()
        asked = envelope(id=name, topic="customers/data_request", body=body)
        self.queue.dead_letter(asked, DeadLetterReason(reason="answered 400"))

    def performed(self, task: Envelope) -> int:
        """Carry out a duty as the worker does; tell how many messages it took."""
        rest: Envelope | None = task
        for messages in range(100):
            if rest is None:
                return messages
            rest = self.privacy.perform(decode(encode(rest)), self.clock() + 50)
            self.clock.pass_(3)
        raise AssertionError("it does not end")


def test_forgetting_among_more_dead_letters_than_there_is_time_for_goes_on_and_ends() -> None:
    office = Office()
    for number in range(1000):
        office.dead_letter(f"w{number}", 77 if number % 100 == 0 else 1000 + number)

    assert office.performed(REDACTION) == 3
    assert len(office.queue.dead) == 990


ANA, HER_ORDER, HER_CART = (
    Entity(Kind.PERSON, "77"),
    Entity(Kind.ORDER, "5"),
    Entity.of_token(Kind.CART, "c-1"),
)


def test_the_visitors_of_a_person_and_of_the_orders_named_are_forgotten_and_others_stay() -> None:
    office, jo = Office(), Entity(Kind.PERSON, "78")
    office.visitors.keep([HER_CART, ANA], Visitor(tracker_cookie="SC-1"))
    office.visitors.keep([HER_ORDER], Visitor(tracker_cookie="SC-2"))
    office.visitors.keep([jo], Visitor(tracker_cookie="SC-3"))

    office.performed(REDACTION)

    assert set(office.visitors.known) == {jo}


def test_visitors_out_of_reach_keep_the_duty_in_the_queue() -> None:
    office = Office("yespo")
    office.visitors.out_of_reach = True

    with pytest.raises(LedgerUnavailable):
        office.privacy.perform(REDACTION, office.clock() + 50)

    assert office.queue.s3.objects == {}


def test_what_must_be_erased_by_hand_is_written_down() -> None:
    office = Office("yespo", "personaclick")

    office.performed(REDACTION)

    assert json.loads(office.queue.s3.objects["privacy/redact-1.json"]) == {
        "request": "redact-1",
        "asked_at": REDACTION.triggered_at,
        "about": ["order:5", "person:77"],
        "erase_by_hand": ["yespo", "personaclick"],
    }


def test_where_every_platform_can_forget_nothing_is_written_down() -> None:
    office = Office()

    office.performed(REDACTION)

    assert office.queue.s3.objects == {}


def test_what_must_be_erased_by_hand_outlives_this_redaction_and_the_next() -> None:
    office = Office("yespo")
    asked = envelope(
        id="ask-1",
        topic="customers/data_request",
        body=b'{"customer": {"id": 77}, "orders_requested": []}',
        task="report",
    )
    office.performed(asked)

    office.performed(REDACTION)
    office.performed(REDACTION)
    office.performed(replace(REDACTION, id="redact-2"))

    assert set(office.queue.s3.objects) == {"privacy/redact-1.json", "privacy/redact-2.json"}


def test_who_asks_is_told_which_kinds_of_ids_of_their_browser_are_held_and_none_of_them() -> None:
    office = Office()
    office.visitors.keep([ANA], Visitor(tracker_cookie="SC-1", device_id="d-1", session_id="s-1"))
    office.visitors.keep([HER_ORDER], Visitor(tracker_cookie="SC-1"))
    body = b'{"customer": {"id": 77}, "orders_requested": [5, 6]}'

    office.performed(envelope(id="ask", topic="customers/data_request", body=body, task="report"))

    written = office.queue.s3.objects["privacy/ask.json"]
    assert json.loads(written)["visitors"] == {
        "person:77": ["sc", "did", "seance"],
        "order:5": ["sc"],
    }
    assert [one for one in (b"SC-1", b"d-1", b"s-1") if one in written] == []


@pytest.mark.parametrize("shops", [1, 2])
def test_a_shop_that_leaves_takes_all_visitors_with_it(shops: int) -> None:
    office = Office()
    both = office.privacy.sources
    office.privacy = replace(office.privacy, sources=dict(list(both.items())[:shops]))
    office.visitors.keep([HER_CART, ANA], Visitor(tracker_cookie="SC-1"))

    office.performed(LEAVES)

    assert office.visitors.known == {}


def test_what_is_held_is_counted_over_several_messages() -> None:
    office = Office()
    for number in range(1000):
        office.dead_letter(f"w{number}", 77 if number % 100 == 0 else 1000 + number)
    body = b'{"customer": {"id": 77}, "orders_requested": []}'

    office.performed(envelope(id="ask", topic="customers/data_request", body=body, task="report"))

    assert json.loads(office.queue.s3.objects["privacy/ask.json"])["dead_letters"] == 10


@pytest.mark.parametrize("asked_of", ["shopify", "woocommerce"])
def test_who_is_forgotten_by_hand_is_in_no_dead_letter_of_either_source(asked_of: str) -> None:
    office, wish = Office(), Forget(email="ana@example.com", id="61", orders=("51",))
    nobodys = {"email": "jo@example.com", "billing": None, "shipping": None}
    office.dead_letter("shopify", 61)
    letters = {
        "order": woo.envelope("order.updated", woo.order()),
        "guest": woo.envelope("order.updated", woo.order(id=52, customer_id=0)),
        "cut off": woo.envelope("order.updated", b'{"id": 51, "cust'),
        "not asked": woo.envelope("order.deleted", {"id": 51}),
        "customer": woo.envelope("customer.updated", woo.customer(date_created_gmt="?")),
        "somebody else": woo.envelope("customer.updated", woo.customer(id=7, **nobodys)),
        "a product": woo.envelope("product.updated", woo.product(id=51, stock_quantity=61)),
        "a product's end": woo.envelope("product.deleted", {"id": 61}),
    }
    for name, letter in letters.items():
        office.queue.dead_letter(replace(letter, id=name), DeadLetterReason(reason="answered 400"))

    task = REDACTIONS[asked_of](wish, "forget-1", woo.NOW)
    office.performed(replace(task, task="forget"))

    left = {office.queue.open(one.body).id for one in office.queue.dead}
    assert left == {"somebody else", "a product", "a product's end"}


def test_a_shop_that_leaves_takes_nothing_of_the_merchants_other_shop_with_it() -> None:
    office = Office()
    office.dead_letter("shopify", 61)
    office.queue.dead_letter(
        replace(woo.envelope("order.updated", woo.order()), id="woo"), DeadLetterReason(reason="x")
    )
    office.queue.park(woo.envelope("order.created", woo.order(id=52)), 0)
    office.rows.rows[Entity(Kind.ORDER, "52")] = Row(entity=Entity(Kind.ORDER, "52"))

    leaves = envelope(
        id="bye",
        topic="shop/redact",
        body=json.dumps({"shop_id": 1, "shop_domain": SHOP}).encode(),
        task="purge",
    )
    office.performed(leaves)

    assert [office.queue.open(one.body).id for one in office.queue.dead] == ["woo"]
    assert office.queue.next_due() is not None
    assert office.rows.row(Entity(Kind.ORDER, "52")) is not None


def test_the_only_shop_of_a_merchant_takes_everything_with_it() -> None:
    office = Office()
    office.privacy = replace(office.privacy, sources={"shopify": office.privacy.sources["shopify"]})
    office.dead_letter("shopify", 61)
    office.queue.park(envelope(id="parked"), 0)

    leaves = envelope(
        id="bye",
        topic="shop/redact",
        body=json.dumps({"shop_id": 1, "shop_domain": SHOP}).encode(),
        task="purge",
    )
    office.performed(leaves)

    assert office.queue.dead == []
    assert office.queue.next_due() is None


@pytest.mark.parametrize("source", REDACTIONS)
def test_a_wish_by_hand_comes_under_a_topic_that_its_source_knows_for_a_redaction(
    source: str,
) -> None:
    wished = REDACTIONS[source](Forget(email="ana@example.com"), "first", woo.NOW)

    assert wished.topic in Office().privacy.sources[source].redactions


@pytest.mark.parametrize(
    ("refused", "asked_of"), [("shopify", "woocommerce"), ("woocommerce", "shopify")]
)
def test_a_redaction_that_a_platform_refused_outlives_the_same_wish_through_the_other_source(
    refused: str, asked_of: str
) -> None:
    office, wish = Office(), Forget(email="ana@example.com", id="61", orders=("51",))
    office.queue.dead_letter(
        REDACTIONS[refused](wish, "first", woo.NOW), DeadLetterReason(reason="answered 400")
    )

    task = REDACTIONS[asked_of](wish, "second", woo.NOW + 60)
    office.performed(replace(task, task="forget"))

    assert [office.queue.open(one.body).id for one in office.queue.dead] == ["first"]


@pytest.mark.parametrize("why", ["ended", "forgotten"])
def test_a_message_whose_body_is_gone_on_purpose_ends_with_a_line_and_a_count(
    why: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    office = Office()
    gone = placeholder(envelope(id="large-1", body=b"jo@shop.example", entity="person:77"), why)

    assert office.privacy.perform(gone, office.clock() + 50) is None
    office.privacy.observer.flush()

    assert why in caplog.messages
    assert f'"{why.capitalize()}":[1.0]' in capsys.readouterr().out.replace(" ", "")
