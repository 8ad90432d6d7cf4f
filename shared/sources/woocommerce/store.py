"""The store's own REST API, wc/v3, with a deadline. All methods but `send` only read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

import msgspec
import requests

from shared.errors import NotConfigured, StoreUnavailable
from shared.http.connection import Session
from shared.http.store_client import StoreClient, StoreResponse
from shared.model.value import replace
from shared.settings import Merchant, Secrets
from shared.sources.parsing.documents import read_response
from shared.sources.parsing.html import plain
from shared.sources.parsing.languages import in_one_language
from shared.sources.parsing.scalars import Id
from shared.sources.woocommerce.authentication import Authentication, authenticate
from shared.sources.woocommerce.context import Category
from shared.sources.woocommerce.order_payloads import Currency, Customer, Order
from shared.sources.woocommerce.product_payloads import Body, Product
from shared.sources.woocommerce.rest_errors import content, not_found

# The store's maximum per page.
_PER_PAGE = 100
# By id: documents that are created meanwhile are at the end, and shift no page.
_LISTED = {"per_page": _PER_PAGE, "orderby": "id", "order": "asc"}
# Ten thousand variations of one product, or categories; more would be an endless list.
_MAX_PAGES = 100
_ALL: Mapping[str, str] = {}
_NUMBER = re.compile(r"[0-9]{1,9}")


class _Category(Body, frozen=True):
    # No destination requires a category: one that cannot be read is omitted.
    id: Id | None = None
    name: str | None = None
    parent: Id = "0"


class _Money(Body, frozen=True):
    code: Currency


T = TypeVar("T", bound=Body)
Listed = TypeVar("Listed", Product, _Category)
U = TypeVar("U")


class RestApi:
    """
    A `Store` with one address, one key and one clock. Texts in several languages at once are read
    in one ``language``.
    """

    def __init__(
        self,
        base: str,
        authentication: Authentication,
        client: StoreClient,
        language: str | None = None,
    ) -> None:
        self._base = base
        self.authentication = authentication
        self._send_request = authentication.send
        self._client = client
        self._language = language

    def product(self, product_id: str, deadline: float) -> Product | None:
        """Read a product or a variation, also one in the trash; None if it does not exist."""
        return self._one(f"products/{product_id}", Product, deadline)

    def order(self, order_id: str, deadline: float) -> Order | None:
        """Read an order; None if it does not exist."""
        return self._one(f"orders/{order_id}", Order, deadline)

    def customer(self, customer_id: str, deadline: float) -> Customer | None:
        """Read a customer; None if it does not exist."""
        return self._one(f"customers/{customer_id}", Customer, deadline)

    def currency(self, deadline: float) -> str:
        """Read the currency of product prices."""
        with self._client:
            response = self._get("data/currencies/current", _fields(_Money), deadline)
        return read_response(content(response), _Money).code

    def variations(self, product_id: str, deadline: float) -> tuple[Product, ...]:
        """Read all variations of a product, except those in the trash."""
        return self._all(f"products/{product_id}/variations", Product, deadline)

    def categories(
        self, deadline: float, only: frozenset[str] = frozenset()
    ) -> Mapping[str, Category]:
        """Read all categories by id, or ``only`` those with these ids."""
        some = {"include": ",".join(sorted(only))} if only else {}
        return {
            one.id: Category(
                name=plain(one.name) or one.id, parent=one.parent if one.parent != "0" else None
            )
            for one in self._all("products/categories", _Category, deadline, some)
            if one.id
        }

    def send(
        self, method: str, path: str, deadline: float, body: Mapping[str, object] | None = None
    ) -> StoreResponse:
        """Send any request to a path below ``wc/v3/``. Raises StoreUnavailable."""
        content = None if body is None else msgspec.json.encode(body)
        with self._client:
            return self._send_request(method, f"{self._base}{path}", deadline, content)

    def _one(self, path: str, shape: type[T], deadline: float) -> T | None:
        with self._client:
            response = self._get(path, _fields(shape), deadline)
        return None if not_found(response, path) else read_response(content(response), shape)

    def _all(
        self, path: str, shape: type[Listed], deadline: float, some: Mapping[str, str] = _ALL
    ) -> tuple[Listed, ...]:
        query = {**_fields(shape), **_LISTED, **some}
        with self._client:
            return self._pages(path, shape, deadline, query)

    def _pages(
        self, path: str, shape: type[Listed], deadline: float, query: Mapping[str, object]
    ) -> tuple[Listed, ...]:
        found: dict[str, Listed] = {}
        expected = 0
        for number in range(1, _MAX_PAGES + 1):
            response = self._get(path, {**query, "page": number}, deadline)
            page = _decode_list(response, shape)
            found |= {one.id or "": one for one in page}
            total, last = _count(response, "x-wp-total"), _count(response, "x-wp-totalpages")
            if total < expected:
                # A deletion has shifted a document to a page that was already read.
                raise StoreUnavailable("the store's list changed while it was read")
            # The totals can be wrong: a page is the last only if it is short and the totals agree.
            if len(page) < _PER_PAGE and number >= last:
                return tuple(found.values())
            expected = total
        raise StoreUnavailable(f"the store's list of {path.rpartition('/')[2]} does not end")

    def _get(self, path: str, query: Mapping[str, object], deadline: float) -> StoreResponse:
        url = f"{self._base}{path}?{urlencode(query)}"
        response = self._send_request("GET", url, deadline, None)
        return replace(response, body=in_one_language(response.body, self._language))


def connect(
    merchant: Merchant,
    secrets: Secrets,
    now: Callable[[], float],
    session: requests.Session | None = None,
) -> RestApi | None:
    """
    Return the client; None without a consumer key and its secret. ``now`` returns epoch seconds.

    Raises NotConfigured for a key that no store issues.
    """
    shop, keys = merchant.woocommerce, secrets.woocommerce
    if shop is None or keys is None or not keys.consumer_key or not keys.consumer_secret:
        return None
    pair = (keys.consumer_key, keys.consumer_secret)
    if not "".join(pair).isascii():
        # Most likely the "…" of an example; no header can contain it.
        raise NotConfigured("the secret: not a consumer key", "$.woocommerce.consumer_key")
    client = StoreClient(session or Session(), now)
    authentication = authenticate(shop.url, pair, client)
    return RestApi(f"{shop.url.rstrip('/')}/wp-json/wc/v3/", authentication, client, shop.language)


def _fields(shape: type[Body]) -> dict[str, str]:
    # Only the fields that are read: no meta data of plugins, and no links.
    names = [field.encode_name for field in msgspec.structs.fields(shape)]
    return {"_fields": ",".join(names)}


def _decode_list(response: StoreResponse, shape: type[Listed]) -> list[Listed]:
    shapes: Any = list[shape]  # type: ignore[valid-type]  # a type at run time only
    return cast("list[Listed]", read_response(content(response), shapes))


def _count(response: StoreResponse, name: str) -> int:
    text = response.headers.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else 0
