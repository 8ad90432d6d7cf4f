"""A Shopify store's Admin API, asked whatever a check wants to know."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from cli.checks.live.page import PATIENCE
from shared.errors import StoreUnavailable
from shared.http.connection import Session
from shared.http.store_client import StoreClient, StoreResponse
from shared.settings import Merchant, ShopifySecrets
from shared.sources.shopify.token import Granted, Static, Token

STORE = """query ShoprelayCheck {
  shop { myshopifyDomain currencyCode plan { publicDisplayName } }
  currentAppInstallation { accessScopes { handle } }
}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the store said of itself; ``version`` is that of the API that answered."""

    domain: str
    currency: str
    plan: str
    scopes: frozenset[str]
    version: str


class Admin:
    """A store's Admin API: one address, one token."""

    def __init__(self, merchant: Merchant, keys: ShopifySecrets) -> None:
        shop = merchant.shopify
        if shop is None:
            raise StoreUnavailable("there is no section [shopify]")
        base = (shop.admin_url or f"https://{shop.shop}").rstrip("/")
        self._wire = StoreClient(Session(), time.time)
        self._url = f"{base}/admin/api/{shop.api_version}/graphql.json"
        self._token = _token(base, keys, self._wire)

    @property
    def asked(self) -> bool:
        """Whether there is a token to ask with."""
        return self._token is not None

    def ask(self, query: str) -> tuple[StoreResponse, Any]:
        """Ask, and give the answer and its JSON. Raises StoreUnavailable."""
        deadline = time.time() + PATIENCE
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Access-Token": self._token.get(deadline) if self._token else "",
        }
        with self._wire:
            reply = self._wire.post(
                self._url, json.dumps({"query": query}).encode(), headers, deadline
            )
        try:
            found = json.loads(reply.body)
        except ValueError:
            found = None
        return reply, found if isinstance(found, dict) else {}


def _token(base: str, keys: ShopifySecrets, wire: StoreClient) -> Token | None:
    if keys.access_token:
        return Static(keys.access_token)
    if keys.client_id and keys.client_secret:
        grant = f"{base}/admin/oauth/access_token"
        return Granted(grant, (keys.client_id, keys.client_secret), wire)
    return None


def read(reply: StoreResponse, found: Any) -> Seen | None:
    """Read the answer to `STORE`; None for one that is none."""
    try:
        data = found["data"]
        granted = data["currentAppInstallation"]["accessScopes"]
        return Seen(
            domain=data["shop"]["myshopifyDomain"],
            currency=data["shop"]["currencyCode"],
            plan=(data["shop"].get("plan") or {}).get("publicDisplayName") or "unknown",
            scopes=frozenset(one["handle"] for one in granted),
            version=reply.headers.get("x-shopify-api-version", ""),
        )
    except (KeyError, TypeError):
        return None


def codes(found: Any) -> str:
    """Name the codes of a refusal; never its text."""
    try:
        named = {one.get("extensions", {}).get("code") or "?" for one in found.get("errors") or ()}
    except AttributeError:
        return "?"
    return ", ".join(sorted(named))
