"""The local stack that runs below the current folder: ``shoprelay local`` writes where it is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FILE = Path(".shoprelay") / "local.json"


@contextmanager
def published(addresses: dict[str, Any]) -> Iterator[None]:
    """Write the addresses of a stack of this process within the context."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps({"pid": os.getpid(), **addresses}), encoding="utf-8")
    try:
        yield
    finally:
        FILE.unlink(missing_ok=True)


def local_endpoint() -> str | None:
    """Return the AWS endpoint of the running local stack; None where none runs."""
    try:
        found = json.loads(FILE.read_text(encoding="utf-8"))
        # After a kill the file is still there.
        os.kill(found["pid"], 0)
        return str(found["aws"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
