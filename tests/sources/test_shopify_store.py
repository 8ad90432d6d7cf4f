from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests

from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.change import ProductSaved
from shared.model.version import Version
from shared.settings import Merchant, Secrets, ShopifySecrets
from shared.sources.registry import SOURCES
from shared.sources.shopify.store import AdminApi, connect
from tests.sources.shop import FakePorts, envelope, merchant, product, product_of, source

NOW = 1_795_251_600.0  # 2026-11-21T09:00:00Z
GRAPHQL = "/admin/api/2026-10/graphql.json"
GRANT = "/admin/oauth/access_token"
Answer = tuple[int, dict[str, str], Any]


class Shop(ThreadingHTTPServer):
    """A fake store that records every request and sends the configured answers in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, str, Any]] = []
        self.answers: list[Answer | Callable[[Any], Answer]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        body = json.loads(raw) if self.path == GRAPHQL else parse_qs(raw)
        token = self.headers.get("X-Shopify-Access-Token", "")
        self.server.requests.append((self.path, token, body))
        answer = self.server.answers.pop(0)
        status, headers, content = answer(body) if callable(answer) else answer
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def api(
    shop: Shop, ports: FakePorts | None = None, keys: Mapping[str, str] | None = None
) -> Iterator[AdminApi]:
    keys = keys or {"access_token": "shpat_1"}
    clock = ports or FakePorts(time=NOW)
    with requests.Session() as session:
        found = connect(at(shop), secret(**keys), clock.now, session)
        assert found is not None
        yield found


def at(shop: Shop) -> Merchant:
    return merchant(admin_url=shop.url)


def secret(**keys: str) -> Secrets:
    return Secrets(shopify=ShopifySecrets(webhook_secrets=("secret",), **keys))


def node(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/ProductVariant/{number}",
        "title": "Red / M",
        "price": "20.00",
        "compareAtPrice": None,
        "sku": "TEE-RM",
        "availableForSale": True,
        "inventoryPolicy": "DENY",
        "inventoryQuantity": 5,
        "selectedOptions": [
            {"name": "Color", "value": "Red"},
            {"name": "Size", "value": "M"},
        ],
        "image": None,
        "inventoryItem": {"id": "gid://shopify/InventoryItem/31", "tracked": True},
        **fields,
    }


def page(nodes: list[Any], cursor: str | None = None, **fields: Any) -> Answer:
    found = {
        "id": "gid://shopify/Product/11",
        "title": "Tee",
        "handle": "tee",
        "descriptionHtml": "<p>Soft.</p>",
        "vendor": "Acme",
        "productType": "Shirts",
        "tags": ["summer", "sale"],
        "status": "ACTIVE",
        "publishedAt": "2026-01-01T05:00:00Z",
        "updatedAt": "2026-11-20T13:00:00Z",
        "category": None,
        "options": [
            {"name": "Color", "position": 1, "values": ["Red"]},
            {"name": "Size", "position": 2, "values": ["M"]},
        ],
        "featuredMedia": {"preview": {"image": {"url": "https://cdn.example/a.jpg?v=1"}}},
        "variants": {
            "nodes": nodes,
            "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor},
        },
        **fields,
    }
    return 200, {}, {"data": {"product": found}}


def test_a_product_is_read_with_the_token_and_the_version(shop: Shop) -> None:
    shop.answers = [page([node(21)])]

    with api(shop) as found:
        fetched = found.product("11", NOW + 5)

    assert fetched is not None
    assert fetched.product.title == "Tee"
    assert fetched.tracked == {"31": True}
    assert fetched.at == "2026-11-21T09:00:00.000000000Z"
    ((path, token, body),) = shop.requests
    assert (path, token) == (GRAPHQL, "shpat_1")
    assert body["variables"] == {"id": "gid://shopify/Product/11", "after": None}


def test_every_page_of_variants_is_read(shop: Shop) -> None:
    first = [node(1000 + index) for index in range(250)]
    shop.answers = [page(first, "cursor-1"), page([node(2000)])]

    with api(shop) as found:
        fetched = found.product("11", NOW + 5)

    assert fetched is not None
    assert fetched.product.variants is not None
    assert [one.id for one in fetched.product.variants][249:] == ["1249", "2000"]
    assert [body["variables"]["after"] for _, _, body in shop.requests] == [None, "cursor-1"]


def test_an_endless_list_is_aborted(shop: Shop) -> None:
    shop.answers = [page([], "again")] * 20

    with api(shop) as found, pytest.raises(StoreUnavailable, match="does not end"):
        found.product("11", NOW + 5)


def test_a_product_from_the_api_equals_one_from_a_webhook(shop: Shop) -> None:
    shop.answers = [page([node(21)])]
    with api(shop) as found:
        fetched = found.product("11", NOW + 5)
        shop.answers = [page([node(21)])]
        reread = source(store=found)
        trimmed = reread.translate(envelope("products/update", {"id": 11}), NOW + 5)
    whole = source().translate(envelope("products/update", product()), 0.0)

    assert fetched is not None
    assert product_of(trimmed) == product_of(whole)
    (change,) = trimmed.changes
    assert isinstance(change, ProductSaved)
    assert change.version == Version(
        "2026-11-20T13:00:00.000000000Z", "2026-11-21T09:00:00.000000000Z"
    )


def test_stock_price_and_picture_of_a_variant_come_from_the_store(shop: Shop) -> None:
    shop.answers = [
        page(
            [
                node(21, inventoryQuantity=0, availableForSale=False),
                node(22, inventoryQuantity=0, inventoryItem={"id": "32", "tracked": False}),
                node(23, inventoryQuantity=-1, inventoryPolicy="CONTINUE"),
                node(24, image={"url": "https://cdn.example/b.jpg"}, compareAtPrice="25.00"),
            ],
            status="DRAFT",
            category={"fullName": "Apparel > Tees"},
        )
    ]

    with api(shop) as found:
        reread = source(store=found)
        translated = reread.translate(envelope("products/update", {"id": 11}), NOW + 5)

    variants = product_of(translated).variants
    assert [(one.stock, one.stock_known) for one in variants] == [
        (0, True),
        (None, True),
        (None, True),
        (5, True),
    ]
    assert variants[3].photo == "https://cdn.example/b.jpg"
    assert variants[3].full_price is not None
    assert variants[3].full_price.amount == Decimal("25.00")
    assert not product_of(translated).available
    assert product_of(translated).categories == ("Apparel", "Tees")
    assert translated.tracked == {"31": True, "32": False}


def test_a_deleted_product_is_none(shop: Shop) -> None:
    shop.answers = [(200, {}, {"data": {"product": None}})]

    with api(shop) as found:
        assert found.product("11", NOW + 5) is None


def test_the_product_of_an_inventory_item_is_found_through_its_variant(shop: Shop) -> None:
    owner = {"variants": {"nodes": [{"product": {"id": "gid://shopify/Product/11"}}]}}
    shop.answers = [(200, {}, {"data": {"inventoryItem": owner}}), page([node(21)])]

    with api(shop) as found:
        fetched = found.product_of_item("31", NOW + 5)

    assert fetched is not None
    assert fetched.product.id == "11"
    assert shop.requests[0][2]["variables"] == {"id": "gid://shopify/InventoryItem/31"}


@pytest.mark.parametrize("item", [None, {"variants": {"nodes": []}}])
def test_an_inventory_item_without_a_variant_has_no_product(shop: Shop, item: object) -> None:
    shop.answers = [(200, {}, {"data": {"inventoryItem": item}})]

    with api(shop) as found:
        assert found.product_of_item("31", NOW + 5) is None


def test_a_throttled_query_has_the_wait_until_the_bucket_is_filled(shop: Shop) -> None:
    cost = {
        "requestedQueryCost": 752,
        "throttleStatus": {"currentlyAvailable": 252, "restoreRate": 100},
    }
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    shop.answers = [(200, {}, {"errors": errors, "extensions": {"cost": cost}})]

    with api(shop) as found, pytest.raises(StoreUnavailable) as caught:
        found.product("11", NOW + 5)

    assert caught.value.after == 5.0


@pytest.mark.parametrize("extensions", [{}, {"cost": {"requestedQueryCost": 752}}, {"cost": None}])
def test_a_throttled_query_may_have_no_wait(shop: Shop, extensions: object) -> None:
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    shop.answers = [(200, {}, {"errors": errors, "extensions": extensions})]

    with api(shop) as found, pytest.raises(StoreUnavailable, match="THROTTLED") as caught:
        found.product("11", NOW + 5)

    assert caught.value.after is None


@pytest.mark.parametrize(
    ("answer", "reason", "after"),
    [
        ((429, {"Retry-After": "2.0"}, {}), "the store answered 429", 2.0),
        ((503, {}, b"down"), "the store answered 503", None),
        ((401, {}, {"errors": "[API] Invalid API key"}), "the store answered 401", None),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), "the store answered 302", None),
        ((200, {}, b"<html>"), "the store's answer is not understood", None),
        (
            (200, {}, {"data": None, "errors": [{"extensions": {"code": "ACCESS_DENIED"}}]}),
            "the store refused the query: ACCESS_DENIED",
            None,
        ),
        (
            (200, {}, {"errors": [{"message": "syntax error, unexpected end of file"}]}),
            "the store refused the query: without a code",
            None,
        ),
    ],
)
def test_an_invalid_response_makes_the_store_unavailable(
    shop: Shop, answer: Answer, reason: str, after: float | None
) -> None:
    shop.answers = [answer]

    with api(shop) as found, pytest.raises(StoreUnavailable, match=reason) as caught:
        found.product("11", NOW + 5)

    assert caught.value.after == after
    assert len(shop.requests) == 1


@pytest.mark.parametrize(
    "data", [{"product": {"id": "x"}}, {"product": False}, {}, None, [], {"product": {"id": 11}}]
)
def test_a_response_without_what_is_needed_is_final(shop: Shop, data: object) -> None:
    # No retry changes it, and an unreadable product is not one that is gone.
    shop.answers = [(200, {}, {"data": data})]

    with api(shop) as found, pytest.raises(NotUnderstood, match="the store's answer: "):
        found.product("11", NOW + 5)

    assert len(shop.requests) == 1


def test_the_error_for_a_failed_connection_has_neither_url_nor_token(shop: Shop) -> None:
    url = shop.url
    shop.server_close()
    with requests.Session() as session:
        found = connect(
            merchant(admin_url=url), secret(access_token="shpat_1"), lambda: NOW, session
        )
        assert found is not None
        with pytest.raises(StoreUnavailable) as caught:
            found.product("11", NOW + 5)

    assert caught.value.reason == "the store gave no answer: ConnectionError"


def test_a_store_without_a_response_is_unavailable_at_the_deadline(shop: Shop) -> None:
    release = threading.Event()

    def silent(_: Any) -> Answer:
        release.wait(20)
        return 200, {}, b""

    shop.answers = [silent]

    with api(shop) as found, pytest.raises(StoreUnavailable) as caught:
        found.product("11", NOW + 0.3)

    release.set()
    assert caught.value.reason == "the store gave no answer: ReadTimeout"


def test_a_response_after_the_deadline_is_discarded(shop: Shop) -> None:
    clock = FakePorts(time=NOW)

    def late(_: Any) -> Answer:
        clock.time = NOW + 6
        return page([node(21)])

    shop.answers = [late]

    with api(shop, clock) as found, pytest.raises(StoreUnavailable, match="does not end"):
        found.product("11", NOW + 5)


def test_without_time_no_request_is_sent(shop: Shop) -> None:
    with api(shop) as found, pytest.raises(StoreUnavailable, match="no time is left"):
        found.product("11", NOW + 0.1)

    assert shop.requests == []


CLIENT = {"client_id": "client", "client_secret": "hush"}


def grant(text: str) -> Answer:
    return 200, {}, {"access_token": text, "scope": "read_products", "expires_in": 86399}


def test_a_token_is_granted_once_and_cached(shop: Shop) -> None:
    shop.answers = [grant("one"), page([node(21)]), page([node(21)])]

    with api(shop, keys=CLIENT) as found:
        found.product("11", NOW + 5)
        found.product("11", NOW + 5)

    assert [(path, token) for path, token, _ in shop.requests] == [
        (GRANT, ""),
        (GRAPHQL, "one"),
        (GRAPHQL, "one"),
    ]
    assert shop.requests[0][2] == {
        "grant_type": ["client_credentials"],
        "client_id": ["client"],
        "client_secret": ["hush"],
    }


def test_a_token_that_is_about_to_expire_is_renewed(shop: Shop) -> None:
    clock = FakePorts(time=NOW)
    shop.answers = [grant("one"), page([]), grant("two"), page([])]

    with api(shop, clock, CLIENT) as found:
        found.product("11", clock.time + 5)
        clock.time += 86_200
        found.product("11", clock.time + 5)

    assert [token for _, token, _ in shop.requests] == ["", "one", "", "two"]


def test_a_token_that_was_revoked_is_renewed_at_once(shop: Shop) -> None:
    shop.answers = [grant("one"), (401, {}, {}), grant("two"), page([node(21)])]

    with api(shop, keys=CLIENT) as found:
        assert found.product("11", NOW + 5) is not None

    assert [token for _, token, _ in shop.requests] == ["", "one", "", "two"]


def test_a_token_that_is_rejected_twice_is_not_renewed_again(shop: Shop) -> None:
    shop.answers = [grant("one"), (401, {}, {}), grant("two"), (401, {}, {})]

    with api(shop, keys=CLIENT) as found, pytest.raises(StoreUnavailable, match="answered 401"):
        found.product("11", NOW + 5)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((400, {}, {"error": "shop_not_permitted"}), "the store granted no token: 400"),
        ((429, {"Retry-After": "3"}, {}), "the store granted no token: 429"),
        ((200, {}, {"token": "x"}), "the store's grant is not understood"),
    ],
)
def test_without_a_grant_the_store_is_unavailable(shop: Shop, answer: Answer, reason: str) -> None:
    shop.answers = [answer]

    with api(shop, keys=CLIENT) as found, pytest.raises(StoreUnavailable) as caught:
        found.product("11", NOW + 5)

    assert caught.value.reason == reason


@pytest.mark.parametrize("keys", [{}, {"client_id": "client"}, {"client_secret": "hush"}])
def test_without_a_token_there_is_no_store(keys: dict[str, str]) -> None:
    assert connect(merchant(), secret(**keys), lambda: NOW) is None
    assert connect(merchant(), Secrets(), lambda: NOW) is None


def test_the_registry_connects_the_store_with_the_secrets(shop: Shop) -> None:
    shop.answers = [page([node(21)])]
    built = SOURCES["shopify"](at(shop), secret(access_token="shpat_1"), FakePorts(time=NOW))

    found = built.translate(envelope("products/update", {"id": 11}), NOW + 5)

    assert product_of(found).name == "Tee"


def test_no_secret_shows_in_a_repr() -> None:
    found = connect(merchant(), secret(access_token="shpat_1"), lambda: NOW)

    assert "shpat_1" not in repr(found)
    assert "shpat_1" not in repr(vars(found))
