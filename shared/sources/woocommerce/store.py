"""The store's own REST API, wc/v3, against a deadline. Of itself it only reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

import msgspec
import requests

from shared.errors import NotConfigured, NotUnderstood, StoreUnavailable
from shared.http.connection import Session
from shared.http.store_client import StoreClient, StoreResponse
from shared.settings import Merchant, Secrets
from shared.sources.parsing.html import plain
from shared.sources.parsing.scalars import Id, read
from shared.sources.woocommerce.context import Category
from shared.sources.woocommerce.order_payloads import Currency, Customer, Order
from shared.sources.woocommerce.product_payloads import Body, Product
from shared.sources.woocommerce.rest_errors import absent, content

# As many as the store gives at once; beyond a hundred it refuses.
_PER_PAGE = 100
# By id: what comes meanwhile stands at the end, and shifts nothing.
_LISTED = {"per_page": _PER_PAGE, "orderby": "id", "order": "asc"}
# Ten thousand variations of one product, or categories; more is a store that never ends.
_MAX_PAGES = 100
_NUMBER = re.compile(r"[0-9]{1,9}")
# Firewalls of WordPress turn away clients that bear the name of a library.
_HEADERS = {"Accept": "application/json", "User-Agent": "Shoprelay"}


class _Category(Body, frozen=True):
    id: Id
    name: str | None = None
    parent: Id = "0"


class _Money(Body, frozen=True):
    code: Currency


T = TypeVar("T", bound=Body)
Listed = TypeVar("Listed", Product, _Category)
U = TypeVar("U")
# (method, URL, deadline, JSON) -> answer: a request that proves that it knows the key.
Ask = Callable[[str, str, float, bytes | None], StoreResponse]


class RestApi:
    """A `Store`: one address, one key, one clock."""

    def __init__(self, base: str, ask: Ask, wire: StoreClient) -> None:
        self._base = base
        self._ask = ask
        self._wire = wire

    def product(self, product_id: str, deadline: float) -> Product | None:
        """Read a product or a variation, one in the trash as well; None when there is none."""
        return self._one(f"products/{product_id}", Product, deadline)

    def order(self, order_id: str, deadline: float) -> Order | None:
        """Read an order; None when there is none."""
        return self._one(f"orders/{order_id}", Order, deadline)

    def customer(self, customer_id: str, deadline: float) -> Customer | None:
        """Read a customer; None when there is none."""
        return self._one(f"customers/{customer_id}", Customer, deadline)

    def currency(self, deadline: float) -> str:
        """Read the currency that products are priced in."""
        with self._wire:
            reply = self._get("data/currencies/current", _fields(_Money), deadline)
        return _understood(content(reply), _Money).code

    def variations(self, product_id: str, deadline: float) -> tuple[Product, ...]:
        """Read all variations of a product, those in the trash not."""
        return self._all(f"products/{product_id}/variations", Product, deadline)

    def categories(self, deadline: float) -> Mapping[str, Category]:
        """Read all categories, by id."""
        return {
            one.id: Category(
                name=plain(one.name) or one.id, parent=one.parent if one.parent != "0" else None
            )
            for one in self._all("products/categories", _Category, deadline)
        }

    def send(
        self, method: str, path: str, deadline: float, body: Mapping[str, object] | None = None
    ) -> StoreResponse:
        """Send any request to a path below ``wc/v3/``. Raises StoreUnavailable."""
        content = None if body is None else msgspec.json.encode(body)
        with self._wire:
            return self._ask(method, f"{self._base}{path}", deadline, content)

    def _one(self, path: str, shape: type[T], deadline: float) -> T | None:
        with self._wire:
            reply = self._get(path, _fields(shape), deadline)
        return None if absent(reply, path) else _understood(content(reply), shape)

    def _all(self, path: str, shape: type[Listed], deadline: float) -> tuple[Listed, ...]:
        with self._wire:
            return self._pages(path, shape, deadline)

    def _pages(self, path: str, shape: type[Listed], deadline: float) -> tuple[Listed, ...]:
        found: dict[str, Listed] = {}
        expected = 0
        for number in range(1, _MAX_PAGES + 1):
            reply = self._get(path, {**_fields(shape), **_LISTED, "page": number}, deadline)
            page = _listed(reply, shape)
            found |= {one.id: one for one in page}
            total, last = _count(reply, "x-wp-total"), _count(reply, "x-wp-totalpages")
            if total < expected:
                # What was deleted meanwhile has shifted something to a page that was read already.
                raise StoreUnavailable("the store's list changed while it was read")
            # Its totals were seen to be wrong: the last page is the one where both say so.
            if len(page) < _PER_PAGE and number >= last:
                return tuple(found.values())
            expected = total
        raise StoreUnavailable(f"the store gives page after page of {path.rpartition('/')[2]}")

    def _get(self, path: str, query: Mapping[str, object], deadline: float) -> StoreResponse:
        return self._ask("GET", f"{self._base}{path}?{urlencode(query)}", deadline, None)


def connect(
    merchant: Merchant,
    secrets: Secrets,
    now: Callable[[], float],
    session: requests.Session | None = None,
) -> RestApi | None:
    """
    Make the client; None without a consumer key and its secret. ``now`` gives epoch seconds.

    Raises NotConfigured for a key that no store gives out.
    """
    shop, keys = merchant.woocommerce, secrets.woocommerce
    if shop is None or keys is None or not keys.consumer_key or not keys.consumer_secret:
        return None
    pair = (keys.consumer_key, keys.consumer_secret)
    if not "".join(pair).isascii():
        # The "…" of an example, most likely; no header could carry it.
        raise NotConfigured("the secret: not a consumer key", "$.woocommerce.consumer_key")
    wire = StoreClient(session or Session(), now)
    ask = _openly(wire, pair) if shop.url.startswith("http://") else _secretly(wire, pair)
    return RestApi(f"{shop.url.rstrip('/')}/wp-json/wc/v3/", ask, wire)


def _secretly(wire: StoreClient, key: tuple[str, str]) -> Ask:
    def ask(method: str, url: str, deadline: float, body: bytes | None) -> StoreResponse:
        return wire.send(method, url, _headers(body), deadline, body=body, auth=key)

    return ask


def _openly(wire: StoreClient, key: tuple[str, str]) -> Ask:
    from shared.sources.woocommerce.oauth import sign  # noqa: PLC0415 - https does not pay for it

    def ask(method: str, url: str, deadline: float, body: bytes | None) -> StoreResponse:
        signed = sign(url, key, wire.now(), method)
        return wire.send(method, signed, _headers(body), deadline, body=body)

    return ask


def _headers(body: bytes | None) -> Mapping[str, str]:
    return _HEADERS if body is None else {**_HEADERS, "Content-Type": "application/json"}


def _fields(shape: type[Body]) -> dict[str, str]:
    # Only what is read: no meta data of plugins, and no links.
    names = [field.encode_name for field in msgspec.structs.fields(shape)]
    return {"_fields": ",".join(names)}


def _understood(body: bytes, shape: type[U]) -> U:
    try:
        return read(body, shape)
    except NotUnderstood as error:
        raise StoreUnavailable(f"the store's answer is not understood: {error}") from None


def _listed(reply: StoreResponse, shape: type[Listed]) -> list[Listed]:
    shapes: Any = list[shape]  # type: ignore[valid-type]  # a type at run time alone
    return cast("list[Listed]", _understood(content(reply), shapes))


def _count(reply: StoreResponse, name: str) -> int:
    text = reply.headers.get(name, "")
    return int(text) if _NUMBER.fullmatch(text) else 0
