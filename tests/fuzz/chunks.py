"""The work of one process: chunks of inputs, some of them through the real handler."""

from __future__ import annotations

import resource
import sys
import warnings
from collections.abc import Iterator

from tests.fuzz import real_handler, runner
from tests.fuzz.captured_output import capture_output
from tests.fuzz.runner import Tally

CHUNK = 500
REAL_EVERY = 40


def chunks(numbers: range) -> Iterator[range]:
    """Return the numbers in chunks."""
    return (numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK))


def chunk(seed: int, numbers: range) -> tuple[Tally, int, int]:
    """Run a chunk; return the tally, the process's peak memory in MiB, and the chunk's size."""
    warnings.simplefilter("error")
    run = real_handler.run if numbers.start // CHUNK % REAL_EVERY == REAL_EVERY - 1 else runner.run
    with capture_output() as output:
        tally = run(seed, numbers, output)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return tally, kilobytes // unit, len(numbers)
