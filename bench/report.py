"""The figures as a table on the screen, as JSON, and as the table of ``docs/performance.md``."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import msgspec
import requests
from rich.table import Table

from bench.costs.prices import GB_SECOND, INVOKE
from bench.measure import Figure
from bench.processes import ROOT

RAW = ROOT / "bench" / "results" / "last.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: `make bench` writes them -->", "<!-- end of the figures -->"
_HEAD = ("", "figure", "ours", "floor", "ratio", "goal", "met")
# Lambda gives a whole processor at 1,769 MB ("Configure Lambda function memory", its guide).
PROCESSOR = 1769
MEMORY = (256, 512, 1024, 1769, 3008)
# Two round trips to the ledger and a platform's answer, in ms: assumed, as in docs/costs.md.
WAITING = 2 * 5 + 200
_VERDICT = {True: "yes", False: "no", None: ""}


def table(figures: Iterable[Figure]) -> Table:
    """Give the table for a screen."""
    shown = Table(*_HEAD)
    for figure in figures:
        colour = {True: "green", False: "red", None: ""}[figure.met]
        shown.add_row(*cells(figure), style=colour)
    return shown


def cells(figure: Figure) -> tuple[str, ...]:
    """Write one row."""
    goal = ""
    if figure.goal is not None:
        goal = f"≤ {figure.goal:g}" + ("" if figure.ratio is not None else f" {figure.unit}")
    return (
        figure.part,
        figure.name,
        f"{_short(figure.ours)} {figure.unit}",
        "" if figure.floor is None else f"{_short(figure.floor)} {figure.unit}",
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        goal,
        _VERDICT[figure.met],
    )


def document(figures: Sequence[Figure], today: date) -> dict[str, Any]:
    """Give everything that a reader needs to judge the figures; nothing names the machine."""
    return {
        "date": today.isoformat(),
        "commit": _commit(),
        "cpu": _cpu(),
        "python": platform.python_version(),
        "libraries": {one.__name__: one.__version__ for one in (boto3, msgspec, requests)},
        "figures": [
            asdict(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in figures
        ],
    }


def read(path: Path) -> tuple[dict[str, Any], list[Figure]]:
    """Read what was written; gives the document and its figures."""
    found = json.loads(path.read_text(encoding="utf-8"))
    names = Figure.__dataclass_fields__
    rows = [{name: one[name] for name in names} for one in found["figures"]]
    return found, [Figure(**row | {"rounds": tuple(map(tuple, row["rounds"]))}) for row in rows]


def write(path: Path, found: dict[str, Any]) -> None:
    """Write the raw output; a round is a line."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def placed(page: str, found: dict[str, Any], figures: Sequence[Figure]) -> str:
    """Put the figures between the marks of a page. Raises ValueError for one without."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no marks for the figures")
    return f"{before}{BEGIN}\n{markdown(found, figures)}{END}{after}"


def markdown(found: dict[str, Any], figures: Sequence[Figure]) -> str:
    """Write the table of the page, and what it was measured with."""
    libraries = ", ".join(f"{name} {version}" for name, version in found["libraries"].items())
    machine = f"{found['cpu']}, Python {found['python']}, {libraries}"
    lines = [
        f"Measured on {found['date']} at commit {found['commit']}: {machine}.",
        "",
        "| " + " | ".join(_HEAD) + " |",
        "|---|---|---:|---:|---:|---:|---|",
        *("| " + " | ".join(cells(figure)) + " |" for figure in figures),
        "",
        *on_lambda(figures),
    ]
    return "\n".join(lines) + "\n"


def on_lambda(figures: Sequence[Figure]) -> list[str]:
    """
    Write what a product and a cold start would take at each memory setting; empty without both.

    CPU time stretches by the share of a processor that comes with the memory; waiting does not.
    The init phase is taken to run on a whole processor, so that only what comes after it stretches.
    """
    warm = [figure.ours / 1000 for figure in figures if figure.part == "b"][:1]
    cold = [figure.ours for figure in figures if figure.part == "c"]
    if not warm or len(cold) < 2:  # noqa: PLR2004 - to the answer, and of that to be ready
        return []
    first, ready = cold[:2]
    lines = [
        "| memory | a product, warm | a million of them | cold start |",
        "|---|---:|---:|---:|",
    ]
    for memory in MEMORY:
        stretch = max(1.0, PROCESSOR / memory)
        took = warm[0] * stretch + WAITING
        dollars = took * 1000 * memory / 1024 * GB_SECOND.east + INVOKE.east
        whole = ready + (first - ready) * stretch
        lines.append(f"| {memory} MB | {took:.0f} ms | ${dollars:.2f} | {whole:,.0f} ms |")
    return lines


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"  # noqa: PLR2004 - three digits


def _commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(  # noqa: S603 - fixed words
            ["git", *words],  # noqa: S607 - the git of whoever runs this
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()

    changed = " with changes" if git("status", "--porcelain", "--", "shared", "functions") else ""
    return (git("rev-parse", "--short", "HEAD") or "none") + changed


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
