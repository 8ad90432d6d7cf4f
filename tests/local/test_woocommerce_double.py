from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, Client

from cli.sandbox.woocommerce.double import KEY, RestDouble
from cli.sandbox.woocommerce.keys import Key
from cli.sandbox.woocommerce.store_data import StoreData, load
from tests.sources import woo

NOW = 1_795_251_600.0  # 2026-11-21T09:00:00Z
EDITED = "2026-11-21T09:00:00"
HOME = "https://store.example"
BASIC = {
    "X-Forwarded-Proto": "https",
    "Authorization": f"Basic {base64.b64encode(b'ck_read:cs_read').decode()}",
}


@pytest.fixture
def shop() -> Iterator[RestDouble]:
    held = StoreData(clock=lambda: NOW)
    for number in range(1, 13):
        held.put(woo.product(id=number, date_created_gmt=f"2026-11-{number:02d}T08:00:00"))
    held.put(woo.variable(id=31, variations=[]), variation(32), variation(33))
    held.categories = {
        16: {"id": 16, "name": "B", "parent": 0},
        17: {"id": 17, "name": "A", "parent": 16},
    }
    held.customers = {1: woo.customer(id=1, role="administrator"), 61: woo.customer()}
    held.orders = {51: woo.order(), 52: woo.order(id=52, status="trash")}
    with RestDouble(held, home=HOME, clock=lambda: NOW) as double:
        yield double


def variation(number: int) -> dict[str, Any]:
    return woo.variation(id=number, parent_id=31)


def get(shop: RestDouble, path: str, headers: dict[str, str] | None = None) -> requests.Response:
    place = f"{shop.url}/wp-json/wc/v3/{path}"
    return requests.get(place, headers=BASIC if headers is None else headers, timeout=5)


def ids(shop: RestDouble, path: str) -> list[int]:
    response = get(shop, path)
    assert response.status_code == 200, response.text
    return [one["id"] for one in response.json()]


def error_code(response: requests.Response) -> tuple[int, str]:
    body = response.json()
    assert body["data"]["status"] == response.status_code
    return response.status_code, body["code"]


AUTH_ERROR = (401, "woocommerce_rest_authentication_error")
UNAUTHENTICATED = (401, "woocommerce_rest_cannot_view")


@pytest.mark.parametrize("size", ["0", "101", "x", "-1"])
def test_a_page_has_one_to_a_hundred_documents(shop: RestDouble, size: str) -> None:
    response = get(shop, f"products?per_page={size}")

    assert error_code(response) == (400, "rest_invalid_param")
    assert "per_page" in response.json()["data"]["params"]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("type=variation", "rest_not_in_enum"),
        ("status=asleep", "rest_not_in_enum"),
        ("orderby=colour", "rest_not_in_enum"),
        ("order=up", "rest_not_in_enum"),
        ("page=0", "rest_out_of_bounds"),
        ("per_page=x", "rest_invalid_type"),
        ("modified_after=yesterday", "rest_invalid_date"),
    ],
)
def test_an_invalid_parameter_is_rejected_with_details(
    shop: RestDouble, query: str, detail: str
) -> None:
    response = get(shop, f"products?{query}")

    assert error_code(response) == (400, "rest_invalid_param")
    name = query.partition("=")[0]
    assert response.json()["data"]["details"][name]["code"] == detail


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("orders?customer=61", [51]),
        ("orders?customer=62", []),
        ("orders?status=trash", [52]),
        ("customers?email=Ana@example.com", [61]),
        ("customers?role=all", [1, 61]),
        ("customers?role=administrator", [1]),
        ("products/tags", []),
        ("products/", [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]),
        ("variations?parent=31", [32, 33]),
    ],
)
def test_lists_have_the_filters_of_the_real_store(
    shop: RestDouble, path: str, found: list[int]
) -> None:
    assert sorted(ids(shop, path)) == sorted(found)


