"""What a function is told by its stack. The only reader of ``os.environ``."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from shared.settings.strict import Strict, wrong

_VARIABLES = {
    "merchant_file": "SHOPRELAY_MERCHANT_FILE",
    "secret_name": "SHOPRELAY_SECRET",
    "table": "SHOPRELAY_TABLE",
    "retry_queue": "SHOPRELAY_RETRY_QUEUE_URL",
    "dead_letters": "SHOPRELAY_DEAD_LETTERS_URL",
    "bucket": "SHOPRELAY_BUCKET",
    "wait_scale": "SHOPRELAY_WAIT_SCALE",
    "door_patience": "SHOPRELAY_DOOR_PATIENCE",
    "endpoint": "SHOPRELAY_ENDPOINT",
}


class Environment(Strict, frozen=True, rename=_VARIABLES):
    """
    What a function is told by its stack. ``door_patience`` is how long the door waits for an answer
    of AWS, in seconds: the shop must have its own. ``endpoint`` is where webhooks come to, without
    the source's name; the audit alone is told.
    """

    merchant_file: str
    secret_name: str
    table: str
    retry_queue: str
    dead_letters: str
    bucket: str
    wait_scale: float = 1.0
    door_patience: float = 0.9
    endpoint: str = ""


def read_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read a function's environment. Raises NotConfigured with the name of a missing variable."""
    values = {name: variables[name] for name in _VARIABLES.values() if variables.get(name)}
    try:
        return msgspec.convert(values, Environment, strict=False)
    except msgspec.ValidationError as error:
        raise wrong("the environment", error) from None
