"""``shoprelay local``: its options; `cli.local.run` implements it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = """
Example: shoprelay local --merchant merchants/demo.toml --secrets merchants/demo.secrets.json
"""


def local(  # noqa: PLR0913 - one parameter per option of the command
    *,
    merchant: Annotated[Path, typer.Option(help="The merchant's file (TOML).")],
    secrets: Annotated[Path, typer.Option(help="The merchant's secret document (JSON).")],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port for webhooks; 0 is any.")
    ] = 8787,
    wait_scale: Annotated[
        float, typer.Option(min=0.001, help="Multiplies every wait: 0.1 is ten times faster.")
    ] = 1.0,
    state: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="With --no-samples: keep ledger, queues, bucket and sandbox even after kill -9.",
        ),
    ] = None,
    sandbox: Annotated[
        str | None, typer.Option(metavar="URL", help="Use a running sandbox instead of a new one.")
    ] = None,
    retry_timeout: Annotated[
        float,
        typer.Option(min=1.0, help="Retry function's time-out in seconds; 60 when deployed."),
    ] = 60.0,
    no_samples: Annotated[bool, typer.Option("--no-samples", help="Do not send samples.")] = False,
    once: Annotated[
        bool,
        typer.Option("--once", help="Exit after the samples: 0 if every check passed, else 1."),
    ] = False,
    json_lines: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per line.")
    ] = False,
) -> None:
    """Run the functions locally, with emulated AWS and platforms, and send the samples."""
    if once and no_samples:
        raise typer.BadParameter("--once checks the samples: leave out --no-samples")
    if state is not None and not no_samples:
        raise typer.BadParameter("the samples need an empty stack: add --no-samples to --state")
    # Importing AWS takes a second, which the other commands must not wait for.
    from cli.local import run  # noqa: PLC0415

    options = dataclasses.replace(
        run.read_options(merchant, secrets),
        port=port,
        wait_scale=wait_scale,
        state=state,
        sandbox=sandbox.rstrip("/") if sandbox else None,
        retry_timeout=retry_timeout,
    )
    passed = run.run(options, samples=not no_samples, once=once, json_lines=json_lines)
    if once:
        raise typer.Exit(0 if passed else 1)
