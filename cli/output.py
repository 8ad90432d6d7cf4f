"""
What the commands write to a terminal, and nothing else writes. An id, a topic or a reason may
contain what a stranger sent: no control character of it reaches the terminal, where ESC moves the
cursor, renames the window or hides text, and no invisible or reordering one either.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

import msgspec
import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

_KEPT = frozenset("\n\t")


def printable(text: str) -> str:
    """Return a text in which each character that is not printable is a question mark."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in _KEPT else _instead(one) for one in text)


def _instead(character: str) -> str:
    # Another space, such as a no-break space in a price, is a space: it moves nothing.
    return " " if unicodedata.category(character) == "Zs" else "?"


class SafeConsole(Console):
    """A console of Rich whose own control codes and styles are written, and no others."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Render, and replace what is not printable in each text."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(printable(text), style)


def console(**options: Any) -> Console:
    """Return a console; the options are those of `rich.console.Console`."""
    return SafeConsole(**options)


def echo(text: str = "", *, err: bool = False) -> None:
    """Write a line."""
    typer.echo(printable(text), err=err)


def echo_json(document: str | bytes) -> None:
    """Write a JSON document."""
    typer.echo(printable_json(document if isinstance(document, str) else document.decode()))


def echo_result(document: Any, text: str, *, json_out: bool) -> None:
    """Write a result, as JSON or as text."""
    if json_out:
        echo_json(msgspec.json.encode(document))
    else:
        echo(text)


def printable_json(document: str) -> str:
    """Return a JSON document in which each character that is not printable is escaped."""
    if document.isprintable():
        return document
    return "".join(one if one.isprintable() or one == "\n" else _escaped(one) for one in document)


def _escaped(character: str) -> str:
    """Return a JSON escape; two for a character outside the basic plane."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
