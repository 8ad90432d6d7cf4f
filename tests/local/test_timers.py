from __future__ import annotations

import threading

from cli.local.timers import Timers


def test_actions_run_in_the_order_of_their_due_times() -> None:
    ran: list[str] = []
    done = threading.Event()
    timers = Timers()
    timers.start()

    timers.after(0.2, done.set)
    timers.after(0.1, lambda: ran.append("second"))
    timers.after(0.0, lambda: ran.append("first"))

    assert done.wait(5)
    timers.stop()
    assert ran == ["first", "second"]


def test_actions_that_are_not_due_at_the_stop_never_run() -> None:
    ran: list[str] = []
    timers = Timers()
    timers.start()
    timers.after(60, lambda: ran.append("too late"))

    timers.stop()

    assert ran == []
