"""A merchant's shops, asked for their subscriptions, and put right."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import track

from cli.checks.live.page import open_to_read
from cli.stack import outputs, secrets_manager
from cli.terminal.subscriptions import Part
from shared.errors import NotConfigured
from shared.settings import Merchant
from shared.sources.registry import SUBSCRIPTIONS
from shared.subscriptions.apply import carry_out
from shared.subscriptions.contract import Found, Subscriptions, Wanted
from shared.subscriptions.plan import Step, different

# For everything that is asked of one shop, the waits of a busy one included.
_PATIENCE = 600.0
_OURS = re.compile(r"(/webhooks(/[a-z]+)?)?/*\Z")
_KEYS = {
    "shopify": "client_id and client_secret, or access_token",
    "woocommerce": "consumer_key and consumer_secret",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A shop, and what it should send."""

    source: str
    port: Subscriptions
    wanted: Wanted


class Planned(Protocol):
    """Plans for a shop; ``again`` when what was done is read back."""

    def __call__(self, shop: Shop, found: Found, *, again: bool) -> tuple[Step, ...]:
        """Give the steps."""
        ...


def shops(merchant: Merchant, secrets: Path | None, url: str | None) -> Iterator[Shop]:
    """Give a merchant's shops. Raises NotConfigured, or what boto3 raises."""
    held = secrets_manager.secrets_of(merchant, secrets)
    _unheard(merchant)
    for source in merchant.sources:
        port = SUBSCRIPTIONS[source](merchant, held, time.time, time.sleep)
        if port is None:
            raise NotConfigured(
                f"the secret has no key to ask {source} with: put {_KEYS[source]} into its section"
            )
        address = _address(merchant, source, url)
        wanted = Wanted(topics=port.topics, optional=port.optional, address=address)
        yield Shop(source=source, port=port, wanted=wanted)


def _unheard(merchant: Merchant) -> None:
    """See that no key of a store is sent where others can read it."""
    url = merchant.shopify.admin_url if merchant.shopify else None
    # WooCommerce's keys sign where it is http, and are not sent.
    if bad := open_to_read(url or "", "shopify.admin_url"):
        raise NotConfigured(f"{bad.told}: {bad.next}")


def worked(shop: Shop, planned: Planned, *, act: bool) -> Part:
    """
    Compare a shop with what is wanted, carry the difference out if asked to, and read back what
    was written. Raises StoreUnavailable.
    """
    deadline = time.time() + _PATIENCE
    steps = planned(shop, shop.port.look(deadline), again=False)
    writing = [one for one in steps if one.writes]
    by_hand = shop.port.by_hand.replace("ADDRESS", shop.wanted.address)
    if not act or not writing:
        return Part(
            source=shop.source,
            address=shop.wanted.address,
            steps=steps,
            left=different(steps),
            by_hand=by_hand,
        )
    # One step at a time: the progress is that of the shop, not of the plan.
    outcomes = tuple(
        outcome for step in _shown(writing) for outcome in carry_out([step], shop.port, deadline)
    )
    after = planned(shop, shop.port.look(deadline), again=True)
    return Part(
        source=shop.source,
        address=shop.wanted.address,
        steps=steps,
        outcomes=outcomes,
        left=different(after),
        by_hand=by_hand,
    )


def _shown(steps: list[Step]) -> Iterator[Step]:
    console = Console(stderr=True)
    quiet = not console.is_terminal
    yield from track(steps, "Asking the shop", console=console, transient=True, disable=quiet)


def _address(merchant: Merchant, source: str, url: str | None) -> str:
    if url is None:
        return outputs.endpoint(merchant, source)
    if not url.startswith("https://"):
        raise NotConfigured("webhooks name people, and are sent by https alone: give an https URL")
    return f"{_OURS.sub('', url)}/webhooks/{source}"
