"""A client that signs according to the guide, written independently, and rows that are valid."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import requests

from cli.sandbox.server import Sandbox

KEY = "key-of-tests"
SECRET = "secret-of-tests"
CREDENTIALS = {"datacue": {"api_key": KEY, "api_secret": SECRET}}


class Client:
    """Calls one sandbox over one keep-alive connection."""

    def __init__(self, box: Sandbox, url: str) -> None:
        self.box = box
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """Send a signed call to the API."""
        data = body if isinstance(body, bytes) else b"" if body is None else _json(body)
        password = hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()
        return self.raw(method, f"/datacue/api/v1/{path}", data, (KEY, password), **more)

    def send_event(self, event: Any, /, **more: Any) -> requests.Response:
        """Send a visitor's event, with the key alone."""
        body = {"user": {"anonymous_id": "visitor-1"}, "event": event} | more
        return self.raw("POST", "/datacue/events/", _json(body), (KEY, ""))

    def raw(
        self, method: str, path: str, data: bytes, auth: tuple[str, str] | None, **more: Any
    ) -> requests.Response:
        """Send the given bytes unchanged."""
        headers = {"Content-Type": "application/json"} if data else {}
        headers |= more.pop("headers", {})
        timeout = more.pop("timeout", 10)
        return self.session.request(
            method,
            self.url + path,
            data=data or None,
            auth=auth,
            headers=headers,
            timeout=timeout,
            **more,
        )

    def control(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Send a request to the control API."""
        return self.session.request(method, f"{self.url}/_sandbox{path}", json=body, timeout=10)

    @property
    def state(self) -> dict[str, Any]:
        """DataCue's state."""
        state: dict[str, Any] = self.box.state()["datacue"]
        return state

    @property
    def violation_texts(self) -> list[str]:
        """The texts of all violations so far."""
        return [call["violation"] for call in self.box.violations()]


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


def product(**changes: Any) -> dict[str, Any]:
    """Return a row with every required field of 2018-09; None removes a field."""
    row = {
        "product_id": "p1",
        "variant_id": "v1",
        "category_1": "lamps",
        "name": "Reading lamp",
        "price": 24.5,
        "stock": 3,
        "photo_url": "https://shop.example/p1.png",
        "link": "/products/p1",
    }
    return without_none(row | changes)


def modern(**changes: Any) -> dict[str, Any]:
    """Return a row with every required field of 2021-02."""
    return product(**({"category_1": None, "category_ids": ["c1"], "full_price": 30} | changes))


def user(**changes: Any) -> dict[str, Any]:
    """Return a user."""
    return without_none(
        {"user_id": "u1", "email": "ann@shop.example", "first_name": "Ann"} | changes
    )


def order(**changes: Any) -> dict[str, Any]:
    """Return an order of one line."""
    return without_none({"order_id": "o1", "user_id": "u1", "cart": [bought()]} | changes)


def bought(**changes: Any) -> dict[str, Any]:
    """Return a line of an order."""
    line = {
        "product_id": "p1",
        "variant_id": "v1",
        "quantity": 2,
        "unit_price": 24.5,
        "currency": "USD",
    }
    return without_none(line | changes)


def banner(**changes: Any) -> dict[str, Any]:
    """Return a banner."""
    row = {
        "banner_id": "b1",
        "type": "main",
        "category_1": "lamps",
        "photo_url": "/b1.png",
        "link": "/lamps",
    }
    return without_none(row | changes)


def without_none(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row without the fields that are None."""
    return {name: value for name, value in row.items() if value is not None}
