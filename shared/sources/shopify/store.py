"""The shop's own API: the Admin GraphQL API over HTTP, against a deadline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
import requests

from shared.errors import NotUnderstood, StoreUnavailable
from shared.http.connection import Session
from shared.http.store_client import StoreClient, StoreResponse
from shared.model.version import instant_at
from shared.settings import Merchant, Secrets
from shared.sources.parsing.documents import read_response
from shared.sources.shopify import from_graphql, graphql
from shared.sources.shopify.context import Fetched
from shared.sources.shopify.token import Granted, Static, Token

_UNAUTHORIZED = 401
_REFUSALS = frozenset({_UNAUTHORIZED, 403})
_DENIED = "ACCESS_DENIED"
# 2048 variants, the platform's maximum, are nine pages; more would be an endless list.
_MAX_PAGES = 20

T = TypeVar("T")


class _Throttle(graphql.Node, frozen=True):
    currently_available: float = 0
    restore_rate: float = 0


class _Cost(graphql.Node, frozen=True):
    requested_query_cost: float = 0
    throttle_status: _Throttle = _Throttle()


class _Extensions(graphql.Node, frozen=True):
    cost: _Cost | None = None
    code: str | None = None


class _Error(graphql.Node, frozen=True):
    extensions: _Extensions = _Extensions()


class _Response(graphql.Node, frozen=True):
    data: msgspec.Raw = msgspec.Raw(b"null")
    errors: list[_Error] | None = None
    extensions: _Extensions = _Extensions()


class QueryRefused(StoreUnavailable):
    """The store answered with errors instead of data; ``codes`` are Shopify's own."""

    def __init__(self, codes: list[str], after: float | None) -> None:
        reason = f"the store refused the query: {', '.join(codes)}"
        super().__init__(reason, after, refused=_DENIED in codes)
        self.codes = frozenset(codes)


class AdminApi:
    """A `Store` with one address, one token and one clock."""

    def __init__(self, url: str, token: Token, client: StoreClient) -> None:
        self._url = url
        self._token = token
        self._client = client

    def product(self, product_id: str, deadline: float) -> Fetched | None:
        """Read a product with all its variants, 250 per page; None if it does not exist."""
        with self._client:
            return self._product(product_id, deadline)

    def product_of_item(self, item_id: str, deadline: float) -> Fetched | None:
        """Read the product of an inventory item's variant; None if it does not exist."""
        variables = {"id": f"gid://shopify/InventoryItem/{item_id}"}
        with self._client:
            item = self._query(graphql.OWNER, variables, graphql.OwnerData, deadline).inventory_item
            owners = [one.product for one in item.variants.nodes] if item else []
            owner = next((one for one in owners if one), None)
            return self._product(owner.id, deadline) if owner else None

    def run_query(
        self, query: str, variables: Mapping[str, Any], shape: type[T], deadline: float
    ) -> T:
        """Send a query that no webhook waits for, and decode its data. Raise StoreUnavailable."""
        try:
            with self._client:
                return self._query(query, variables, shape, deadline)
        except NotUnderstood as error:
            raise StoreUnavailable(str(error)) from None

    def _product(self, product_id: str, deadline: float) -> Fetched | None:
        # Taken before the query, so that a change during the query is newer.
        at = instant_at(self._client.now())
        variables: dict[str, Any] = {"id": f"gid://shopify/Product/{product_id}", "after": None}
        variants: list[graphql.Variant] = []
        for _ in range(_MAX_PAGES):
            found = self._query(graphql.PRODUCT, variables, graphql.ProductData, deadline).product
            if found is None:
                return None
            variants += found.variants.nodes
            page = found.variants.page_info
            if not page.has_next_page:
                return Fetched(
                    product=from_graphql.body(found, variants),
                    tracked=from_graphql.tracked(variants),
                    at=at,
                )
            variables["after"] = page.end_cursor
        raise StoreUnavailable("the store's list of variants does not end")

    def _query(
        self, query: str, variables: Mapping[str, Any], shape: type[T], deadline: float
    ) -> T:
        body = msgspec.json.encode({"query": query, "variables": variables})
        response = self._post(body, deadline)
        if response.status == _UNAUTHORIZED and self._token.renewable:
            self._token.forget()
            response = self._post(body, deadline)
        if response.status != requests.codes.ok:
            raise StoreUnavailable(
                f"the store answered {response.status}",
                response.after,
                refused=response.status in _REFUSALS,
            )
        return _data(read_response(response.body, _Response), shape)

    def _post(self, body: bytes, deadline: float) -> StoreResponse:
        headers = {
            "Content-Type": "application/json",
            "X-Shopify-Access-Token": self._token.get(deadline),
        }
        return self._client.post(self._url, body, headers, deadline)


def connect(
    merchant: Merchant,
    secrets: Secrets,
    now: Callable[[], float],
    session: requests.Session | None = None,
) -> AdminApi | None:
    """
    Return a client with a static token or the client-credentials grant; None with neither.

    ``now`` returns epoch seconds.
    """
    shop, keys = merchant.shopify, secrets.shopify
    if shop is None or keys is None:
        return None
    base = (shop.admin_url or f"https://{shop.shop}").rstrip("/")
    client = StoreClient(session or Session(), now)
    if keys.access_token:
        token: Token = Static(keys.access_token)
    elif keys.client_id and keys.client_secret:
        grant = f"{base}/admin/oauth/access_token"
        token = Granted(grant, (keys.client_id, keys.client_secret), client)
    else:
        return None
    return AdminApi(f"{base}/admin/api/{shop.api_version}/graphql.json", token, client)


def _data(response: _Response, shape: type[T]) -> T:
    # Shopify refuses a query with status 200 and an error code: THROTTLED, ACCESS_DENIED.
    if response.errors:
        codes = sorted({error.extensions.code or "without a code" for error in response.errors})
        cost = response.extensions.cost
        wait = _wait(cost) if "THROTTLED" in codes and cost else None
        raise QueryRefused(codes, wait)
    return read_response(bytes(response.data), shape)


def _wait(cost: _Cost) -> float | None:
    status = cost.throttle_status
    if status.restore_rate <= 0:
        return None
    return max(0.0, (cost.requested_query_cost - status.currently_available) / status.restore_rate)