def test_the_list_of_all_variations_is_newer_than_9_9(shop: RestDouble) -> None:
    shop.held.version = (9, 9)

    assert error_code(get(shop, "variations")) == (404, "rest_no_route")


@pytest.mark.parametrize("path", ["orders/99", "orders/51", "customers/99", "webhooks/1"])
def test_without_a_key_nobody_is_told_whether_an_order_or_a_customer_exists(
    shop: RestDouble, path: str
) -> None:
    assert error_code(get(shop, path, {})) == UNAUTHENTICATED


def test_a_page_has_the_ten_newest_by_default(shop: RestDouble) -> None:
    assert ids(shop, "products") == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    assert ids(shop, "products?orderby=id&order=asc&per_page=5&page=3") == [11, 12, 31]


def test_a_page_after_the_last_is_empty_and_has_the_totals(shop: RestDouble) -> None:
    first, behind = get(shop, "products"), get(shop, "products?page=3")

    assert first.headers["Link"] == f'<{HOME}/wp-json/wc/v3/products?page=2>; rel="next"'
    assert (behind.status_code, behind.json()) == (200, [])
    assert (behind.headers["X-WP-Total"], behind.headers["X-WP-TotalPages"]) == ("13", "2")


def test_products_are_listed_without_variations_and_trash(shop: RestDouble) -> None:
    shop.held.trash(2)

    assert ids(shop, "products?per_page=100&orderby=id&order=asc") == [1, *range(3, 13), 31]
    assert ids(shop, "products?status=trash") == [2]
    assert ids(shop, "products?include=1,2,32") == [1]
    assert ids(shop, "products?type=variable") == [31]
    assert ids(shop, "products/31/variations?orderby=id&order=asc") == [32, 33]
    assert ids(shop, "products/99/variations") == []
    assert ids(shop, "orders") == [51]


def test_documents_can_be_selected_by_modification_time(shop: RestDouble) -> None:
    shop.held.edit(5, price="7.00")

    query = "modified_after=2026-11-20T09:00:00Z&dates_are_gmt=true"
    assert ids(shop, f"products?{query}") == [5]


def test_categories_and_customers_are_listed_by_name_and_role(shop: RestDouble) -> None:
    assert ids(shop, "products/categories") == [17, 16]
    assert ids(shop, "products/categories?parent=16") == [17]
    assert ids(shop, "customers") == [61]
    assert ids(shop, "customers?role=all") == [1, 61]


def test_fields_can_be_selected(shop: RestDouble) -> None:
    assert get(shop, "products/5?_fields=id,price,nothing").json() == {"id": 5, "price": "20.00"}
    assert get(shop, "products/5?_fields=id,price").headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("products/99", "woocommerce_rest_product_invalid_id"),
        ("products/31/variations/99", "woocommerce_rest_product_variation_invalid_id"),
        ("orders/99", "woocommerce_rest_shop_order_invalid_id"),
        ("customers/99", "wc_user_invalid_id"),
        ("products/categories/99", "woocommerce_rest_term_invalid"),
        ("settings/tax/nothing", "rest_setting_setting_invalid"),
        ("coupons/9/refunds", "rest_no_route"),
    ],
)
def test_an_unknown_document_has_the_code_of_its_route(
    shop: RestDouble, path: str, code: str
) -> None:
    assert error_code(get(shop, path)) == (404, code)


def test_a_product_in_the_trash_is_returned_by_id(shop: RestDouble) -> None:
    shop.held.trash(31)

    read = [get(shop, f"products/{number}").json() for number in (31, 32)]
    assert [(one["status"], one["date_modified_gmt"]) for one in read] == [("trash", EDITED)] * 2
    assert "was" not in read[0]

    shop.held.restore(31)
    assert [get(shop, f"products/{number}").json()["status"] for number in (31, 32)] == [
        "publish"
    ] * 2


