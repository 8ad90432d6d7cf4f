from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from requests.adapters import HTTPAdapter

from cli.sandbox.woocommerce.double import KEY, RestDouble
from cli.sandbox.woocommerce.keys import Key
from cli.sandbox.woocommerce.store_data import StoreData, load
from shared.errors import NotConfigured, NotUnderstood, StoreUnavailable
from shared.http.connection import Session
from shared.model.change import Change, ProductRemoved, ProductSaved
from shared.model.entity import Entity, Kind
from shared.settings import Secrets, WooCommerceSecrets
from shared.sources.parsing.documents import record_odd_fields
from shared.sources.woocommerce.context import Category
from shared.sources.woocommerce.oauth import sign
from shared.sources.woocommerce.store import RestApi, connect
from tests.sources import woo

NOW = 1_795_251_600.0  # 2026-11-21T09:00:00Z
PAIR = (KEY.name, KEY.secret)
PLACE = "https://store.example"
PAGE = "per_page=100&orderby=id&order=asc"


class Behind(HTTPAdapter):
    """A proxy that terminates TLS, and forwards to the store that the request came over https."""

    def __init__(self, behind: str) -> None:
        super().__init__()
        self.behind = behind

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.url = request.url.replace(PLACE, self.behind)
        request.headers["X-Forwarded-Proto"] = "https"
        return super().send(request, *args, **kwargs)


@pytest.fixture
def held() -> StoreData:
    held = StoreData(
        orders={51: woo.order()},
        customers={61: woo.customer()},
        clock=lambda: NOW,
    )
    held.put(woo.product(id=10), woo.variable(), woo.variation(id=21), woo.variation(id=22))
    return held


@pytest.fixture
def shop(held: StoreData) -> Iterator[RestDouble]:
    with RestDouble(held, clock=lambda: NOW) as double:
        yield double


@pytest.fixture
def secure(shop: RestDouble) -> RestDouble:
    shop.home = PLACE
    return shop


def secret(name: str | None = KEY.name, hidden: str | None = KEY.secret) -> Secrets:
    return Secrets(
        woocommerce=WooCommerceSecrets(
            webhook_secrets=("secret",), consumer_key=name, consumer_secret=hidden
        )
    )


@contextmanager
def api(
    url: str, secrets: Secrets | None = None, clock: Callable[[], float] = lambda: NOW
) -> Iterator[RestApi]:
    with Session() as session:
        found = connect(woo.merchant(url=url), secrets or secret(), clock, session)
        assert found is not None
        yield found


@contextmanager
def secure_api(shop: RestDouble, secrets: Secrets | None = None) -> Iterator[RestApi]:
    with Session() as session:
        found = connect(woo.merchant(url=f"{PLACE}/"), secrets or secret(), lambda: NOW, session)
        session.mount(PLACE, Behind(shop.url))
        assert found is not None
        yield found


def refusal(shop: RestDouble, secrets: Secrets | None = None) -> StoreUnavailable:
    with api(shop.url, secrets) as found, pytest.raises(StoreUnavailable) as caught:
        found.product("10", NOW + 5)
    return caught.value


def test_a_product_is_read_over_https_with_http_basic(secure: RestDouble) -> None:
    with secure_api(secure) as found:
        product = found.product("10", NOW + 5)

    assert product is not None
    assert (product.id, product.name, product.price.value) == ("10", "Tee", Decimal("20.00"))


def test_a_product_is_read_over_http_with_a_signature_and_no_secret(shop: RestDouble) -> None:
    with api(shop.url) as found:
        product = found.product("10", NOW + 5)

    assert product is not None
    assert product.date_modified_gmt == "2026-11-20T08:00:00.000000000Z"


def test_only_the_fields_that_are_read_are_requested(shop: RestDouble) -> None:
    with api(shop.url) as found:
        found.customer("61", NOW + 5)
        found.currency(NOW + 5)

    assert shop.requests == [
        (
            "GET customers/61?_fields=id,role,email,first_name,last_name,billing,"
            "date_created_gmt,date_modified_gmt"
        ),
        "GET data/currencies/current?_fields=code",
    ]


def test_every_request_over_http_has_a_new_signature(shop: RestDouble) -> None:
    with api(shop.url) as found:
        read = [found.product("10", NOW + 5) for _ in range(3)]

    assert [one.id for one in read if one] == ["10", "10", "10"]


