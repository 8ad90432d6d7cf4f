"""The evidence at the end of a run: the platforms' states, and the stopped stack's snapshot."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from cli.local.aws import DEAD_LETTERS, RETRY_QUEUE
from cli.local.snapshot import Snapshot, StoredMessage, read
from cli.local.state_folder import SNAPSHOT
from shared.queue.envelope import decode
from shared.state.item import INTENDED
from tests.chaos.shop_model import Evidence, OtherPlatform, PlatformData

_RECORDS = "privacy/"


def gather(platforms: Any, violations: list[Any], folder: Path) -> Evidence:
    """Return the evidence from the sandbox's states and the folder of a stopped stack."""
    return gather_from_snapshot(platforms, violations, read(folder / SNAPSHOT))


def gather_from_snapshot(platforms: Any, violations: list[Any], snapshot: Snapshot) -> Evidence:
    """Return the evidence from the sandbox's states and a snapshot."""
    platform, dead = platforms["datacue"], snapshot.queues[DEAD_LETTERS]
    return Evidence(
        held=datacue_data(platform),
        events=Counter(_event(one) for one in platform["events"]),
        queued=frozenset(decode(one.body.encode()).id for one in snapshot.queues[RETRY_QUEUE]),
        dead={decode(one.body.encode()).id: _reason(one) for one in dead},
        records=frozenset(
            one.key.removeprefix(_RECORDS).removesuffix(".json")
            for one in snapshot.objects
            if one.key.startswith(_RECORDS)
        ),
        intended=_intended("datacue", snapshot),
        violations=tuple(str(one["violation"]) for one in violations),
        others={
            name: OtherPlatform(state=state, intended=_intended(name, snapshot))
            for name, state in platforms.items()
            if name != "datacue"
        },
    )


def _intended(destination: str, snapshot: Snapshot) -> dict[str, str]:
    own = INTENDED + destination
    return {
        row["pk"]["S"].removeprefix("entity#"): row[own]["S"].partition(" ")[0]
        for row in snapshot.rows
        if own in row
    }


def datacue_data(platform: Any) -> PlatformData:
    """Return DataCue's state by the names of the shop's objects."""
    products = {
        f"product:{number}": {place: row["name"] for place, row in rows.items()}
        for number, rows in platform["products"].items()
        if rows
    }
    people = {
        f"guest:{name}" if "@" in name else f"person:{name}": (
            name if "@" in name else row["first_name"]
        )
        for name, row in platform["users"].items()
    }
    orders = {f"order:{name}": row["order_status"] for name, row in platform["orders"].items()}
    return {**products, **people, **orders}


def _event(event: Any) -> tuple[str, str]:
    return f"{event['event']['type']} {event['user']['anonymous_id']}", event["timestamp"]


def _reason(message: StoredMessage) -> str:
    return message.attributes.get("reason", {}).get("StringValue", "received too often")
