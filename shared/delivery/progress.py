"""One delivery in progress: when it started, and the read of the store behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from shared.model.value import MutableValue
from shared.sources.contract import Translated
from shared.state.store_reads import StoreRead


class EndRead(Protocol):
    """Ends a read of the store; see `shared.sources.contract.Ports`."""

    def __call__(self, read: StoreRead, *, settled: bool) -> None:
        """End the read."""
        ...


def keep_open(read: StoreRead, *, settled: bool) -> None:
    """Let the lock of a read end by itself."""


class Progress(MutableValue):
    """
    A delivery that ``started`` (epoch seconds). Its ``read`` of the store, if there is one, covers
    other webhooks once it is ``settled``: its changes are delivered, parked or dead-lettered, or
    there are none.
    """

    started: float
    end_read: EndRead
    read: StoreRead | None = None
    settled: bool = False

    def translate(self, translate: Callable[[], Translated]) -> Translated:
        """Translate, and keep the read behind the translation."""
        translated = translate()
        self.read, self.settled = translated.read, not translated.changes
        return translated

    def end(self) -> None:
        """End the read. A process that dies before leaves a lock, which ends by itself."""
        if self.read is not None:
            self.end_read(self.read, settled=self.settled)
