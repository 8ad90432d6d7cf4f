"""A merchant's queues, table and bucket: where they are, and clients for them."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import boto3
import msgspec
import typer
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.checks.aws import session
from cli.checks.cloudformation import no_stack, stack_name, stack_outputs
from cli.checks.live.page import is_local
from cli.local.aws import BUCKET, DEAD_LETTERS, REGION, RETRY_QUEUE, TABLE
from cli.local.running import local_endpoint
from cli.merchants.files import only_name
from cli.stack import secrets_manager
from shared.errors import NotConfigured
from shared.queue.dead_letters import DeadLetters
from shared.queue.sqs import RetryQueue
from shared.state.journal import DynamoJournal
from shared.state.ledger import DynamoLedger, keyed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient

_CONFIG = Config(
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
class Location:
    """The options that say where resources are. One that names a resource takes precedence."""

    merchant: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            envvar="SHOPRELAY_MERCHANT",
            help="Name of a deployed merchant. Default: the only file in merchants/.",
        ),
    ] = None
    local: Annotated[
        bool, typer.Option("--local", help="The stack that `shoprelay local` runs in this folder.")
    ] = False
    endpoint_url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="AWS endpoint that `shoprelay local` prints."),
    ] = None
    queue_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Retry queue, if not the stack's.")
    ] = None
    dead_letters_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Dead-letter queue, if not the stack's.")
    ] = None
    bucket: Annotated[
        str | None, typer.Option(help="Bucket of large bodies, if not the stack's.")
    ] = None
    table: Annotated[str | None, typer.Option(help="Ledger table, if not the stack's.")] = None

    def with_defaults(self, outer: Location) -> Location:
        """Return a copy with the options of ``outer`` where they are not set here."""
        names = [one.name for one in fields(self)]
        return Location(**{name: getattr(self, name) or getattr(outer, name) for name in names})

    def resolved(self) -> Location:
        """
        Return the location with what the options leave open: the local stack's endpoint, or the
        only merchant. Raises NotConfigured where ``local`` is set and no local stack runs.
        """
        if self.endpoint_url or self.queue_url or self.dead_letters_url or self.table:
            return self
        if self.local:
            endpoint = local_endpoint()
            if endpoint is None:
                raise NotConfigured(
                    "no local stack runs in this folder: `shoprelay local` starts one"
                )
            return replace(self, endpoint_url=endpoint)
        return self if self.merchant else replace(self, merchant=only_name())


def dead_letters(location: Location) -> DeadLetters:
    """Return a merchant's dead letters. Raises NotConfigured, or what boto3 raises."""
    queue, sqs, url = _queue(location)
    return DeadLetters(sqs, queue, url=url, clock=time.time)


def retry_queue(location: Location) -> RetryQueue:
    """Return a merchant's retry queue. Raises as `dead_letters` does."""
    return _queue(location)[0]


def _queue(location: Location) -> tuple[RetryQueue, SQSClient, str]:
    places = _places(location, "dead_letters_url", "queue_url", "bucket")
    sqs = connected(location, "sqs")
    queue = RetryQueue(
        sqs,
        connected(location, "s3"),
        retry=places["queue_url"],
        dead=places["dead_letters_url"],
        bucket=places["bucket"],
    )
    return queue, sqs, places["dead_letters_url"]


def ledger_table(location: Location) -> tuple[DynamoDBClient, str]:
    """Return a client and the name of a merchant's ledger table. Raises as `dead_letters` does."""
    table = _places(location, "table")["table"]
    return connected(location, "dynamodb"), table


def connected(location: Location, service: str) -> Any:
    """
    Return a client of an AWS service at the location. A local stack is in one region and accepts
    any credentials; real ones are not sent to it.
    """
    if location.endpoint_url is None:
        return partial(session().client, config=_CONFIG)(service)
    if not is_local(location.endpoint_url):
        return partial(session().client, config=_CONFIG)(
            service, endpoint_url=location.endpoint_url
        )
    return partial(boto3.session.Session().client, config=_CONFIG)(
        service,
        endpoint_url=location.endpoint_url,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - not a real key
    )


def retry_queue_url(location: Location) -> str:
    """Return the URL of a merchant's retry queue. Raises as `dead_letters` does."""
    return _places(location, "queue_url")["queue_url"]


def journal(location: Location) -> DynamoJournal:
    """Return a merchant's journal. Raises as `dead_letters` does."""
    client, table = ledger_table(location)

    def pseudonym(name: str) -> str:
        key = _configured_key(location) or DynamoLedger(client, table).known_pseudonym_key()
        return keyed(key.encode(), name) if key else name

    return DynamoJournal(client, table, pseudonym, days=0, clock=time.time)


def _configured_key(location: Location) -> str | None:
    """Return the pseudonym key of the merchant's secret; None where it has none."""
    if location.endpoint_url or not location.merchant:
        return None
    name = secrets_manager.name_of(_name(location.merchant))
    document = connected(location, "secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    found = msgspec.json.decode(document, type=dict[str, Any]).get("pseudonym_key")
    return found if isinstance(found, str) else None


def _places(location: Location, *wanted: str) -> dict[str, str]:
    """Return where each resource is: as an option says, else in the local or deployed stack."""
    named = {name: place for name in wanted if (place := getattr(location, name))}
    missing = [name for name in wanted if name not in named]
    if not missing:
        return named
    if location.endpoint_url:
        return named | {name: _local(location, name) for name in missing}
    if location.merchant:
        outputs = _outputs(location, stack_name(_name(location.merchant)))
        return {name: outputs[_OUTPUTS[name]] for name in missing} | named
    options = ", ".join("--" + name.replace("_", "-") for name in missing)
    raise typer.BadParameter(f"set --merchant NAME, --local, --endpoint-url URL, or {options}")


def _local(location: Location, name: str) -> str:
    fixed = _LOCAL[name]
    if not name.endswith("_url"):
        return fixed
    try:
        url: str = connected(location, "sqs").get_queue_url(QueueName=fixed)["QueueUrl"]
    except ClientError:
        where = f"there is no queue {fixed} at {location.endpoint_url}"
        raise NotConfigured(f"{where}: is `shoprelay local` running there?") from None
    return url


def _outputs(location: Location, stack: str) -> dict[str, str]:
    outputs = stack_outputs(connected(location, "cloudformation"), stack)
    if outputs is None:
        raise no_stack(stack)
    if missing := sorted(set(_OUTPUTS.values()) - outputs.keys()):
        raise NotConfigured(
            f"the stack {stack} has no output {', '.join(missing)}: deploy it again"
        )
    return outputs


def _name(merchant: str) -> str:
    # Other commands accept the merchant's file, which is named after the merchant.
    return Path(merchant).stem if merchant.endswith(".toml") else merchant
