from __future__ import annotations

from typing import Any

from cli.local.snapshot import Snapshot, StoredMessage, StoredObject
from shared.queue.envelope import Envelope, encode
from tests.chaos.checker import check
from tests.chaos.evidence import gather_from_snapshot
from tests.chaos.shop_model import ShopHistory, Webhook

PLATFORM: dict[str, Any] = {"products": {}, "users": {}, "orders": {}, "events": []}
PLATFORMS: dict[str, Any] = {"datacue": PLATFORM}


def message(name: str, **attributes: dict[str, str]) -> StoredMessage:
    envelope = Envelope(
        id=name,
        source="shopify",
        topic="products/update",
        triggered_at="2026-11-21T00:00:00.000000000Z",
        received_at="2026-11-21T00:00:00.000000000Z",
        headers={},
        body=b"{}",
    )
    return StoredMessage(
        id="m",
        body=encode(envelope).decode(),
        attributes=attributes,
        sent=0,
        delayed_until=0,
        receives=0,
    )


def snapshot(
    waiting: list[StoredMessage] | None = None, dead: list[StoredMessage] | None = None, **more: Any
) -> Snapshot:
    queues = {"shoprelay-retry": waiting or [], "shoprelay-dead-letters": dead or []}
    return Snapshot(**{"rows": [], "objects": [], "queues": queues, **more})


def test_a_missing_message_is_a_lost_webhook() -> None:
    history = ShopHistory()
    touched = history.touch("product:1", {"11": "Mug"})
    history.webhooks["mug"] = Webhook(
        id="mug", topic="products/update", body=b"", at="", touches=(touched,)
    )
    answers = {"mug": ["queued"]}

    there = check(history, answers, gather_from_snapshot(PLATFORMS, [], snapshot([message("mug")])))
    forgotten = check(history, answers, gather_from_snapshot(PLATFORMS, [], snapshot()))

    assert there.good
    assert forgotten.lost == ("mug products/update (answered queued)",)


def test_dead_letters_are_found_with_their_reason() -> None:
    dead_letter = message("a", reason={"DataType": "String", "StringValue": "answered 422"})

    evidence = gather_from_snapshot(PLATFORMS, [], snapshot(dead=[dead_letter, message("b")]))

    assert evidence.dead == {"a": "answered 422", "b": "received too often"}


def test_records_intents_events_and_violations_are_found() -> None:
    event = {"event": {"type": "cart"}, "user": {"anonymous_id": "a"}, "timestamp": "now"}
    row = {"pk": {"S": "entity#cart:0a"}, "i#datacue": {"S": "key token"}}
    record = StoredObject(key="privacy/ask-1.json", body=b"{}", metadata={})
    kept = snapshot(rows=[row, {"pk": {"S": "entity#product:1"}}], objects=[record])

    evidence = gather_from_snapshot(
        {"datacue": {**PLATFORM, "events": [event, event]}}, [{"violation": "no"}], kept
    )

    assert evidence.events == {("cart a", "now"): 2}
    assert evidence.intended == {"cart:0a": "key"}
    assert evidence.records == {"ask-1"}
    assert evidence.violations == ("no",)
