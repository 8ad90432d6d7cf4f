"""``shoprelay check``: the file, the secret, the store and the platforms; nothing is changed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from cli.checks.finding import Check, Finding, looked_at, ok, unknown, wrong
from cli.checks.live import platforms, shopify, woocommerce
from cli.checks.preflight import files, screen
from cli.commands.dlq import Json
from cli.commands.options import Name, SecretsFile
from cli.merchants.files import file_of, named
from cli.stack import secrets_manager
from cli.terminal import errors
from shared.errors import NotConfigured
from shared.settings import Merchant, Secrets

EXAMPLE = (
    "Example: shoprelay check acme --secrets merchants/acme.secrets.json. Exit codes: 0 nothing is "
    "wrong, 1 something is, 2 there is no such merchant."
)
Named = tuple[str, Callable[[], Finding]]


def check(name: Name, *, secrets: SecretsFile = None, json_out: Json = False) -> None:
    """See that the merchant's file, secret, store and platforms are right, and what is not."""
    found = _watched(name, secrets)
    if json_out:
        sys.stdout.write(screen.as_json(name, found) + "\n")
    else:
        screen.show(found)
    if not screen.ready(found):
        raise typer.Exit(1)


def _watched(name: str, file: Path | None) -> list[Check]:
    found = []
    with Console(stderr=True).status("Looking") as status:
        for one in checks(name, file):
            found.append(one)
            status.update(f"Looking: {one.name} is {one.finding.verdict.value}")
    return found


def checks(name: str, file: Path | None) -> Iterator[Check]:
    """Look at everything, one by one; at nothing that needs what is wrong already."""
    merchant = named(name) if not file_of(name).is_file() else _read(name)
    if isinstance(merchant, Finding):
        yield Check(name="merchant's file", finding=merchant)
        return
    yield looked_at("merchant's file", lambda: files.merchant_file(file_of(name)))
    held: list[Secrets] = []
    yield looked_at("secret", partial(_secret, merchant, file, held))
    if not held:
        return
    everybody = (shopify.checks, woocommerce.checks, platforms.checks)
    for title, look in chain.from_iterable(one(merchant, held[0]) for one in everybody):
        yield looked_at(title, look)


def _read(name: str) -> Merchant | Finding:
    try:
        return named(name)
    except NotConfigured as error:
        return wrong(str(error), f"mend it in {file_of(name)}")


def _secret(merchant: Merchant, file: Path | None, held: list[Secrets]) -> Finding:
    put = f"shoprelay secrets put {merchant.name}"
    try:
        held.append(secrets_manager.secrets_of(merchant, file))
    except NotConfigured as error:
        return wrong(str(error), put if file is None else f"mend it in {file}")
    except (BotoCoreError, ClientError) as error:
        return unknown(errors.told(error).text, "or say --secrets FILE")
    place = secrets_manager.name_of(merchant.name) if file is None else file.name
    return ok(f"{place} has a section for each platform")
