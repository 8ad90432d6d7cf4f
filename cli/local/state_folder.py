"""The folder of ``shoprelay local --state DIR``, and the AWS process that uses it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from cli.local.aws import Resources, locate, point_here
from shared.errors import NotConfigured

ADDRESS = "aws.json"
SNAPSHOT = "aws-state.json"
SANDBOX = "sandbox.json"
# Held by the process while it runs: the kernel releases them after a SIGKILL too.
AWS_LOCK = "aws.lock"
STACK_LOCK = "stack.lock"
_LOG = "aws.log"
_START_TIMEOUT = 30.0
_LOCK_TIMEOUT = 1.0
_POLL_INTERVAL = 0.02


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock. Raise BlockingIOError when another process holds it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


@contextmanager
def exclusive_folder(folder: Path) -> Iterator[Path]:
    """
    Create a folder, accessible to its owner only, and lock it within the context.

    Raise NotConfigured when another stack holds the lock.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise NotConfigured(f"{folder} cannot be used: {type(error).__name__}") from None
    with ExitStack() as up:
        _acquire(up, folder)
        yield folder


def _acquire(up: ExitStack, folder: Path) -> None:
    # The AWS process checks now and then whether the lock is free, and holds it for a moment.
    end = time.monotonic() + _LOCK_TIMEOUT
    while True:
        try:
            up.enter_context(locked(folder / STACK_LOCK))
        except BlockingIOError:
            if time.monotonic() > end:
                raise NotConfigured(f"another stack uses {folder}") from None
            time.sleep(_POLL_INTERVAL)
        else:
            return


class AwsProcess:
    """AWS in a separate process: the running one, or a new one that loads the snapshot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, secret: str, document: str) -> Resources:
        """Find or start the process, and point the clients here to it. Raise NotConfigured."""
        endpoint = self._wait_for_address()["endpoint"]
        point_here(endpoint)
        return locate(endpoint, secret, document)

    def stop(self) -> None:
        """Stop the process, and wait until it has written its snapshot."""
        with suppress(OSError, ValueError):
            os.kill(self._address()["pid"], signal.SIGTERM)
        if self._child is not None:
            self._child.wait(_START_TIMEOUT)
        end = time.monotonic() + _START_TIMEOUT
        while self._runs() and time.monotonic() < end:
            time.sleep(_POLL_INTERVAL)

    def _runs(self) -> bool:
        try:
            with locked(self._folder / AWS_LOCK):
                return False
        except BlockingIOError:
            return True

    def _launch(self) -> None:
        (self._folder / ADDRESS).unlink(missing_ok=True)
        with (self._folder / _LOG).open("wb") as log:
            # In a new session: Ctrl-C at the terminal is meant for the stack.
            self._child = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-m", "cli.local.aws_process", str(self._folder.resolve())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait_for_address(self) -> dict[str, Any]:
        end = time.monotonic() + _START_TIMEOUT
        while time.monotonic() < end and (self._child is None or self._child.poll() is None):
            if self._child is None and not self._runs():
                self._launch()
            with suppress(OSError, ValueError):
                return self._address()
            time.sleep(_POLL_INTERVAL)
        raise NotConfigured(f"AWS does not start: see {self._folder / _LOG}")

    def _address(self) -> dict[str, Any]:
        address: dict[str, Any] = json.loads((self._folder / ADDRESS).read_bytes())
        return address