def test_a_variation_is_read_as_a_product(shop: RestDouble) -> None:
    with api(shop.url) as found:
        variation = found.product("21", NOW + 5)

    assert variation is not None
    assert (variation.parent_id, variation.type) == ("11", "variation")


def test_documents_in_the_trash_are_read_with_that_status(shop: RestDouble) -> None:
    shop.held.trash(11)

    with api(shop.url) as found:
        product = found.product("11", NOW + 5)
        variation = found.product("21", NOW + 5)
        listed = found.variations("11", NOW + 5)

    assert product is not None
    assert variation is not None
    assert (product.status, variation.status, listed) == ("trash", "trash", ())


def test_orders_customers_and_the_currency_are_read(shop: RestDouble) -> None:
    with api(shop.url) as found:
        order = found.order("51", NOW + 5)
        customer = found.customer("61", NOW + 5)
        currency = found.currency(NOW + 5)

    assert order is not None
    assert order.line_items is not None
    assert [line.product_id for line in order.line_items] == ["11"]
    assert customer is not None
    assert (customer.role, customer.email) == ("customer", "ana@example.com")
    assert currency == "EUR"


def test_a_document_that_does_not_exist_is_none(shop: RestDouble) -> None:
    shop.held.delete(10)

    with api(shop.url) as found:
        assert found.product("10", NOW + 5) is None
        assert found.order("99", NOW + 5) is None
        assert found.customer("99", NOW + 5) is None
        assert found.variations("99", NOW + 5) == ()


def test_older_stores_have_another_code_for_a_deleted_customer(shop: RestDouble) -> None:
    shop.fault(status=404, body='{"code": "woocommerce_rest_invalid_id", "message": "Invalid"}')

    with api(shop.url) as found:
        assert found.customer("61", NOW + 5) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"code": "rest_no_route", "message": "No route was found"}', "rest_no_route"),
        (
            '{"code": "woocommerce_rest_shop_order_invalid_id"}',
            "woocommerce_rest_shop_order_invalid_id",
        ),
        ("<html>Not found</html>", "without a code"),
        ('{"code": 404}', "without a code"),
        ('{"code": "Ana Sample, ana@example.com"}', "without a code"),
        ("", "without a code"),
    ],
)
def test_only_the_stores_own_code_means_deleted(shop: RestDouble, body: str, code: str) -> None:
    shop.fault(status=404, body=body)

    error = refusal(shop)

    assert error.reason == (
        f"the store answered 404 {code}: is `url` in [woocommerce] its address?"
    )


def test_only_some_categories_are_read_in_one_request(shop: RestDouble, held: StoreData) -> None:
    held.categories = {
        one: {"id": one, "name": f"C{one}", "parent": one - 1} for one in range(1, 300)
    }

    with api(shop.url) as found:
        some = found.categories(NOW + 5, frozenset({"7", "8"}))

    assert some == {
        "7": Category(name="C7", parent="6"),
        "8": Category(name="C8", parent="7"),
    }
    assert len(shop.requests) == 1


def test_a_404_from_a_wrong_address_is_no_deleted_document(shop: RestDouble) -> None:
    with (
        api(f"{shop.url}/shop") as found,
        pytest.raises(StoreUnavailable, match="404 rest_no_route: is `url`"),
    ):
        found.product("10", NOW + 5)


@pytest.mark.parametrize(
    ("secrets", "code"),
    [
        (secret("ck_other"), "woocommerce_rest_cannot_view"),
        (secret(hidden="cs_other"), "woocommerce_rest_authentication_error"),
    ],
)
def test_a_wrong_key_over_https_has_its_own_reason(
    secure: RestDouble, secrets: Secrets, code: str
) -> None:
    with secure_api(secure, secrets) as found, pytest.raises(StoreUnavailable) as caught:
        found.product("10", NOW + 5)

    assert caught.value.reason == f"the store refuses the key: 401 {code}"


@pytest.mark.parametrize("secrets", [secret("ck_other"), secret(hidden="cs_other")])
def test_a_wrong_key_over_http_has_its_own_reason(shop: RestDouble, secrets: Secrets) -> None:
    error = refusal(shop, secrets)

    assert error.reason == "the store refuses the key: 401 woocommerce_rest_authentication_error"
    assert error.after is None


