"""``shoprelay deploy`` and ``destroy``: create, update or delete a merchant's stack with SAM."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli import output
from cli.checks import cloudformation
from cli.checks.finding import Verdict
from cli.checks.preflight.files import deployable_file, section
from cli.commands.options import Json, Name, OptionalName
from cli.merchants.files import file_of, load, named, names
from cli.stack import outputs, sam, secrets_manager
from cli.stack.resources import Location, connected
from cli.stack.target import announce
from shared.errors import NotConfigured, ShoprelayError
from shared.settings import Merchant

EXAMPLE = (
    "Example: shoprelay deploy acme. Exit codes: 0 deployed, 1 some failed (--all), 2 not deployed."
)
EXAMPLE_DESTROY = "Example: shoprelay destroy acme. Exit codes: 0 deleted, 2 not deleted."
_SAMCONFIG = Path("samconfig.toml")
_LOGS = Path(".aws-sam")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """The result for one merchant: the webhook addresses for the shop, or why it failed."""

    merchant: str
    webhooks: dict[str, str]
    failed: str = ""

    @property
    def as_json(self) -> dict[str, Any]:
        """Everything, for JSON."""
        known = {"merchant": self.merchant, "webhooks": self.webhooks}
        return known | ({"failed": self.failed} if self.failed else {"next": self.next})

    @property
    def next(self) -> str:
        """The next command."""
        return f"shoprelay connect {self.merchant}"


def deploy(
    name: OptionalName = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Deploy every merchant with a section in samconfig.toml.")
    ] = False,
    json_out: Json = False,
) -> None:
    """Build a merchant's package, deploy it to AWS, and print its webhook addresses."""
    if every == (name is not None):
        raise typer.BadParameter("give the NAME of a merchant, or --all")
    if name is not None:
        done = _deployed(name, sam.STANDARD_ERROR if json_out else None)
        output.echo_result(done.as_json, _text(done), json_out=json_out)
        return
    results = _deploy_all()
    text = "\n".join(_text(one) for one in results)
    output.echo_result([one.as_json for one in results], text, json_out=json_out)
    if any(one.failed for one in results):
        raise typer.Exit(1)


def destroy(
    name: Name,
    *,
    confirm: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name again, instead of a prompt.")
    ] = None,
    json_out: Json = False,
) -> None:
    """Delete a merchant's stack. Its dead letters and its ledger are kept: delete them by hand."""
    stack = cloudformation.stack_name(name)
    announce(Location(merchant=name))
    found = outputs.outputs(name)
    if found is None:
        raise cloudformation.no_stack(stack)
    kept = found.get("OutlivesTheStack", "").split()
    if not json_out:
        output.echo(_kept(name, kept))
    if confirm is None:
        confirm = typer.prompt(
            f"The shop's webhooks will be lost. Type {name} to delete the stack {stack}"
        )
    if confirm != name:
        raise NotConfigured(f"nothing was deleted: the name does not match, type {name}")
    ready = sam.of(name, output=sam.STANDARD_ERROR)
    _run(ready, name, "delete", "--stack-name", stack, "--no-prompts")
    result = {"removed": stack, "kept": kept, "next": f"shoprelay disconnect {name}"}
    output.echo_result(result, f"The stack {stack} is deleted.", json_out=json_out)


def _deployed(name: str, output: sam.Output = None) -> Deployed:
    # All that is quick to check, before a build that takes most of a minute.
    merchant = _deployable(name)
    _section(name)  # without it, SAM would not deploy this merchant
    connected(Location(), "sts").get_caller_identity()
    announce(Location(merchant=name))
    ready = sam.of(name, output)
    _run(ready, name, "build")
    _run(ready, name, "deploy", "--config-env", merchant.name)
    found = outputs.outputs(merchant.name) or {}
    return Deployed(merchant=merchant.name, webhooks=outputs.addresses(merchant, found))


def _deployable(name: str) -> Merchant:
    path = file_of(name)
    if not path.is_file():
        return named(name)  # which says what is there instead
    found = deployable_file(path)
    if found.verdict is Verdict.WRONG:
        raise NotConfigured(f"{path}: {found.detail}: {found.next}")
    return load(path)


def _run(ready: sam.Sam, name: str, *arguments: str) -> None:
    try:
        ready.run(*arguments)
    except sam.SamFailed as error:
        stack = cloudformation.stack_name(name)
        # SAM prints only the kind of the failure of a change set, not the resource.
        events = f"aws cloudformation describe-events --stack-name {stack}"
        more = f"`{events} --filters FailedEvents=true` lists the details"
        if arguments[0] == "build":
            more = f"`make preflight MERCHANT={name}` checks the rest"
        raise NotConfigured(f"{error}, its output says why; {more}") from None


def _deploy_all() -> list[Deployed]:
    """Deploy every merchant, one after the other. A failure does not stop the others."""
    wanted = [name for name in names() if _has_section(name)]
    if not wanted:
        raise NotConfigured("no merchant has a section in samconfig.toml: `shoprelay init NAME`")
    _LOGS.mkdir(exist_ok=True)
    return list(_with_progress(wanted))


def _with_progress(wanted: list[str]) -> Iterable[Deployed]:
    console = output.console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("", total=len(wanted))
        for name in wanted:
            progress.update(task, description=name)
            yield _tried(name)
            progress.advance(task)


def _tried(name: str) -> Deployed:
    log = _LOGS / f"{name}.log"
    try:
        with log.open("w", encoding="utf-8") as file:
            return _deployed(name, file)
    except ShoprelayError as error:
        return Deployed(merchant=name, webhooks={}, failed=f"{error} ({log})")


def _section(name: str) -> None:
    try:
        section(_SAMCONFIG, name)
    except NotConfigured as error:
        if error.path == "$":
            raise
        copy = "copy the section of another merchant"
        raise NotConfigured(f"{error.reason}: {copy}", error.path) from None


def _has_section(name: str) -> bool:
    try:
        _section(name)
    except NotConfigured as error:
        if error.path == "$":
            raise
        return False
    return True


def _text(done: Deployed) -> str:
    if done.failed:
        return f"{done.merchant} is not deployed: {done.failed}"
    lines = [f"{done.merchant} is deployed."]
    lines += [f"  {source} sends to {address}" for source, address in done.webhooks.items()]
    return "\n".join([*lines, f"Next: {done.next}"])


def _kept(name: str, kept: list[str]) -> str:
    those = ", ".join([*kept, f"the secret {secrets_manager.name_of(name)}"])
    return (
        f"These are kept, with the dead letters and the ledger: {those}. "
        "docs/runbook.md, Remove a merchant, says how to delete them."
    )
