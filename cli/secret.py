"""
``python -m cli.secret merchants/acme.toml acme.secrets.json``: put a merchant's secret document
into Secrets Manager as ``shoprelay/<name>``. It is checked before it is sent and never shown.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cli.merchant import load
from shared.errors import NotConfigured
from shared.settings import Merchant, read_secrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

USAGE = "usage: python -m cli.secret MERCHANT.toml SECRETS.json\n"


def put(client: SecretsManagerClient, merchant: Merchant, document: str) -> str:
    """Create or update the merchant's secret; tell which it was: ``created`` or ``updated``."""
    name = f"shoprelay/{merchant.name}"
    try:
        client.create_secret(
            Name=name, SecretString=document, Description="Shoprelay: keys of the shop's platforms"
        )
    except client.exceptions.ResourceExistsException:
        client.put_secret_value(SecretId=name, SecretString=document)
        return "updated"
    return "created"


def main(arguments: list[str]) -> int:
    """Put one merchant's secret; 2 tells that it was not put, in one line."""
    if len(arguments) != len(("merchant", "secrets")):
        sys.stderr.write(USAGE)
        return 2
    merchant_file, secrets_file = map(Path, arguments)
    try:
        merchant = load(merchant_file)
        document = _text(secrets_file)
        read_secrets(document, merchant)  # what would not start a function is not sent
        what = put(boto3.client("secretsmanager"), merchant, document)
    except (NotConfigured, BotoCoreError) as error:
        return _failed(str(error))
    except ClientError as error:
        # The message of a ClientError may quote what was sent; its code does not.
        return _failed(f"Secrets Manager refused: {error.response['Error']['Code']}")
    sys.stdout.write(f"The secret shoprelay/{merchant.name} is {what}.\n")
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(f"{path} cannot be read: {type(error).__name__}") from None


def _failed(why: str) -> int:
    sys.stderr.write(f"The secret was not put: {why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
