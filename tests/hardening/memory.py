"""How much memory a piece of work takes at its peak."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import TypeVar

MIB = 1024 * 1024
T = TypeVar("T")


def peak(work: Callable[[], T]) -> tuple[T, int]:
    """Do the work; give its result, and the bytes that it held at most beyond what was there."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        result = work()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return result, most - before