@pytest.mark.parametrize(
    ("host", "way"),
    [
        ({}, "HTTP Basic"),
        ({"strips_authorization": True}, "a signed query"),
        ({"tells_php": False}, "a signed query as over http"),
        ({"tells_php": False, "strips_authorization": True}, "a signed query as over http"),
    ],
    ids=str,
)
def test_the_way_that_a_host_accepts_is_found_once_and_remembered(
    secure: RestDouble, host: dict[str, bool], way: str
) -> None:
    for name, value in host.items():
        setattr(secure, name, value)

    with secure_api(secure) as found:
        first = found.product("10", NOW + 5)
        before = len(secure.requests)
        listed = found.variations("11", NOW + 5)

    assert first is not None
    assert first.id == "10"
    assert len(listed) == 2
    assert found.authentication.accepted == way
    assert len(secure.requests) == before + 1


def test_a_host_that_changes_is_followed(secure: RestDouble) -> None:
    with secure_api(secure) as found:
        for strips in (True, False, True):
            secure.strips_authorization = strips
            assert found.product("10", NOW + 5) is not None


def test_a_known_key_without_a_permission_is_not_tried_in_other_ways(secure: RestDouble) -> None:
    body = '{"code":"woocommerce_rest_cannot_view","message":"No.","data":{"status":403}}'
    secure.fault(status=403, body=body)

    with secure_api(secure) as found, pytest.raises(StoreUnavailable, match="403"):
        found.product("10", NOW + 5)
    assert len(secure.requests) == 1


def test_a_webhook_is_created_where_the_header_is_removed(held: StoreData) -> None:
    key = Key(name=KEY.name, secret=KEY.secret, may="read_write")
    with RestDouble(held, (key,), clock=lambda: NOW, home=PLACE) as shop, secure_api(shop) as found:
        shop.strips_authorization = True
        wanted = {"topic": "order.created", "delivery_url": "https://relay.example/"}
        response = found.send("POST", "webhooks", NOW + 5, wanted)

    assert response.status == 201
    assert len(held.webhooks) == 1


@pytest.mark.parametrize(("minutes", "read"), [(14, True), (16, False), (-14, True), (-16, False)])
def test_over_http_the_two_clocks_must_agree(shop: RestDouble, minutes: int, *, read: bool) -> None:
    off = NOW + 60 * minutes
    with api(shop.url, clock=lambda: off) as found:
        if read:
            assert found.product("10", off + 5) is not None
        else:
            with pytest.raises(StoreUnavailable, match="refuses the key: 401"):
                found.product("10", off + 5)


def test_a_key_that_may_only_write_is_refused(held: StoreData) -> None:
    key = Key(name="ck_write", secret="cs_write", may="write")
    with RestDouble(held, (key,), clock=lambda: NOW) as shop:
        error = refusal(shop, secret("ck_write", "cs_write"))

    assert error.reason == "the store refuses the key: 401 woocommerce_rest_authentication_error"


@pytest.mark.parametrize(
    ("fault", "reason", "after"),
    [
        (
            {"status": 429, "headers": {"Retry-After": "7"}, "body": "slow down"},
            "the store answered 429 without a code",
            7.0,
        ),
        ({"status": 500, "body": "<html>"}, "the store answered 500 without a code", None),
        (
            {"status": 500, "body": '{"code": "internal_server_error"}'},
            "the store answered 500 internal_server_error",
            None,
        ),
        (
            {"status": 503, "headers": {"Retry-After": "600"}},
            "the store answered 503 without a code",
            600.0,
        ),
        ({"status": 403, "body": "<html>"}, "the store refuses the key: 403 without a code", None),
        ({"status": 204}, "the store answered 204 without a code", None),
        (
            {"status": 200, "body": "<!DOCTYPE html><title>Log in</title>"},
            "the store's answer is not JSON: is its API switched off, or behind a login page?",
            None,
        ),
        (
            {"status": 200, "body": ""},
            "the store's answer is not JSON: is its API switched off, or behind a login page?",
            None,
        ),
        (
            {"status": 200, "body": '{"id": 10, "na'},
            "the store's answer is not understood: the body is not JSON - at `$`",
            None,
        ),
        ({"reset": True}, "the store gave no answer: ConnectionError", None),
    ],
)
def test_an_invalid_response_makes_the_store_unavailable(
    shop: RestDouble, fault: dict[str, Any], reason: str, after: float | None
) -> None:
    shop.fault(**fault)

    error = refusal(shop)

    assert (error.reason, error.after) == (reason, after)
    assert len(shop.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_its_target_not_shown(shop: RestDouble, status: int) -> None:
    shop.fault(status=status, headers={"Location": f"{shop.url}/wp-login.php"}, count=1)

    error = refusal(shop)

    assert error.reason == (
        f"the store answered {status}, a redirect: correct `url` in [woocommerce]"
    )
    assert len(shop.requests) == 1


def test_a_byte_order_mark_before_the_json_is_skipped(shop: RestDouble) -> None:
    shop.fault(status=200, body="\ufeff\n" + json.dumps(woo.product(id=10)))

    with api(shop.url) as found:
        product = found.product("10", NOW + 5)

    assert product is not None
    assert product.name == "Tee"


def test_a_store_without_a_response_is_unavailable_at_the_deadline(shop: RestDouble) -> None:
    shop.fault(delay=20)

    with api(shop.url) as found, pytest.raises(StoreUnavailable) as caught:
        found.product("10", NOW + 0.3)

    assert caught.value.reason == "the store gave no answer: ReadTimeout"


@pytest.mark.parametrize(
    "beginning",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
    ],
    ids=["a body of a length", "a body without a length", "headers"],
)
def test_a_response_that_does_not_end_is_aborted_at_the_deadline(beginning: bytes) -> None:
    with dripping(beginning) as url, api(url) as found, pytest.raises(StoreUnavailable) as caught:
        found.product("10", NOW + 0.3)

    assert caught.value.reason == "the store's answer does not end"


