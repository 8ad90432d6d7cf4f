"""
AWS, emulated by moto's server in this process, with the resources of a deployed stack.

moto is imported where it is started: most commands need only the names below, and importing moto
takes half of their start-up time.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from shared.state.journal import INDEX

if TYPE_CHECKING:
    from cli.local.moto_gaps import Sweeper

REGION = "us-east-1"
ACCOUNT = "123456789012"
# `shoprelay dlq --endpoint-url` knows the local stack's resources by these names.
RETRY_QUEUE = "shoprelay-retry"
DEAD_LETTERS = "shoprelay-dead-letters"
TABLE = "shoprelay-ledger"
BUCKET = "shoprelay-bodies"
# As in template.yaml: six times the retry function's time-out, a crash guard, and 14 days.
VISIBILITY = 360
MAX_RECEIVES = 5
RETENTION = 14 * 24 * 3600
_DUMMY_CREDENTIAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """The created resources, and their endpoint."""

    endpoint: str
    retry_queue: str
    dead_letters: str
    secret: str


class LocalAws:
    """moto's server on a free local port, and the sweeper of its table."""

    def __init__(self) -> None:
        from moto.server import ThreadedMotoServer

        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        self._sweeper: Sweeper | None = None

    def start(self, secret: str, document: str) -> Resources:
        """Start, point this process's AWS clients here, and create all resources."""
        endpoint = self.serve()
        create()
        return locate(endpoint, secret, document)

    def serve(self) -> str:
        """Start empty, point this process's AWS clients here, and return the endpoint."""
        from moto.moto_api._internal.models import moto_api_backend
        from moto.moto_server.werkzeug_app import MotoRequestHandler

        from cli.local.moto_gaps import Sweeper, close_gaps

        close_gaps()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        # A response in two segments on a keep-alive connection waits 40 ms for the first one's ACK.
        MotoRequestHandler.disable_nagle_algorithm = True
        self._server.start()
        host, port = self._server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        point_here(endpoint)
        # moto keeps its state in the process: a new stack must start empty.
        moto_api_backend.reset()
        self._sweeper = Sweeper(boto3.client("dynamodb"), TABLE)
        self._sweeper.start()
        return endpoint

    def stop(self) -> None:
        """Stop the sweeper and the server."""
        if self._sweeper is not None:
            self._sweeper.stop()
        self._server.stop()


def point_here(endpoint: str) -> None:
    """Point every AWS client of this process at the endpoint, with dummy credentials."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        # A profile, a real key or a service's own endpoint would reach real AWS.
        del os.environ[name]
    os.environ |= {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": _DUMMY_CREDENTIAL,
        "AWS_SECRET_ACCESS_KEY": _DUMMY_CREDENTIAL,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    bypassed = {*os.environ.get("NO_PROXY", "").split(","), "127.0.0.1", "localhost"} - {""}
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(sorted(bypassed))
    boto3.DEFAULT_SESSION = None  # the next client reads the environment again


def create() -> None:
    """Create the queues, the bucket and the table at this process's endpoint."""
    _create_queues()
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    dynamodb = boto3.client("dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "entity", "at")
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": INDEX,
                "KeySchema": [
                    {"AttributeName": "entity", "KeyType": "HASH"},
                    {"AttributeName": "at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    dynamodb.update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )


def locate(endpoint: str, secret: str, document: str) -> Resources:
    """Return the created resources; write the secret document."""
    secrets = boto3.client("secretsmanager")
    try:
        secrets.create_secret(Name=secret, SecretString=document)
    except secrets.exceptions.ResourceExistsException:
        secrets.put_secret_value(SecretId=secret, SecretString=document)
    sqs = boto3.client("sqs")
    return Resources(
        endpoint=endpoint,
        retry_queue=sqs.get_queue_url(QueueName=RETRY_QUEUE)["QueueUrl"],
        dead_letters=sqs.get_queue_url(QueueName=DEAD_LETTERS)["QueueUrl"],
        secret=secret,
    )


def _create_queues() -> None:
    sqs = boto3.client("sqs")
    sqs.create_queue(QueueName=DEAD_LETTERS, Attributes={"MessageRetentionPeriod": str(RETENTION)})
    redrive = {
        "deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{DEAD_LETTERS}",
        "maxReceiveCount": MAX_RECEIVES,
    }
    sqs.create_queue(
        QueueName=RETRY_QUEUE,
        Attributes={
            "VisibilityTimeout": str(VISIBILITY),
            "MessageRetentionPeriod": str(RETENTION),
            "RedrivePolicy": json.dumps(redrive),
        },
    )
