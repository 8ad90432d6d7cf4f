"""Check that the merchant's secret is in the account and has what the functions need."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cli.checks.finding import Finding, error_code, ok, unknown, wrong
from cli.checks.preflight.account import Account
from shared.errors import NotConfigured
from shared.settings import Merchant, read_secrets


def in_account(account: Account, name: str, merchant: Merchant | None) -> Finding:
    """Check that the secret exists and is complete. No value of it is kept or shown."""
    secret = f"shoprelay/{name}"
    put = f"make secret MERCHANT={name}"
    client = account.client("secretsmanager")
    try:
        # A secret that is marked for deletion keeps its name for 7 to 30 days (API reference,
        # DeleteSecret). It cannot be read, and no other of that name can be created.
        if client.describe_secret(SecretId=secret).get("DeletedDate"):
            back = f"aws secretsmanager restore-secret --secret-id {secret}"
            return wrong(f"the secret {secret} is marked for deletion", back)
        document = client.get_secret_value(SecretId=secret).get("SecretString")
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            return wrong(f"there is no secret {secret}", put)
        raise
    if document is None:
        return wrong(f"the secret {secret} holds no text", put)
    if merchant is None:
        return unknown("the merchant's file, which says what is needed, is wrong")
    try:
        read_secrets(document, merchant)
    except NotConfigured as error:
        return wrong(str(error), put)
    return ok(f"{secret} has a section for each platform")
