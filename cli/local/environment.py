"""The environment of the local functions; this process's own one is restored afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import boto3

from cli.local.aws import BUCKET, TABLE, Resources


@contextmanager
def own_environment() -> Iterator[None]:
    """Restore all variables afterwards, and reset what was wired from them."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        boto3.DEFAULT_SESSION = None  # the next client reads the environment again
        wired = sys.modules.get("shared.wiring")
        if wired is not None:
            wired.reset()


def variables(resources: Resources, merchant: Path, wait_scale: float) -> Mapping[str, str]:
    """Return the variables that template.yaml sets; ``merchant`` is the merchant's file."""
    return {
        "SHOPRELAY_MERCHANT_FILE": str(merchant.resolve()),
        "SHOPRELAY_SECRET": resources.secret,
        "SHOPRELAY_TABLE": TABLE,
        "SHOPRELAY_RETRY_QUEUE_URL": resources.retry_queue,
        "SHOPRELAY_DEAD_LETTERS_URL": resources.dead_letters,
        "SHOPRELAY_BUCKET": BUCKET,
        "SHOPRELAY_WAIT_SCALE": str(wait_scale),
        # Here AWS, the functions and the platforms share one interpreter, which may be busy with
        # others.
        "SHOPRELAY_DOOR_PATIENCE": "2.5",
        "POWERTOOLS_SERVICE_NAME": "shoprelay",
        "POWERTOOLS_METRICS_NAMESPACE": "Shoprelay",
    }
