"""The figures as a table on the screen, as JSON, and as the table of ``docs/performance.md``."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import msgspec
import requests
from rich.table import Table

from bench.costs.model import FULL_CPU_MB
from bench.costs.prices import EAST, PRICES
from bench.measure import Figure
from bench.processes import ROOT

RAW = ROOT / "bench" / "results" / "last.json"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: `make bench` writes them -->", "<!-- end of the figures -->"
_HEAD = ("", "figure", "ours", "floor", "ratio", "goal", "met")
MEMORY = (256, 512, 1024, 1769, 3008)
# Two round trips to the ledger and a response of a platform, in ms: assumed, as in docs/costs.md.
WAITING = 2 * 5 + 200
_MET = {True: "yes", False: "no", None: ""}
_STYLE = {True: "green", False: "red", None: ""}


def table(figures: Iterable[Figure]) -> Table:
    """Return the table for a screen."""
    shown = Table(*_HEAD)
    for figure in figures:
        shown.add_row(*cells(figure), style=_STYLE[figure.met])
    return shown


def cells(figure: Figure) -> tuple[str, ...]:
    """Return one row."""
    unit = "" if figure.ratio is not None else f" {figure.unit}"
    return (
        figure.part,
        figure.name,
        f"{_digits(figure.ours)} {figure.unit}",
        "" if figure.floor is None else f"{_digits(figure.floor)} {figure.unit}",
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        "" if figure.goal is None else f"≤ {figure.goal:g}{unit}",
        _MET[figure.met],
    )


def document(figures: Sequence[Figure], today: date) -> dict[str, Any]:
    """Return everything that a reader needs to judge the figures; no name of a machine."""
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


def read() -> tuple[dict[str, Any], list[Figure]]:
    """Return the committed document and its figures."""
    found = json.loads(RAW.read_text(encoding="utf-8"))
    names = Figure.__dataclass_fields__
    rows = [{name: one[name] for name in names} for one in found["figures"]]
    return found, [Figure(**row | {"rounds": tuple(map(tuple, row["rounds"]))}) for row in rows]


def write(found: dict[str, Any], figures: Sequence[Figure]) -> None:
    """Write the raw output and the page."""
    RAW.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = with_figures(PAGE.read_text(encoding="utf-8"), found, figures)
    PAGE.write_text(page, encoding="utf-8")


def with_figures(page: str, found: dict[str, Any], figures: Sequence[Figure]) -> str:
    """Return a page with the figures between its marks. Raise ValueError when it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has no marks for the figures")
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
    return "\n".join([before + BEGIN, *lines, END + after])


def on_lambda(figures: Sequence[Figure]) -> Iterator[str]:
    """
    Yield the table of a product and a cold start at each memory setting of Lambda.

    CPU time depends on the share of a processor that comes with the memory; waiting does not. The
    init phase is assumed to run on a whole processor, so that only what follows it takes longer.
    Without the artefact there is no cold start, and no table.
    """
    product = next(figure.ours / 1000 for figure in figures if figure.part == "b")
    cold = [figure.ours for figure in figures if figure.part == "c"]
    if not cold:
        return
    first, ready = cold
    yield "| memory | a product, warm | a million of them | cold start |"
    yield "|---|---:|---:|---:|"
    for memory in MEMORY:
        longer = max(1.0, FULL_CPU_MB / memory)
        took = product * longer + WAITING
        price = PRICES[EAST]
        dollars = took * 1000 * memory / 1024 * price["gb_second"] + price["invoke"]
        start = ready + (first - ready) * longer
        yield f"| {memory} MB | {took:.0f} ms | ${dollars:.2f} | {start:,.0f} ms |"


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"  # noqa: PLR2004 - three digits


def _commit() -> str:
    def git(*words: str) -> str:
        done = subprocess.run(  # noqa: S603 - fixed words
            ["git", *words],  # noqa: S607 - the git on the path of the user
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
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
