"""
Bytecode for the target, when its interpreter is installed. Lambda's /var/task is read-only: without
bytecode every cold start compiles every module again.
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
# Bytecode is not checked against its source (PEP 552): a zip loses times, and hashing takes time.
UNCHECKED = b"\x01\x00\x00\x00"
_PRINT_MAGIC = "import importlib.util, sys; sys.stdout.buffer.write(importlib.util.MAGIC_NUMBER)"


def interpreters(python: str, home: Path, path: str) -> Iterator[Path]:
    """Yield every place where a Python of this version may be, whether it works or not."""
    for folder in path.split(os.pathsep):
        if folder and (found := shutil.which(f"python{python}", path=folder)):
            yield Path(found)
    managed = (f".pyenv/versions/{python}.*/bin", f".local/share/uv/python/cpython-{python}.*/bin")
    for pattern in managed:
        yield from sorted(home.glob(f"{pattern}/python{python}"))


def choose(target: Target, candidates: Iterable[Path]) -> Path | None:
    """Return the first interpreter whose bytecode the target reads; None if there is none."""
    return next((one for one in candidates if magic(one) == target.magic), None)


def magic(interpreter: Path) -> bytes:
    """Return the magic number of an interpreter's bytecode; empty when it does not run."""
    command = [str(interpreter), "-I", "-S", "-c", _PRINT_MAGIC]
    try:
        # A shim of pyenv is found on the path, and fails where its version is not selected.
        return subprocess.run(command, check=True, capture_output=True, timeout=30).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return b""


def write(interpreter: Path, target: Target, folder: Path) -> None:
    """
    Compile every module below a folder, for its place on Lambda. Raises NotBuilt.

    The same sources give the same bytes: they hold no time, and sets have one order.
    """
    where = ("-s", str(folder), "-p", TASK)
    kind = ("-q", "-f", "--invalidation-mode", "unchecked-hash")
    done = subprocess.run(  # noqa: S603 - fixed arguments
        [str(interpreter), "-I", "-m", "compileall", *kind, *where, str(folder)],
        check=False,
        stdout=sys.stderr,
    )
    if done.returncode != 0:
        raise NotBuilt("a module cannot be compiled")
    check(target, folder)


def check(target: Target, folder: Path) -> None:
    """Raise NotBuilt where the target cannot read the bytecode, or a module has none."""
    useless = [path.name for path in folder.rglob("*.pyc") if not _is_read(target, path)]
    if useless:
        raise NotBuilt(f"Python {target.python} cannot read {useless[0]} ({len(useless)} such)")
    without = [path.name for path in folder.rglob("*.py") if not _cached(target, path).is_file()]
    if without:
        raise NotBuilt(f"{without[0]} has no bytecode ({len(without)} such)")


def _is_read(target: Target, path: Path) -> bool:
    return path.name.endswith(_tag(target)) and path.read_bytes()[:8] == target.magic + UNCHECKED


def _cached(target: Target, path: Path) -> Path:
    return path.parent / "__pycache__" / f"{path.stem}{_tag(target)}"


def _tag(target: Target) -> str:
    return f".cpython-{target.python.replace('.', '')}.pyc"
