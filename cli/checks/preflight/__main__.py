"""
``python -m cli.checks.preflight acme``: check whether `make deploy MERCHANT=acme` would succeed.
Exit codes: 0 nothing is wrong, 1 something is wrong, 2 the command itself is wrong.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.checks.finding import Check
from cli.checks.preflight import screen
from cli.checks.preflight.run import checks, deployment


def main(
    merchant: Annotated[str, typer.Argument(help="As in merchants/NAME.toml.", metavar="NAME")],
    secrets: Annotated[
        Path | None, typer.Option(help="The secret document; merchants/NAME.secrets.json, if there")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for a script.")] = False,
) -> None:
    """Check everything that keeps a merchant's deployment from going through."""
    root = Path.cwd()
    beside = root / "merchants" / f"{merchant}.secrets.json"
    document = secrets or (beside if beside.is_file() else None)
    try:
        found = _watched(merchant, root, document)
    except Exception as error:  # noqa: BLE001 - an operator reads one line, never a trace
        # Every check catches its own: what is left is a template.yaml that cannot be read.
        sys.stderr.write(f"template.yaml cannot be read here: {type(error).__name__}\n")
        raise typer.Exit(1) from None
    if as_json:
        sys.stdout.write(screen.as_json(merchant, found) + "\n")
    else:
        screen.show(found)
    if not screen.ready(found):
        raise typer.Exit(1)


def _watched(merchant: str, root: Path, document: Path | None) -> list[Check]:
    console = Console(stderr=True)
    found = []
    with console.status("Looking") as status:
        for one in checks(deployment(merchant, root, document)):
            found.append(one)
            status.update(f"Looking: {one.name} is {one.finding.verdict.value}")
    return found


if __name__ == "__main__":
    typer.run(main)
