"""
Queries to the Admin GraphQL API about subscriptions, and the parts of its responses that are read.
Fields: shopify.dev/docs/api/admin-graphql, 2026-10: `webhookSubscriptions`,
`webhookSubscriptionCreate`, `-Update`, `-Delete`.
"""

from __future__ import annotations

from shared.sources.shopify import graphql

LIST = """
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
    """The installation of the app in the shop."""

    access_scopes: tuple[Scope, ...] = ()


class ApiVersion(graphql.Node, frozen=True):
    """A version of the API."""

    handle: str = ""


class WebhookSubscription(graphql.Node, frozen=True):
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

    nodes: tuple[WebhookSubscription, ...]
    page_info: graphql.PageInfo


class ListData(graphql.Node, frozen=True):
    """The response to `LIST`."""

    webhook_subscriptions: Page
    current_app_installation: Installation | None = None


class UserError(graphql.Node, frozen=True):
    """The reason why a change was refused, in Shopify's words."""

    message: str = ""


class MutationResult(graphql.Node, frozen=True):
    """The result of a mutation."""

    user_errors: tuple[UserError, ...] = ()


class MutationData(graphql.Node, frozen=True):
    """The response to `CREATE`, `UPDATE` or `DELETE`."""

    webhook_subscription_create: MutationResult | None = None
    webhook_subscription_update: MutationResult | None = None
    webhook_subscription_delete: MutationResult | None = None

    def errors(self) -> tuple[UserError, ...]:
        """Return the user errors of the mutation that was sent."""
        created, updated = self.webhook_subscription_create, self.webhook_subscription_update
        result = created or updated or self.webhook_subscription_delete
        return result.user_errors if result else ()
