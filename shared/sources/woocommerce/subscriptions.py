"""The store's webhooks, through ``wc/v3/webhooks``. The key needs write permission."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus

from shared.errors import NotConfigured, NotUnderstood, StoreUnavailable, SubscriptionRefused
from shared.http.store_client import StoreResponse
from shared.sources.parsing.documents import read
from shared.sources.parsing.scalars import Id
from shared.sources.woocommerce.privacy import REDACT
from shared.sources.woocommerce.product_payloads import Body
from shared.sources.woocommerce.rest_errors import content, error_code
from shared.sources.woocommerce.store import RestApi
from shared.sources.woocommerce.topics import HANDLED
from shared.subscriptions.apply import patiently
from shared.subscriptions.contract import Found, State, Subscription

# Since 10.8; older stores reject it.
_NEWER = frozenset({"product.published"})
_PER_PAGE = 100
_MAX_PAGES = 100
# WordPress signs with the secret after it has unescaped HTML: one without HTML characters is safe.
_SAFE = re.compile(r"[A-Za-z0-9_-]{32,}")
_CODE = "woocommerce_rest_shop_webhook_"
_INVALID_TOPIC = f"{_CODE}invalid_topic"
_INVALID_ADDRESS = f"{_CODE}invalid_delivery_url"
_INVALID_ID = f"{_CODE}invalid_id"
_SUCCESS = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})


class _Webhook(Body, frozen=True):
    id: Id
    topic: str
    delivery_url: str
    status: str = "active"


class WooSubscriptions:
    """The `Subscriptions` of one store: all its webhooks, whoever created them."""

    topics = frozenset(HANDLED) - {REDACT} - _NEWER
    optional = _NEWER
    by_hand = ""

    def __init__(
        self,
        api: RestApi,
        now: Callable[[], float],
        sleep: Callable[[float], None],
        secret: str,
    ) -> None:
        self._api = api
        self._now = now
        self._sleep = sleep
        self._secret = secret

    def look(self, deadline: float) -> Found:
        """Read all webhooks of the store, in any state."""
        found: dict[str, Subscription] = {}
        for number in range(1, _MAX_PAGES + 1):
            query = f"per_page={_PER_PAGE}&orderby=id&order=asc&page={number}"
            response = self._send("GET", f"webhooks?{query}", deadline)
            page = _decode_list(response)
            found |= {one.id: _to_subscription(one) for one in page}
            if len(page) < _PER_PAGE:
                return Found(subscriptions=tuple(found.values()))
        raise StoreUnavailable("the store's list of webhooks does not end")

    def create(self, topic: str, address: str, deadline: float) -> None:
        """
        Create a webhook with our secret. Raises SubscriptionRefused.

        The store accepts duplicates, so the caller must read its webhooks first.
        """
        wanted = {
            "name": f"Shoprelay {topic}",
            "topic": topic,
            "delivery_url": address,
            "secret": self._safe_secret(),
            "status": "active",
        }
        self._change("POST", "webhooks", topic, deadline, wanted)

    def mend(self, subscription: Subscription, deadline: float) -> None:
        """
        Activate it again, with our secret. Raises SubscriptionRefused.

        A webhook that the store disabled is replaced by a new one: reactivated, it would keep its
        failure count, and the next failure would disable it (measured on 11.0.1).
        """
        if subscription.state is State.DISABLED:
            self.create(subscription.topic, subscription.address, deadline)
            self.delete(subscription, deadline)
            return
        wanted = {"status": "active", "secret": self._safe_secret()}
        self._change("PUT", f"webhooks/{subscription.id}", subscription.topic, deadline, wanted)

    def delete(self, subscription: Subscription, deadline: float) -> None:
        """Delete a webhook; a missing one is no error. Raises SubscriptionRefused."""
        path = f"webhooks/{subscription.id}?force=true"
        self._change("DELETE", path, subscription.topic, deadline)

    def _change(
        self,
        method: str,
        path: str,
        topic: str,
        deadline: float,
        wanted: Mapping[str, object] | None = None,
    ) -> None:
        response = self._send(method, path, deadline, wanted)
        code = error_code(response)
        if response.status in _SUCCESS or (method == "DELETE" and code == _INVALID_ID):
            return
        if code == _INVALID_TOPIC:
            raise SubscriptionRefused(topic, "this version of WooCommerce does not know the topic")
        if code == _INVALID_ADDRESS:
            raise SubscriptionRefused(topic, "the store rejects the address: use an https one")
        if response.status == HTTPStatus.UNAUTHORIZED and method != "GET":
            raise StoreUnavailable(
                f"the store refuses to write: 401 {code}; give the REST API key the permission "
                "Read/Write (WooCommerce, Settings, Advanced, REST API)",
                refused=True,
            )
        content(response)
        raise SubscriptionRefused(topic, f"the store answered {response.status}")

    def _send(
        self, method: str, path: str, deadline: float, body: Mapping[str, object] | None = None
    ) -> StoreResponse:
        def send() -> StoreResponse:
            response = self._api.send(method, path, deadline, body)
            if response.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise StoreUnavailable(
                    "the store's rate limit is exceeded: try again", response.after
                )
            return response

        return patiently(send, self._now, self._sleep, deadline)

    def _safe_secret(self) -> str:
        if not _SAFE.fullmatch(self._secret):
            reason = "the secret: the first must be 32 or more of the characters A-Z a-z 0-9 _ -"
            raise NotConfigured(reason, "$.woocommerce.webhook_secrets")
        return self._secret


def _decode_list(response: StoreResponse) -> list[_Webhook]:
    try:
        return read(content(response), list[_Webhook])
    except NotUnderstood as error:
        raise StoreUnavailable(f"the store's answer is not understood: {error}") from None


def _to_subscription(one: _Webhook) -> Subscription:
    states = {"paused": State.PAUSED, "disabled": State.DISABLED}
    return Subscription(
        id=one.id,
        topic=one.topic,
        address=one.delivery_url,
        state=states.get(one.status, State.ACTIVE),
    )
