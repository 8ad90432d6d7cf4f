"""Texts for a terminal: ages, times, and foreign text without control characters."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.text import Text

from cli import output

_ONE_LINE = str.maketrans("\n\t", "??")
_AGES = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def age(seconds: float) -> str:
    """Return an age in its largest whole unit: ``3d``, ``5h``, ``12m``, ``40s``."""
    for size, unit in _AGES:
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return "0s"


def plain(text: object) -> Text:
    """Return a text without markup and without characters that move a terminal's cursor."""
    return Text(output.printable(str(text)).translate(_ONE_LINE))


def at_second(epoch: float) -> str:
    """Return a time (epoch seconds) with its date and zone: ``2026-11-28 08:17:07Z``."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
