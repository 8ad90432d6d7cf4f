"""A duty for which one invocation has no time, and the messages whose bodies are gone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from shared.delivery.bodies import Bodies
from shared.delivery.envelope import Envelope, decode, encode
from shared.delivery.queue import Death, stub
from shared.observe import Observer
from shared.privacy import Privacy
from tests.delivery.test_envelope import envelope
from tests.fakes.clock import Clock
from tests.fakes.ledger import MemoryLedger
from tests.fakes.queue import MemoryDeadLetters, MemoryQueue, memory_bodies
from tests.sources.shop import FakePorts, source

REDACTION = envelope(
    id="redact-1",
    topic="customers/redact",
    body=b'{"customer": {"id": 77}, "orders_to_redact": [5]}',
    duty="forget",
)


class Office:
    """Privacy over queues of dicts; to look at one dead letter takes a tenth of a second."""

    def __init__(self) -> None:
        self.clock, self.source = Clock(), source()
        self.queue = MemoryQueue(self.clock)
        self.bodies: Bodies = memory_bodies(self.queue)
        self.privacy = Privacy(
            sources={"shopify": replace(self.source, translate=self.slowly)},
            rows=MemoryLedger(),
            dead=MemoryDeadLetters(self.queue, self.clock, self.clock.pass_),
            bodies=self.bodies,
            purge_queue=self.queue.purge,
            pseudonym=FakePorts().pseudonym,
            observer=Observer("acme"),
        )

    def slowly(self, one: Envelope, deadline: float):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as a source's
        self.clock.pass_(0.1)
        return self.source.translate(one, deadline)

    def bury(self, name: str, person: int) -> None:
        body = json.dumps({"customer": {"id": person}, "orders_requested": []}).encode()
        asked = envelope(id=name, topic="customers/data_request", body=body)
        self.queue.bury(asked, Death(reason="answered 400"))

    def performed(self, duty: Envelope) -> int:
        """Carry out a duty as the worker does; tell how many messages it took."""
        rest: Envelope | None = duty
        for messages in range(100):
            if rest is None:
                return messages
            rest = self.privacy.perform(decode(encode(rest)), self.clock() + 50)
            self.clock.pass_(3)
        raise AssertionError("it does not end")


def test_forgetting_among_more_dead_letters_than_there_is_time_for_goes_on_and_ends() -> None:
    office = Office()
    for number in range(1000):
        office.bury(f"w{number}", 77 if number % 100 == 0 else 1000 + number)

    assert office.performed(REDACTION) == 3
    assert len(office.queue.dead) == 990


def test_what_is_held_is_counted_over_several_messages() -> None:
    office = Office()
    for number in range(1000):
        office.bury(f"w{number}", 77 if number % 100 == 0 else 1000 + number)
    body = b'{"customer": {"id": 77}, "orders_requested": []}'

    office.performed(envelope(id="ask", topic="customers/data_request", body=body, duty="report"))

    assert json.loads(office.queue.s3.objects["privacy/ask.json"])["dead_letters"] == 10


@pytest.mark.parametrize("why", ["ended", "forgotten"])
def test_a_message_whose_body_is_gone_on_purpose_ends_with_a_line_and_a_count(
    why: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    office = Office()
    gone = stub(envelope(id="large-1", body=b"jo@shop.example", entity="person:77"), why)

    assert office.privacy.perform(gone, office.clock() + 50) is None
    office.privacy.observer.flush()

    assert why in caplog.messages
    assert f'"{why.capitalize()}":[1.0]' in capsys.readouterr().out.replace(" ", "")
