"""
Writes ``docs/mapping.md``: which field of a webhook goes where.

Nothing is written down twice: the sample events run through the real translation and the real
destination, one field at a time is changed, and whatever changes in the calls is where that field
goes. ``python -m cli.mapping`` prints the page.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.delivery.call import Call
from shared.delivery.envelope import Envelope
from shared.destinations.contract import Destination, Memory
from shared.destinations.registry import DESTINATIONS
from shared.errors import NotUnderstood
from shared.model.change import ConsentChanged, StockChanged
from shared.model.product import variant_key
from shared.model.version import instant
from shared.settings import Merchant, read_merchant, read_secrets
from shared.sources.contract import Source
from shared.sources.registry import SOURCES

ROOT = Path(__file__).parents[1]
AT = instant("2026-11-21T09:00:00Z")
PROFILES = ("2018-09", "2021-02")
# Whatever its type, a field is tried with each of these; what some field knows as a word of its
# own (a status, a policy) is among them.
TRIALS: tuple[Any, ...] = (
    None, "changed", "7.77", 7, True, False, "2020-02-02T02:02:02Z", "draft", "continue", "voided",
    "unsubscribed", "Default Title", "a > b > c > d > e", "other@shop.example",
)  # fmt: skip

Path_ = tuple[str | int, ...]
Effects = dict[str, set[str]]

INTRODUCTION = """\
# What goes where

Made by `make docs` from the code itself: every sample in `events/` runs through the real translation
and the real destination, one field at a time is changed, and what changes in the calls is where that
field goes. Fields that are not listed change nothing that a platform is told.

`[]` is every item of a list. *path* is the URL's path: which thing is created, changed or removed.
*(the call itself)* means that the field decides whether, or which, calls are made.
"""


@dataclass(frozen=True, slots=True)
class Still:
    """The outside, standing still: no store is asked, and nothing is known of any item."""

    def now(self) -> float:
        """Tell a time that never passes."""
        return 1_795_251_600.0

    def pseudonym(self, email: str) -> str:
        """Give a hash; no key is needed where nobody looks."""
        return hashlib.sha256(email.encode()).hexdigest()[:32]

    def tracked(self, items: frozenset[str]) -> Mapping[str, bool]:
        """Know nothing."""
        return dict.fromkeys(items & frozenset[str](), False)


def page() -> str:
    """Give the whole page as Markdown."""
    parts = [INTRODUCTION]
    for name in SOURCES:
        groups = _groups(ROOT / "events" / name)
        for topics, samples in groups.items():
            parts.append(f"## {name.capitalize()}: {topics}\n")
            parts.append(_table(name, samples))
    return "\n".join(parts)


def _groups(folder: Path) -> dict[str, list[tuple[str, Any]]]:
    """Put samples together whose topics share a resource and have the same shape."""
    groups: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for file in sorted(folder.glob("*.json")):
        resource, action = file.stem.split("__")[:2]
        shape = action if action in {"delete", "redact", "merge", "data_request"} else "*"
        groups[f"{resource}/{shape}"].append(
            (f"{resource}/{action}", json.loads(file.read_bytes()))
        )
    return dict(groups)


def _table(source: str, samples: list[tuple[str, Any]]) -> str:
    columns = [(f"DataCue {profile}", *_wired(source, profile)) for profile in PROFILES]
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for title, shop, platform in columns:
        for topic, body in samples:
            for field, effects in _effects(shop, platform, topic, body).items():
                found[field][title] |= effects
    if not found:
        return "Nothing is told to a platform.\n"
    titles = [title for title, _, _ in columns]
    lines = ["| field | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|"]
    for field in sorted(found):
        cells = [", ".join(sorted(found[field][title])) or "-" for title in titles]
        lines.append(f"| `{field}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _wired(source: str, profile: str) -> tuple[Source, Destination]:
    text = (ROOT / "merchants" / "demo.toml").read_text(encoding="utf-8")
    merchant: Merchant = read_merchant(
        text.replace('profile = "2018-09"', f'profile = "{profile}"\ncarts = "cart-token"')
    )
    secrets = read_secrets((ROOT / "merchants" / "demo.secrets.json").read_bytes(), merchant)
    return SOURCES[source](merchant, secrets, Still()), DESTINATIONS["datacue"](merchant, secrets)


def _effects(shop: Source, platform: Destination, topic: str, body: Any) -> Effects:
    before = _told(shop, platform, topic, body)
    effects: Effects = defaultdict(set)
    for place in _leaves(body):
        for trial in TRIALS:
            changed = _with(body, place, trial)
            if changed == body:
                continue
            after = _told(shop, platform, topic, changed)
            if after is not None:
                effects[_name(place)] |= _difference(before, after)
    return {field: told for field, told in effects.items() if told}


Told = dict[str, list[str]]


def _told(shop: Source, platform: Destination, topic: str, body: Any) -> Told | None:
    """Give everything that a platform is told, by the name of its field; None for a dead letter."""
    envelope = Envelope(
        id="1",
        source=shop.name,
        topic=topic,
        triggered_at=AT,
        received_at=AT,
        headers={},
        body=json.dumps(body).encode(),
    )
    told: Told = defaultdict(list)
    try:
        for change in shop.translate(envelope, 0.0).changes:
            for call in platform.plan(change, _memory(change)).calls:
                _read(call, told)
    except NotUnderstood:
        return None
    return told


def _memory(change: object) -> Memory:
    """Know what a partial update needs to be sent at all."""
    if isinstance(change, StockChanged):
        key = variant_key(change.variant_id, default=change.default)
        return Memory(known=True, variants=frozenset({key}))
    return Memory(known=isinstance(change, ConsentChanged))


def _read(call: Call, told: Told) -> None:
    # What is one row more or less is told by the rows themselves.
    told["*path*"].append(f"{call.method} {urlsplit(call.url).path}")
    if call.body:
        _flatten(json.loads(call.body), "", told)


def _flatten(value: Any, name: str, told: Told) -> None:
    if isinstance(value, dict):
        for key, one in value.items():
            _flatten(one, f"{name}.{key}" if name else key, told)
    elif isinstance(value, list):
        told[f"{name}[]" if name else "[]"].append(str(len(value)))
        for one in value:
            _flatten(one, f"{name}[]", told)
    else:
        told[name].append(json.dumps(value))


def _difference(before: Told | None, after: Told) -> set[str]:
    before = before or {}
    if bool(before) != bool(after):
        return {"*(the call itself)*"}
    names = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return {_short(name) for name in names if not name.endswith("[]")}


def _short(name: str) -> str:
    bare = name.removeprefix("batch").removeprefix("[]").removeprefix(".")
    return bare if bare.startswith("*") else f"`{bare}`"


def _leaves(value: Any, place: Path_ = ()) -> Iterator[Path_]:
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _leaves(one, (*place, key))
    elif isinstance(value, list) and value:
        for index, one in enumerate(value[:3]):
            yield from _leaves(one, (*place, index))
    else:
        yield place


def _with(body: Any, place: Path_, trial: Any) -> Any:
    if not place:
        return trial
    changed = copy.deepcopy(body)
    inner = changed
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = trial
    return changed


def _name(place: Path_) -> str:
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - it is what the module is for
