from __future__ import annotations

import threading

from cli.local.timers import Timers


def test_what_is_due_first_runs_first_whatever_was_asked_first() -> None:
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


def test_what_is_not_due_when_it_stops_never_runs() -> None:
    ran: list[str] = []
    timers = Timers()
    timers.start()
    timers.after(60, lambda: ran.append("too late"))

    timers.stop()

    assert ran == []
