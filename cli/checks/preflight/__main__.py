"""
``python -m cli.checks.preflight acme``: check what `make deploy MERCHANT=acme` needs.

CloudFormation and SAM report some mistakes by themselves before anything changes: parameters,
capabilities, the state of the stack, names that are taken, the upload bucket. These are not
repeated here. Exit codes: 0 nothing is wrong, 1 something is wrong, 2 wrong usage.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli import output
from cli.checks.finding import Check
from cli.checks.preflight import screen
from cli.checks.preflight.run import checks, deployment


def main(
    merchant: Annotated[
        str, typer.Argument(help="Name of the merchant, as in merchants/NAME.toml.", metavar="NAME")
    ],
    secrets: Annotated[
        Path | None,
        typer.Option(help="Secret document. Default: merchants/NAME.secrets.json, if it exists."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check what would make a merchant's deployment fail half-way, or succeed and not work."""
    root = Path.cwd()
    beside = root / "merchants" / f"{merchant}.secrets.json"
    document = secrets or (beside if beside.is_file() else None)
    try:
        found = _with_progress(merchant, root, document)
    except Exception as error:  # noqa: BLE001 - an operator reads one line, never a trace
        # Every check catches its own errors. What is left is a template that cannot be read.
        output.echo(
            f"template.yaml cannot be read: {type(error).__name__}; run this beside the Makefile",
            err=True,
        )
        raise typer.Exit(1) from None
    if as_json:
        output.echo_json(screen.as_json(merchant, found))
    else:
        screen.show(found)
    if not screen.ready(found):
        raise typer.Exit(1)


def _with_progress(merchant: str, root: Path, document: Path | None) -> list[Check]:
    console = output.console(stderr=True)
    found = []
    with console.status("Checking") as status:
        for one in checks(deployment(merchant, root, document)):
            found.append(one)
            status.update(f"Checking: {one.name}: {one.finding.verdict.value}")
    return found


if __name__ == "__main__":
    typer.run(main)
