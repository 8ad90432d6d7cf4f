"""Stand-ins of external systems: the platforms' sandbox and the WooCommerce store."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from cli.local.merchant import is_fictional
from cli.sandbox.samples import DOCUMENTS
from cli.sandbox.server import Sandbox
from cli.sandbox.woocommerce.double import RestDouble
from cli.sandbox.woocommerce.keys import Key
from cli.sandbox.woocommerce.store_data import load
from shared.settings import Merchant, Secrets, TrackerSecrets, Yespo

# Devices that PersonaClick's script issued to browsers, as written in some of the samples.
DEVICES = "Vx8kQ2mTzL,Kd5wJ7hRuM"


def sandbox(up: ExitStack, merchant: Merchant, secrets: Secrets, state: Path | None) -> str:
    """Start the sandbox on ``up``; return its URL. ``state`` is its state file."""
    keys = _credentials(merchant, secrets)
    platforms = Sandbox(keys, {"datacue": merchant.datacue.profile}, state)
    url = platforms.start()
    up.callback(platforms.stop)
    return url


def _credentials(merchant: Merchant, secrets: Secrets) -> dict[str, Mapping[str, str]]:
    credentials: dict[str, Mapping[str, str]] = {}
    if secrets.datacue:
        keys = secrets.datacue
        credentials["datacue"] = {"api_key": keys.api_key, "api_secret": keys.api_secret}
    if merchant.yespo:
        credentials["yespo"] = _tracker(merchant.yespo, secrets.yespo)
    if merchant.esputnik:
        credentials["esputnik"] = _tracker(merchant.esputnik, secrets.esputnik)
    if merchant.personaclick:
        credentials["personaclick"] = {
            "shop_id": merchant.personaclick.shop_id,
            "shop_secret": secrets.personaclick.shop_secret or "",
            "devices": DEVICES,
        }
    return credentials


def _tracker(site: Yespo, keys: TrackerSecrets) -> Mapping[str, str]:
    return {"site_id": site.site_id, **({"api_key": keys.api_key} if keys.api_key else {})}


def store(
    up: ExitStack, merchant: Merchant, secrets: Secrets, *, samples: bool
) -> RestDouble | None:
    """
    Start a WooCommerce store with the samples' data, unless a real one is used: for the samples,
    and for a store at a reserved address. Return None without a consumer key.
    """
    keys = secrets.woocommerce
    if keys is None or not keys.consumer_key or not keys.consumer_secret:
        return None
    if "woocommerce" not in merchant.sources or not (samples or is_fictional(merchant)):
        return None
    key = Key(name=keys.consumer_key, secret=keys.consumer_secret)
    return up.enter_context(RestDouble(load(DOCUMENTS), (key,)))
