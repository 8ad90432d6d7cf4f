"""
``python -m cli.local.stand_ins NAME``: stand-ins of both stores and of the platforms on loopback,
to try `shoprelay check`, `connect` and `audit` before a real shop is available. Nothing is kept
when they stop. The merchant's file is not changed: while they run, their addresses are in
.shoprelay/stand-ins/NAME.toml, which the commands but `deploy` and `preflight` read instead, and
their keys in a secret document beside it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cli.local.merchant import sandboxed, toml
from cli.local.start_sandbox import sandbox
from cli.merchants.files import PROCESS, file_of, load, overlay_of
from cli.sandbox.shopify.double import AdminDouble
from cli.sandbox.shopify.store_data import StoreData
from cli.sandbox.woocommerce.double import RestDouble
from cli.sandbox.woocommerce.keys import Key
from shared.errors import NotConfigured
from shared.settings import Merchant, read_merchant, read_secrets

_TOKEN = "shpat_demo"  # noqa: S105 - of a stand-in
_KEY = Key(name="ck_demo", secret="cs_demo", may="read_write")  # noqa: S106 - as above
_SECRETS: dict[str, dict[str, Any]] = {
    "shopify": {"webhook_secrets": ["demo-new-secret"], "access_token": _TOKEN},
    "woocommerce": {
        "webhook_secrets": ["demo-woocommerce-secret-of-32-letters"],
        "consumer_key": _KEY.name,
        "consumer_secret": _KEY.secret,
    },
    "datacue": {"api_key": "demo-key", "api_secret": "demo-secret"},
}


def main(arguments: list[str]) -> int:
    """Start the stand-ins of a merchant, write their addresses, and wait for Ctrl-C."""
    if len(arguments) != 1:
        sys.stderr.write("NAME is missing. Example: python -m cli.local.stand_ins trial\n")
        return 2
    try:
        with ExitStack() as up:
            sys.stdout.write(start_stand_ins(up, arguments[0]))
            sys.stdout.flush()
            threading.Event().wait()
    except NotConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


def start_stand_ins(up: ExitStack, name: str) -> str:
    """Start the stand-ins on ``up``; return a note on what was written. Raise NotConfigured."""
    merchant = load(file_of(name))
    overlay = overlay_of(merchant.name)
    secrets = overlay.with_suffix(".secrets.json")
    document = {one: keys for one, keys in _SECRETS.items() if one in _platforms(merchant)}
    overlay.parent.mkdir(parents=True, exist_ok=True)
    up.callback(overlay.unlink, missing_ok=True)
    text = _with_store_urls(up, file_of(name), merchant)
    sandbox_url = sandbox(up, merchant, read_secrets(json.dumps(document), merchant), None)
    addresses = sandboxed(text, read_merchant(text), sandbox_url)
    overlay.write_text(f"{PROCESS}{os.getpid()}\n{addresses}", encoding="utf-8")
    secrets.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return (
        f"The stores and platforms of {name} run until Ctrl-C. Until then the commands use their "
        f"addresses ({overlay}); their keys are in {secrets}.\n"
    )


def _platforms(merchant: Merchant) -> tuple[str, ...]:
    return (*merchant.sources, *merchant.destinations)


def _with_store_urls(up: ExitStack, file: Path, merchant: Merchant) -> str:
    """Return the merchant's file with the addresses of the stores, which are started here."""
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    if merchant.shopify:
        held = StoreData(tokens={_TOKEN}, shop=merchant.shopify.shop, currency=merchant.currency)
        document["shopify"]["admin_url"] = up.enter_context(AdminDouble(held)).url
    if merchant.woocommerce:
        document["woocommerce"]["url"] = up.enter_context(RestDouble(keys=(_KEY,))).url
    return toml(document)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
