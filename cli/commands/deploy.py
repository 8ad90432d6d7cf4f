"""``shoprelay deploy`` and ``destroy``: what `make deploy` does, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.checks.preflight.files import section
from cli.commands.dlq import Json
from cli.commands.options import Name
from cli.merchants.files import named, names
from cli.stack import outputs, sam, secrets_manager
from shared.errors import NotConfigured, ShoprelayError

EXAMPLE = "Example: shoprelay deploy acme. Exit codes: 0 deployed, 1 not all (--all), 2 not."
EXAMPLE_DESTROY = "Example: shoprelay destroy acme. Exit codes: 0 removed, 2 not."
_SAMCONFIG = Path("samconfig.toml")
_WORDS = Path(".aws-sam")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What became of one merchant: the addresses for the shop, or why there are none."""

    merchant: str
    webhooks: dict[str, str]
    failed: str = ""

    @property
    def told(self) -> dict[str, Any]:
        """Everything, for JSON."""
        known = {"merchant": self.merchant, "webhooks": self.webhooks}
        return known | ({"failed": self.failed} if self.failed else {"next": self.next})

    @property
    def next(self) -> str:
        """What to type now."""
        return f"shoprelay connect {self.merchant}"


def deploy(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Of the merchant.")] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Every merchant that samconfig.toml has a section for.")
    ] = False,
    json_out: Json = False,
) -> None:
    """Build a merchant's artefact, put it on AWS, and say where the shop sends its webhooks."""
    if every == (name is not None):
        raise typer.BadParameter("say the NAME of a merchant, or --all")
    if name is not None:
        done = _deployed(name, sam.STANDARD_ERROR if json_out else None)
        typer.echo(msgspec.json.encode(done.told).decode() if json_out else _said(done))
        return
    results = _all()
    typer.echo(
        msgspec.json.encode([one.told for one in results]).decode()
        if json_out
        else "\n".join(_said(one) for one in results)
    )
    if any(one.failed for one in results):
        raise typer.Exit(1)


def destroy(
    name: Name,
    *,
    confirm: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name again, and nothing is asked.")
    ] = None,
    json_out: Json = False,
) -> None:
    """Remove a merchant's stack. Its dead letters and its ledger stay: they are removed by hand."""
    found = outputs.outputs(name)
    stack = outputs.name_of(name)
    if found is None:
        raise NotConfigured(f"there is no stack {stack} in this account and region")
    kept = found.get("OutlivesTheStack", "").split()
    if not json_out:
        typer.echo(_kept(name, kept))
    if confirm is None:
        confirm = typer.prompt(
            f"The shop's webhooks will go nowhere. Type {name} to remove {stack}"
        )
    if confirm != name:
        raise NotConfigured(f"not removed: that is not its name, which is {name}")
    ready = sam.of(name, words=sam.STANDARD_ERROR)
    _run(ready, name, "delete", "--stack-name", stack, "--no-prompts")
    told = {"removed": stack, "kept": kept, "next": f"shoprelay disconnect {name}"}
    typer.echo(msgspec.json.encode(told).decode() if json_out else f"{stack} is removed.")


def _deployed(name: str, words: sam.Words = None) -> Deployed:
    merchant = named(name)
    _section(name)  # without it SAM would deploy nothing of this merchant's
    ready = sam.of(name, words)
    _run(ready, name, "build")
    _run(ready, name, "deploy", "--config-env", merchant.name)
    found = outputs.outputs(merchant.name) or {}
    return Deployed(merchant=merchant.name, webhooks=outputs.addresses(merchant, found))


def _run(ready: sam.Sam, name: str, *arguments: str) -> None:
    try:
        ready.run(*arguments)
    except sam.NotDone as error:
        look = f"`make preflight MERCHANT={name}` tells what is wrong"
        raise NotConfigured(f"{error}, its own words say why: {look}") from None


def _all() -> list[Deployed]:
    """Deploy everybody, one after the other; who fails stops nobody."""
    wanted = [name for name in names() if _has_section(name)]
    if not wanted:
        raise NotConfigured("no merchant has a section in samconfig.toml: `shoprelay init NAME`")
    _WORDS.mkdir(exist_ok=True)
    return list(_watched(wanted))


def _watched(wanted: list[str]) -> Iterable[Deployed]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("", total=len(wanted))
        for name in wanted:
            progress.update(task, description=name)
            yield _tried(name)
            progress.advance(task)


def _tried(name: str) -> Deployed:
    words = _WORDS / f"{name}.log"
    try:
        with words.open("w", encoding="utf-8") as file:
            return _deployed(name, file)
    except ShoprelayError as error:
        return Deployed(merchant=name, webhooks={}, failed=f"{error} ({words})")


def _section(name: str) -> None:
    try:
        section(_SAMCONFIG, name)
    except NotConfigured as error:
        if error.path == "$":
            raise
        raise NotConfigured(f"{error.reason}: copy another merchant's", error.path) from None


def _has_section(name: str) -> bool:
    try:
        _section(name)
    except NotConfigured as error:
        if error.path == "$":
            raise
        return False
    return True


def _said(done: Deployed) -> str:
    if done.failed:
        return f"{done.merchant} is not deployed: {done.failed}"
    lines = [f"{done.merchant} is deployed."]
    lines += [f"  {source} sends to {address}" for source, address in done.webhooks.items()]
    return "\n".join([*lines, f"What comes next: {done.next}"])


def _kept(name: str, kept: list[str]) -> str:
    say_how = "docs/runbook.md, Remove a merchant, says how they go too"
    those = ", ".join([*kept, f"the secret {secrets_manager.name_of(name)}"])
    return f"These stay, with dead letters and ledger: {those}. {say_how}."
