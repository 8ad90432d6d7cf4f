"""The local stack of the night, and what an operator types beside it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.night.merchant import SECRET, SHOP, written
from cli.local.control import Control
from cli.sandbox.shopify.sender import Sample, Store

ROOT = Path(__file__).parents[2]
WIDTH = 132
# Sixty times faster than life: a wait of a minute is one of a second.
_FASTER = "0.0167"
_LOOK = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A stack that runs: where it is, its shop, and its platforms' faults."""

    folder: Path
    aws: str
    store: Store
    control: Control

    def sent(self, sample: Sample) -> str:
        """Send a webhook of the shop, and give what the shop was answered."""
        return self.store.send(sample).says

    def typed(self, command: str, *, colour: bool = False) -> str:
        """Type a command as the page shows it, and give what it prints. ``$AWS`` is the stack's."""
        words = [word.replace("$AWS", self.aws) for word in shlex.split(command)]
        ended = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "cli.main", *words[1:]],
            cwd=self.folder,
            env=environment(colour=colour),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if ended.returncode > 1:
            raise SystemExit(f"{command}: {ended.returncode} {ended.stderr}")
        return "\n".join(line.rstrip() for line in ended.stdout.splitlines())


def environment(*, colour: bool) -> dict[str, str]:
    """Give commands a terminal of the page's width, with colours or without, and no AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    seen = {"FORCE_COLOR": "1"} if colour else {"NO_COLOR": "1", "TERM": "dumb"}
    return kept | {"PYTHONPATH": str(ROOT), "COLUMNS": str(WIDTH), **seen}


@contextmanager
def begun() -> Iterator[Night]:
    """Start the stack in a folder of its own, and end it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        merchant, secret = written(folder)
        command = [sys.executable, "-m", "cli.main", "local", "--merchant", str(merchant)]
        command += ["--secrets", str(secret), "--no-samples", "--json", "--port", "0"]
        out = folder / "local.jsonl"
        with (
            out.open("wb") as screen,
            subprocess.Popen(  # noqa: S603 - our own program
                [*command, "--wait-scale", _FASTER],
                cwd=folder,
                env=environment(colour=False),
                stdout=screen,
            ) as process,
        ):
            try:
                yield _night(folder, out, process)
            finally:
                process.terminate()


def _night(folder: Path, out: Path, process: subprocess.Popen[bytes]) -> Night:
    while not (lines := out.read_text(encoding="utf-8").splitlines()):
        if process.poll() is not None:
            raise SystemExit("the stack did not start")
        time.sleep(_LOOK)
    told = json.loads(lines[0])
    return Night(
        folder=folder,
        aws=told["aws"],
        store=Store(
            shop=SHOP, secret=SECRET, url=told["webhooks"]["shopify"], api_version="2026-10"
        ),
        control=Control(told["sandbox"]),
    )
