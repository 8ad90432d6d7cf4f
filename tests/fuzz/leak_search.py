"""The search for canaries in everything that a webhook writes outside of bodies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.fuzz.aws import DEAD, RETRY
from tests.fuzz.canaries import address_hashes, find_canaries
from tests.fuzz.captured_output import CapturedOutput
from tests.fuzz.checks import without_body
from tests.fuzz.harness import InMemoryStack


@dataclass(slots=True)
class OutputText:
    """Everything outside of the bodies as text, by place."""

    response: str = ""
    log: str = ""
    queues: str = ""
    bucket: str = ""
    ledger: str = ""

    def leaks(self, body: bytes) -> dict[str, set[str]]:
        """Return the canaries found in each place; an unkeyed hash of an address counts too."""
        hashes = set(address_hashes(body))
        places = {name: getattr(self, name) for name in self.__slots__}
        leaked = {
            name: find_canaries(text) | {one for one in hashes if one in text}
            for name, text in places.items()
        }
        return {name: who for name, who in leaked.items() if who}


def collect_output(
    stack: InMemoryStack, response: dict[str, Any], output: CapturedOutput
) -> OutputText:
    messages = [*stack.sqs.queues[RETRY], *stack.sqs.queues[DEAD]]
    letters = "".join(without_body(one) for one in messages)
    bucket = json.dumps([list(stack.s3.objects), stack.s3.metadata])
    records = "".join(
        one.decode() for key, one in stack.s3.objects.items() if key.startswith("privacy/")
    )
    rows = json.dumps(stack.ledger.items) + repr(stack.ledger.rows) + repr(stack.ledger.counted)
    return OutputText(json.dumps(response), output.take(), letters, bucket + records, rows)
