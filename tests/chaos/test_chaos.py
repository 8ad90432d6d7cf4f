"""A short run: real processes are killed while a shop sends webhooks, and nothing is lost."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.chaos.checker import check
from tests.chaos.report import faults, page
from tests.chaos.run import RunOptions, run

TROUBLES = ("kill_stack", "fault", "kill_sandbox", "fault", "kill_stack")


@pytest.mark.timeout(420)  # a run ends by itself, if necessary with pending webhooks
def test_nothing_is_lost_when_stack_and_platform_are_killed(tmp_path: Path) -> None:
    outcome = run(RunOptions(seconds=0, seed=3, first=TROUBLES, pause=(0.1, 0.4)), tmp_path)

    assert list(faults(outcome)) == []
    assert (outcome.drained, outcome.stopped_cleanly) == (True, True)
    assert outcome.injector.injected["stack killed"] == 2
    assert outcome.injector.injected["sandbox killed"] == 1
    assert outcome.finding.fates["delivered"] >= 10
    assert "| lost | 0 |" in page(outcome)
    # The same run, as if the platform had lost one object.
    gone = next(iter(outcome.evidence.held))
    rest = {name: held for name, held in outcome.evidence.held.items() if name != gone}
    planted = check(
        outcome.history, outcome.sender.answers, dataclasses.replace(outcome.evidence, held=rest)
    )
    assert planted.lost != ()
    assert planted.wrong[0].startswith(f"{gone} is not its newest version")
