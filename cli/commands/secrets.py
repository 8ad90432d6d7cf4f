"""``shoprelay secrets``: put, list and rotate what nobody must read; never shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from cli.commands.dlq import Json
from cli.commands.options import Name
from cli.merchants import secret_keys
from cli.merchants.files import named
from cli.merchants.suggestions import nearest
from cli.stack import secrets_manager
from shared.errors import NotConfigured
from shared.settings import Merchant, read_secrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

app = typer.Typer(
    help="The merchant's secrets, in AWS Secrets Manager. No command shows a value.",
    epilog="Example: shoprelay secrets put acme --file acme.secrets.json",
    no_args_is_help=True,
)
# Nobody gives these out: one that we make is as good as any.
_OURS = ("woocommerce.webhook_secrets", "pseudonym_key")
_STDIN = "-"

Keys = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY]...", help="Such as datacue.api_key.")
]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read the value from standard input.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make a value; for our own secrets.")]


@app.command(
    "put",
    epilog="Example: shoprelay secrets put acme shopify.access_token. Exit codes: 0 put, 2 not.",
)
def put(  # noqa: PLR0913 - one parameter per option of the command
    name: Name,
    keys: Keys = None,
    *,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The whole document (JSON); - is stdin.")
    ] = None,
    stdin: Stdin = False,
    generate: Generate = False,
    json_out: Json = False,
) -> None:
    """
    Put the whole document (--file), or the keys named, or all that are needed, one by one. What is
    typed is not shown. An empty answer leaves a key as it is.
    """
    merchant = named(name)
    client = secrets_manager.connected()
    if file is not None:
        text = sys.stdin.read() if str(file) == _STDIN else secrets_manager.read(file)
    else:
        held = _held(client, merchant)
        for key in _chosen(merchant, keys):
            secret_keys.replace(held, key, _asked(held, key, stdin=stdin, generate=generate))
        text = json.dumps(held)
    _done(merchant, secrets_manager.put(client, merchant, text), json_out=json_out)


@app.command("list", epilog="Example: shoprelay secrets list acme. Exit codes: 0 all there, 1 not.")
def show_list(name: Name, *, json_out: Json = False) -> None:
    """List which keys are there, and which are missing; never a value."""
    merchant = named(name)
    document = secrets_manager.fetch(secrets_manager.connected(), merchant.name)
    held: dict[str, Any] = json.loads(document) if document else {}
    rows = [
        {"key": key, "values": secret_keys.count(held, key)} for key in secret_keys.of(merchant)
    ]
    trouble = _trouble(document, merchant)
    if json_out:
        told = {
            "secret": secrets_manager.name_of(merchant.name),
            "keys": rows,
            "wrong": trouble or None,
        }
        typer.echo(msgspec.json.encode(told).decode())
    else:
        Console().print(_table(rows))
        typer.echo(trouble or f"{secrets_manager.name_of(merchant.name)} has all that is needed.")
    if trouble:
        raise typer.Exit(1)


@app.command(
    "rotate",
    epilog="Example: shoprelay secrets rotate acme woocommerce.webhook_secrets. "
    "Exit codes: 0 put, 2 not.",
)
def rotate(  # noqa: PLR0913 - one parameter per option of the command
    name: Name,
    key: Annotated[str, typer.Argument(metavar="KEY", help="Such as shopify.webhook_secrets.")],
    *,
    finish: Annotated[
        bool, typer.Option("--finish", help="Forget all but the newest webhook secret.")
    ] = False,
    stdin: Stdin = False,
    generate: Generate = False,
    json_out: Json = False,
) -> None:
    """
    Put a new value before the old. Webhook secrets are kept, new and old, and each is tried, until
    --finish forgets the old. Any other key has one value, which is replaced.
    """
    merchant = named(name)
    client = secrets_manager.connected()
    held = _held(client, merchant)
    [key] = _chosen(merchant, [key])
    if finish:
        secret_keys.finish(held, key)
    else:
        secret_keys.add(
            held, key, _asked(held, key, stdin=stdin, generate=generate or key in _OURS)
        )
    _done(merchant, secrets_manager.put(client, merchant, json.dumps(held)), json_out=json_out)
    if not json_out:
        typer.echo(_after(merchant, key, finished=finish))


def _after(merchant: Merchant, key: str, *, finished: bool) -> str:
    """Say what comes next."""
    if finished:
        return "Only the newest is taken now."
    if not key.endswith(secret_keys.LIST):
        return "The functions use it within five minutes."
    shop = key.partition(".")[0]
    renew = f"`shoprelay connect {merchant.name} --renew-secret --yes`"
    give = renew if shop == "woocommerce" else "the shop"
    then = f"`shoprelay secrets rotate {merchant.name} {key} --finish`"
    return (
        f"Old and new are both taken within five minutes. Then give it to {give}, and last {then}."
    )


def _held(client: SecretsManagerClient, merchant: Merchant) -> dict[str, Any]:
    document = secrets_manager.fetch(client, merchant.name)
    try:
        held = json.loads(document or "{}")
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise NotConfigured("the secret is not JSON: put a whole document with --file")
    return held


def _chosen(merchant: Merchant, keys: Iterable[str] | None) -> list[str]:
    known = secret_keys.of(merchant)
    for key in keys or ():
        if key not in known:
            hint = nearest(key, known) or f"there is {', '.join(known)}"
            raise typer.BadParameter(f"{merchant.name} has no key {key}; {hint}", param_hint="KEY")
    return list(keys) if keys else known


def _asked(held: dict[str, Any], key: str, *, stdin: bool, generate: bool) -> str:
    if generate and key in _OURS:
        return secrets_manager.generated()
    if generate:
        raise typer.BadParameter(f"{key} is given out by the platform", param_hint="--generate")
    if stdin:
        return sys.stdin.readline().strip()
    there = "leave empty to keep it" if secret_keys.count(held, key) else "leave empty for none"
    answer: str = typer.prompt(f"{key} ({there})", default="", hide_input=True, show_default=False)
    return answer.strip()


def _trouble(document: str | None, merchant: Merchant) -> str:
    put_it = f"`shoprelay secrets put {merchant.name}`"
    if document is None:
        return f"There is no secret {secrets_manager.name_of(merchant.name)}: {put_it} makes it."
    try:
        read_secrets(document, merchant)
    except NotConfigured as error:
        return f"{error}: {put_it}"
    return ""


def _table(rows: Iterable[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Key", "Values"):
        table.add_column(column)
    for row in rows:
        table.add_row(row["key"], str(row["values"]) if row["values"] else "-")
    return table


def _done(merchant: Merchant, what: str, *, json_out: bool) -> None:
    name = secrets_manager.name_of(merchant.name)
    if json_out:
        typer.echo(msgspec.json.encode({"secret": name, "is": what}).decode())
    else:
        typer.echo(f"The secret {name} is {what}.")
