"""
A WooCommerce store's REST API on loopback: real HTTP, the documents that it is given, and no more
leniency than the real one (measured on 9.9.5 and 11.0.1).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import parse_qsl

from cli.sandbox.exchange import Response, json_response
from cli.sandbox.faults import Fault
from cli.sandbox.stand_in import StandIn
from cli.sandbox.http_server import Drip, Incoming, Reply
from cli.sandbox.woocommerce.keys import AuthRequest, Key, Keys
from cli.sandbox.woocommerce.lists import DocumentList, list_page, select_fields
from cli.sandbox.woocommerce.problem import Refused, problem
from cli.sandbox.woocommerce.routes import NO_ROUTE, Found, find
from cli.sandbox.woocommerce.store_data import StoreData
from cli.sandbox.woocommerce.webhooks import change_webhook

KEY = Key(name="ck_read", secret="cs_read")  # noqa: S106 - of a store that is none
_ROOT = "/wp-json/wc/v3/"
_INDEX = "/wp-json/"
_CANNOT_VIEW = "woocommerce_rest_cannot_view"


class RestDouble(StandIn):
    """
    A store that holds ``held``; a test may change it at any time. ``clock`` gives epoch seconds.

    It speaks http. What comes with ``X-Forwarded-Proto: https`` came over https, as behind a proxy
    that ends TLS; ``home`` is then the store's address as set in WordPress. With ``tells_php`` off
    PHP does not know, and refuses HTTP Basic. ``asked`` has every request as "GET products/12?…",
    without what signs it.
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
        self.asked: list[str] = []
        self.tells_php = True
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
        self.asked.append(f"{incoming.method} {route}?{own}".rstrip("?"))
        fault = self._faults.take("woocommerce", incoming.method, path)
        if fault is not None:
            return self._fail(incoming, path, query, fault)
        return self._answer(incoming, path, query)

    def _fail(self, incoming: Incoming, path: str, query: dict[str, str], fault: Fault) -> Reply:
        if self._stopping.wait(fault.delay) or fault.reset:
            return None
        if fault.status is None and not fault.drip:
            return self._answer(incoming, path, query)
        given = Response(
            status=fault.status or 200,
            body=fault.body.encode(),
            headers=tuple(fault.headers.items()),
        )
        return Drip(given) if fault.drip else given

    def _answer(self, incoming: Incoming, path: str, query: dict[str, str]) -> Response:
        secure = self.tells_php and incoming.headers.get("x-forwarded-proto") == "https"
        asked = AuthRequest(
            method=incoming.method,
            path=path,
            query=query,
            headers=incoming.headers,
            secure=secure,
            home=self.home or self.url,
        )
        try:
            key = self._keys.holder(asked)
            below = path.removeprefix("/index.php")
            if below == _INDEX:
                return json_response(200, {"name": "A store", "namespaces": ["wp/v2", "wc/v3"]})
            route = below.removeprefix(_ROOT)
            found = find(self.held, route) if below != route else None
            if incoming.method != "GET":
                return _written(self.held, key, asked, incoming.body)
            if found is None:
                return NO_ROUTE
            return _shown(found, key, asked)
        except Refused as refused:
            return refused.said


def _written(held: StoreData, key: Key | None, asked: AuthRequest, body: bytes) -> Response:
    if key is None:
        code = "woocommerce_rest_cannot_create"
        return problem(401, code, "Sorry, you are not allowed to create resources.")
    route = asked.path.removeprefix("/index.php").removeprefix(_ROOT)
    return change_webhook(held, asked.method, route, asked.query, body)


def _shown(found: Found, key: Key | None, asked: AuthRequest) -> Response:
    if isinstance(found, DocumentList):
        if key is None:
            return problem(401, _CANNOT_VIEW, "Sorry, you cannot list resources.")
        return list_page(found, asked.query, asked.home + asked.path)
    if found.document is None:
        # Before any look at the key: whether there is such an id is no secret.
        return found.gone
    if key is None:
        return problem(401, _CANNOT_VIEW, "Sorry, you cannot view this resource.")
    return json_response(200, select_fields(found.document, asked.query))
