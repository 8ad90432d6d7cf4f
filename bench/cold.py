"""
(c) How long a fresh process takes from its spawn to its first answer: the built artefact, through
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
from bench.door import events
from bench.measure import Figure, medians
from bench.processes import ROOT
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
    """Start both by turns; then serve so many events in one process, and look at its memory."""
    if not PYTHON.exists():
        return
    built, floor = folder / "built", _floor(folder / "floor")
    build(built, "HERE=1")
    known = {name: value for name, value in environment.items() if name not in {"PATH", "HOME"}}
    event = events(bodies()[0])
    rounds = [
        (
            *_start(built, HANDLER, event(), known),
            *_start(floor, "floor.handler", event(), known),
        )
        for _ in range(starts)
    ]
    answer, ready, least, least_ready = medians(rounds)
    yield Figure(
        part="c",
        name="cold start: spawn to first delivered webhook",
        unit="ms",
        ours=answer,
        floor=least,
        goal=GOAL,
        rounds=tuple((one[0], one[2]) for one in rounds),
    )
    yield Figure(
        part="c",
        name="of that, spawn to ready (Lambda's init phase)",
        unit="ms",
        ours=ready,
        floor=least_ready,
        rounds=tuple((one[1], one[3]) for one in rounds),
    )
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
    # As if it came when the handler is ready: on a busy machine the shop's time would be over.
    event["requestContext"]["timeEpoch"] += 60_000
    one = cold_start(folder, handler, event, environment)
    if one.answer["statusCode"] != 200:  # noqa: PLR2004 - the answer to what was delivered
        raise ValueError(f"answered {one.answer}")
    return one.ms_to_first_answer, one.ms_to_ready


def _memory(folder: Path, served: int, environment: Mapping[str, str]) -> float:
    kinds = [events(body) for body in bodies()]
    with container(folder, HANDLER, environment) as one:
        for number in range(served):
            one.invoke(kinds[number % len(kinds)]())
        return one.peak_rss_bytes / 1e6


def _floor(folder: Path) -> Path:
    shutil.copytree(LIBRARIES, folder)
    (folder / "floor.py").write_text(FLOOR, encoding="utf-8")
    command = [sys.executable, "-m", "cli.artefact", "bytecode", str(folder), "--here"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own command
    return folder
