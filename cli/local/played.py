"""The outside, played: the platforms that are told, and the store that is asked."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from cli.local.merchant import invented
from cli.local.woocommerce.double import RestDouble
from cli.local.woocommerce.held import load
from cli.local.woocommerce.keys import Key
from cli.samples import DOCUMENTS
from cli.sandbox.server import Sandbox
from shared.settings import Merchant, Secrets


def sandbox(up: ExitStack, merchant: Merchant, secrets: Secrets, state: Path | None) -> str:
    """Start the platforms while ``up`` lasts, and give their URL; ``state`` is where they keep."""
    keys = secrets.datacue
    played = Sandbox(
        {"datacue": {"api_key": keys.api_key, "api_secret": keys.api_secret}} if keys else {},
        {"datacue": merchant.datacue.profile},
        state,
    )
    url = played.start()
    up.callback(played.stop)
    return url


def store(
    up: ExitStack, merchant: Merchant, secrets: Secrets, *, samples: bool
) -> RestDouble | None:
    """
    Start a WooCommerce store that holds what the samples are about, where it is not to be a real
    one: for the samples, and for a store at an invented address. None without a consumer key.
    """
    keys = secrets.woocommerce
    if keys is None or not keys.consumer_key or not keys.consumer_secret:
        return None
    if "woocommerce" not in merchant.sources or not (samples or invented(merchant)):
        return None
    key = Key(name=keys.consumer_key, secret=keys.consumer_secret)
    return up.enter_context(RestDouble(load(DOCUMENTS), (key,)))
