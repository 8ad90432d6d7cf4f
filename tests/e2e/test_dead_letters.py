"""A night on which the platform refused everything, and the morning after."""

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
def night(acme: StackHarness) -> StackHarness:
    acme.fault(status=422)
    for number in (1, 2, 3):
        reply = acme.shop.send(
            "products/create", product(number), at=triggered(number), delivery=f"night-{number}"
        )
        assert reply.status == "dead_letter"
    assert acme.dead() == 3
    return acme


def test_the_dead_letters_are_listed_with_their_reason(night: StackHarness) -> None:
    listed = json.dumps(_dlq(night, "list"))

    for wanted in ("night-1", "night-2", "night-3", "products/create", "datacue", "422"):
        assert wanted in listed


def test_one_is_shown_with_its_trail_and_without_its_body(night: StackHarness) -> None:
    shown = json.dumps(_dlq(night, "show", "night-2"))

    assert "Refused" in shown
    assert "product:2" in shown
    assert "Product 2" not in shown


def test_a_replay_is_dry_until_it_is_told_to_act(night: StackHarness) -> None:
    _dlq(night, "replay")

    assert night.dead() == 3


def test_after_the_platform_is_mended_a_replay_delivers_everything(night: StackHarness) -> None:
    night.clear_faults()
    _dlq(night, "replay", "--yes")

    assert until(lambda: set(night.state()["products"]) == {"1", "2", "3"})
    assert night.dead() == 0


def test_a_replayed_update_does_not_overwrite_what_came_after_it(night: StackHarness) -> None:
    night.clear_faults()
    newer = product(1, second=50, title="Newer")
    assert night.shop.send("products/update", newer, at=triggered(50)).status == "delivered"
    _dlq(night, "replay", "--yes")

    assert until(lambda: night.dead() == 0 and night.waiting() == 0)
    assert until(lambda: set(night.state()["products"]) == {"1", "2", "3"})
    assert night.state()["products"]["1"]["11"]["name"] == "Newer"


def test_only_what_a_filter_names_is_dropped(night: StackHarness) -> None:
    _dlq(night, "drop", "--entity", "product:2", "--yes")

    assert night.dead() == 2


class Remaining(LambdaContext):
    """What Lambda tells a function of its time."""

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 900_000


def test_the_replay_function_is_dry_until_it_is_told_to_act(night: StackHarness) -> None:
    dry = handler({"entity": "product:2"}, Remaining())
    night.clear_faults()
    acted = handler({"entity": "product:2", "dry_run": False}, Remaining())

    assert (dry["dry_run"], dry["matched"], dry["replayed"]) == (True, 1, 0)
    assert (acted["matched"], acted["replayed"]) == (1, 1)
    assert until(lambda: set(night.state()["products"]) == {"2"})
    assert night.dead() == 2