def test_a_deleted_variation_modifies_its_parent(shop: RestDouble) -> None:
    shop.held.delete(32)

    parent = get(shop, "products/31").json()
    assert (parent["variations"], parent["date_modified_gmt"]) == ([33], EDITED)
    assert get(shop, "products/32").status_code == 404


def test_a_product_is_deleted_with_its_variations(shop: RestDouble) -> None:
    shop.held.delete(31)

    assert [get(shop, f"products/{number}").status_code for number in (31, 32, 33)] == [404] * 3


def test_a_variation_has_images_as_a_product_and_an_image_in_its_list(shop: RestDouble) -> None:
    shop.held.products[32]["image"] = {"src": "https://store.example/a.jpg"}

    alone = get(shop, "products/32").json()
    (listed,) = get(shop, "products/31/variations?include=32").json()

    assert (alone["images"], alone["categories"]) == ([{"src": "https://store.example/a.jpg"}], [])
    assert "image" not in alone
    assert (listed["image"], "images" in listed) == ({"src": "https://store.example/a.jpg"}, False)


def test_basic_authentication_is_accepted_only_over_https(shop: RestDouble) -> None:
    plain = {"Authorization": BASIC["Authorization"]}
    assert error_code(get(shop, "products", plain)) == UNAUTHENTICATED
    assert error_code(get(shop, "products/5", plain)) == UNAUTHENTICATED

    shop.tells_php = False
    assert error_code(get(shop, "products/5")) == UNAUTHENTICATED


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("consumer_key=ck_read&consumer_secret=cs_read", None),
        ("consumer_key=ck_read&consumer_secret=other", AUTH_ERROR),
        ("consumer_key=ck_other&consumer_secret=cs_read", UNAUTHENTICATED),
        ("consumer_key=ck_read", UNAUTHENTICATED),
        ("", UNAUTHENTICATED),
    ],
)
def test_a_key_in_the_query_is_accepted_over_https(
    shop: RestDouble, query: str, found: tuple[int, str] | None
) -> None:
    response = get(shop, f"products/5?{query}", {"X-Forwarded-Proto": "https"})

    assert (error_code(response) if response.status_code != 200 else None) == found
    assert "consumer" not in shop.requests[0]


def test_an_unknown_product_is_a_404_even_without_authentication(shop: RestDouble) -> None:
    assert get(shop, "products/99", {}).status_code == 404


@pytest.mark.parametrize("method", [SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256])
def test_a_signature_in_the_header_is_accepted_once_over_http(
    shop: RestDouble, method: str
) -> None:
    shop.home = None
    headers = signed(shop, "products/5", signature_method=method)

    assert get(shop, "products/5", headers).json()["id"] == 5
    assert error_code(get(shop, "products/5", headers)) == AUTH_ERROR


def signed(shop: RestDouble, path: str, **client: Any) -> dict[str, str]:
    options = {"client_secret": "cs_read", "timestamp": str(int(NOW)), **client}
    signer = Client("ck_read", **options)
    _, headers, _ = signer.sign(f"{shop.url}/wp-json/wc/v3/{path}")
    return dict(headers)


@pytest.mark.parametrize(
    "client",
    [
        {"client_secret": "cs_other"},
        {"timestamp": str(int(NOW) - 901)},
        {"timestamp": str(int(NOW) + 901)},
        {"timestamp": "soon"},
        {"signature_method": "HMAC-SHA512"},
    ],
)
def test_an_invalid_signature_is_rejected_by_the_store(
    shop: RestDouble, client: dict[str, str]
) -> None:
    shop.home = None

    assert error_code(get(shop, "products/5", signed(shop, "products/5", **client))) == AUTH_ERROR


def test_a_signature_of_another_address_is_rejected(shop: RestDouble) -> None:
    assert error_code(get(shop, "products/5", signed(shop, "products/5"))) == AUTH_ERROR
    shop.home = None
    assert error_code(get(shop, "products/6", signed(shop, "products/5"))) == AUTH_ERROR


