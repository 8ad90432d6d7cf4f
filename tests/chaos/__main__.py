"""
Kill the local stack and the sandbox at random times, and check that no webhook is lost.

    python -m tests.chaos --seconds 180 --seed 7 --summary docs/proof/chaos.md
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.chaos import report
from tests.chaos.run import RunOptions, run


def main() -> None:
    """Run once; exit with 1, and keep the folder, when something is lost or wrong."""
    given = _parser().parse_args()
    console = Console()
    options = RunOptions(seconds=given.seconds, seed=given.seed)
    folder = Path(tempfile.mkdtemp(prefix="shoprelay-chaos-"))
    console.print(f"seed {options.seed}, {options.seconds:.0f} seconds of faults")
    with console.status("starting") as status:
        outcome = run(dataclasses.replace(options, report_progress=status.update), folder)
    console.print(report.table(outcome))
    for fault in report.faults(outcome):
        console.print(fault, style="red", markup=False)
    if given.summary:
        given.summary.parent.mkdir(parents=True, exist_ok=True)
        given.summary.write_text(report.page(outcome), encoding="utf-8")
    if not outcome.good:
        console.print(f"The files of the run are kept in {folder}", markup=False)
        sys.exit(1)
    shutil.rmtree(folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--summary", type=Path, help="write the results to this file")
    return parser


if __name__ == "__main__":
    main()
