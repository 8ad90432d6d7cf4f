"""The environment of a function, set by its stack. The only reader of ``os.environ``."""

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
    The variables of a function. ``door_patience`` is how many seconds the receiver waits for a
    response of AWS: it must still respond to the shop in time. ``endpoint`` is the address of the
    webhooks without the source's name; only the audit has it.
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
    """Read a function's environment. Raise NotConfigured with the name of a missing variable."""
    values = {name: variables[name] for name in _VARIABLES.values() if variables.get(name)}
    try:
        return msgspec.convert(values, Environment, strict=False)
    except msgspec.ValidationError as error:
        raise wrong("the environment", error) from None
