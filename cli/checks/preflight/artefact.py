"""Whether what `make build` made is what would be deployed, and small enough."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.artefact import bytecode, libraries
from cli.artefact.target import NotBuilt, Target, lambda_target
from cli.checks.finding import Finding, ok, unknown, wrong

# A cold start begins with fetching it.
MOST_BYTES = 3 * 1024 * 1024
LIBRARIES = ("aws_lambda_powertools", "msgspec", "requests")


def artefact(root: Path, merchant: str, functions: Mapping[str, Mapping[str, Any]]) -> Finding:
    """See that every function was built, whole, for Lambda, from what stands here now."""
    built = root / ".aws-sam" / "build"
    again = f"make build MERCHANT={merchant}"
    if not built.is_dir():
        return unknown("not built yet", again)
    target = lambda_target((root / "template.yaml").read_text(encoding="utf-8"))
    for name, properties in functions.items():
        folder = built / name
        trouble = _trouble(root, folder, merchant, properties["Handler"]) or _foreign(
            folder, target
        )
        if trouble:
            return wrong(f"{name}: {trouble}", again)
    return _measured({name: built / name for name in functions}, again)


def _measured(folders: Mapping[str, Path], again: str) -> Finding:
    sizes = {name: zipped(folder) for name, folder in folders.items()}
    largest = max(sizes, key=lambda name: sizes[name])
    told = f"{largest} is {sizes[largest] / 1e6:.2f} MB zipped, of {MOST_BYTES / 1e6:.2f}"
    if sizes[largest] > MOST_BYTES:
        return wrong(told, again)
    if not any(folders[largest].rglob("*.pyc")):
        return ok(f"{told}; without bytecode, so cold starts take twice as long", again)
    return ok(told)


def _trouble(root: Path, folder: Path, merchant: str, handler: str) -> str:
    """Tell the first thing that is wrong with a function's folder; nothing when it is right."""
    if not (folder / (handler.rpartition(".")[0].replace(".", "/") + ".py")).is_file():
        return f"{handler} is not in it"
    if missing := [one for one in LIBRARIES if not (folder / one).is_dir()]:
        return f"{', '.join(missing)} is not in it"
    if not _same(root / "merchants" / f"{merchant}.toml", folder / "merchant.toml"):
        return f"it holds another merchant's file than {merchant}.toml is now"
    stale = _stale(root, folder)
    return f"{stale} has changed since" if stale else ""


def _stale(root: Path, folder: Path) -> str:
    ours = (path for room in ("functions", "shared") for path in (root / room).rglob("*.py"))
    names = (path.relative_to(root) for path in ours)
    return next((str(name) for name in sorted(names) if not _same(root / name, folder / name)), "")


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _foreign(folder: Path, target: Target) -> str:
    """Tell what Lambda could not load, or would read in vain."""
    if foreign := libraries.not_for(target, folder):
        return f"{foreign[0]} is not for Python {target.python} on {target.machine}"
    try:
        if any(folder.rglob("*.pyc")):
            bytecode.check(target, folder)
    except NotBuilt as error:
        return str(error)
    return ""


def zipped(folder: Path) -> int:
    """Give the size of a folder as SAM uploads it: a zip file, deflated. In bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return target.tell()
