"""``shoprelay connect``, ``disconnect``, ``audit``: a shop's webhook subscriptions."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import output
from cli.commands.options import Json, Name, SecretsFile, Yes
from cli.merchants.files import named
from cli.stack.subscriptions import Planner, Shop, reconcile, shops
from cli.terminal.subscriptions import ShopReport, as_json, show
from shared.subscriptions.contract import Found
from shared.subscriptions.plan import Step, connecting, disconnecting

_CODES = (
    "Exit codes: 0 everything is as it should be, 1 it is not (without --yes nothing was changed), "
    "2 the shop rejected something that a person must correct."
)
EXAMPLE = f"Example: shoprelay connect acme --yes. {_CODES}"
EXAMPLE_DISCONNECT = f"Example: shoprelay disconnect acme --yes. {_CODES}"
EXAMPLE_AUDIT = f"Example: shoprelay audit acme --heal. {_CODES}"

Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Address for webhooks, instead of the stack's."),
]


def connect(  # noqa: PLR0913 - one parameter per option of the command
    name: Name,
    *,
    url: Url = None,
    renew_secret: Annotated[
        bool,
        typer.Option(
            "--renew-secret", help="Set the secret of WooCommerce's webhooks again, after rotation."
        ),
    ] = False,
    secrets: SecretsFile = None,
    yes: Yes = False,
    json_out: Json = False,
) -> None:
    """
    Show which webhook subscriptions the shop lacks. With --yes, create them and read them back.
    It can be repeated: correct subscriptions stay, and those of other apps are never changed.
    """

    def planned(shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
        return connecting(shop.wanted, found, renew=renew_secret and not again)

    _run(name, (url, secrets), planned, act=yes, json_out=json_out, by_hand=True)


def disconnect(
    name: Name,
    *,
    url: Url = None,
    secrets: SecretsFile = None,
    yes: Yes = False,
    json_out: Json = False,
) -> None:
    """Show all subscriptions to the address, the opposite of `connect`. --yes deletes them."""

    def planned(shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
        del again
        return disconnecting(shop.wanted, found)

    _run(name, (url, secrets), planned, act=yes, json_out=json_out)


def audit(
    name: Name,
    *,
    url: Url = None,
    secrets: SecretsFile = None,
    heal: Annotated[bool, typer.Option("--heal", help="Repair the differences.")] = False,
    json_out: Json = False,
) -> None:
    """Compare the shop's subscriptions with what they should be: missing, disabled, changed."""

    def planned(shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
        del again
        return connecting(shop.wanted, found)

    _run(name, (url, secrets), planned, act=heal, json_out=json_out)


def _run(  # noqa: PLR0913 - what the three commands do not share
    name: str,
    where: tuple[str | None, SecretsFile],
    planned: Planner,
    *,
    act: bool,
    json_out: bool,
    by_hand: bool = False,
) -> None:
    url, secrets = where
    merchant = named(name)
    reports = [reconcile(shop, planned, act=act) for shop in shops(merchant, secrets, url)]
    if json_out:
        output.echo_json(as_json(merchant.name, reports, acted=act))
    else:
        show(reports, acted=act, by_hand=by_hand)
    code = max((_code(one) for one in reports), default=0)
    if code:
        raise typer.Exit(code)


def _code(report: ShopReport) -> int:
    if report.rejected:
        return 2
    return 1 if report.left else 0
