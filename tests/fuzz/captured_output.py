"""Everything that a function says: standard output, standard error, and what loggers let out."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class CapturedOutput(io.StringIO):
    """A stream that is emptied when it is read."""

    def take(self) -> str:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


@contextmanager
def capture_output() -> Iterator[CapturedOutput]:
    """Lead all output here while the context lasts; of other loggers warnings, as in Lambda."""
    heard = CapturedOutput()
    own = logging.StreamHandler(heard)
    own.setLevel(logging.WARNING)
    # It writes by itself, and Lambda's root does not repeat it (powertools' logging.filters).
    own.addFilter(lambda record: record.name != "shoprelay")
    streams = [
        handler
        for handler in logging.getLogger("shoprelay").handlers
        if isinstance(handler, logging.StreamHandler)
    ]
    before = (sys.stdout, sys.stderr, [one.stream for one in streams])
    sys.stdout, sys.stderr = heard, heard
    for one in streams:
        one.setStream(heard)
    logging.getLogger().addHandler(own)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(own)
        sys.stdout, sys.stderr = before[:2]
        for one, stream in zip(streams, before[2], strict=True):
            one.setStream(stream)
