"""What a delivery does beside its attempts: alarms, and attempts at the same time."""

from __future__ import annotations

from threading import Barrier

import pytest

from shared.delivery.attempt import Attempted
from shared.delivery.deliver import Deadline, side_by_side
from shared.delivery.settlement import Status
from shared.model.value import replace
from shared.sources.contract import Translated, Uninstalled
from shared.state.outcome import Skipped
from tests.delivery.harness import World, webhook


def test_an_app_that_was_uninstalled_raises_an_alarm_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    pipeline = world.pipeline()
    [(name, source)] = pipeline.sources.items()
    uninstalled = replace(source, translate=lambda *_: Translated(notice=Uninstalled()))
    limits = Deadline(deadline=world.clock() + 3, longest=3, lease=world.clock() + 11)

    status = replace(pipeline, sources={name: uninstalled}).deliver(
        webhook("product", 1, 1), limits
    )

    alarms = [record for record in caplog.records if getattr(record, "alarm", "")]
    assert [getattr(one, "alarm", "") for one in alarms] == ["Uninstalled"]
    assert [(one.message, getattr(one, "id", "")) for one in alarms] == [
        ("the app was uninstalled", "product-1-1")
    ]
    assert status is Status.IGNORED
    assert (world.parked, world.dead) == ([], [])


@pytest.mark.parametrize("number", [2, 4])
def test_the_attempts_at_several_destinations_run_at_the_same_time(number: int) -> None:
    together = Barrier(number)

    def attempt() -> Attempted:
        # One after the other, the first would wait for the second until the time-out.
        together.wait(5)
        return Attempted(outcome=Skipped())

    names = [f"platform {one}" for one in range(number)]

    assert list(side_by_side(dict.fromkeys(names, attempt))) == names
