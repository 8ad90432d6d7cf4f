"""Queries of a Shopify store's Admin API for the checks."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from cli.checks.live.page import TIMEOUT
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
class StoreFacts:
    """What the store responded; ``version`` is that of the API that responded."""

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
        self._client = StoreClient(Session(), time.time)
        self._url = f"{base}/admin/api/{shop.api_version}/graphql.json"
        self._token = _token(base, keys, self._client)

    @property
    def has_token(self) -> bool:
        """Whether there is a token for the queries."""
        return self._token is not None

    def query(self, query: str) -> tuple[StoreResponse, Any]:
        """Send a query; return the response and its JSON. Raises StoreUnavailable."""
        deadline = time.time() + TIMEOUT
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Access-Token": self._token.get(deadline) if self._token else "",
        }
        with self._client:
            reply = self._client.post(
                self._url, json.dumps({"query": query}).encode(), headers, deadline
            )
        try:
            found = json.loads(reply.body)
        except ValueError:
            found = None
        return reply, found if isinstance(found, dict) else {}


def _token(base: str, keys: ShopifySecrets, client: StoreClient) -> Token | None:
    if keys.access_token:
        return Static(keys.access_token)
    if keys.client_id and keys.client_secret:
        grant = f"{base}/admin/oauth/access_token"
        return Granted(grant, (keys.client_id, keys.client_secret), client)
    return None


def read(reply: StoreResponse, found: Any) -> StoreFacts | None:
    """Read the response to `STORE`; None for one without data."""
    try:
        data = found["data"]
        granted = data["currentAppInstallation"]["accessScopes"]
        return StoreFacts(
            domain=data["shop"]["myshopifyDomain"],
            currency=data["shop"]["currencyCode"],
            plan=(data["shop"].get("plan") or {}).get("publicDisplayName") or "unknown",
            scopes=frozenset(one["handle"] for one in granted),
            version=reply.headers.get("x-shopify-api-version", ""),
        )
    except (KeyError, TypeError):
        return None


def codes(found: Any) -> str:
    """Return the codes of the errors in a response; never their messages."""
    try:
        found_codes = {
            one.get("extensions", {}).get("code") or "?" for one in found.get("errors") or ()
        }
    except AttributeError:
        return "?"
    return ", ".join(sorted(found_codes))
