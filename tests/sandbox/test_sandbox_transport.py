"""The checks of every request that come before its contents."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.sandbox.client import KEY, SECRET, Client, product, user


def signature(data: bytes) -> str:
    return hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()


def test_a_signed_call_is_accepted_without_a_violation(old: Client) -> None:
    response = old.call("POST", "products", product())

    assert (response.status_code, response.content) == (201, b"")
    assert old.violation_texts == []
    assert old.state["products"] == {"p1": {"v1": product()}}
    assert old.state["applied"] == 1


@pytest.mark.parametrize(
    ("key", "password"),
    [
        (KEY, SECRET),
        (KEY, ""),
        (KEY, signature(b"{}").upper()),
        (KEY, signature(b"{} ")),
        ("other", signature(b"{}")),
    ],
    ids=["plain secret", "no password", "upper-case", "other bytes", "other key"],
)
def test_any_other_signature_is_rejected(old: Client, key: str, password: str) -> None:
    response = old.raw("POST", "/datacue/api/v1/users", b"{}", (key, password))

    assert (response.status_code, response.json()) == (401, {"error": "Unauthorized"})
    assert old.violation_texts == ["Unauthorized"]


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic !!", "basic " + "a" * 8])
def test_a_header_without_basic_authentication_is_rejected(old: Client, header: str) -> None:
    response = old.raw(
        "GET", "/datacue/api/v1/orders/o1", b"", None, headers={"Authorization": header}
    )

    assert response.status_code == 405
    response = old.raw(
        "DELETE", "/datacue/api/v1/orders/o1", b"", None, headers={"Authorization": header}
    )
    assert response.status_code == 401


def test_the_signature_of_an_empty_body_is_of_the_empty_string(old: Client) -> None:
    old.call("POST", "users", user())
    response = old.raw("DELETE", "/datacue/api/v1/users/u1", b"", (KEY, signature(b"")))

    assert response.status_code == 204
    assert old.state["users"] == {}


def test_the_signature_covers_the_bytes_and_not_their_meaning(old: Client) -> None:
    spaced = json.dumps(user(), indent=3).encode()

    assert old.call("POST", "users", spaced).status_code == 201
    response = old.raw(
        "POST", "/datacue/api/v1/users", spaced, (KEY, signature(json.dumps(user()).encode()))
    )
    assert response.status_code == 401


def test_the_events_host_accepts_the_key_alone(old: Client) -> None:
    body = b'{"user": {"user_id": "u1"}, "event": {"type": "login"}}'

    assert old.raw("POST", "/datacue/events", body, (KEY, "")).status_code == 204
    assert old.raw("POST", "/datacue/events", body, (KEY, signature(body))).status_code == 401
    assert old.raw("POST", "/datacue/events", body, (KEY, SECRET)).status_code == 401
    assert old.raw("POST", "/datacue/events", body, ("other", "")).status_code == 401
    assert len(old.state["events"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "things", 404),
        ("POST", "products/", 404),
        ("DELETE", "products/p1/v1/x", 404),
        ("POST", "categories", 404),
        ("GET", "overview", 404),
        ("PUT", "batch/products", 405),
        ("POST", "batch/things", 404),
        ("POST", "batch/users/all", 404),
        ("PUT", "products/p1", 405),
        ("PATCH", "orders/o1", 405),
        ("PATCH", "orders/o1/status", 404),
        ("GET", "products/p1/v1", 405),
        ("DELETE", "users/%20", 404),
    ],
)
def test_paths_and_methods_outside_the_guide_of_2018_do_not_exist(
    old: Client, method: str, path: str, status: int
) -> None:
    assert old.call(method, path, {"a": "b"}).status_code == status
    assert len(old.violation_texts) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "banners", 404),
        ("POST", "batch", 404),
        ("PUT", "orders/o1", 405),
        ("PUT", "batch/orders", 405),
        ("PATCH", "orders/o1", 405),
        ("PATCH", "batch/users", 405),
        ("GET", "overview/users/x", 404),
    ],
)
def test_paths_and_methods_outside_the_guide_of_2021_do_not_exist(
    new: Client, method: str, path: str, status: int
) -> None:
    assert new.call(method, path, {"a": "b"}).status_code == status
    assert len(new.violation_texts) == 1


def test_other_hosts_and_versions_do_not_exist(old: Client) -> None:
    for path in ("/", "/nobody/api/v1/users", "/datacue/api/v2/users", "/datacue/v1/users"):
        assert old.raw("GET", path, b"", (KEY, "")).status_code == 404
    assert old.violation_texts == [
        "no platform is served here",
        "no platform is served here",
        "unknown path",
        "unknown path",
    ]
    assert old.raw("GET", "/datacue/events/", b"", (KEY, "")).status_code == 405


def test_a_query_is_rejected(old: Client) -> None:
    assert old.call("POST", "users?dry=1", user()).status_code == 400
    assert old.violation_texts == ["unknown query"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; x=y"]
)
def test_a_body_requires_the_json_content_type(old: Client, kind: str) -> None:
    response = old.call("POST", "users", user(), headers={"Content-Type": kind})

    assert response.status_code == 400
    assert old.violation_texts == ["the content type must be application/json"]


def test_the_json_content_type_may_have_a_charset(old: Client) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}

    assert old.call("POST", "users", user(), headers=headers).status_code == 201


def test_a_delete_without_a_body_has_no_content_type(old: Client) -> None:
    old.call("POST", "users", user())
    headers = {"Content-Type": "application/json"}

    assert old.call("DELETE", "users/u1", headers=headers).status_code == 400
    assert old.call("DELETE", "users/u1", {"user_id": "u1"}).status_code == 400
    assert old.call("DELETE", "users/u1").status_code == 204


def test_a_create_without_a_body_is_rejected(old: Client) -> None:
    assert old.call("POST", "users").status_code == 400
    assert old.violation_texts == ["a body is required here"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff{}",
        b'{"user_id": NaN}',
        b"[" * 100_000,
        b'{"user_id": "u1", "user_id": "u2", "first_name": "Ann"}',
        b"[]",
        b'"text"',
        b"null",
    ],
    ids=["cut", "latin", "nan", "deep", "twice", "array", "text", "null"],
)
def test_a_body_that_is_not_a_json_object_is_rejected(old: Client, body: bytes) -> None:
    assert old.call("POST", "users", body).status_code == 400
    assert len(old.violation_texts) == 1


def test_a_body_over_5_mib_is_rejected_and_one_of_5_mib_is_not(old: Client) -> None:
    def sized(size: int) -> bytes:
        frame = json.dumps(product(description="")).encode()
        return frame.replace(b'"description": ""', b'"description": "%s"' % (b"x" * size))

    room = 5 * 1024 * 1024 - len(sized(0))
    assert old.call("POST", "products", sized(room + 1)).status_code == 413
    assert old.violation_texts == ["the body is larger than 5 MiB"]
    assert old.call("POST", "products", sized(room)).status_code == 201


def test_a_body_of_unknown_length_is_rejected(old: Client) -> None:
    chunks: Any = iter([json.dumps(user()).encode()])
    response = old.session.post(old.url + "/datacue/api/v1/users", data=chunks, timeout=10)

    assert response.status_code == 411
    assert old.violation_texts == ["a length is required"]


def test_ids_in_the_path_are_decoded_once_and_segment_by_segment(old: Client) -> None:
    old.call("POST", "products", product(product_id="a/b", variant_id="50%25 off"))

    assert old.call("DELETE", "products/a%2Fb/50%2525%20off").status_code == 204
    assert old.state["products"] == {}


def test_a_path_with_an_invalid_escape_does_not_exist(old: Client) -> None:
    line = http.client.HTTPConnection(urlsplit(old.url).netloc, timeout=10)
    line.request("DELETE", "/datacue/api/v1/users/%zz")

    assert line.getresponse().status == 404
    line.close()


def test_a_client_that_disconnects_within_its_body_has_sent_no_call(old: Client) -> None:
    where = urlsplit(old.url)
    with socket.create_connection((where.hostname, where.port or 0)) as line:
        line.sendall(b"POST /datacue/events HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")

    assert old.call("POST", "users", user()).status_code == 201
    assert [call["path"] for call in old.box.calls()] == ["/datacue/api/v1/users"]


def test_no_secret_is_in_the_journal_or_in_a_repr(old: Client) -> None:
    old.raw("POST", "/datacue/api/v1/users", b"{}", (KEY, SECRET))
    old.call("POST", "users", user())

    text = repr(old.box.calls()) + repr(old.box.violations()) + repr(old.box)
    assert SECRET not in text
    assert KEY not in text
