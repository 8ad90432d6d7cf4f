"""What the last run of a proof came to, as a page that is committed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path


def cores() -> int:
    """Tell how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def committed() -> dict[str, str]:
    """Name the code that ran, by the newest commit, and whether anything was changed since."""
    sent = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude", "*"],  # noqa: S607 - the git of whoever runs this
        capture_output=True,
        text=True,
        check=False,
    )
    return {"Commit": sent.stdout.strip() or "unknown", "Date": f"{datetime.now(UTC):%Y-%m-%d}"}


def write(path: Path, title: str, command: str, facts: Mapping[str, object]) -> None:
    """Write a table of facts; numbers are grouped, so that a million is seen to be one."""
    rows = [
        f"| {name} | {value:,} |" if isinstance(value, int) else f"| {name} | {value} |"
        for name, value in facts.items()
    ]
    page = [
        f"# {title}",
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
