"""Build the artefact as `sam build` does, by the same rule of the Makefile."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.artefact.runtime import ROOT

# Set by the make that runs the tests. Its flags and jobs must not apply to this one.
_OUTER_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "GNUMAKEFLAGS"}


def build(folder: Path, *words: str, merchant: str = "demo") -> str:
    """Build in a new folder; ``HERE=1`` builds for this machine. Return the output."""
    folder.mkdir(parents=True)
    # The environment is set up already, and must not change while the tests run: -o setup.
    make = ("make", "--silent", "--old-file", "setup", "build-Artefact")
    done = subprocess.run(
        [*make, f"ARTIFACTS_DIR={folder}", f"MERCHANT={merchant}", *words],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in _OUTER_MAKE},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"the build failed: {done.stdout}{done.stderr}")
    return done.stderr
