"""The work of one process: chunks of inputs, one in many of them through the real handler."""

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
    """Cut the numbers into chunks."""
    return (numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK))


def chunk(seed: int, numbers: range) -> tuple[Tally, int, int]:
    """Run a chunk; gives the tally, the peak memory of this process in MiB, and how many ran."""
    warnings.simplefilter("error")
    play = real_handler.run if numbers.start // CHUNK % REAL_EVERY == REAL_EVERY - 1 else runner.run
    with capture_output() as heard:
        tally = play(seed, numbers, heard)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return tally, kilobytes // unit, len(numbers)
