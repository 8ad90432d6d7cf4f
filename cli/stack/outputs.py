"""The outputs of a merchant's stack, among them the addresses of the webhooks."""

from __future__ import annotations

from collections.abc import Mapping

from botocore.config import Config

from cli.checks.aws import session
from cli.checks.cloudformation import no_stack, stack_name, stack_outputs
from shared.errors import NotConfigured
from shared.settings import Merchant

_CONFIG = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}
)
# The outputs of template.yaml that hold the address of each source's webhooks.
WEBHOOKS = {"shopify": "ShopifyWebhooks", "woocommerce": "WooCommerceWebhooks"}


def outputs(merchant: str) -> Mapping[str, str] | None:
    """Return the outputs of a merchant's stack; None when there is no such stack."""
    client = session().client("cloudformation", config=_CONFIG)
    return stack_outputs(client, stack_name(merchant))


def addresses(merchant: Merchant, found: Mapping[str, str]) -> dict[str, str]:
    """Return the webhook address of each of a merchant's sources."""
    known = {name: found.get(WEBHOOKS[name]) for name in merchant.sources}
    return {name: address for name, address in known.items() if address}


def endpoint(merchant: Merchant, source: str) -> str:
    """Return the webhook address of a source. Raises NotConfigured, or what boto3 raises."""
    found = outputs(merchant.name)
    deploy = f"`shoprelay deploy {merchant.name}`"
    if found is None:
        raise no_stack(stack_name(merchant.name), f"{deploy} creates it, or use --url")
    if address := addresses(merchant, found).get(source):
        return address
    raise NotConfigured(f"the stack has no address for {source}: {deploy} again, or use --url")
