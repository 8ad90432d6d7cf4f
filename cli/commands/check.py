"""``shoprelay check``: check a merchant's file, secrets, stores and platforms. Nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import typer
from botocore.exceptions import BotoCoreError, ClientError

from cli import output
from cli.checks import errors
from cli.checks.finding import Check, Finding, ok, run_check, unknown, wrong
from cli.checks.live import platforms, shopify, woocommerce
from cli.checks.preflight import files, screen
from cli.commands.options import Json, Name, SecretsFile
from cli.merchants.files import current_file, named
from cli.stack import secrets_manager
from shared.errors import NotConfigured
from shared.settings import Merchant, Secrets

EXAMPLE = (
    "Example: shoprelay check acme --secrets merchants/acme.secrets.json. Exit codes: 0 nothing is "
    "wrong, 1 something is wrong, 2 there is no such merchant."
)
NamedCheck = tuple[str, Callable[[], Finding]]


def check(name: Name, *, secrets: SecretsFile = None, json_out: Json = False) -> None:
    """Check the merchant's file, secrets, stores and platforms, and say how to correct them."""
    found = _with_progress(name, secrets)
    if json_out:
        output.echo_json(screen.as_json(name, found))
    else:
        screen.show(found)
    if not screen.ready(found):
        raise typer.Exit(1)


def _with_progress(name: str, file: Path | None) -> list[Check]:
    found = []
    with output.console(stderr=True).status("Checking") as status:
        for one in checks(name, file):
            found.append(one)
            status.update(f"Checking: {one.name}: {one.finding.verdict.value}")
    return found


def checks(name: str, file: Path | None) -> Iterator[Check]:
    """Yield the result of each check. A check is left out when what it needs is wrong already."""
    merchant = named(name) if not current_file(name).is_file() else _read(name)
    if isinstance(merchant, Finding):
        yield Check(name="merchant's file", finding=merchant)
        return
    yield run_check("merchant's file", lambda: files.merchant_file(current_file(name)))
    secrets: list[Secrets] = []
    yield run_check("secret", partial(_secret, merchant, file, secrets))
    if not secrets:
        return
    everything = (shopify.checks, woocommerce.checks, platforms.checks)
    for title, one in chain.from_iterable(each(merchant, secrets[0]) for each in everything):
        yield run_check(title, one)


def _read(name: str) -> Merchant | Finding:
    try:
        return named(name)
    except NotConfigured as error:
        return wrong(str(error), f"correct it in {current_file(name)}")


def _secret(merchant: Merchant, file: Path | None, secrets: list[Secrets]) -> Finding:
    put = f"shoprelay secrets put {merchant.name}"
    try:
        secrets.append(secrets_manager.secrets_of(merchant, file))
    except NotConfigured as error:
        return wrong(str(error), put if file is None else f"correct it in {file}")
    except (BotoCoreError, ClientError) as error:
        return unknown(errors.describe(error).text, "or use --secrets FILE")
    place = secrets_manager.name_of(merchant.name) if file is None else file.name
    return ok(f"{place} has a section for each platform")
