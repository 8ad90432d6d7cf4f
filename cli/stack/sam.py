"""The SAM CLI, run in the current folder as `make deploy` runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cli.checks.aws import region
from shared.errors import NotConfigured

# Where `make` installs it (Makefile, SAM).
_OWN = Path(".tools/sam/bin/sam")
# The file descriptor, for output that must not mix with JSON.
STANDARD_ERROR = 2

# Where the output goes: a file, a file descriptor, or the screen (None).
Output = IO[str] | int | None


class SamFailed(NotConfigured):
    """A SAM command failed. Its output is on the screen or in a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sam:
    """The program, its environment for a merchant, and where its output goes."""

    program: str
    variables: Mapping[str, str]
    output: Output = None

    def run(self, *arguments: str) -> None:
        """Run a command and wait until it ends. Raises SamFailed."""
        done = subprocess.run(  # noqa: S603 - the program that the Makefile runs, with fixed arguments
            [self.program, *arguments],
            env={**os.environ, **self.variables, **_region()},
            stdout=self.output,
            stderr=self.output,
            check=False,
        )
        if done.returncode:
            raise SamFailed(f"`sam {arguments[0]}` failed with exit code {done.returncode}")


def _region() -> Mapping[str, str]:
    found = region(os.environ)
    return {"AWS_DEFAULT_REGION": found} if found else {}


def program() -> str:
    """Return the path of the SAM CLI, the Makefile's own first. Raises NotConfigured."""
    if _OWN.is_file():
        return str(_OWN)
    found = shutil.which("sam")
    if found is None:
        raise NotConfigured("the SAM CLI is not installed: `make build MERCHANT=NAME` installs it")
    return found


def of(merchant: str, output: Output = None) -> Sam:
    """Return the SAM CLI for a merchant; without ``output`` it writes to the screen."""
    variables = {"MERCHANT": merchant, "SAM_CLI_TELEMETRY": "0"}
    return Sam(program=program(), variables=variables, output=output)
