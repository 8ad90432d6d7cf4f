"""The built package: its files, and its size as SAM uploads it to AWS."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder, by its path there."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def zipped(folder: Path) -> int:
    """Return the size of a folder as a zip file, deflated at the default level, in bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in files(folder).items():
            package.writestr(name, content)
    return len(packed.getvalue())


def describe(folder: Path) -> str:
    """Return one line about what was built in a folder."""
    compiled = any(folder.rglob("*.pyc"))
    bytecode = "with bytecode" if compiled else "without bytecode: cold starts take twice as long"
    return f"{folder.name}: {zipped(folder) / 1e6:.1f} MB zipped, {bytecode}"
