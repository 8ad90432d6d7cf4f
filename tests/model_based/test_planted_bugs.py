"""The machine finds every planted bug: otherwise a clean run would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model_based.draws import steady
from tests.model_based.machine import Machine
from tests.model_based.planted import BUGS, Bug

# The bugs are found much earlier; here the search ends, and the test fails.
EXAMPLES = 1500


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_machine_finds_it(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)
    machine: Any = seed(bug.seed)(type("Planted", (Machine,), {"themes": (bug.theme,)}))

    with (
        steady(),
        pytest.raises(
            AssertionError, match=r"must hold|was sent|never sent|sent again|known again"
        ),
    ):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=25,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
