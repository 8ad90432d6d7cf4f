"""What the functions ask of AWS: as their code reads, and as they run."""

from __future__ import annotations

import ast
import functools
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name

from cli.local.aws import BUCKET, DEAD_LETTERS, RETRY_QUEUE, TABLE
from shared import wiring

# An action and the resource it is about: a logical name, in a bucket with the prefix of the key.
Asked = tuple[str, str]

# Operations whose permission has another name (Service Authorization Reference).
OTHERWISE = {
    "s3:HeadObject": "s3:GetObject",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
LOCAL = {
    BUCKET: "BodiesBucket",
    DEAD_LETTERS: "DeadLetters",
    RETRY_QUEUE: "RetryQueue",
    TABLE: "LedgerTable",
}


# ---- as the code reads ---------------------------------------------------------------------------


def written(paths: Iterable[Path]) -> set[str]:
    """Give the actions that a client of boto3 could be asked for in these modules."""
    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_text())))
    methods = _methods()
    return {methods[name] for node in nodes for name in _spoken(node) if name in methods}


@functools.cache
def _methods() -> dict[str, str]:
    session = botocore.session.get_session()
    actions = {
        xform_name(operation): f"{service}:{operation}"
        for service in ("dynamodb", "s3", "secretsmanager", "sqs")
        for operation in session.get_service_model(service).operation_names
    }
    own = {method: OTHERWISE.get(action, action) for method, action in actions.items()}
    # A transaction needs the permissions of its parts. `get_secret` is Powertools' name.
    del own["transact_write_items"]
    return own | {"get_secret": "secretsmanager:GetSecretValue"}


def _spoken(node: ast.AST) -> set[str]:
    """Name what may be a method of boto3, or a part of a transaction."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=name)]):
            return {str(name)}
        case ast.Call(func=ast.Attribute(attr=name)):
            return {name}
        case ast.Dict(keys=[ast.Constant(value="Put" | "Update" | "Delete" as part)]):
            return {f"{part.lower()}_item"}
    return set()


# ---- as it runs ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Record:
    """
    What each function asked for. The door has clients of its own; retry and replay share theirs,
    and a test invokes replay in the main thread.
    """

    asked: dict[str, set[Asked]] = field(default_factory=lambda: defaultdict(set))

    def listen(self) -> None:
        """Listen to the clients of the functions that run in this process."""
        for hasty in (True, False):
            clients = wiring.app(hasty=hasty).clients
            for one in (clients.dynamodb, clients.s3, clients.sqs):
                # Bound by default: each listener keeps its own `hasty`.
                one.meta.events.register(
                    "provide-client-params.*.*",
                    lambda params, model, hasty=hasty, **_: self._hear(params, model, hasty=hasty),
                )

    def _hear(self, params: dict[str, Any], model: Any, *, hasty: bool) -> None:
        main = threading.current_thread() is threading.main_thread()
        function = "WebhookFunction" if hasty else "ReplayFunction" if main else "RetryFunction"
        service = model.service_model.service_name
        self.asked[function].update(_asked(f"{service}:{model.name}", params))


def _asked(action: str, params: dict[str, Any]) -> Iterator[Asked]:
    if action == "dynamodb:TransactWriteItems":
        for item in params["TransactItems"]:
            for part, request in item.items():
                yield f"dynamodb:{part}Item", LOCAL[request["TableName"]]
        return
    for place in _places(params):
        yield OTHERWISE.get(action, action), place


def _places(params: dict[str, Any]) -> list[str]:
    match params:
        case {"Bucket": bucket, "Key": key}:
            return [f"{LOCAL[bucket]}/{key.partition('/')[0]}/*"]
        case {"Bucket": bucket}:
            return [LOCAL[bucket]]
        case {"QueueUrl": url}:
            return [LOCAL[url.rpartition("/")[2]]]
        case {"RequestItems": tables}:
            return [LOCAL[name] for name in tables]
        case _:
            return [LOCAL[params["TableName"]]]