def test_a_signature_with_a_missing_parameter_has_its_own_code(shop: RestDouble) -> None:
    response = get(shop, "products/5?oauth_consumer_key=ck_read", {})

    assert error_code(response) == (401, "woocommerce_rest_authentication_missing_parameter")


def test_a_read_only_key_changes_nothing(shop: RestDouble) -> None:
    place = f"{shop.url}/wp-json/wc/v3/products/5"

    assert (
        error_code(requests.put(place, json={"price": "1"}, headers=BASIC, timeout=5)) == AUTH_ERROR
    )
    assert shop.held.products[5]["price"] == "20.00"
    assert shop.requests == ["PUT products/5"]


@pytest.fixture
def writable() -> Iterator[RestDouble]:
    key = Key(name=KEY.name, secret=KEY.secret, may="read_write")
    with RestDouble(StoreData(clock=lambda: NOW), (key,), clock=lambda: NOW) as double:
        yield double


def change(shop: RestDouble, method: str, path: str, **body: Any) -> requests.Response:
    place = f"{shop.url}/wp-json/wc/v3/{path}"
    return requests.request(method, place, json=body or None, headers=BASIC, timeout=5)


HOOK = {"topic": "order.created", "delivery_url": "https://hooks.example/x", "secret": "hidden"}


def test_a_webhook_is_created_updated_and_deleted_and_shows_no_secret(writable: RestDouble) -> None:
    made = change(writable, "POST", "webhooks", **HOOK)
    paused = change(writable, "PUT", "webhooks/1", status="paused")
    kept = change(writable, "DELETE", "webhooks/1")
    gone = change(writable, "DELETE", "webhooks/1?force=true")

    assert (made.status_code, paused.status_code, gone.status_code) == (201, 200, 200)
    assert made.json() == {
        "id": 1,
        "name": "Webhook created on 2026-11-21T09:00:00",
        "status": "active",
        "topic": "order.created",
        "resource": "order",
        "event": "created",
        "hooks": [],
        "delivery_url": "https://hooks.example/x",
        "date_created_gmt": EDITED,
        "date_modified_gmt": EDITED,
    }
    assert paused.json()["status"] == "paused"
    assert error_code(kept) == (501, "woocommerce_rest_trash_not_supported")
    assert (writable.held.webhooks, writable.held.signing) == ({}, {})


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"topic": "order.published"}, "woocommerce_rest_shop_webhook_invalid_topic"),
        ({"topic": ""}, "woocommerce_rest_shop_webhook_invalid_topic"),
        ({"topic": "action.wp_trash_post"}, "woocommerce_rest_shop_webhook_invalid_topic"),
        ({"topic": "customer.restored"}, "woocommerce_rest_shop_webhook_invalid_topic"),
        ({"delivery_url": "ftp://x"}, "woocommerce_rest_shop_webhook_invalid_delivery_url"),
        ({"delivery_url": "https://"}, "woocommerce_rest_shop_webhook_invalid_delivery_url"),
        ({"delivery_url": "https://a b/"}, "woocommerce_rest_shop_webhook_invalid_delivery_url"),
        ({"delivery_url": "https://ü.de/"}, "woocommerce_rest_shop_webhook_invalid_delivery_url"),
        ({"status": "asleep"}, "rest_invalid_param"),
    ],
)
def test_an_invalid_webhook_is_rejected(
    writable: RestDouble, changed: dict[str, str], code: str
) -> None:
    assert error_code(change(writable, "POST", "webhooks", **{**HOOK, **changed})) == (400, code)
    assert writable.held.webhooks == {}


def test_a_webhook_is_created_active_whatever_was_requested_and_read_by_id(
    writable: RestDouble,
) -> None:
    made = change(writable, "POST", "webhooks", **HOOK, status="paused")

    assert made.json()["status"] == "active"
    assert get(writable, "webhooks/1").json() == made.json()
    assert error_code(get(writable, "webhooks/9")) == (
        400,
        "woocommerce_rest_shop_webhook_invalid_id",
    )


