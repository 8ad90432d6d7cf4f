"""The output of ``shoprelay local``: a live table, plain lines, or one JSON object per line."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from cli.output import printable_json

_ROWS = 10
# An order is sent to four platforms with six calls.
_CALLS = 6
_COLOURS = {
    "delivered": "green",
    "queued": "yellow",
    "dead_letter": "red",
    "tryagain": "yellow",
    "unknown": "yellow",
    "refused": "red",
}


class Screen(Protocol):
    """An output for events; ``event`` is the kind of event, the facts are JSON values."""

    def show(self, event: str, **facts: Any) -> None:
        """Show an event."""
        ...

    def close(self) -> None:
        """Restore the terminal."""
        ...


class JsonLines:
    """One JSON object per line."""

    def __init__(self, console: Console) -> None:
        self._file = console.file
        self._lock = threading.Lock()

    def show(self, event: str, **facts: Any) -> None:
        """Write an event."""
        with self._lock:
            self._file.write(printable_json(json.dumps({"event": event, **facts})) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


class PlainLines:
    """One readable line per event."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()

    def show(self, event: str, **facts: Any) -> None:
        """Print an event that is meant for a person."""
        line = format_line(event, facts)
        if line:
            with self._lock:
                self._console.print(line, soft_wrap=True, highlight=False)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


class LiveTable:
    """A table of the last webhooks with their calls and verdicts, below the other lines."""

    def __init__(self, console: Console) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._live = Live(
            console=console,
            get_renderable=self._table,
            refresh_per_second=8,
            # Standard output is redirected: the functions' output is not for the screen.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def show(self, event: str, **facts: Any) -> None:
        """Show an event: webhooks and calls in the table, others above it."""
        with self._lock:
            if event == "webhook":
                self._row(facts).update(facts)
            elif event == "call":
                self._row(facts)["calls"].append(facts)
        line = "" if event in {"webhook", "call"} else format_line(event, facts)
        if line:
            self._live.console.print(line, highlight=False)

    def close(self) -> None:
        """Show the last state and release the terminal."""
        self._live.stop()

    def _row(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        name = str(facts.get("id") or "")
        if name not in self._rows:
            fresh: dict[str, Any] = {
                "at": time.strftime("%H:%M:%S"),
                "topic": facts.get("topic"),
                "calls": [],
            }
            self._rows[name] = fresh
            while len(self._rows) > _ROWS:
                del self._rows[next(iter(self._rows))]
        return self._rows[name]

    def _table(self) -> Table:
        table = Table("at", "webhook", "topic", "answer", "calls and verdicts", expand=True)
        with self._lock:
            for name, row in self._rows.items():
                calls = "\n".join(_call(call) for call in row["calls"][-_CALLS:])
                response = _coloured(str(row.get("answer") or row.get("status") or ""))
                table.add_row(
                    row["at"], escape(name[-12:]), escape(str(row["topic"])), response, calls
                )
        return table


def format_line(event: str, facts: Mapping[str, Any]) -> str:
    """Return an event as a line for a person; empty for an event that only programs need."""
    write = _SENTENCES.get(event)
    return write(facts) if write else ""


def _up(facts: Mapping[str, Any]) -> str:
    lines = [f"  webhooks       {url}" for url in facts["webhooks"].values()]
    lines += [
        f"  AWS endpoint   {facts['aws']}   (shoprelay dlq list --endpoint-url {facts['aws']})",
        f"  sandbox        {facts['sandbox']}   (state and faults: {facts['sandbox']}/_sandbox/)",
        f"  log            {facts['log']}",
    ]
    return "[bold]Shoprelay is up[/bold] (stop with Ctrl-C)\n" + escape("\n".join(lines))


def _demo(facts: Mapping[str, Any]) -> str:
    mark = {True: "[green]ok[/green]    ", False: "[red]FAILED[/red]", None: "      "}
    text = escape(str(facts.get("text")))
    if facts.get("step"):
        return f"\n[bold]{facts['step']}. {text}[/bold]"
    return f"{mark[facts.get('held')]}   {text}"


def _webhook(facts: Mapping[str, Any]) -> str:
    response = _coloured(str(facts.get("answer") or facts.get("status")))
    what = escape(f"{facts.get('topic')}  {facts.get('id')}")
    return f"  webhook  {what}  -> {response}  {facts.get('milliseconds')} ms"


def _call(facts: Mapping[str, Any]) -> str:
    verdict = _coloured(str(facts.get("verdict")))
    status = f" {facts['status']}" if facts.get("status") else ""
    where = f"{facts.get('destination')} {facts.get('call') or ''}".strip()
    return f"{escape(where)} -> {verdict}{status}"


def _alarm(facts: Mapping[str, Any]) -> str:
    return ": ".join(str(facts[name]) for name in ("alarm", "message") if facts.get(name))


def _coloured(word: str) -> str:
    colour = _COLOURS.get(word.lower().replace("_", "").replace(" ", ""), _COLOURS.get(word))
    return f"[{colour}]{escape(word)}[/{colour}]" if colour else escape(word)


_SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "up": _up,
    "webhook": _webhook,
    "call": lambda facts: f"  call     {_call(facts)}",
    "demo": _demo,
    "alarm": lambda facts: f"  [red]alarm[/red]    {escape(_alarm(facts))}",
    "dead_letter": lambda facts: f"  [red]dead[/red]     {escape(str(facts.get('reason')))}",
    "violation": lambda facts: f"  [red]sandbox[/red]  {escape(str(facts.get('violation')))}",
    "note": lambda facts: escape(str(facts.get("text"))),
}


def make_screen(console: Console, *, json_lines: bool) -> Screen:
    """Return the screen: JSON on request, a live table on a terminal, else plain lines."""
    if json_lines:
        return JsonLines(console)
    return LiveTable(console) if console.is_terminal else PlainLines(console)
