"""What is found at the end: at the platform, and in what the stack wrote when it ended."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from cli.local.aws import DEAD_LETTERS, RETRY_QUEUE
from cli.local.snapshot import StoredMessage, Snapshot, read
from cli.local.state_folder import SNAPSHOT
from shared.queue.envelope import decode
from shared.state.item import INTENDED
from tests.chaos.shop_model import OtherPlatform, Evidence, PlatformData

_RECORDS = "privacy/"


def gather(platforms: Any, violations: list[Any], folder: Path) -> Evidence:
    """Gather from the sandbox's states and the folder of a stack that has ended."""
    return gather_from_snapshot(platforms, violations, read(folder / SNAPSHOT))


def gather_from_snapshot(platforms: Any, violations: list[Any], kept: Snapshot) -> Evidence:
    """Gather from a snapshot."""
    platform, dead = platforms["datacue"], kept.queues[DEAD_LETTERS]
    return Evidence(
        held=datacue_data(platform),
        events=Counter(_event(one) for one in platform["events"]),
        queued=frozenset(decode(one.body.encode()).id for one in kept.queues[RETRY_QUEUE]),
        dead={decode(one.body.encode()).id: _reason(one) for one in dead},
        records=frozenset(
            one.key.removeprefix(_RECORDS).removesuffix(".json")
            for one in kept.objects
            if one.key.startswith(_RECORDS)
        ),
        intended=_intended("datacue", kept),
        violations=tuple(str(one["violation"]) for one in violations),
        elsewhere={
            name: OtherPlatform(state=state, intended=_intended(name, kept))
            for name, state in platforms.items()
            if name != "datacue"
        },
    )


def _intended(destination: str, kept: Snapshot) -> dict[str, str]:
    own = INTENDED + destination
    return {
        row["pk"]["S"].removeprefix("entity#"): row[own]["S"].partition(" ")[0]
        for row in kept.rows
        if own in row
    }


def datacue_data(platform: Any) -> PlatformData:
    """Tell what DataCue has, in the words of the shop's things."""
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


def _event(told: Any) -> tuple[str, str]:
    return f"{told['event']['type']} {told['user']['anonymous_id']}", told["timestamp"]


def _reason(message: StoredMessage) -> str:
    return message.attributes.get("reason", {}).get("StringValue", "received too often")
