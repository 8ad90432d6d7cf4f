"""``shoprelay connect``, ``disconnect``, ``audit``: what a shop is asked to send, and where to."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.commands.dlq import Json, Yes
from cli.commands.options import Name, SecretsFile
from cli.merchants.files import named
from cli.stack.subscriptions import Planned, Shop, shops, worked
from cli.terminal.subscriptions import Part, as_json, show
from shared.subscriptions.contract import Found
from shared.subscriptions.plan import Step, connecting, disconnecting

_CODES = (
    "Exit codes: 0 all is as wanted, 1 it is not (without --yes nothing was changed), 2 the shop "
    "refused something that a person must mend."
)
EXAMPLE = f"Example: shoprelay connect acme --yes. {_CODES}"
EXAMPLE_DISCONNECT = f"Example: shoprelay disconnect acme --yes. {_CODES}"
EXAMPLE_AUDIT = f"Example: shoprelay audit acme --heal. {_CODES}"

Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Where webhooks go, not the stack's address."),
]


def connect(  # noqa: PLR0913 - one parameter per option of the command
    name: Name,
    *,
    url: Url = None,
    renew_secret: Annotated[
        bool,
        typer.Option(
            "--renew-secret", help="Give WooCommerce's webhooks the secret again: it was rotated."
        ),
    ] = False,
    secrets: SecretsFile = None,
    yes: Yes = False,
    json_out: Json = False,
) -> None:
    """
    Show what is to be done so that the shop sends us its webhooks; --yes does it and reads it back.
    Again and again: what is right stays as it is, and what is somebody else's is never touched.
    """

    def planned(shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
        return connecting(shop.wanted, found, renew=renew_secret and not again)

    _carry_through(name, (url, secrets), planned, act=yes, json_out=json_out, by_hand=True)


def disconnect(
    name: Name,
    *,
    url: Url = None,
    secrets: SecretsFile = None,
    yes: Yes = False,
    json_out: Json = False,
) -> None:
    """Undo `connect`: end every subscription to the address; --yes does it."""

    def planned(shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
        del again
        return disconnecting(shop.wanted, found)

    _carry_through(name, (url, secrets), planned, act=yes, json_out=json_out)


def audit(
    name: Name,
    *,
    url: Url = None,
    secrets: SecretsFile = None,
    heal: Annotated[bool, typer.Option("--heal", help="Put right what is not.")] = False,
    json_out: Json = False,
) -> None:
    """Compare what the shop sends with what it should: what vanished, was disabled, was changed."""

    def planned(shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
        del again
        return connecting(shop.wanted, found)

    _carry_through(name, (url, secrets), planned, act=heal, json_out=json_out)


def _carry_through(  # noqa: PLR0913 - what the three commands do not share
    name: str,
    where: tuple[str | None, SecretsFile],
    planned: Planned,
    *,
    act: bool,
    json_out: bool,
    by_hand: bool = False,
) -> None:
    url, secrets = where
    merchant = named(name)
    parts = [worked(shop, planned, act=act) for shop in shops(merchant, secrets, url)]
    if json_out:
        typer.echo(as_json(merchant.name, parts, acted=act))
    else:
        show(parts, acted=act, by_hand=by_hand)
    code = max((_code(part) for part in parts), default=0)
    if code:
        raise typer.Exit(code)


def _code(part: Part) -> int:
    if part.refused:
        return 2
    return 1 if part.left else 0
