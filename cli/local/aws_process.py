"""
AWS as a separate process, which survives a stack that is killed: ``shoprelay local --state DIR``
starts it, finds it again, and ends it.

    python -m cli.local.aws_process DIR

It loads the snapshot in DIR, serves, and writes the snapshot on SIGTERM. Its lock is held while it
runs.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from cli.local import aws, snapshot
from cli.local.state_folder import ADDRESS, AWS_LOCK, SNAPSHOT, STACK_LOCK, locked

# In seconds: how long the state of a stack that was killed and not started again stays in memory.
_IDLE_LIMIT = 600.0
_POLL_INTERVAL = 5.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM, or until no stack has used it for ten minutes."""
    folder = Path(arguments[0])
    # Blocked before any thread starts: `_wait` receives them, and they interrupt nothing.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    with locked(folder / AWS_LOCK):
        local = aws.LocalAws()
        endpoint = local.serve()
        aws.create()
        if (folder / SNAPSHOT).exists():
            snapshot.restore(snapshot.read(folder / SNAPSHOT))
        _write_address(folder, endpoint)
        _wait(folder)
        (folder / ADDRESS).unlink()
        snapshot.write(folder / SNAPSHOT, snapshot.capture())
        # Everything is written: do not wait for connections that a client keeps open.
        os._exit(0)


def _write_address(folder: Path, endpoint: str) -> None:
    draft = folder / (ADDRESS + ".new")
    with snapshot.open_private(draft) as file:
        file.write(json.dumps({"pid": os.getpid(), "endpoint": endpoint}).encode())
    draft.replace(folder / ADDRESS)


def _wait(folder: Path) -> None:
    idle = 0.0
    while idle < _IDLE_LIMIT and signal.sigtimedwait(_STOP_SIGNALS, _POLL_INTERVAL) is None:
        try:
            with locked(folder / STACK_LOCK):
                idle += _POLL_INTERVAL
        except BlockingIOError:
            idle = 0.0


if __name__ == "__main__":
    main(sys.argv[1:])
