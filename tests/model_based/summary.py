"""The results of the last run of a proof, as a page that is committed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def committed() -> dict[str, str]:
    """Return the newest commit, marked if files were changed since, and today's date."""
    sent = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude", "*"],  # noqa: S607 - the git of the caller's PATH
        capture_output=True,
        text=True,
        check=False,
    )
    return {"Commit": sent.stdout.strip() or "unknown", "Date": f"{datetime.now(UTC):%Y-%m-%d}"}


def write(path: Path, command: str, facts: Mapping[str, object]) -> None:
    """Write a table of facts, with thousands separators."""
    rows = [
        f"| {name} | {value:,} |" if isinstance(value, int) else f"| {name} | {value} |"
        for name, value in facts.items()
    ]
    page = [
        "# Results of `make prove`",
        "",
        f"Written by `{command}`; {cores()} cores.",
        "",
        "| | |",
        "|:--|--:|",
        *rows,
        "",
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(page), encoding="utf-8")