@contextmanager
def dripping(beginning: bytes) -> Iterator[str]:
    """Serve a response that continues with blanks for as long as it is read."""
    stop = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(beginning)
            while not stop.wait(0.02):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stop.set()
        thread.join()


def test_without_time_no_request_is_sent(shop: RestDouble) -> None:
    with api(shop.url) as found, pytest.raises(StoreUnavailable, match="no time is left"):
        found.categories(NOW + 0.1)

    assert shop.requests == []


def test_every_page_of_variations_is_read(shop: RestDouble) -> None:
    shop.held.put(*(woo.variation(id=1000 + index) for index in range(248)))

    with api(shop.url) as found:
        read = found.variations("11", NOW + 5)

    assert [one.id for one in read[:3]] == ["21", "22", "1000"]
    assert [one.id for one in read[99::100]] == ["1097", "1197"]
    assert len(read) == 250
    assert [pages(one) for one in shop.requests] == ["1", "2", "3"]
    assert all(PAGE in one for one in shop.requests)


def pages(fake_store: str) -> str:
    return fake_store.rpartition("page=")[2]


def test_a_full_page_is_never_the_last_whatever_the_totals_say(shop: RestDouble) -> None:
    shop.held.put(*(woo.variation(id=1000 + index) for index in range(98)))

    with api(shop.url) as found:
        read = found.variations("11", NOW + 5)

    assert len(read) == 100
    assert [pages(one) for one in shop.requests] == ["1", "2"]


def test_a_short_page_is_not_the_last_if_the_totals_say_otherwise(
    shop: RestDouble,
) -> None:
    headers = {"X-WP-Total": "2", "X-WP-TotalPages": "2"}
    for number in (21, 22):
        body = json.dumps([woo.variation(id=number)])
        shop.fault(status=200, headers=headers, body=body, count=1)

    with api(shop.url) as found:
        read = found.variations("11", NOW + 5)

    assert [one.id for one in read] == ["21", "22"]


def test_without_totals_a_short_page_is_the_last(shop: RestDouble) -> None:
    shop.fault(status=200, body=json.dumps([woo.variation(id=21)]))

    with api(shop.url) as found:
        assert [one.id for one in found.variations("11", NOW + 5)] == ["21"]

    assert len(shop.requests) == 1


def test_a_list_that_shrinks_during_reading_makes_the_store_unavailable(shop: RestDouble) -> None:
    rows = [woo.variation(id=1000 + index) for index in range(100)]
    first = {"X-WP-Total": "130", "X-WP-TotalPages": "2"}
    shop.fault(status=200, headers=first, body=json.dumps(rows), count=1)
    second = {"X-WP-Total": "129", "X-WP-TotalPages": "2"}
    shop.fault(status=200, headers=second, body=json.dumps(rows[:29]))

    with api(shop.url) as found, pytest.raises(StoreUnavailable) as caught:
        found.variations("11", NOW + 5)

    assert caught.value.reason == "the store's list changed while it was read"


def test_an_endless_list_is_aborted(shop: RestDouble) -> None:
    shop.fault(status=200, body=json.dumps([{"id": number} for number in range(1, 101)]))

    with api(shop.url) as found, pytest.raises(StoreUnavailable) as caught:
        found.categories(NOW + 30)

    assert caught.value.reason == "the store's list of categories does not end"
    assert len(shop.requests) == 100


