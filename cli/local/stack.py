"""The whole stack on this machine: started in order, and stopped in reverse order."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import boto3

from cli.local import start_sandbox, watch
from cli.local.aws import (
    ACCOUNT,
    BUCKET,
    REGION,
    RETRY_QUEUE,
    TABLE,
    VISIBILITY,
    LocalAws,
    Resources,
)
from cli.local.control import Control
from cli.local.environment import own_environment, variables
from cli.local.event_source import EventSource
from cli.local.event_source import Mapping as QueueMapping
from cli.local.function import Function, Handler
from cli.local.gateway import Gateway
from cli.local.merchant import sandboxed
from cli.local.schedule import Schedule
from cli.local.screen import Screen
from cli.local.state_folder import SANDBOX, AwsProcess, exclusive_folder
from cli.sandbox.woocommerce.double import RestDouble
from shared.settings import read_merchant, read_secrets

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# As in template.yaml, in seconds.
WEBHOOK_TIMEOUT = 10.0
RETRY_TIMEOUT = 60.0
UNSENT_EVERY = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StackOptions:
    """
    The options of a stack: the two documents, the port, and the factor of all waits.

    ``state`` is a folder that keeps the state of AWS and the sandbox, ``sandbox`` the URL of a
    running sandbox. ``retry_timeout`` is the retry function's, in seconds. ``samples``: they will
    be sent, so that a stand-in replaces the WooCommerce store, whatever its address.
    """

    merchant: str
    secrets: str = field(repr=False)
    port: int = 8787
    wait_scale: float = 1.0
    state: Path | None = None
    sandbox: str | None = None
    retry_timeout: float = RETRY_TIMEOUT
    samples: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A running stack. ``store`` is the stand-in of the WooCommerce store, if there is one."""

    gateway: str
    sandbox: str
    resources: Resources
    sqs: SQSClient = field(repr=False)
    control: Control
    store: RestDouble | None = None

    def urls(self, sources: tuple[str, ...]) -> dict[str, Any]:
        """Return every address."""
        return {
            "webhooks": {name: f"{self.gateway}/webhooks/{name}" for name in sources},
            "health": f"{self.gateway}/health",
            "aws": self.resources.endpoint,
            "sandbox": self.sandbox,
            "store": self.store.url if self.store else None,
            "queue": self.resources.retry_queue,
            "dead_letters": self.resources.dead_letters,
            "table": TABLE,
            "bucket": BUCKET,
        }


def _load_handler(name: str) -> Handler:
    # Imported here: a function reads its environment, and creates its clients, at import.
    handler: Handler = importlib.import_module(f"functions.{name}.app").handler
    # Wired now, so that errors in the documents are raised now, not at the first webhook.
    importlib.import_module("shared.wiring").app()
    return handler


@contextmanager
def running(
    options: StackOptions, screen: Screen, *, handler: Callable[[str], Handler] = _load_handler
) -> Iterator[Stack]:
    """
    Run the stack within the context; ``handler`` returns a function's handler by its name.

    Raise NotConfigured for an invalid document and for a port in use.
    """
    with ExitStack() as up:
        up.enter_context(own_environment())
        if options.state is not None:
            up.enter_context(exclusive_folder(options.state))
        sandbox, store = _stand_ins(up, options)
        control = Control(sandbox)
        _start(up, watch.Watcher(control, screen))
        resources = _aws(up, options, sandbox, store.url if store else None)
        sqs = boto3.client("sqs")
        retry = Function(name="retry", handler=handler("retry"), timeout=options.retry_timeout)
        source = _source(sqs, retry, resources, options)
        _start(up, source)
        _start(up, Schedule(retry, max(1.0, UNSENT_EVERY * options.wait_scale)))
        gateway = Gateway(
            Function(name="webhook", handler=handler("webhook"), timeout=WEBHOOK_TIMEOUT),
            on_webhook=partial(watch.show_webhook, screen),
            healthy=lambda: source.alive,
        )
        url = gateway.start(options.port)
        up.callback(gateway.stop)
        yield Stack(
            gateway=url,
            sandbox=sandbox,
            resources=resources,
            sqs=sqs,
            control=control,
            store=store,
        )


class _Part(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


def _start(up: ExitStack, part: _Part) -> None:
    part.start()
    up.callback(part.stop)


def _stand_ins(up: ExitStack, options: StackOptions) -> tuple[str, RestDouble | None]:
    merchant = read_merchant(options.merchant)
    secrets = read_secrets(options.secrets, merchant)
    state_file = None if options.state is None else options.state / SANDBOX
    sandbox = options.sandbox or start_sandbox.sandbox(up, merchant, secrets, state_file)
    return sandbox, start_sandbox.store(up, merchant, secrets, samples=options.samples)


def _aws(up: ExitStack, options: StackOptions, sandbox: str, store: str | None) -> Resources:
    merchant = read_merchant(options.merchant)
    folder = options.state or Path(
        up.enter_context(tempfile.TemporaryDirectory(prefix="shoprelay-"))
    )
    file = folder / "merchant.toml"
    file.write_text(sandboxed(options.merchant, merchant, sandbox, store), encoding="utf-8")
    aws = LocalAws() if options.state is None else AwsProcess(options.state)
    resources = aws.start(f"shoprelay/{merchant.name}", options.secrets)
    up.callback(aws.stop)
    os.environ |= variables(resources, file, options.wait_scale)
    return resources


def _source(
    sqs: SQSClient, function: Function, resources: Resources, options: StackOptions
) -> EventSource:
    mapping = QueueMapping(
        queue_url=resources.retry_queue,
        queue_arn=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{RETRY_QUEUE}",
        visibility=VISIBILITY,
        wait_scale=options.wait_scale,
    )
    return EventSource(sqs, function, mapping)
