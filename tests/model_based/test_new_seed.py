"""
The machines with a seed that differs in each run, beside the fixed ones: so CI keeps searching. The
seed is printed at the end of the run and is part of the failure; MODEL_BASED_SEED fixes it.
"""

from __future__ import annotations

import os

import pytest

from tests.model_based.planted import BUGS
from tests.model_based.prove import MACHINES, batch

# Some seconds for each machine.
EXAMPLES = 25


def counterexample(shop: str, seed: int) -> str:
    """Return what one batch found, with the command that replays it; empty if it found nothing."""
    found = batch(seed, shop=shop, examples=EXAMPLES).found
    options = f"--shop {shop} --seed {seed} --batches 1 --examples {EXAMPLES}"
    return found and f"{found}\nreplay it: python -m tests.model_based.prove {options} --shrink"


@pytest.mark.parametrize("shop", MACHINES)
def test_a_new_seed_finds_no_counterexample(shop: str) -> None:
    found = counterexample(shop, int(os.environ["MODEL_BASED_SEED"]))

    assert not found, found


def test_a_counterexample_names_the_command_that_replays_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [bug] = [one for one in BUGS if one.name == "the version guard"]
    bug.plant(monkeypatch)

    found = counterexample("any", 1)

    assert "must hold" in found
    assert f"--shop any --seed 1 --batches 1 --examples {EXAMPLES}" in found
    assert counterexample("any", 1) == found
