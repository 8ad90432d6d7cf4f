"""
Run a built artefact as Lambda does: `awslambdaric` in an interpreter that has only boto3 beside it,
in the artefact's folder, with a Runtime API on loopback.

The benchmark of cold starts uses it too.
"""

from __future__ import annotations

import os
import queue
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.artefact.api import Received, RuntimeApi

ROOT = Path(__file__).parents[2]
# Made by `make artefact` from .ci/tools/ric.txt.
PYTHON = ROOT / ".tools" / "ric" / "bin" / "python"
TIMEOUT = 60.0
_POLL = 0.05


class FunctionFailed(Exception):
    """
    The function did not start, or its handler raised, or its process died. ``kind`` is the name
    of its error (``Runtime.ImportModuleError``), or ``Exit``; the text is its message or output.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """
    The first response of a new process, and how long it took from the spawn. ``cpu_ms`` is the
    processor time until then, in steps of 10 ms: other processes do not affect it.
    """

    ms_to_ready: float
    ms_to_first_answer: float
    cpu_ms: float
    peak_rss_bytes: int
    answer: Any


@dataclass(slots=True, kw_only=True)
class Container:
    """A function's process; ``ms_to_ready`` is from its spawn to its first request for an event."""

    process: subprocess.Popen[bytes]
    api: RuntimeApi = field(repr=False)
    log: IO[bytes] = field(repr=False)
    timeout: float
    started: float
    ms_to_ready: float = 0.0
    _answered: float = 0.0

    def wait_until_ready(self) -> None:
        """Wait until it requests its first event. Raises FunctionFailed."""
        self.ms_to_ready = (self._receive("next").at - self.started) * 1000

    def invoke(self, event: Any) -> Any:
        """Invoke it with an event; return its response. Raises FunctionFailed."""
        self.api.offer(event, self.timeout)
        received = self._receive("response")
        self._answered = received.at
        return received.body

    @property
    def ms_to_answer(self) -> float:
        """Milliseconds from its spawn to its newest response."""
        return (self._answered - self.started) * 1000

    @property
    def peak_rss_bytes(self) -> int:
        """Its peak memory: VmHWM of proc(5), so on Linux only."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = (one for one in status.splitlines() if one.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    @property
    def cpu_ms(self) -> float:
        """Its processor time: utime and stime of proc(5), so on Linux only."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        # The name of the command, in parentheses, may hold spaces.
        utime, stime = stat.rpartition(")")[2].split()[11:13]
        return (int(utime) + int(stime)) * 1000 / os.sysconf("SC_CLK_TCK")

    def output(self) -> str:
        """Return what it wrote to stdout and stderr so far: on Lambda, its log."""
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def _receive(self, wanted: str) -> Received:
        end = time.monotonic() + TIMEOUT
        while time.monotonic() < end:
            try:
                received = self.api.received.get(timeout=_POLL)
            except queue.Empty:
                if self.process.poll() is not None and self.api.received.empty():
                    break
                continue
            if received.what.endswith("error"):
                raise FunctionFailed(received.body["errorType"], received.body["errorMessage"])
            if received.what == wanted:
                return received
        raise FunctionFailed("Exit", f"{self.process.poll()}: {self.output()[-2000:]}")


@contextmanager
def container(
    artefact: Path,
    handler: str,
    env: Mapping[str, str],
    *,
    python: Path = PYTHON,
    timeout: float = 60.0,
) -> Iterator[Container]:
    """
    Start a function and wait until it requests events; ``timeout`` is the function's, in seconds.

    The process inherits no variables: it has only those of ``env``. Raises FunctionFailed.
    """
    api = RuntimeApi()
    api.start()
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        # -m puts the folder it runs in on the path, as Lambda puts /var/task there; -s excludes
        # the packages of the user who runs the tests, -B leaves the artefact as it was built.
        process = subprocess.Popen(
            [python, "-s", "-B", "-m", "awslambdaric", handler],
            cwd=artefact,
            env=_environment(env, artefact, api.address),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        one = Container(process=process, api=api, log=log, timeout=timeout, started=started)
        try:
            one.wait_until_ready()
            yield one
        finally:
            process.kill()
            process.wait()
            api.stop()


def cold_start(
    artefact: Path, handler: str, event: Any, env: Mapping[str, str], *, python: Path = PYTHON
) -> ColdStart:
    """
    Start a new process of a function, invoke it once, and return how long that took.

    ``artefact`` is a built folder, ``handler`` dotted as in template.yaml. Raises FunctionFailed.
    """
    with container(artefact, handler, env, python=python) as one:
        answer = one.invoke(event)
        return ColdStart(
            ms_to_ready=one.ms_to_ready,
            ms_to_first_answer=one.ms_to_answer,
            cpu_ms=one.cpu_ms,
            peak_rss_bytes=one.peak_rss_bytes,
            answer=answer,
        )


def _environment(env: Mapping[str, str], artefact: Path, address: str) -> dict[str, str]:
    # The variables of Lambda itself that something reads: "Defined runtime environment variables",
    # Lambda developer guide.
    return {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "LAMBDA_TASK_ROOT": str(artefact),
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_LAMBDA_FUNCTION_NAME": "shoprelay-artefact",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        **env,
    }
