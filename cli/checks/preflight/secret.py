"""Whether the merchant's secret is where the functions will look, and has what they need."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cli.checks.finding import Finding, code, ok, unknown, wrong
from cli.checks.preflight.account import Account
from shared.errors import NotConfigured
from shared.settings import Merchant, read_secrets


def in_account(account: Account, name: str, merchant: Merchant | None) -> Finding:
    """See that the secret is there and complete. No value of it is kept or shown."""
    secret = f"shoprelay/{name}"
    put = f"make secret MERCHANT={name}"
    client = account.client("secretsmanager")
    try:
        # A secret that is marked for deletion keeps its name for 7 to 30 days (API reference,
        # DeleteSecret): neither can it be read, nor another of that name be made.
        if client.describe_secret(SecretId=secret).get("DeletedDate"):
            back = f"aws secretsmanager restore-secret --secret-id {secret}"
            return wrong(f"{secret} is marked for deletion", back)
        document = client.get_secret_value(SecretId=secret).get("SecretString")
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return wrong(f"{secret} is not there", put)
        raise
    if document is None:
        return wrong(f"{secret} holds no text", put)
    if merchant is None:
        return unknown("the merchant's file is wrong: it says what must be in it")
    try:
        read_secrets(document, merchant)
    except NotConfigured as error:
        return wrong(str(error), put)
    return ok(f"{secret} has a section for each platform")
