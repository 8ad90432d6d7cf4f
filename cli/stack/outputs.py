"""A merchant's stack as CloudFormation describes it."""

from __future__ import annotations

from collections.abc import Mapping

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.checks.finding import code
from shared.errors import NotConfigured
from shared.settings import Merchant

_PATIENCE = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}
)
# The output of template.yaml with the address of each source's webhooks.
WEBHOOKS = {"shopify": "ShopifyWebhooks", "woocommerce": "WooCommerceWebhooks"}


def name_of(merchant: str) -> str:
    """Name a merchant's stack."""
    return f"shoprelay-{merchant}"


def outputs(merchant: str) -> Mapping[str, str] | None:
    """Give the outputs of a merchant's stack; None when there is no such stack."""
    client = boto3.client("cloudformation", config=_PATIENCE)
    try:
        [found] = client.describe_stacks(StackName=name_of(merchant))["Stacks"]
    except ClientError as error:
        # The one way in which it says so (API reference, DescribeStacks).
        if code(error) == "ValidationError":
            return None
        raise
    return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}


def addresses(merchant: Merchant, found: Mapping[str, str]) -> dict[str, str]:
    """Give the address of the webhooks of each of a merchant's sources."""
    known = {name: found.get(WEBHOOKS[name]) for name in merchant.sources}
    return {name: address for name, address in known.items() if address}


def endpoint(merchant: Merchant, source: str) -> str:
    """Look up the address of a source's webhooks. Raises NotConfigured, or what boto3 raises."""
    found = outputs(merchant.name)
    deploy = f"`shoprelay deploy {merchant.name}`"
    if found is None:
        stack = name_of(merchant.name)
        raise NotConfigured(
            f"there is no stack {stack} in this account and region: {deploy} makes it, or say --url"
        )
    if address := addresses(merchant, found).get(source):
        return address
    raise NotConfigured(f"the stack tells no address for {source}: {deploy} anew, or say --url")
