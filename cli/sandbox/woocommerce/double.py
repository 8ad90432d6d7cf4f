"""
A WooCommerce store's REST API on loopback: real HTTP, the given documents, and as strict as the
real API (measured on 9.9.5 and 11.0.1).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from cli.sandbox.exchange import Response, json_response
from cli.sandbox.faults import Fault
from cli.sandbox.http_server import Drip, Incoming, Reply
from cli.sandbox.stand_in import StandIn
from cli.sandbox.woocommerce.keys import AuthRequest, Key, Keys
from cli.sandbox.woocommerce.lists import DocumentList, list_page, select_fields
from cli.sandbox.woocommerce.problem import Rejected, problem
from cli.sandbox.woocommerce.routes import NO_ROUTE, Found, find
from cli.sandbox.woocommerce.store_data import StoreData
from cli.sandbox.woocommerce.webhooks import change_webhook

KEY = Key(name="ck_read", secret="cs_read")  # noqa: S106 - of a stand-in
_ROOT = "/wp-json/wc/v3/"
_INDEX = "/wp-json/"
_CANNOT_VIEW = "woocommerce_rest_cannot_view"


class RestDouble(StandIn):
    """
    A store with the data ``held``; a test may change it at any time. ``clock`` is in epoch seconds.

    It serves plain HTTP. A request with ``X-Forwarded-Proto: https`` counts as HTTPS, as behind a
    proxy that terminates TLS; ``home`` is then the store's address as set in WordPress. Without
    ``tells_php``, PHP does not see HTTPS and rejects HTTP Basic; with ``strips_authorization`` the
    web server removes that header. ``requests`` has every request as "GET products/12?…", without
    its authentication parameters.
    """

    def __init__(
        self,
        held: StoreData | None = None,
        keys: tuple[Key, ...] = (KEY,),
        *,
        home: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self.held = held or StoreData(clock=clock)
        self.requests: list[str] = []
        self.tells_php = True
        self.strips_authorization = False
        self.home = home
        self._keys = Keys(keys, clock)

    def _serve(self, incoming: Incoming) -> Reply:
        path, _, text = incoming.target.partition("?")
        query = dict(parse_qsl(text, keep_blank_values=True))
        own = "&".join(
            f"{name}={value}"
            for name, value in query.items()
            if not name.startswith(("oauth_", "consumer_"))
        )
        route = path.removeprefix("/index.php").removeprefix(_ROOT)
        self.requests.append(f"{incoming.method} {route}?{own}".rstrip("?"))
        fault = self._faults.take("woocommerce", incoming.method, path)
        if fault is not None:
            return self._fail(incoming, path, query, fault)
        return self._answer(incoming, path, query)

    def _fail(self, incoming: Incoming, path: str, query: dict[str, str], fault: Fault) -> Reply:
        if self._stopping.wait(fault.delay) or fault.reset:
            return None
        if fault.status is None and not fault.drip:
            return self._answer(incoming, path, query)
        response = Response(
            status=fault.status or 200,
            body=fault.body.encode(),
            headers=tuple(fault.headers.items()),
        )
        return Drip(response) if fault.drip else response

    def _answer(self, incoming: Incoming, path: str, query: dict[str, str]) -> Response:
        headers = dict(incoming.headers)
        if self.strips_authorization:
            headers.pop("authorization", None)
        secure = self.tells_php and incoming.headers.get("x-forwarded-proto") == "https"
        request = AuthRequest(
            method=incoming.method,
            path=path,
            query=query,
            headers=headers,
            secure=secure,
            # get_home_url() with the scheme that PHP sees.
            home=_with_scheme(self.home or self.url, secure=secure),
        )
        try:
            key = self._keys.holder(request)
            below = path.removeprefix("/index.php")
            if below == _INDEX:
                home = self.home or self.url
                own = {"name": "A store", "url": home, "home": home}
                return json_response(200, {**own, "namespaces": ["wp/v2", "wc/v3"]})
            route = below.removeprefix(_ROOT)
            found = find(self.held, route) if below != route else None
            if incoming.method != "GET":
                return _written(self.held, key, request, incoming.body)
            if found is None:
                return NO_ROUTE
            return _shown(found, key, request)
        except Rejected as rejected:
            return rejected.response


def _with_scheme(home: str, *, secure: bool) -> str:
    return f"{'https' if secure else 'http'}://{home.partition('://')[2]}"


def _written(held: StoreData, key: Key | None, request: AuthRequest, body: bytes) -> Response:
    if key is None:
        code = "woocommerce_rest_cannot_create"
        return problem(401, code, "Sorry, you are not allowed to create resources.")
    route = request.path.removeprefix("/index.php").removeprefix(_ROOT)
    return change_webhook(held, request.method, route, request.query, body)


def _shown(found: Found, key: Key | None, request: AuthRequest) -> Response:
    if isinstance(found, DocumentList):
        if key is None:
            return problem(401, _CANNOT_VIEW, "Sorry, you cannot list resources.")
        return list_page(found, request.query, request.home + request.path)
    if found.document is None and not (found.private and key is None):
        # Before the key is checked: a real store reveals to anybody whether a product exists.
        return found.gone
    if key is None:
        return problem(401, _CANNOT_VIEW, "Sorry, you cannot view this resource.")
    return json_response(200, select_fields(found.document or {}, request.query))
