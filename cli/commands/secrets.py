"""``shoprelay secrets``: put, list and rotate a merchant's secrets. No value is ever shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from cli import output
from cli.commands.options import Json, Name
from cli.merchants import secret_keys
from cli.merchants.files import named
from cli.merchants.suggestions import nearest
from cli.stack import secrets_manager
from cli.stack.resources import Location
from cli.stack.target import announce
from cli.terminal.table import Column, print_table
from shared.errors import NotConfigured
from shared.settings import Merchant, read_secrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

app = typer.Typer(
    help="The merchant's secrets, in AWS Secrets Manager. No command shows a value.",
    epilog="Example: shoprelay secrets put acme --file acme.secrets.json",
    no_args_is_help=True,
)
# No platform issues these, so a generated value will do.
_GENERATED = ("woocommerce.webhook_secrets", "pseudonym_key")
_STDIN = "-"

Keys = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY]...", help="Key, such as datacue.api_key.")
]
Stdin = Annotated[bool, typer.Option("--stdin", help="Read the value from standard input.")]
Generate = Annotated[
    bool, typer.Option("--generate", help="Generate the value, for keys that no platform issues.")
]


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
    Put the whole document (--file), or the named keys, or every key in turn. Prompts do not show
    what is typed. An empty input leaves a key as it is.
    """
    merchant = named(name)
    client = secrets_manager.connected()
    if file is not None:
        text = sys.stdin.read() if str(file) == _STDIN else secrets_manager.read(file)
    else:
        document = _document(client, merchant)
        for key in _chosen(merchant, keys):
            value = _input(document, key, stdin=stdin, generate=generate)
            secret_keys.replace(document, key, value)
        text = json.dumps(document)
    announce(Location())
    _print_done(merchant, secrets_manager.put(client, merchant, text), json_out=json_out)


@app.command("list", epilog="Example: shoprelay secrets list acme. Exit codes: 0 complete, 1 not.")
def show_list(name: Name, *, json_out: Json = False) -> None:
    """List which keys are set and which are missing. It never shows a value."""
    merchant = named(name)
    text = secrets_manager.fetch(secrets_manager.connected(), merchant.name)
    document: dict[str, Any] = json.loads(text) if text else {}
    rows = [
        {"key": key, "values": secret_keys.count(document, key)} for key in secret_keys.of(merchant)
    ]
    problem = _problem(text, merchant)
    secret = secrets_manager.name_of(merchant.name)
    if json_out:
        result = {"secret": secret, "keys": rows, "wrong": problem or None}
        output.echo_json(msgspec.json.encode(result))
    else:
        _print_keys(rows)
        output.echo(problem or f"The secret {secret} is complete.")
    if problem:
        raise typer.Exit(1)


@app.command(
    "rotate",
    epilog="Example: shoprelay secrets rotate acme woocommerce.webhook_secrets. "
    "Exit codes: 0 put, 2 not.",
)
def rotate(  # noqa: PLR0913 - one parameter per option of the command
    name: Name,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Key, such as shopify.webhook_secrets.")
    ],
    *,
    finish: Annotated[
        bool, typer.Option("--finish", help="Remove all but the newest webhook secret.")
    ] = False,
    stdin: Stdin = False,
    generate: Generate = False,
    json_out: Json = False,
) -> None:
    """
    Put a new value. Of webhook secrets, the old ones stay valid beside it until --finish removes
    them. Any other key has one value, which is replaced.
    """
    merchant = named(name)
    client = secrets_manager.connected()
    document = _document(client, merchant)
    [key] = _chosen(merchant, [key])
    if finish:
        secret_keys.finish(document, key)
    else:
        value = _input(document, key, stdin=stdin, generate=generate or key in _GENERATED)
        secret_keys.add(document, key, value)
    announce(Location())
    done = secrets_manager.put(client, merchant, json.dumps(document))
    _print_done(merchant, done, json_out=json_out)
    if not json_out:
        output.echo(_next_step(merchant, key, finished=finish))


def _next_step(merchant: Merchant, key: str, *, finished: bool) -> str:
    if finished:
        return "Only the newest secret is valid now."
    if not key.endswith(secret_keys.LIST):
        return "The functions use it within five minutes."
    shop = key.partition(".")[0]
    renew = f"`shoprelay connect {merchant.name} --renew-secret --yes`"
    give = f"run {renew}" if shop == "woocommerce" else "set it in the shop"
    then = f"`shoprelay secrets rotate {merchant.name} {key} --finish`"
    return f"Old and new are both valid within five minutes. Then {give}. Last, run {then}."


def _document(client: SecretsManagerClient, merchant: Merchant) -> dict[str, Any]:
    text = secrets_manager.fetch(client, merchant.name)
    try:
        document = json.loads(text or "{}")
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise NotConfigured("the secret is not JSON: put a whole document with --file")
    return document


def _chosen(merchant: Merchant, keys: Iterable[str] | None) -> list[str]:
    known = secret_keys.of(merchant)
    for key in keys or ():
        if key not in known:
            hint = nearest(key, known) or f"use one of {', '.join(known)}"
            raise typer.BadParameter(f"{merchant.name} has no key {key}; {hint}", param_hint="KEY")
    return list(keys) if keys else known


def _input(document: dict[str, Any], key: str, *, stdin: bool, generate: bool) -> str:
    if generate and key in _GENERATED:
        return secrets_manager.generated()
    if generate:
        raise typer.BadParameter(
            f"{key} is issued by the platform: type it, or use --stdin", param_hint="--generate"
        )
    if stdin:
        return sys.stdin.readline().strip()
    hint = "leave empty to keep it" if secret_keys.count(document, key) else "leave empty for none"
    answer: str = typer.prompt(f"{key} ({hint})", default="", hide_input=True, show_default=False)
    return answer.strip()


def _problem(text: str | None, merchant: Merchant) -> str:
    put_it = f"`shoprelay secrets put {merchant.name}`"
    if text is None:
        secret = secrets_manager.name_of(merchant.name)
        return f"There is no secret {secret}: {put_it} creates it."
    try:
        read_secrets(text, merchant)
    except NotConfigured as error:
        return f"{error}: {put_it}"
    return ""


def _print_keys(rows: Iterable[dict[str, Any]]) -> None:
    columns = (Column(title="Key", whole=True), Column(title="Values"))
    print_table(columns, [(row["key"], row["values"] or "-") for row in rows])


def _print_done(merchant: Merchant, what: str, *, json_out: bool) -> None:
    name = secrets_manager.name_of(merchant.name)
    if json_out:
        output.echo_json(msgspec.json.encode({"secret": name, "is": what}))
    else:
        output.echo(f"The secret {name} is {what}.")
