"""docs/night.md: a text of ours, and in it what the commands of the night printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bench.night.stack import ROOT

TEMPLATE = Path(__file__).parent / "template.md"
PAGE = ROOT / "docs" / "night.md"
_PLACE = re.compile(r"^<<(\w+)(?: (\d+))?>>$", re.MULTILINE)


def page(template: str, seen: Mapping[str, str]) -> str:
    """
    Put what was seen in its places: ``<<list>>`` is all of it, ``<<list 12>>`` its first lines.

    Raises KeyError for a place of which nothing was seen.
    """
    return _PLACE.sub(lambda place: _block(seen[place[1]], place[2]), template)


def _block(text: str, most: str | None) -> str:
    lines = text.splitlines()
    kept = lines[: int(most)] if most else lines
    more = ["..."] if len(kept) < len(lines) else []
    return "\n".join(["```console", *kept, *more, "```"])
