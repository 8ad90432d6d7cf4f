"""Captures a function's output: standard output, standard error, and the loggers."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class CapturedOutput(io.StringIO):
    """A stream that is emptied when its text is taken."""

    def take(self) -> str:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


@contextmanager
def capture_output() -> Iterator[CapturedOutput]:
    """Capture all output within the context; of other loggers the warnings, as in Lambda."""
    output = CapturedOutput()
    own = logging.StreamHandler(output)
    own.setLevel(logging.WARNING)
    # It has its own handler, and Lambda's root does not repeat it (powertools' logging.filters).
    own.addFilter(lambda record: record.name != "shoprelay")
    streams = [
        handler
        for handler in logging.getLogger("shoprelay").handlers
        if isinstance(handler, logging.StreamHandler)
    ]
    before = (sys.stdout, sys.stderr, [one.stream for one in streams])
    sys.stdout, sys.stderr = output, output
    for one in streams:
        one.setStream(output)
    logging.getLogger().addHandler(own)
    try:
        yield output
    finally:
        logging.getLogger().removeHandler(own)
        sys.stdout, sys.stderr = before[:2]
        for one, stream in zip(streams, before[2], strict=True):
            one.setStream(stream)
