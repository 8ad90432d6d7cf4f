"""The target of the package: Lambda as template.yaml declares it, or this machine, for tests."""

from __future__ import annotations

import importlib.util
import platform
import re
import struct
import sys
from dataclasses import dataclass

# The first two bytes of a .pyc, by the Python that reads it: MAGIC_NUMBER, in CPython's
# Lib/importlib/_bootstrap_external.py. It is fixed with the first release candidate.
MAGIC = {"3.13": 3571}
# Lambda's name of a machine -> Python's.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_RUNTIME = re.compile(r"^ *Runtime: python(\d+\.\d+) *$", re.MULTILINE)
_MACHINE = re.compile(r"^ *Architectures: \[(\w+)\] *$", re.MULTILINE)


class NotBuilt(Exception):
    """The package cannot be built, or its target cannot use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    Where the package will run: a version of Python such as ``3.13``, the ``magic`` number that its
    bytecode begins with, and a machine as Linux and pip name it.
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
    python = _only("Runtime", _RUNTIME, template)
    machine = _only("Architectures", _MACHINE, template)
    if python not in MAGIC:
        raise NotBuilt(f"the bytecode of Python {python} is not known: add it to {__name__}.MAGIC")
    # As importlib writes it: the number, and a line end, which shows a transfer in text mode.
    magic = struct.pack("<H", MAGIC[python]) + b"\r\n"
    return Target(python=python, magic=magic, machine=MACHINES[machine])


def here() -> Target:
    """Return this machine, and the Python that runs here."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    magic = importlib.util.MAGIC_NUMBER
    return Target(python=python, magic=magic, machine=platform.machine(), is_here=True)


def _only(name: str, pattern: re.Pattern[str], text: str) -> str:
    found = set(pattern.findall(text))
    if len(found) != 1:
        raise NotBuilt(f"template.yaml must have one value for {name!r}, and has {len(found)}")
    return str(found.pop())
