"""
Reproducible seeds. Hypothesis mixes constants into its draws that it finds in the project's modules
imported so far: without this a seed would run other examples beside other tests than alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants


@contextmanager
def steady() -> Iterator[None]:
    """Draw without the constants of the project's own modules."""
    nothing = Constants()
    providers.CONSTANTS_CACHE.cache.clear()
    with patch.object(providers, "_get_local_constants", lambda: nothing):
        yield
    providers.CONSTANTS_CACHE.cache.clear()
