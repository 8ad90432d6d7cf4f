"""
Seeds that play the same everywhere. Hypothesis mixes constants into its draws that it finds in
whatever modules of ours are imported by then: beside other tests a seed would play something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants


@contextmanager
def steady() -> Iterator[None]:
    """Draw without constants of our own modules."""
    nothing = Constants()
    providers.CONSTANTS_CACHE.cache.clear()
    with patch.object(providers, "_get_local_constants", lambda: nothing):
        yield
    providers.CONSTANTS_CACHE.cache.clear()
