"""Dead letters of a platform that rejected every call, and their replay."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.replay.app import handler
from tests.e2e.conftest import StackHarness, until
from tests.e2e.shop import product, triggered

SHOPRELAY = Path(sys.executable).parent / "shoprelay"


def _dlq(acme: StackHarness, *words: str) -> Any:
    command = [
        str(SHOPRELAY),
        "dlq",
        *words,
        "--endpoint-url",
        acme.stack.resources.endpoint,
        "--json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def stack(acme: StackHarness) -> StackHarness:
    acme.fault(status=422)
    for number in (1, 2, 3):
        reply = acme.shop.send(
            "products/create", product(number), at=triggered(number), delivery=f"rejected-{number}"
        )
        assert reply.status == "dead_letter"
    assert acme.dead() == 3
    return acme


def test_the_dead_letters_are_listed_with_their_reason(stack: StackHarness) -> None:
    listed = json.dumps(_dlq(stack, "list"))

    for wanted in ("rejected-1", "rejected-2", "rejected-3", "products/create", "datacue", "422"):
        assert wanted in listed


def test_a_dead_letter_is_shown_with_its_details_and_without_its_body(stack: StackHarness) -> None:
    shown = json.dumps(_dlq(stack, "show", "rejected-2"))

    assert "Refused" in shown
    assert "product:2" in shown
    assert "Product 2" not in shown


def test_a_replay_is_a_dry_run_by_default(stack: StackHarness) -> None:
    _dlq(stack, "replay")

    assert stack.dead() == 3


def test_a_replay_delivers_everything_after_the_platform_is_fixed(stack: StackHarness) -> None:
    stack.clear_faults()
    _dlq(stack, "replay", "--yes")

    assert until(lambda: set(stack.state()["products"]) == {"1", "2", "3"})
    assert stack.dead() == 0


def test_a_replayed_update_does_not_overwrite_a_newer_state(stack: StackHarness) -> None:
    stack.clear_faults()
    newer = product(1, second=50, title="Newer")
    assert stack.shop.send("products/update", newer, at=triggered(50)).status == "delivered"
    _dlq(stack, "replay", "--yes")

    assert until(lambda: stack.dead() == 0 and stack.waiting() == 0)
    assert until(lambda: set(stack.state()["products"]) == {"1", "2", "3"})
    assert stack.state()["products"]["1"]["11"]["name"] == "Newer"


def test_only_dead_letters_that_match_the_filter_are_dropped(stack: StackHarness) -> None:
    _dlq(stack, "drop", "--entity", "product:2", "--yes")

    assert stack.dead() == 2


class Remaining(LambdaContext):
    """A Lambda context with the remaining time."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 900_000


def test_the_replay_function_is_a_dry_run_by_default(stack: StackHarness) -> None:
    dry = handler({"entity": "product:2"}, Remaining())
    stack.clear_faults()
    replay = handler({"entity": "product:2", "dry_run": False}, Remaining())

    assert (dry["dry_run"], dry["matched"], dry["replayed"]) == (True, 1, 0)
    assert (replay["matched"], replay["replayed"]) == (1, 1)
    assert until(lambda: set(stack.state()["products"]) == {"2"})
    assert stack.dead() == 2
