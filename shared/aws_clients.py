"""A container's clients of AWS: they fail fast in the receiver, and retry everywhere else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import NotConfigured
from shared.model.value import MutableValue

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

# Two things take botocore a quarter of its time in each call: writing its long user agent, and
# validating parameters, which are typed here and validated by AWS.
_PLAIN = Config(max_pool_connections=32, user_agent="shoprelay", parameter_validation=False)
# In seconds, of clients that fail fast.
CONNECT_TIMEOUT = 0.4
# The receiver must respond in time even if DynamoDB, SQS or S3 hangs. Without a retry nothing is
# lost: without the ledger the webhook is parked, and without the queue the shop sends it again.
_FAIL_FAST = Config(
    connect_timeout=CONNECT_TIMEOUT,
    retries={"mode": "standard", "total_max_attempts": 1},
).merge(_PLAIN)
# Nothing waits for the worker, and a lease that it could not release lasts for a minute.
_RETRYING = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard"}).merge(_PLAIN)
# To read the secret. The retry function has a minute for everything, and usually the last document.
_SECRET = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
).merge(_PLAIN)


class Clients(MutableValue, kw_only=False):
    """A container's clients of AWS."""

    dynamodb: DynamoDBClient
    sqs: SQSClient
    s3: S3Client


class LazyClient:
    """A client that is made at its first use: S3's takes 50 ms, and few webhooks need one."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = cache(make)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)


def connect(*, fail_fast: bool, read_timeout: float) -> Clients:
    """Return new clients; ``read_timeout`` is that of clients that fail fast, in seconds."""
    config = _fail_fast(read_timeout) if fail_fast else _RETRYING
    return Clients(
        dynamodb=boto3.client("dynamodb", config=config),
        sqs=cast("SQSClient", LazyClient(lambda: boto3.client("sqs", config=config))),
        s3=cast("S3Client", LazyClient(lambda: boto3.client("s3", config=config))),
    )


def _fail_fast(read_timeout: float) -> Config:
    return _FAIL_FAST.merge(Config(read_timeout=read_timeout))


def secret_reader(name: str, *, fail_fast: bool, read_timeout: float) -> Callable[[], str]:
    """
    Return a function that reads a secret from Secrets Manager, with one client for all reads.

    It raises NotConfigured, with AWS's code and never a value, and takes at most two seconds for a
    client that fails fast, seven for another.
    """
    config = _fail_fast(read_timeout) if fail_fast else _SECRET
    client = LazyClient(lambda: boto3.client("secretsmanager", config=config))

    def read() -> str:
        try:
            found = client.get_secret_value(SecretId=name)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            raise _unread(name, str(code) or type(error).__name__) from error
        except BotoCoreError as error:
            raise _unread(name, type(error).__name__) from error
        text = found.get("SecretString")
        if not isinstance(text, str):
            raise _unread(name, "it holds no text")
        return text

    return read


def _unread(name: str, why: str) -> NotConfigured:
    return NotConfigured(f"the secret {name} cannot be read: {why}")
