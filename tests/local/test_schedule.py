"""A function that is invoked on schedule."""

from __future__ import annotations

import threading
from typing import Any

from cli.local.function import Function
from cli.local.schedule import Schedule


def test_a_function_is_invoked_again_and_again_also_after_a_failure() -> None:
    events: list[Any] = []
    thrice = threading.Event()

    def handler(event: Any, _context: object) -> None:
        events.append(event)
        if len(events) == 3:
            thrice.set()
        raise RuntimeError

    schedule = Schedule(Function(name="retry", handler=handler), 0.01)
    schedule.start()

    assert thrice.wait(30)
    schedule.stop()
    assert all("Records" not in event for event in events)
