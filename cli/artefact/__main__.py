"""
Steps of the Makefile's rule for what is deployed.

    python -m cli.artefact libraries FOLDER       fetch the libraries
    python -m cli.artefact bytecode FOLDER        compile all that is there, if that is possible
    python -m cli.artefact tell FOLDER...         say what was built

``--here`` makes it for this machine instead of Lambda, for its tests; ``--python`` names the
interpreter to compile with.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from cli.artefact import bytecode, libraries, package
from cli.artefact.target import NotBuilt, Target, here, lambda_target


def main(arguments: list[str]) -> int:
    """Do one step; 1 tells that the artefact cannot be made, in one line."""
    given = _parser().parse_args(arguments)
    try:
        target = here() if given.here else lambda_target(Path("template.yaml").read_text())
        for folder in given.folder:
            _step(given.step, target, folder, given.python)
    except NotBuilt as error:
        _say(str(error))
        return 1
    return 0


def _step(step: str, target: Target, folder: Path, python: Path | None) -> None:
    match step:
        case "libraries":
            libraries.fetch(target, folder)
        case "bytecode":
            _say(_bytecode(target, folder, python))
        case _:
            _say(package.told(folder))


def _bytecode(target: Target, folder: Path, named: Path | None) -> str:
    if named is not None and bytecode.magic(named) != target.magic:
        raise NotBuilt(f"{named} does not write what Python {target.python} reads")
    interpreter = bytecode.choose(target, [named] if named else _candidates(target))
    if interpreter is None:
        return (
            f"No bytecode: there is no Python {target.python} here. Cold starts take about twice as"
            f" long; name one with PYTHON_TARGET=/path/to/python{target.python}"
        )
    bytecode.write(interpreter, target, folder)
    return f"With bytecode for Python {target.python}"


def _candidates(target: Target) -> list[Path]:
    if target.is_here:
        return [Path(sys.executable)]
    return [*bytecode.interpreters(target.python, Path.home(), os.environ.get("PATH", ""))]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cli.artefact", description=__doc__)
    parser.add_argument("step", choices=("libraries", "bytecode", "tell"))
    parser.add_argument("folder", type=Path, nargs="+")
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--python", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
