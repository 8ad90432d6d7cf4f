"""
A store's Admin GraphQL API on loopback: real HTTP, the subscriptions of one app, and as strict as
the real API.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from urllib.parse import parse_qs

import msgspec

from cli.sandbox.exchange import Response, json_response
from cli.sandbox.http_server import Incoming, Reply
from cli.sandbox.shopify import responses
from cli.sandbox.shopify.query import run
from cli.sandbox.shopify.store_data import StoreData
from cli.sandbox.stand_in import StandIn

_PATH = re.compile(r"/admin/api/([0-9a-z-]+)/graphql\.json")
_GRANT = "/admin/oauth/access_token"


class AdminDouble(StandIn):
    """
    A store with the data ``held``; a test may change it at any time. ``requests`` has the name of
    every operation, and "grant" for a token. ``held.available`` is the cost bucket; with a
    ``clock`` (in seconds) it refills.
    """

    def __init__(
        self, held: StoreData | None = None, clock: Callable[[], float] | None = None
    ) -> None:
        super().__init__()
        self.held = held or StoreData()
        self.requests: list[str] = []
        self._clock = clock
        self._seen = clock() if clock else 0.0
        self._granted = 0

    def _serve(self, incoming: Incoming) -> Reply:
        path = incoming.target.partition("?")[0]
        fault = self._faults.take("shopify", incoming.method, path)
        if fault is not None:
            if fault.reset:
                return None
            return Response(
                status=fault.status or 200,
                body=fault.body.encode(),
                headers=tuple(fault.headers.items()),
            )
        if path == _GRANT:
            return self._grant(incoming)
        return self._graphql(incoming, path)

    def _grant(self, incoming: Incoming) -> Response:
        self.requests.append("grant")
        form = {name: one[0] for name, one in parse_qs(incoming.body.decode()).items()}
        known = self.held.clients.get(form.get("client_id", ""))
        if form.get("grant_type") != "client_credentials" or known is None:
            return json_response(400, {"error": "application_cannot_be_found"})
        if known != form.get("client_secret"):
            return json_response(400, {"error": "invalid_client"})
        self._granted += 1
        token = f"shpua_{self._granted}"
        self.held.tokens.add(token)
        scopes = ",".join(sorted(self.held.scopes))
        return json_response(200, {"access_token": token, "scope": scopes, "expires_in": 86399})

    def _graphql(self, incoming: Incoming, path: str) -> Response:
        match = _PATH.fullmatch(path)
        if match is None or match[1] not in {*self.held.versions, "unstable"}:
            return responses.NOT_FOUND
        if incoming.headers.get("x-shopify-access-token") not in self.held.tokens:
            return responses.UNAUTHORIZED
        payload = msgspec.json.decode(incoming.body)
        response = run(self, payload["query"], payload.get("variables") or {})
        version = ("X-Shopify-API-Version", self.held.served or match[1])
        return dataclasses.replace(response, headers=(*response.headers, version))

    def spend(self, cost: float) -> bool:
        """Refill the bucket, then take points out of it; return False when there are too few."""
        held = self.held
        if self._clock is not None:
            now = self._clock()
            more = (now - self._seen) * held.restore_rate
            held.available, self._seen = min(2000.0, held.available + more), now
        if held.available < cost:
            return False
        held.available -= cost
        return True
