"""Check that the built package is complete, current, for Lambda, and small enough."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.artefact import bytecode, libraries
from cli.artefact.target import NotBuilt, Target, lambda_target
from cli.checks.finding import Finding, ok, unknown, wrong

# A cold start begins with the download of the package.
MOST_BYTES = 3 * 1024 * 1024
LIBRARIES = ("aws_lambda_powertools", "msgspec", "requests")


def artefact(root: Path, merchant: str, functions: Mapping[str, Mapping[str, Any]]) -> Finding:
    """Check that every function was built completely, for Lambda, from the current files."""
    built = root / ".aws-sam" / "build"
    again = f"make build MERCHANT={merchant}"
    if not built.is_dir():
        return unknown("not built yet", again)
    target = lambda_target((root / "template.yaml").read_text(encoding="utf-8"))
    for name, properties in functions.items():
        folder = built / name
        problem = _problem(root, folder, merchant, properties["Handler"]) or _foreign(
            folder, target
        )
        if problem:
            return wrong(f"{name}: {problem}", again)
    return _measured({name: built / name for name in functions}, again)


def _measured(folders: Mapping[str, Path], again: str) -> Finding:
    sizes = {name: zipped(folder) for name, folder in folders.items()}
    largest = max(sizes, key=lambda name: sizes[name])
    detail = f"{largest} is {sizes[largest] / 1e6:.2f} MB zipped, of at most {MOST_BYTES / 1e6:.2f}"
    if sizes[largest] > MOST_BYTES:
        return wrong(detail, again)
    if not any(folders[largest].rglob("*.pyc")):
        return ok(f"{detail}; without bytecode, so cold starts take twice as long", again)
    return ok(detail)


def _problem(root: Path, folder: Path, merchant: str, handler: str) -> str:
    """Return the first problem of a function's folder; empty when there is none."""
    if not (folder / (handler.rpartition(".")[0].replace(".", "/") + ".py")).is_file():
        return f"{handler} is missing"
    if missing := [one for one in LIBRARIES if not (folder / one).is_dir()]:
        return f"{', '.join(missing)} is missing"
    if not _same(root / "merchants" / f"{merchant}.toml", folder / "merchant.toml"):
        return f"its merchant.toml is not the current {merchant}.toml"
    stale = _stale(root, folder)
    return f"{stale} has changed since the build" if stale else ""


def _stale(root: Path, folder: Path) -> str:
    ours = (path for top in ("functions", "shared") for path in (root / top).rglob("*.py"))
    names = (path.relative_to(root) for path in ours)
    return next((str(name) for name in sorted(names) if not _same(root / name, folder / name)), "")


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _foreign(folder: Path, target: Target) -> str:
    """Return what Lambda could not load, or would ignore; empty when there is nothing."""
    if foreign := libraries.not_for(target, folder):
        return f"{foreign[0]} is not for Python {target.python} on {target.machine}"
    try:
        if any(folder.rglob("*.pyc")):
            bytecode.check(target, folder)
    except NotBuilt as error:
        return str(error)
    return ""


def zipped(folder: Path) -> int:
    """Return the size in bytes of a folder as SAM uploads it: a deflated zip file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return target.tell()
