"""
(c) The time of a fresh process from its start to its first response: the built artefact, through
Lambda's own runtime client, with a real webhook that it delivers; against a handler that imports
boto3 and requests and does nothing, in the same folder layout, with bytecode as well.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.bodies import bodies
from bench.measure import Figure, compared
from bench.processes import ROOT
from bench.receiver import events
from tests.artefact.building import build
from tests.artefact.runtime import PYTHON, cold_start, container

GOAL = 1.25
MEMORY_GOAL = 128.0
HANDLER = "functions.webhook.app.handler"
LIBRARIES = ROOT / ".build" / "libraries-here"
FLOOR = """\
import boto3
import requests


def handler(event, context):
    return {"statusCode": 200, "body": ""}
"""


def figures(
    starts: int, served: int, environment: Mapping[str, str], folder: Path
) -> Iterator[Figure]:
    """Start both in turn; then handle ``served`` events in one process, and read its memory."""
    if not PYTHON.exists():
        return
    built = folder / "built"
    build(built, "HERE=1")  # makes LIBRARIES, which the floor has as well
    floor = _floor(folder / "floor")
    known = {name: value for name, value in environment.items() if name not in {"PATH", "HOME"}}
    event = events(bodies()[0])
    rounds = [
        (
            _start(built, HANDLER, event(), known),
            _start(floor, "floor.handler", event(), known),
        )
        for _ in range(starts)
    ]
    for place, name, goal in (
        (0, "cold start: spawn to first delivered webhook", GOAL),
        (1, "of that, spawn to ready (Lambda's init phase)", None),
    ):
        pairs = [(ours[place], least[place]) for ours, least in rounds]
        yield compared("c", name, "ms", pairs, goal=goal)
    yield Figure(
        part="e",
        name=f"peak memory, artefact after {served} webhooks",
        unit="MB",
        ours=_memory(built, served, known),
        goal=MEMORY_GOAL,
    )


def _start(
    folder: Path, handler: str, event: Any, environment: Mapping[str, str]
) -> tuple[float, float]:
    """Return the milliseconds to the first response, and to ready."""
    # On a busy machine the shop's time limit would pass before the handler is ready.
    event["requestContext"]["timeEpoch"] += 60_000
    start = cold_start(folder, handler, event, environment)
    if start.answer["statusCode"] != 200:  # noqa: PLR2004 - the status of a delivered webhook
        raise ValueError(f"unexpected response {start.answer}")
    return start.ms_to_first_answer, start.ms_to_ready


def _memory(folder: Path, served: int, environment: Mapping[str, str]) -> float:
    kinds = [events(body) for body in bodies()]
    with container(folder, HANDLER, environment) as function:
        for number in range(served):
            function.invoke(kinds[number % len(kinds)]())
        return function.peak_rss_bytes / 1e6


def _floor(folder: Path) -> Path:
    shutil.copytree(LIBRARIES, folder)
    (folder / "floor.py").write_text(FLOOR, encoding="utf-8")
    command = [sys.executable, "-m", "cli.artefact", "bytecode", str(folder), "--here"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own command
    return folder
