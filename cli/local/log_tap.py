"""The functions' output, their log and metrics: written to a file, and read line by line."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Tap(io.TextIOBase):
    """A standard output that writes whole lines to a file and passes each to a listener."""

    def __init__(self, file: TextIO, listener: Callable[[str], None]) -> None:
        self._file = file
        self._listener = listener
        self._lock = threading.Lock()
        # Functions run concurrently, and `print` writes a line and its end in two steps.
        self._begun = threading.local()

    def writable(self) -> bool:
        """Return True: the stream is writable."""
        return True

    def write(self, text: str) -> int:
        """Buffer a piece of text; write out whole lines."""
        *lines, rest = (getattr(self._begun, "text", "") + text).split("\n")
        self._begun.text = rest
        for line in lines:
            self._line(line)
        return len(text)

    def _line(self, line: str) -> None:
        with self._lock:
            if not self._file.closed:
                self._file.write(line + "\n")
                self._file.flush()
        self._listener(line)


@contextmanager
def tapped(path: Path, listener: Callable[[str], None]) -> Iterator[TextIO]:
    """
    Redirect standard output and the loggers' streams to a file within the context.

    Yield the real standard output.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    real = sys.stdout
    with path.open("w", encoding="utf-8") as file:
        tap = Tap(file, listener)
        own = logging.StreamHandler(tap)
        own.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        # The functions' own logger writes to standard output itself.
        own.addFilter(lambda record: record.name != "shoprelay")
        logging.getLogger().addHandler(own)
        sys.stdout = tap
        _redirect(real, tap)
        try:
            yield real
        finally:
            logging.getLogger().removeHandler(own)
            sys.stdout = real
            _redirect(tap, real)


def _redirect(old: TextIO | io.TextIOBase, new: TextIO | io.TextIOBase) -> None:
    # A logger that was created earlier still has the stream of that time.
    for name in list(logging.root.manager.loggerDict):
        for handler in logging.getLogger(name).handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is old:
                handler.setStream(new)
