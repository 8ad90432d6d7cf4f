"""A merchant's secret document: in Secrets Manager as ``shoprelay/<name>``, or in a file."""

from __future__ import annotations

import secrets as entropy
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.config import Config

from cli.checks.aws import session
from cli.merchants import read_file
from shared.errors import NotConfigured
from shared.settings import Merchant, Secrets, read_secrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_CONFIG = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}
)


def connected() -> SecretsManagerClient:
    """Return a client of Secrets Manager with the environment's credentials and region."""
    return session().client("secretsmanager", config=_CONFIG)


def name_of(merchant: str) -> str:
    """Return the name of a merchant's secret."""
    return f"shoprelay/{merchant}"


def generated() -> str:
    """Return a random secret of letters, digits, - and _, which WordPress does not escape."""
    return entropy.token_urlsafe(32)


def read(file: Path) -> str:
    """Read a document from a file. Raises NotConfigured."""
    return read_file.text(file)


def fetch(client: SecretsManagerClient, merchant: str) -> str | None:
    """Return a merchant's document; None when there is none."""
    try:
        return client.get_secret_value(SecretId=name_of(merchant)).get("SecretString")
    except client.exceptions.ResourceNotFoundException:
        return None


def put(client: SecretsManagerClient, merchant: Merchant, document: str) -> str:
    """
    Create or update a merchant's secret; return which: ``created`` or ``updated``.

    Raises NotConfigured, before anything is sent, for a document that the functions reject.
    """
    read_secrets(document, merchant)
    name = name_of(merchant.name)
    try:
        client.create_secret(
            Name=name, SecretString=document, Description="Shoprelay: keys of the shop's platforms"
        )
    except client.exceptions.ResourceExistsException:
        client.put_secret_value(SecretId=name, SecretString=document)
        return "updated"
    return "created"


def document(merchant: Merchant, file: Path | None) -> str:
    """Return the document of a file, or of Secrets Manager without one. Raises NotConfigured."""
    if file is not None:
        return read(file)
    found = fetch(connected(), merchant.name)
    if found is None:
        put_it = f"`shoprelay secrets put {merchant.name}` creates it"
        raise NotConfigured(f"there is no secret {name_of(merchant.name)}: {put_it}")
    return found


def secrets_of(merchant: Merchant, file: Path | None) -> Secrets:
    """Return a merchant's secrets. Raises NotConfigured with the path of a wrong key."""
    return read_secrets(document(merchant, file), merchant)
