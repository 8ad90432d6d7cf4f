"""
What a function builds from its secret document. While the newest document cannot be read or used,
the last one that could be is kept, within a bound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from shared.errors import NotConfigured, place

# The document is read again after so long, in seconds: a changed secret takes effect by then.
SECRET_AGE = 300.0
# So soon after a failure. A failed read may take a second of the receiver's three.
READ_AGAIN = 30.0
# The last good document is kept for so long after it was read, in seconds. Shopify then sends a
# rejected webhook again for four more hours: eight hours to repair the secret. A secret that was
# withdrawn is accepted for no longer than this.
LONGEST_KEPT = 4 * 3600.0

Built = TypeVar("Built")


class SecretCache(Generic[Built]):
    """
    Reads the secret document and builds from it; one for each container.

    ``report`` is called for each failure, with the reason and how old the last good document is, in
    seconds; None where there is none.
    """

    def __init__(
        self,
        *,
        read: Callable[[], str],
        build: Callable[[str], Built],
        report: Callable[[str, float | None], None],
        clock: Callable[[], float],
    ) -> None:
        self._read = read
        self._build = build
        self._report = report
        self._clock = clock
        self._good: tuple[str, Built] | None = None
        self._good_at = 0.0
        self._read_at = 0.0

    def get(self) -> Built:
        """Return what was built from the newest usable document. Raise what made it unusable."""
        now = self._clock()
        if self._good is not None and now < self._read_at:
            return self._good[1]
        try:
            good = self._newest()
        except Exception as error:  # noqa: BLE001 - a document may break whatever is built from it
            return self._kept(now, error)
        self._good, self._good_at, self._read_at = good, now, now + SECRET_AGE
        return good[1]

    def _newest(self) -> tuple[str, Built]:
        document = self._read()
        if self._good is not None and self._good[0] == document:
            return self._good
        return document, self._build(document)

    def _kept(self, now: float, error: Exception) -> Built:
        age = None if self._good is None else now - self._good_at
        self._report(_reason(error), age)
        if self._good is None or now - self._good_at >= LONGEST_KEPT:
            raise error
        self._read_at = now + READ_AGAIN
        return self._good[1]


def _reason(error: Exception) -> str:
    # The message of an unexpected error may quote the document.
    if isinstance(error, NotConfigured):
        return str(error)
    return f"{type(error).__name__} at {place(error)}"
