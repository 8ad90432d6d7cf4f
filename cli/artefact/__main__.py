"""
Build the package that is deployed. Each step is called by the Makefile.

    python -m cli.artefact libraries FOLDER       download the libraries
    python -m cli.artefact bytecode FOLDER        compile all modules, if that is possible
    python -m cli.artefact describe FOLDER...     print what was built

``--here`` builds for this machine instead of Lambda, for the tests; ``--python`` names the
interpreter that compiles.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from cli.artefact import bytecode, libraries, package
from cli.artefact.target import NotBuilt, Target, here, lambda_target


def main(arguments: list[str]) -> int:
    """Run one step; return 1, with one line of output, when it fails."""
    options = _parser().parse_args(arguments)
    try:
        target = here() if options.here else lambda_target(Path("template.yaml").read_text())
        for folder in options.folder:
            _step(options.step, target, folder, options.python)
    except NotBuilt as error:
        _print(str(error))
        return 1
    return 0


def _step(step: str, target: Target, folder: Path, python: Path | None) -> None:
    match step:
        case "libraries":
            libraries.fetch(target, folder)
        case "bytecode":
            _print(_bytecode(target, folder, python))
        case _:
            _print(package.describe(folder))


def _bytecode(target: Target, folder: Path, named: Path | None) -> str:
    if named is not None and bytecode.magic(named) != target.magic:
        raise NotBuilt(f"the bytecode of {named} is not for Python {target.python}")
    interpreter = bytecode.choose(target, [named] if named else _candidates(target))
    if interpreter is None:
        return (
            f"No bytecode: there is no Python {target.python} here. Cold starts take about twice "
            f"as long. Set PYTHON_TARGET=/path/to/python{target.python}"
        )
    bytecode.write(interpreter, target, folder)
    return f"With bytecode for Python {target.python}"


def _candidates(target: Target) -> list[Path]:
    if target.is_here:
        return [Path(sys.executable)]
    return [*bytecode.interpreters(target.python, Path.home(), os.environ.get("PATH", ""))]


def _print(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cli.artefact", description=__doc__)
    parser.add_argument("step", choices=("libraries", "bytecode", "describe"))
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--python", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
