"""Where a merchant's queues, table and bucket are, and the connections to them."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import boto3
import msgspec
import typer
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.local.aws import BUCKET, DEAD_LETTERS, REGION, RETRY_QUEUE, TABLE
from shared.errors import NotConfigured
from shared.queue.dead_letters import DeadLetters
from shared.queue.sqs import RetryQueue
from shared.state.journal import DynamoJournal
from shared.state.ledger import DynamoLedger, keyed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

_PATIENCE = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}
)
_OUTPUTS = {
    "queue_url": "RetryQueueUrl",
    "dead_letters_url": "DeadLettersUrl",
    "bucket": "Bucket",
    "table": "Table",
}
_LOCAL = {
    "queue_url": RETRY_QUEUE,
    "dead_letters_url": DEAD_LETTERS,
    "bucket": BUCKET,
    "table": TABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What an operator says about where things are; what is named outright counts most."""

    merchant: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of a deployed merchant: shoprelay-NAME.")
    ] = None
    endpoint_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="AWS endpoint of the local stack, as it prints it."),
    ] = None
    queue_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Of the retry queue, instead of looking up.")
    ] = None
    dead_letters_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Of the dead letters, instead of looking up.")
    ] = None
    bucket: Annotated[
        str | None, typer.Option(help="Of large bodies, instead of looking it up.")
    ] = None
    table: Annotated[str | None, typer.Option(help="The ledger, instead of looking it up.")] = None

    def over(self, outer: Reach) -> Reach:
        """Take from ``outer`` what is not said here."""
        names = [one.name for one in fields(self)]
        return Reach(**{name: getattr(self, name) or getattr(outer, name) for name in names})


def dead_letters(reach: Reach) -> DeadLetters:
    """Connect to the dead letters of a merchant. Raises NotConfigured, or what boto3 raises."""
    queue, sqs, url = _queue(reach)
    return DeadLetters(sqs, queue, url=url, clock=time.time)


def retry_queue(reach: Reach) -> RetryQueue:
    """Connect to the retry queue of a merchant. Raises as `dead_letters` does."""
    return _queue(reach)[0]


def _queue(reach: Reach) -> tuple[RetryQueue, SQSClient, str]:
    places = _places(reach, "dead_letters_url", "queue_url", "bucket")
    sqs = _client(reach, "sqs")
    queue = RetryQueue(
        sqs,
        _client(reach, "s3"),
        retry=places["queue_url"],
        dead=places["dead_letters_url"],
        bucket=places["bucket"],
    )
    return queue, sqs, places["dead_letters_url"]


def ledger_table(reach: Reach) -> tuple[DynamoDBClient, str]:
    """Connect to the ledger's table of a merchant. Raises as `dead_letters` does."""
    table = _places(reach, "table")["table"]
    return _client(reach, "dynamodb"), table


def connected(reach: Reach, service: str) -> Any:
    """Connect to a service of AWS, where the operator says that things are."""
    return _client(reach, service)


def retry_queue_url(reach: Reach) -> str:
    """Give the address of the retry queue of a merchant. Raises as `dead_letters` does."""
    return _places(reach, "queue_url")["queue_url"]


def journal(reach: Reach) -> DynamoJournal:
    """Connect to the journal of a merchant. Raises as `dead_letters` does."""
    client, table = ledger_table(reach)

    def pseudonym(name: str) -> str:
        key = _configured_key(reach) or DynamoLedger(client, table).known_pseudonym_key()
        return keyed(key.encode(), name) if key else name

    return DynamoJournal(client, table, pseudonym, days=0, clock=time.time)


def _configured_key(reach: Reach) -> str | None:
    """Read the key of pseudonyms from the merchant's secret, where it has one."""
    if reach.endpoint_url or not reach.merchant:
        return None
    name = f"shoprelay/{_name(reach.merchant)}"
    document = _client(reach, "secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    found = msgspec.json.decode(document, type=dict[str, Any]).get("pseudonym_key")
    return found if isinstance(found, str) else None


def _places(reach: Reach, *wanted: str) -> dict[str, str]:
    """Find what is wanted: said outright, or of the local stack, or of the merchant's stack."""
    said = {name: place for name in wanted if (place := getattr(reach, name))}
    missing = [name for name in wanted if name not in said]
    if not missing:
        return said
    if reach.endpoint_url:
        return said | {name: _local(reach, name) for name in missing}
    if reach.merchant:
        outputs = _outputs(reach, f"shoprelay-{_name(reach.merchant)}")
        return {name: outputs[_OUTPUTS[name]] for name in missing} | said
    options = ", ".join("--" + name.replace("_", "-") for name in missing)
    raise typer.BadParameter(f"say --merchant NAME, or --endpoint-url URL, or {options}")


def _local(reach: Reach, name: str) -> str:
    fixed = _LOCAL[name]
    if not name.endswith("_url"):
        return fixed
    try:
        answer: str = _client(reach, "sqs").get_queue_url(QueueName=fixed)["QueueUrl"]
    except ClientError:
        raise NotConfigured(f"no queue {fixed} at {reach.endpoint_url}") from None
    return answer


def _outputs(reach: Reach, stack: str) -> dict[str, str]:
    try:
        [found] = _client(reach, "cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            raise NotConfigured(f"there is no stack {stack} in this account and region") from None
        raise
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    if missing := sorted(set(_OUTPUTS.values()) - outputs.keys()):
        raise NotConfigured(f"the stack {stack} has no output {', '.join(missing)}: deploy it anew")
    return outputs


def _name(merchant: str) -> str:
    # The other commands take the merchant's file; it is named after the merchant.
    return Path(merchant).stem if merchant.endswith(".toml") else merchant


def _client(reach: Reach, service: str) -> Any:
    """
    Connect to a service of AWS. A local stack is in one region and takes any credentials; real
    ones are not sent to it.
    """
    make = partial(boto3.session.Session().client, config=_PATIENCE)
    if reach.endpoint_url is None:
        return make(service)
    if not _is_here(reach.endpoint_url):
        return make(service, endpoint_url=reach.endpoint_url)
    return make(
        service,
        endpoint_url=reach.endpoint_url,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - nobody's
    )


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