def test_an_update_with_an_invalid_address_changes_nothing(writable: RestDouble) -> None:
    change(writable, "POST", "webhooks", **HOOK)
    response = change(writable, "PUT", "webhooks/1", delivery_url="https://", status="paused")

    assert error_code(response) == (400, "woocommerce_rest_shop_webhook_invalid_delivery_url")
    assert writable.held.webhooks[1]["status"] == "active"


def test_unknown_webhooks_and_other_routes_cannot_be_changed(writable: RestDouble) -> None:
    invalid = "woocommerce_rest_shop_webhook_invalid_id"
    assert error_code(change(writable, "PUT", "webhooks/9", status="paused")) == (400, invalid)
    assert error_code(change(writable, "DELETE", "webhooks/9?force=true")) == (404, invalid)
    assert error_code(change(writable, "POST", "orders", total="1")) == (404, "rest_no_route")


def test_no_webhook_is_created_without_authentication(writable: RestDouble) -> None:
    place = f"{writable.url}/wp-json/wc/v3/webhooks"
    response = requests.post(place, json=HOOK, timeout=5)

    assert error_code(response) == (401, "woocommerce_rest_cannot_create")


def test_a_write_only_key_reads_nothing() -> None:
    key = Key(name=KEY.name, secret=KEY.secret, may="write")
    with RestDouble(StoreData(products={5: woo.product(id=5)}), (key,)) as shop:
        assert error_code(get(shop, "products/5")) == AUTH_ERROR


def test_the_root_may_be_below_index_php_and_nowhere_else(shop: RestDouble) -> None:
    found = requests.get(f"{shop.url}/index.php/wp-json/wc/v3/products/5", headers=BASIC, timeout=5)
    other = requests.get(f"{shop.url}/shop/wp-json/wc/v3/products/5", headers=BASIC, timeout=5)

    assert (found.status_code, error_code(other)) == (200, (404, "rest_no_route"))


def test_a_fault_of_the_store_lasts_for_its_count(shop: RestDouble) -> None:
    shop.fault(status=503, headers={"Retry-After": "9"}, count=1)

    first, second = get(shop, "products/5"), get(shop, "products/5")

    assert (first.status_code, first.headers["Retry-After"], second.status_code) == (503, "9", 200)


def test_cleared_faults_of_the_store_end(shop: RestDouble) -> None:
    shop.fault(reset=True)
    with pytest.raises(requests.ConnectionError):
        get(shop, "products/5")
    shop.clear_faults()

    assert get(shop, "products/5").status_code == 200


def test_documents_are_loaded_from_the_responses_of_a_store(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        "products__page1": [woo.variable(id=31, variations=[32])],
        "products__trash": [woo.product(id=4, status="trash")],
        "products__31__variations": [variation(32)],
        "products__categories": [{"id": 16, "name": "B"}],
        "orders": [woo.order()],
        "customers": [woo.customer()],
        "data__currencies__current": {"code": "CHF"},
        "settings__tax__woocommerce_prices_include_tax": {
            "id": "woocommerce_prices_include_tax",
            "value": "yes",
        },
        "settings__general": [{"id": "woocommerce_currency", "value": "CHF"}],
    }
    for name, document in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(document))

    with RestDouble(load(tmp_path)) as shop:
        assert ids(shop, "products/31/variations") == [32]
        assert get(shop, "products/4").json()["status"] == "trash"
        assert get(shop, "data/currencies/current").json() == {"code": "CHF"}
        tax = get(shop, "settings/tax/woocommerce_prices_include_tax").json()
        assert tax["value"] == "yes"
        assert ids_of(get(shop, "settings/general")) == ["woocommerce_currency"]
        assert ids(shop, "orders") == [51]
        assert ids(shop, "customers") == [61]


def ids_of(response: requests.Response) -> list[str]:
    return [one["id"] for one in response.json()]
