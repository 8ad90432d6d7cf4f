"""
Bytecode for the target, when its interpreter is at hand. Lambda's /var/task cannot be written to:
without bytecode every cold start compiles every module anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from cli.artefact.target import NotBuilt, Target

TASK = "/var/task"
# "Do not look at the source": times are lost in a zip, and hashing the source takes time. PEP 552.
UNCHECKED = b"\x01\x00\x00\x00"
_ASK = "import importlib.util, sys; sys.stdout.buffer.write(importlib.util.MAGIC_NUMBER)"


def interpreters(python: str, home: Path, path: str) -> Iterator[Path]:
    """Name every place where a Python of this version may be, whether it works or not."""
    for folder in path.split(os.pathsep):
        if folder and (found := shutil.which(f"python{python}", path=folder)):
            yield Path(found)
    kept = (f".pyenv/versions/{python}.*/bin", f".local/share/uv/python/cpython-{python}.*/bin")
    for pattern in kept:
        yield from sorted(home.glob(f"{pattern}/python{python}"))


def choose(target: Target, candidates: Iterable[Path]) -> Path | None:
    """Give the first interpreter that writes what the target reads; None if there is none."""
    return next((one for one in candidates if magic(one) == target.magic), None)


def magic(interpreter: Path) -> bytes:
    """Ask an interpreter what its bytecode begins with; empty when it does not run."""
    command = [str(interpreter), "-I", "-S", "-c", _ASK]
    try:
        # A shim of pyenv is found on the path, and fails where its version is not chosen.
        return subprocess.run(command, check=True, capture_output=True, timeout=30).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return b""


def write(interpreter: Path, target: Target, folder: Path) -> None:
    """
    Compile every module below a folder, as it will lie on Lambda. Raises NotBuilt.

    The same sources give the same bytes: no time is in them, and sets are written in one order.
    """
    where = ("-s", str(folder), "-p", TASK)
    kind = ("-q", "-f", "--invalidation-mode", "unchecked-hash")
    done = subprocess.run(  # noqa: S603 - fixed words
        [str(interpreter), "-I", "-m", "compileall", *kind, *where, str(folder)],
        check=False,
        stdout=sys.stderr,
    )
    if done.returncode != 0:
        raise NotBuilt("a module cannot be compiled")
    check(target, folder)


def check(target: Target, folder: Path) -> None:
    """Raise NotBuilt where bytecode is not what the target reads, or a module has none."""
    useless = [path.name for path in folder.rglob("*.pyc") if not _is_read(target, path)]
    if useless:
        raise NotBuilt(f"Python {target.python} would not read {useless[0]} ({len(useless)} such)")
    without = [path.name for path in folder.rglob("*.py") if not _cached(target, path).is_file()]
    if without:
        raise NotBuilt(f"no bytecode of {without[0]} ({len(without)} such)")


def _is_read(target: Target, path: Path) -> bool:
    return path.name.endswith(_tag(target)) and path.read_bytes()[:8] == target.magic + UNCHECKED


def _cached(target: Target, path: Path) -> Path:
    return path.parent / "__pycache__" / f"{path.stem}{_tag(target)}"


def _tag(target: Target) -> str:
    return f".cpython-{target.python.replace('.', '')}.pyc"
