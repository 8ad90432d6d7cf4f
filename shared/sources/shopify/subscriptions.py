"""
The shop's webhook subscriptions, by its Admin GraphQL API. Those of the app's own configuration
file are not among them.
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

# An app has one for each topic and address; ten thousand are no shop's.
_MAX_PAGES = 100
_LONGEST = 200
_TAKEN = "already been taken"
_GONE = "does not exist"
# What Shopify says, in part -> what it means, and what to do. Seen in 2026; its words, not codes.
_MEANS: Mapping[str, str] = {
    "cannot create a webhook subscription with the specified topic": (
        "the app lacks the scope {scope}: add it in a new version of the app, let the store take "
        "that, and connect again"
    ),
    "protected customer data": (
        "the app has no access to protected customer data: ask for it in the app's settings, API "
        "access, and connect again"
    ),
    "protocol http://": "Shopify takes https alone: give the https address of the endpoint",
    "internal domain": (
        "Shopify sends nothing to a domain of the shop or of its own: give the address of the API"
    ),
}
_ENDED = (
    "the token has ended or was revoked: put a good client_id and client_secret, or access_token, "
    "into the secret"
)
_LACKING = "add the scopes in a new version of the app, and let the store take that"

T = TypeVar("T")


class ShopifySubscriptions:
    """A `Subscriptions`: those that this app made by the API in one shop."""

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
        """The section of the app's configuration for what no API subscribes to."""
        topics = ", ".join(f'"{topic}"' for topic in COMPLIANCE)
        return (
            "# shopify.app.toml\n[webhooks]\n"
            f'api_version = "{self._version}"\n\n'
            f'[[webhooks.subscriptions]]\ncompliance_topics = [{topics}]\nuri = "ADDRESS"\n'
        )

    def look(self, deadline: float) -> Found:
        """Read all subscriptions of the app, and which topics its scopes do not allow."""
        found: list[subscription_queries.Hook] = []
        after: str | None = None
        for _ in range(_MAX_PAGES):
            data = self._ask(
                subscription_queries.LOOK, {"after": after}, subscription_queries.LookData, deadline
            )
            found += data.webhook_subscriptions.nodes
            page = data.webhook_subscriptions.page_info
            if not page.has_next_page:
                return Found(subscriptions=tuple(map(_read, found)), withheld=self._withheld(data))
            after = page.end_cursor
        raise StoreUnavailable("the store gives page after page of subscriptions")

    def create(self, topic: str, address: str, deadline: float) -> None:
        """Subscribe; one that is there already is none too many. Raises SubscriptionRefused."""
        wanted = {"uri": address, "format": "JSON"}
        self._change(
            subscription_queries.CREATE, {"topic": _enum(topic), "input": wanted}, topic, deadline
        )

    def mend(self, subscription: Subscription, deadline: float) -> None:
        """Let it send whole bodies of every event, as JSON. Raises SubscriptionRefused."""
        wanted: dict[str, object] = {
            "uri": subscription.address,
            "format": "JSON",
            "filter": None,
            "includeFields": [],
        }
        variables = {"id": subscription.id, "input": wanted}
        self._change(subscription_queries.UPDATE, variables, subscription.topic, deadline)

    def delete(self, subscription: Subscription, deadline: float) -> None:
        """Unsubscribe; one that is gone already is no error. Raises SubscriptionRefused."""
        self._change(
            subscription_queries.DELETE, {"id": subscription.id}, subscription.topic, deadline
        )

    def _change(
        self, query: str, variables: Mapping[str, Any], topic: str, deadline: float
    ) -> None:
        try:
            data = self._ask(query, variables, subscription_queries.Changes, deadline)
        except QueryRefused:
            told = f"version {self._version} of the API does not know the topic: set a later one"
            raise SubscriptionRefused(topic, told) from None
        for one in data.errors():
            if _TAKEN not in one.message and _GONE not in one.message:
                raise SubscriptionRefused(topic, _meaning(one.message, topic))

    def _ask(self, query: str, variables: Mapping[str, Any], shape: type[T], deadline: float) -> T:
        def ask() -> T:
            return self._api.ask(query, variables, shape, deadline)

        try:
            return patiently(ask, self._now, self._sleep, deadline)
        except QueryRefused as error:
            if "INVALID_VARIABLE" in error.codes:
                raise
            raise _explained(error) from None
        except StoreUnavailable as error:
            raise _explained(error) from None

    def _withheld(self, data: subscription_queries.LookData) -> dict[str, str]:
        installed = data.current_app_installation
        if installed is None:
            return {}
        granted = {one.handle for one in installed.access_scopes}
        lacks = {topic: lacking(topic, granted) for topic in self.topics}
        return {topic: f"the app lacks the scope {one}" for topic, one in lacks.items() if one}


def _read(node: subscription_queries.Hook) -> Subscription:
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


def _meaning(message: str, topic: str) -> str:
    for part, meaning in _MEANS.items():
        if part in message:
            return meaning.format(scope=lacking(topic, ()) or "that it needs")
    # Shopify's words, which name an address or a topic and never a person.
    told = "".join(sign if sign.isprintable() else " " for sign in message[:_LONGEST])
    return f'Shopify says "{told}"'


def _explained(error: StoreUnavailable) -> StoreUnavailable:
    told = _remedy(error)
    reason = f"{error.reason}; {told}" if told else error.reason
    return StoreUnavailable(reason, error.after, refused=error.refused)


def _remedy(error: StoreUnavailable) -> str:
    if isinstance(error, QueryRefused):
        busy = "THROTTLED" in error.codes
        return "it is busy: try again in a minute" if busy else _LACKING
    if error.refused:
        return _ENDED
    return "look at `shop` and `api_version` in [shopify]" if " 404" in error.reason else ""
