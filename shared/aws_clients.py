"""The connections of a container to AWS: hasty ones for the door, patient ones for all others."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

from shared.model.value import MutableValue

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

# Two things that botocore does anew for each call, for a quarter of its time: it writes its
# long name, and checks the shape of what is typed here and checked there.
_PLAIN = Config(max_pool_connections=32, user_agent="shoprelay", parameter_validation=False)
# The door must answer in time also when one of our own stores hangs. Nothing is lost by not trying
# twice: without the ledger the webhook is parked, and without the queue the shop tries again.
_HASTE = Config(
    connect_timeout=0.4,
    retries={"mode": "standard", "total_max_attempts": 1},
).merge(_PLAIN)
# Nobody waits for the worker, and a lease that it could not give back stands for a minute.
_PATIENCE = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard"}).merge(_PLAIN)


class Clients(MutableValue, kw_only=False):
    """The connections of a container to AWS."""

    dynamodb: DynamoDBClient
    sqs: SQSClient
    s3: S3Client


class Later:
    """A client that is made when it is first used: S3's takes 50 ms, and few webhooks need one."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = cache(make)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)


def connect(*, hasty: bool, patience: float) -> Clients:
    """Connect; ``patience`` is how long the hasty ones wait for an answer, in seconds."""
    haste = _HASTE.merge(Config(read_timeout=patience))
    config = haste if hasty else _PATIENCE
    return Clients(
        dynamodb=boto3.client("dynamodb", config=config),
        sqs=cast("SQSClient", Later(lambda: boto3.client("sqs", config=config))),
        s3=cast("S3Client", Later(lambda: boto3.client("s3", config=config))),
    )