def test_a_failing_page_fails_the_whole_list(shop: RestDouble) -> None:
    shop.held.put(*(woo.variation(id=1000 + index) for index in range(150)))
    rows = [woo.variation(id=1000 + index) for index in range(100)]
    shop.fault(status=200, headers={"X-WP-TotalPages": "2"}, body=json.dumps(rows), count=1)
    shop.fault(status=502, count=1)

    with api(shop.url) as found, pytest.raises(StoreUnavailable, match="answered 502"):
        found.variations("11", NOW + 5)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"id": 10, "price": "Ana Sample"}', "Expected an amount of money - at `$.price`"),
        ('{"code": "x", "message": "y"}', "Object missing required field `id` - at `$`"),
        ("[]", "Expected an object - at `$`"),
        ("[7]", "Expected an object - at `$`"),
    ],
)
def test_a_document_without_what_is_needed_is_final(
    shop: RestDouble, body: str, reason: str
) -> None:
    # No retry changes it: the webhook becomes a dead letter at once, with the path.
    shop.fault(status=200, body=body)

    with api(shop.url) as found, pytest.raises(NotUnderstood) as caught:
        found.product("10", NOW + 5)

    assert str(caught.value) == f"the store's answer: {reason}"


def test_an_invalid_row_is_named_without_its_value(shop: RestDouble) -> None:
    shop.fault(status=200, body='[{"id": 21}, {"id": "Ana Sample"}]')

    with api(shop.url) as found, pytest.raises(NotUnderstood) as caught:
        found.variations("11", NOW + 5)

    assert str(caught.value) == "the store's answer: Expected an id - at `$[1].id`"


def test_a_category_that_cannot_be_read_is_omitted(shop: RestDouble) -> None:
    shop.fault(status=200, body='[{"id": 21, "name": 7}, {"id": "Ana"}, {"id": 22, "parent": 21}]')

    with api(shop.url) as found:
        tree = found.categories(NOW + 5)

    assert tree == {"21": Category(name="7", parent=None), "22": Category(name="22", parent="21")}


WARNINGS = (
    '<br />\n<b>Warning</b>:  Undefined array key "sku" in <b>/wp/a.php</b> on line <b>7</b>',
    "\nDeprecated: foo(): Implicit {conversion} [from] float in /wp/b.php on line 12\n",
    '<br />\n<b>Notice</b>: [{"id": 1}] in <b>/wp/c.php</b><br />\n',
)


@pytest.mark.parametrize("warning", [*WARNINGS, "".join(WARNINGS), "\ufeff" + WARNINGS[0]])
def test_what_php_prints_before_the_json_is_skipped_and_recorded(
    shop: RestDouble, warning: str
) -> None:
    shop.fault(status=200, body=warning + "<br />\n" + json.dumps(woo.product(id=10)))

    with api(shop.url) as found, record_odd_fields() as odd:
        product = found.product("10", NOW + 5)

    assert product is not None
    assert product.sku == "TEE"
    assert odd == {"Response"}


def test_a_deleted_product_is_recognised_behind_warnings(shop: RestDouble) -> None:
    body = '{"code": "woocommerce_rest_product_invalid_id", "message": "Invalid ID."}'
    shop.fault(status=404, body=WARNINGS[0] + "<br />\n" + body)

    with api(shop.url) as found:
        assert found.product("10", NOW + 5) is None


def test_a_response_in_several_languages_is_read_in_one(shop: RestDouble) -> None:
    shop.fault(status=200, body=json.dumps(woo.product(id=10, name="[:en]Tea[:de]Tee[:]")))

    with api(shop.url) as found:
        product = found.product("10", NOW + 5)

    assert product is not None
    assert product.name == "Tea"


def test_a_page_that_contains_json_is_no_response(shop: RestDouble) -> None:
    shop.fault(status=200, body='<html><script>\n{"id": 10}</script>\n<p>{"id": 11}</p></html>')

    assert "not JSON" in refusal(shop).reason


def test_categories_are_read_as_plain_text_with_their_parents(shop: RestDouble) -> None:
    shop.held.categories = {
        16: {"id": 16, "name": "Bekleidung", "parent": 0, "count": 5},
        17: {"id": 17, "name": "T-Shirts &amp; Tops", "parent": 16, "count": 0},
    }

    with api(shop.url) as found:
        read = found.categories(NOW + 5)

    assert read == {
        "16": Category(name="Bekleidung", parent=None),
        "17": Category(name="T-Shirts & Tops", parent="16"),
    }


