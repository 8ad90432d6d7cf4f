"""The calls of the functions to AWS: those in their code, and those that they make in a test."""

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

# An action and its resource: a logical name, for a bucket with the prefix of the key.
Access = tuple[str, str]

# Operations whose permission has another name (Service Authorization Reference).
PERMISSION = {
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


# ---- in the code ---------------------------------------------------------------------------------


def actions(paths: Iterable[Path]) -> set[str]:
    """Return the actions that these modules may call through boto3."""
    nodes = (node for path in paths for node in ast.walk(ast.parse(path.read_text())))
    methods = _methods()
    return {methods[name] for node in nodes for name in _names(node) if name in methods}


@functools.cache
def _methods() -> dict[str, str]:
    session = botocore.session.get_session()
    own = {
        xform_name(operation): f"{service}:{operation}"
        for service in ("dynamodb", "s3", "secretsmanager", "sqs")
        for operation in session.get_service_model(service).operation_names
    }
    methods = {method: PERMISSION.get(action, action) for method, action in own.items()}
    # A transaction needs the permissions of its parts.
    del methods["transact_write_items"]
    return methods


def _names(node: ast.AST) -> set[str]:
    """Return the names in a node that may be a method of boto3, or a part of a transaction."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=name)]):
            return {str(name)}
        case ast.Call(func=ast.Attribute(attr=name)):
            return {name}
        case ast.Dict(keys=[ast.Constant(value="Put" | "Update" | "Delete" as part)]):
            return {f"{part.lower()}_item"}
    return set()


# ---- in a test -----------------------------------------------------------------------------------


@dataclass(slots=True)
class Record:
    """
    The calls of each function. The receiver has clients of its own; retry and replay share theirs,
    and a test invokes replay in the main thread.
    """

    calls: dict[str, set[Access]] = field(default_factory=lambda: defaultdict(set))

    def start(self) -> None:
        """Record every call of the clients of the functions, which run in this process."""
        for fast in (True, False):
            clients = wiring.app(fail_fast=fast).clients
            for one in (clients.dynamodb, clients.s3, clients.sqs):
                # A default binds the value: each callback keeps its own `fast`.
                one.meta.events.register(
                    "provide-client-params.*.*",
                    lambda params, model, fast=fast, **_: self._add(params, model, fast=fast),
                )

    def _add(self, params: dict[str, Any], model: Any, *, fast: bool) -> None:
        main = threading.current_thread() is threading.main_thread()
        function = "WebhookFunction" if fast else "ReplayFunction" if main else "RetryFunction"
        service = model.service_model.service_name
        self.calls[function].update(_accesses(f"{service}:{model.name}", params))


def _accesses(action: str, params: dict[str, Any]) -> Iterator[Access]:
    if action == "dynamodb:TransactWriteItems":
        for item in params["TransactItems"]:
            for part, request in item.items():
                yield f"dynamodb:{part}Item", LOCAL[request["TableName"]]
        return
    for resource in _resources(params):
        yield PERMISSION.get(action, action), resource


def _resources(params: dict[str, Any]) -> list[str]:
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
