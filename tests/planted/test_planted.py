"""Each planted bug is found by a test near its module, and the plugin really plants it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.planted.bugs import BUGS, NearBug
from tests.planted.plugin import NAME

ROOT = Path(__file__).parents[2]


def run(test: str, bug: str) -> subprocess.CompletedProcess[str]:
    options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "tests.planted.plugin"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, test],
        cwd=ROOT,
        env=os.environ | {NAME: bug},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_near_test_finds_it(bug: NearBug) -> None:
    done = run(bug.test, bug.name)

    # 1: tests ran, and one failed. Anything else is an error of the table or of the plugin.
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout


def test_names_are_unique_and_a_near_test_is_one_test() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS)
    assert [bug.test for bug in BUGS if "::test_" not in bug.test] == []
