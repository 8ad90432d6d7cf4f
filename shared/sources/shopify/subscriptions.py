"""
The shop's webhook subscriptions, through its Admin GraphQL API. The API does not list those in the
app's own configuration file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from shared.errors import StoreUnavailable, SubscriptionRefused
from shared.sources.shopify import subscription_queries
from shared.sources.shopify.scopes import COMPLIANCE, lacking
from shared.sources.shopify.store import AdminApi, QueryRefused
from shared.sources.shopify.topics import HANDLED, IGNORED
from shared.subscriptions.apply import patiently
from shared.subscriptions.contract import Found, State, Subscription

# An app has one subscription per topic and address; no shop has ten thousand.
_MAX_PAGES = 100
_MAX_QUOTE = 200
_TAKEN = "already been taken"
_GONE = "does not exist"
# Part of Shopify's message, as seen in 2026 -> its meaning and the remedy. It has no error codes.
_EXPLANATIONS: Mapping[str, str] = {
    "cannot create a webhook subscription with the specified topic": (
        "the app lacks the scope {scope}: add it in a new version of the app, let the store accept "
        "it, and connect again"
    ),
    "protected customer data": (
        "the app has no access to protected customer data: request it in the app's settings, API "
        "access, and connect again"
    ),
    "protocol http://": "Shopify accepts only https: use the https address of the endpoint",
    "internal domain": (
        "Shopify sends nothing to its own domains or the shop's: use the address of the API"
    ),
}
_CREDENTIALS_EXPIRED = (
    "the token has expired or was revoked: put a valid client_id and client_secret, or "
    "access_token, into the secret"
)
_SCOPES_MISSING = "add the scopes in a new version of the app, and let the store accept it"

T = TypeVar("T")


class ShopifySubscriptions:
    """The `Subscriptions` that this app created through the API in one shop."""

    topics = frozenset(HANDLED) - {*COMPLIANCE}
    optional = frozenset[str]()

    def __init__(
        self, api: AdminApi, now: Callable[[], float], sleep: Callable[[float], None], version: str
    ) -> None:
        self._api = api
        self._now = now
        self._sleep = sleep
        self._version = version

    @property
    def by_hand(self) -> str:
        """Return the section of the app's configuration for topics that no API subscribes to."""
        topics = ", ".join(f'"{topic}"' for topic in COMPLIANCE)
        return (
            "# shopify.app.toml\n[webhooks]\n"
            f'api_version = "{self._version}"\n\n'
            f'[[webhooks.subscriptions]]\ncompliance_topics = [{topics}]\nuri = "ADDRESS"\n'
        )

    def look(self, deadline: float) -> Found:
        """Read all subscriptions of the app, and the topics that its scopes do not allow."""
        found: list[subscription_queries.WebhookSubscription] = []
        after: str | None = None
        for _ in range(_MAX_PAGES):
            data = self._query(
                subscription_queries.LIST, {"after": after}, subscription_queries.ListData, deadline
            )
            found += data.webhook_subscriptions.nodes
            page = data.webhook_subscriptions.page_info
            if not page.has_next_page:
                return Found(
                    subscriptions=tuple(map(_to_subscription, found)), withheld=self._withheld(data)
                )
            after = page.end_cursor
        raise StoreUnavailable("the store's list of subscriptions does not end")

    def create(self, topic: str, address: str, deadline: float) -> None:
        """Subscribe, unless the subscription exists. Raises SubscriptionRefused."""
        wanted = {"uri": address, "format": "JSON"}
        self._change(
            subscription_queries.CREATE, {"topic": _enum(topic), "input": wanted}, topic, deadline
        )

    def mend(self, subscription: Subscription, deadline: float) -> None:
        """Update it to send every event with its whole body. Raises SubscriptionRefused."""
        wanted: dict[str, object] = {
            "uri": subscription.address,
            "format": "JSON",
            "filter": None,
            "includeFields": [],
        }
        variables = {"id": subscription.id, "input": wanted}
        self._change(subscription_queries.UPDATE, variables, subscription.topic, deadline)

    def delete(self, subscription: Subscription, deadline: float) -> None:
        """Unsubscribe; a missing subscription is no error. Raises SubscriptionRefused."""
        self._change(
            subscription_queries.DELETE, {"id": subscription.id}, subscription.topic, deadline
        )

    def _change(
        self, query: str, variables: Mapping[str, Any], topic: str, deadline: float
    ) -> None:
        try:
            data = self._query(query, variables, subscription_queries.MutationData, deadline)
        except QueryRefused:
            reason = f"version {self._version} of the API does not know the topic: set a later one"
            raise SubscriptionRefused(topic, reason) from None
        for one in data.errors():
            if _TAKEN not in one.message and _GONE not in one.message:
                raise SubscriptionRefused(topic, _explain(one.message, topic))

    def _query(
        self, query: str, variables: Mapping[str, Any], shape: type[T], deadline: float
    ) -> T:
        def send() -> T:
            return self._api.run_query(query, variables, shape, deadline)

        try:
            return patiently(send, self._now, self._sleep, deadline)
        except QueryRefused as error:
            if "INVALID_VARIABLE" in error.codes:
                raise
            raise _with_remedy(error) from None
        except StoreUnavailable as error:
            raise _with_remedy(error) from None

    def _withheld(self, data: subscription_queries.ListData) -> dict[str, str]:
        installed = data.current_app_installation
        if installed is None:
            return {}
        granted = {one.handle for one in installed.access_scopes}
        lacks = {topic: lacking(topic, granted) for topic in self.topics}
        return {topic: f"the app lacks the scope {one}" for topic, one in lacks.items() if one}


def _to_subscription(node: subscription_queries.WebhookSubscription) -> Subscription:
    whole = node.format == "JSON" and not node.filter and not node.include_fields
    return Subscription(
        id=node.id,
        topic=_TOPICS.get(node.topic, node.topic.lower()),
        address=node.uri or "",
        state=State.ACTIVE if whole else State.TRIMMED,
        version=node.api_version.handle,
    )


def _enum(topic: str) -> str:
    return topic.upper().replace("/", "_").replace(".", "_")


_TOPICS = {_enum(topic): topic for topic in (*HANDLED, *IGNORED)}


def _explain(message: str, topic: str) -> str:
    for part, meaning in _EXPLANATIONS.items():
        if part in message:
            return meaning.format(scope=lacking(topic, ()) or "that it needs")
    # Shopify's own message, which names an address or a topic and never a person.
    quote = "".join(char if char.isprintable() else " " for char in message[:_MAX_QUOTE])
    return f'Shopify says "{quote}"'


def _with_remedy(error: StoreUnavailable) -> StoreUnavailable:
    remedy = _remedy(error)
    reason = f"{error.reason}; {remedy}" if remedy else error.reason
    return StoreUnavailable(reason, error.after, refused=error.refused)


def _remedy(error: StoreUnavailable) -> str:
    if isinstance(error, QueryRefused):
        busy = "THROTTLED" in error.codes
        return "it is busy: try again in a minute" if busy else _SCOPES_MISSING
    if error.refused:
        return _CREDENTIALS_EXPIRED
    return "check `shop` and `api_version` in [shopify]" if " 404" in error.reason else ""
