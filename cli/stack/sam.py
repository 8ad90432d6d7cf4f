"""The SAM CLI, as `make deploy` runs it, in the folder that a command is typed in."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shared.errors import NotConfigured

# Where `make` puts it (Makefile, SAM).
_OWN = Path(".tools/sam/bin/sam")
# The file descriptor, for words that must not mix with JSON.
STANDARD_ERROR = 2

# Where a program's words go: a file, a descriptor, or the screen.
Words = IO[str] | int | None


class NotDone(NotConfigured):
    """A command of SAM failed; its own words were shown, or are in a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sam:
    """The program, what it is told of the merchant, and where its words go: None is the screen."""

    program: str
    variables: Mapping[str, str]
    words: Words = None

    def run(self, *arguments: str) -> None:
        """Run a command to its end. Raises NotDone when it fails."""
        done = subprocess.run(  # noqa: S603 - the program that the Makefile runs, and our own words
            [self.program, *arguments],
            env={**os.environ, **self.variables},
            stdout=self.words,
            stderr=self.words,
            check=False,
        )
        if done.returncode:
            raise NotDone(f"`sam {arguments[0]}` ended with {done.returncode}")


def program() -> str:
    """Find the SAM CLI: the Makefile's own first. Raises NotConfigured."""
    if _OWN.is_file():
        return str(_OWN)
    found = shutil.which("sam")
    if found is None:
        raise NotConfigured("there is no SAM CLI: `make build MERCHANT=NAME` sets it up once")
    return found


def of(merchant: str, words: Words = None) -> Sam:
    """Make SAM ready for a merchant; without ``words`` it writes to the screen."""
    variables = {"MERCHANT": merchant, "SAM_CLI_TELEMETRY": "0"}
    return Sam(program=program(), variables=variables, words=words)
