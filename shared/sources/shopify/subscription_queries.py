"""
What is asked of the Admin GraphQL API about subscriptions, and what is read of its answers. Fields:
shopify.dev/docs/api/admin-graphql, 2026-10: `webhookSubscriptions`, `webhookSubscriptionCreate`,
`-Update`, `-Delete`.
"""

from __future__ import annotations

from shared.sources.shopify import graphql

LOOK = """
query subscriptions($after: String) {
  currentAppInstallation { accessScopes { handle } }
  webhookSubscriptions(first: 100, after: $after) {
    nodes { id topic uri format filter includeFields apiVersion { handle } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CREATE = """
mutation subscribe($topic: WebhookSubscriptionTopic!, $input: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $input) {
    webhookSubscription { id }
    userErrors { field message }
  }
}
"""
UPDATE = """
mutation mend($id: ID!, $input: WebhookSubscriptionInput!) {
  webhookSubscriptionUpdate(id: $id, webhookSubscription: $input) {
    webhookSubscription { id }
    userErrors { field message }
  }
}
"""
DELETE = """
mutation unsubscribe($id: ID!) {
  webhookSubscriptionDelete(id: $id) {
    deletedWebhookSubscriptionId
    userErrors { field message }
  }
}
"""


class Scope(graphql.Node, frozen=True):
    """An access scope of the app."""

    handle: str


class Installation(graphql.Node, frozen=True):
    """The app in the shop."""

    access_scopes: tuple[Scope, ...] = ()


class ApiVersion(graphql.Node, frozen=True):
    """A version of the API."""

    handle: str = ""


class Hook(graphql.Node, frozen=True):
    """A subscription."""

    id: str
    topic: str
    uri: str | None = None
    format: str = "JSON"
    filter: str | None = None
    include_fields: tuple[str, ...] = ()
    api_version: ApiVersion = ApiVersion()


class Page(graphql.Node, frozen=True):
    """A page of subscriptions."""

    nodes: tuple[Hook, ...] = ()
    page_info: graphql.PageInfo = graphql.PageInfo()


class LookData(graphql.Node, frozen=True):
    """The answer to `LOOK`."""

    webhook_subscriptions: Page
    current_app_installation: Installation | None = None


class UserError(graphql.Node, frozen=True):
    """Why a change was refused, in Shopify's words."""

    message: str = ""


class Changed(graphql.Node, frozen=True):
    """What came of a change."""

    user_errors: tuple[UserError, ...] = ()


class Changes(graphql.Node, frozen=True):
    """The answer to `CREATE`, `UPDATE` or `DELETE`."""

    webhook_subscription_create: Changed | None = None
    webhook_subscription_update: Changed | None = None
    webhook_subscription_delete: Changed | None = None

    def errors(self) -> tuple[UserError, ...]:
        """Give the user errors of the one that was asked for."""
        made, mended = self.webhook_subscription_create, self.webhook_subscription_update
        one = made or mended or self.webhook_subscription_delete
        return one.user_errors if one else ()
