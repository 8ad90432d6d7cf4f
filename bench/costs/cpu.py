"""
The door's CPU time for each kind of webhook, in milliseconds: a process of its own against the
loopback server of `make bench`. It prints JSON.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from statistics import median

from bench.bodies import bodies
from bench.door import door
from bench.measure import Work
from bench.processes import loopback, told

ROUNDS, CALLS = 5, 30


def times() -> dict[str, float]:
    """Start the server and such a process, and give the milliseconds by the kind."""
    with loopback() as environment:
        found: dict[str, float] = told(environment, "bench.costs.cpu")
    return found


def main() -> None:
    """Measure every kind. The function's own log goes nowhere."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    found = {body.name: _milliseconds(door(body)) for body in bodies()}
    json.dump(found, out)
    out.close()


def _milliseconds(work: Work) -> float:
    with suppress(ValueError):
        work()  # the first one wires the function, and on a busy machine has no time left
    for _ in range(CALLS):
        work()
    return round(median(_round(work) for _ in range(ROUNDS)), 2)


def _round(work: Work) -> float:
    started = time.process_time_ns()
    for _ in range(CALLS):
        work()
    return (time.process_time_ns() - started) / CALLS / 1e6


if __name__ == "__main__":
    main()
