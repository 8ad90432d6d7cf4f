"""What the functions print while they are measured: lines, and the metrics in them."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator


class Log:
    """What the functions print: this process's standard output, in a file."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        os.dup2(self._file.fileno(), 1)
        self._from = 0

    def since(self) -> bytes:
        """Give what was printed since the last time."""
        sys.stdout.flush()
        end = os.fstat(self._file.fileno()).st_size
        found = os.pread(self._file.fileno(), end - self._from, self._from)
        self._from = end
        return found


def lines(text: str) -> Iterator[str]:
    """Give the objects that were logged; threads of one process may write on one line."""
    decoder, at = json.JSONDecoder(), 0
    while (start := text.find("{", at)) >= 0:
        _, at = decoder.raw_decode(text, start)
        yield text[start:at]


def metrics(logged: list[str]) -> set[str]:
    """Name the custom metrics that the lines make: each name with each set of dimensions."""
    found = set()
    for line in logged:
        facts = json.loads(line)
        for directive in facts.get("_aws", {}).get("CloudWatchMetrics", []):
            for names in directive["Dimensions"]:
                values = ",".join(str(facts[name]) for name in names)
                found |= {f"{one['Name']}|{values}" for one in directive["Metrics"]}
    return found
