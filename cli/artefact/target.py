"""What the artefact is made for: Lambda as template.yaml names it, or this machine, for tests."""

from __future__ import annotations

import importlib.util
import platform
import re
import struct
import sys
from dataclasses import dataclass

# What the first two bytes of a .pyc say, by the Python that reads it: MAGIC_NUMBER, in CPython's
# Lib/importlib/_bootstrap_external.py. It is fixed with the first release candidate.
MAGIC = {"3.13": 3571}
# Lambda's name of a machine -> Python's.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}


class NotBuilt(Exception):
    """The artefact cannot be made, or is not what its target can use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    Where the artefact will run: a version of Python as ``3.13``, the ``magic`` its bytecode begins
    with, and a machine as Linux names it, for `pip` and for whoever checks what came of it.
    """

    python: str
    magic: bytes
    machine: str
    is_here: bool = False

    @property
    def pip(self) -> tuple[str, ...]:
        """The arguments that make pip choose wheels for the target and not for this machine."""
        if self.is_here:
            return ()
        system = f"manylinux2014_{self.machine}"
        return ("--platform", system, "--implementation", "cp", "--python-version", self.python)


def lambda_target(template: str) -> Target:
    """Read the target from the text of template.yaml. Raises NotBuilt."""
    python = _only(r"Runtime: python(\d+\.\d+)", template)
    machine = _only(r"Architectures: \[(\w+)\]", template)
    if python not in MAGIC:
        raise NotBuilt(f"what bytecode does Python {python} read? Tell {__name__}.MAGIC")
    # As importlib packs it: the number, and a line end that a text transfer would spoil.
    magic = struct.pack("<H", MAGIC[python]) + b"\r\n"
    return Target(python=python, magic=magic, machine=MACHINES[machine])


def here() -> Target:
    """Give this machine, and the Python that runs here."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    magic = importlib.util.MAGIC_NUMBER
    return Target(python=python, magic=magic, machine=platform.machine(), is_here=True)


def _only(pattern: str, text: str) -> str:
    found = set(re.findall(rf"^ *{pattern} *$", text, re.MULTILINE))
    if len(found) != 1:
        raise NotBuilt(f"template.yaml should say one thing of {pattern!r}, and says {len(found)}")
    return str(found.pop())
