"""A merchant's shops and their webhook subscriptions: compare with the plan, and apply it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rich.progress import track

from cli import output
from cli.checks.live.page import open_to_read
from cli.stack import outputs, secrets_manager
from cli.terminal.subscriptions import ShopReport
from shared.errors import NotConfigured
from shared.settings import Merchant
from shared.sources.registry import SUBSCRIPTIONS
from shared.subscriptions.apply import carry_out
from shared.subscriptions.contract import Found, Subscriptions, Wanted
from shared.subscriptions.plan import Step, different

# Seconds for all requests to one shop, including the waits while the shop is busy.
_TIMEOUT = 600.0
_OURS = re.compile(r"/webhooks(/[a-z]+)?\Z")
_KEYS = {
    "shopify": "client_id and client_secret, or access_token",
    "woocommerce": "consumer_key and consumer_secret",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop, and the subscriptions that it should have."""

    source: str
    port: Subscriptions
    wanted: Wanted


class Planner(Protocol):
    """Plans the steps for a shop; ``again`` when the result of the first plan is read back."""

    def __call__(self, shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
        """Return the steps."""
        ...


def shops(merchant: Merchant, secrets: Path | None, url: str | None) -> Iterator[Shop]:
    """Yield a merchant's shops. Raises NotConfigured, or what boto3 raises."""
    found = secrets_manager.secrets_of(merchant, secrets)
    _require_https(merchant)
    for source in merchant.sources:
        port = SUBSCRIPTIONS[source](merchant, found, time.time, time.sleep)
        if port is None:
            raise NotConfigured(
                f"the secret has no API key for {source}: put {_KEYS[source]} into its section"
            )
        address = _address(merchant, source, url)
        wanted = Wanted(topics=port.topics, optional=port.optional, address=address)
        yield Shop(source=source, port=port, wanted=wanted)


def _require_https(merchant: Merchant) -> None:
    """Raise NotConfigured where a store's key would be sent in plain text."""
    url = merchant.shopify.admin_url if merchant.shopify else None
    # WooCommerce's keys sign the request over http, and are not sent.
    if bad := open_to_read(url or "", "shopify.admin_url"):
        raise NotConfigured(f"{bad.detail}: {bad.next}")


def reconcile(shop: Shop, planned: Planner, *, act: bool) -> ShopReport:
    """
    Compare a shop with what is wanted. With ``act``, apply the difference and read back what was
    written. Raises StoreUnavailable.
    """
    deadline = time.time() + _TIMEOUT
    steps = planned(shop, shop.port.look(deadline), again=False)
    writing = [one for one in steps if one.writes]
    by_hand = shop.port.by_hand.replace("ADDRESS", shop.wanted.address)
    if not act or not writing:
        return ShopReport(
            source=shop.source,
            address=shop.wanted.address,
            steps=steps,
            left=different(steps),
            by_hand=by_hand,
        )
    # One step at a time, so that the progress bar shows what the shop has done.
    outcomes = tuple(
        outcome
        for step in _with_progress(writing)
        for outcome in carry_out([step], shop.port, deadline)
    )
    after = planned(shop, shop.port.look(deadline), again=True)
    return ShopReport(
        source=shop.source,
        address=shop.wanted.address,
        steps=steps,
        outcomes=outcomes,
        left=different(after),
        by_hand=by_hand,
    )


def _with_progress(steps: list[Step]) -> Iterator[Step]:
    console = output.console(stderr=True)
    quiet = not console.is_terminal
    yield from track(steps, "Updating the shop", console=console, transient=True, disable=quiet)


def _address(merchant: Merchant, source: str, url: str | None) -> str:
    if url is None:
        return outputs.endpoint(merchant, source)
    if not url.startswith("https://"):
        raise NotConfigured("webhooks hold personal data and need https: use an https:// --url")
    return f"{_OURS.sub('', url.rstrip('/'))}/webhooks/{source}"
