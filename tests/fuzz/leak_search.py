"""What a webhook leaves behind outside of the bodies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.fuzz.aws import DEAD, RETRY
from tests.fuzz.canaries import find_canaries, address_hashes
from tests.fuzz.captured_output import CapturedOutput
from tests.fuzz.harness import InMemoryStack
from tests.fuzz.checks import without_body


@dataclass(slots=True)
class OutputText:
    """What is left outside of the bodies, by where it was found."""

    response: str = ""
    said: str = ""
    queues: str = ""
    bucket: str = ""
    ledger: str = ""

    def leaks(self, body: bytes) -> dict[str, set[str]]:
        """Tell who was found where; a hash of an address that has no key counts too."""
        bare = set(address_hashes(body))
        places = {name: getattr(self, name) for name in self.__slots__}
        met = {
            name: find_canaries(text) | {one for one in bare if one in text}
            for name, text in places.items()
        }
        return {name: who for name, who in met.items() if who}


def collect_output(house: InMemoryStack, response: dict[str, Any], heard: CapturedOutput) -> OutputText:
    messages = [*house.sqs.queues[RETRY], *house.sqs.queues[DEAD]]
    letters = "".join(without_body(one) for one in messages)
    bucket = json.dumps([list(house.s3.objects), house.s3.metadata])
    records = "".join(
        one.decode() for key, one in house.s3.objects.items() if key.startswith("privacy/")
    )
    rows = json.dumps(house.ledger.items) + repr(house.ledger.rows) + repr(house.ledger.counted)
    return OutputText(json.dumps(response), heard.take(), letters, bucket + records, rows)
