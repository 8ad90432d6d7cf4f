"""The peak memory of a function."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import TypeVar

MIB = 1024 * 1024
T = TypeVar("T")


def peak(work: Callable[[], T]) -> tuple[T, int]:
    """Call a function; return its result, and the maximal number of bytes that it allocated."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        result = work()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return result, most - before
