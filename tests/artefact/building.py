"""The artefact as `sam build` makes it, by the same rule of the Makefile."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.artefact.runtime import ROOT

# Of the make that runs the tests: its own flags and jobs are not meant for this one.
_NOT_OURS = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "GNUMAKEFLAGS"}


def build(folder: Path, *words: str, merchant: str = "demo") -> str:
    """Make the artefact in a new folder; ``HERE=1`` makes it for here. Give what it says."""
    folder.mkdir(parents=True)
    # What runs the tests is set up already, and must not be set up anew below them: -o setup.
    make = ("make", "--silent", "--old-file", "setup", "build-Artefact")
    done = subprocess.run(
        [*make, f"ARTIFACTS_DIR={folder}", f"MERCHANT={merchant}", *words],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in _NOT_OURS},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"the build failed: {done.stdout}{done.stderr}")
    return done.stderr