def test_an_invalid_currency_is_rejected(shop: RestDouble) -> None:
    shop.held.currency = {"code": "€"}

    with api(shop.url) as found, pytest.raises(NotUnderstood, match=r"at `\$\.code`"):
        found.currency(NOW + 5)


@pytest.mark.parametrize(
    "secrets", [Secrets(), secret(None, None), secret(hidden=None), secret(None)]
)
def test_without_a_key_there_is_no_store(secrets: Secrets) -> None:
    assert connect(woo.merchant(), secrets, lambda: NOW) is None


@pytest.mark.parametrize("secrets", [secret("ck_…"), secret(hidden="cs_…")])
def test_a_key_from_the_example_is_rejected_at_startup(secrets: Secrets) -> None:
    with pytest.raises(NotConfigured) as caught:
        connect(woo.merchant(), secrets, lambda: NOW)

    assert caught.value.path == "$.woocommerce.consumer_key"
    assert "…" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://store.example", "http://store.example"])
def test_no_secret_shows_in_a_repr(url: str) -> None:
    found = connect(woo.merchant(url=url), secret(), lambda: NOW)

    assert found is not None
    assert "cs_read" not in f"{found!r} {vars(found)!r}"


def test_an_error_names_neither_the_address_nor_the_key(shop: RestDouble) -> None:
    url = shop.url
    shop.stop()

    with api(url) as found, pytest.raises(StoreUnavailable) as caught:
        found.product("10", NOW + 5)

    assert caught.value.reason == "the store gave no answer: ConnectionError"
    assert caught.value.__cause__ is None


def test_a_store_that_accepts_http_basic_does_not_import_oauth(
    secure: RestDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "shared.sources.woocommerce.oauth"
    monkeypatch.delitem(sys.modules, module, raising=False)

    imported = []
    for strips in (False, True):
        secure.strips_authorization = strips
        with secure_api(secure) as found:
            found.product("10", NOW + 5)
        imported.append(module in sys.modules)

    assert imported == [False, True]


def test_the_query_has_the_signature_and_no_secret() -> None:
    signed = sign("http://store.example/wp-json/wc/v3/orders/51?_fields=id,number", PAIR, NOW + 0.9)

    place, _, query = signed.partition("?")
    given = dict(parse_qsl(query))
    assert place == "http://store.example/wp-json/wc/v3/orders/51"
    assert len(given.pop("oauth_nonce")) > 15
    assert len(given.pop("oauth_signature")) == 44
    assert given == {
        "_fields": "id,number",
        "oauth_consumer_key": "ck_read",
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": "1795251600",
        "oauth_version": "1.0",
    }


def test_a_response_that_is_too_large_is_aborted(shop: RestDouble) -> None:
    shop.fault(status=200, body="[" + " " * 10_000_000)

    assert refusal(shop).reason == "the store's answer does not end"


def test_a_translation_of_a_hint_queries_the_store(shop: RestDouble) -> None:
    fake_ports = woo.ports(time=NOW)
    changes: list[Change] = []
    with api(shop.url) as found:
        source = woo.source(fake_ports, found, url=shop.url)
        for step in (shop.held.trash, shop.held.restore, shop.held.delete):
            step(11)
            hint = woo.envelope("product.deleted", {"id": 11})
            changes += source.translate(hint, NOW + 5).changes

    assert [type(change) for change in changes] == [ProductRemoved, ProductSaved, ProductRemoved]
    assert [change.entity for change in changes] == [Entity(Kind.PRODUCT, "11")] * 3


def test_every_document_of_a_real_store_is_read() -> None:
    if not woo.REST.exists():
        pytest.skip("no captures here")
    held = load(woo.REST)
    with RestDouble(held, clock=lambda: NOW) as shop, api(shop.url) as found:
        products = [found.product(str(number), NOW + 60) for number in held.products]
        orders = [found.order(str(number), NOW + 60) for number in held.orders]
        customers = [found.customer(str(number), NOW + 60) for number in held.customers]
        large = found.variations("140", NOW + 60)
        categories = found.categories(NOW + 60)

    assert None not in (*products, *orders, *customers)
    assert len(large) == 100
    assert {one.type for one in large} == {"variation"}
    assert None not in {one.price.value for one in large}
    assert categories["27"] == Category(name="Import", parent="16")
