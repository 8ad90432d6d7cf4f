"""What a webhook leaves behind outside of the bodies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.fuzz.aws import DEAD, RETRY
from tests.fuzz.canaries import found, hashes
from tests.fuzz.captured_output import Heard
from tests.fuzz.harness import House
from tests.fuzz.judging import around


@dataclass(slots=True)
class Traces:
    """What is left outside of the bodies, by where it was found."""

    answer: str = ""
    said: str = ""
    queues: str = ""
    bucket: str = ""
    ledger: str = ""

    def leaks(self, body: bytes) -> dict[str, set[str]]:
        """Tell who was found where; a hash of an address that has no key counts too."""
        bare = set(hashes(body))
        places = {name: getattr(self, name) for name in self.__slots__}
        met = {
            name: found(text) | {one for one in bare if one in text}
            for name, text in places.items()
        }
        return {name: who for name, who in met.items() if who}


def traces(house: House, answer: dict[str, Any], heard: Heard) -> Traces:
    messages = [*house.sqs.queues[RETRY], *house.sqs.queues[DEAD]]
    letters = "".join(around(one) for one in messages)
    bucket = json.dumps([list(house.s3.objects), house.s3.metadata])
    records = "".join(
        one.decode() for key, one in house.s3.objects.items() if key.startswith("privacy/")
    )
    rows = json.dumps(house.ledger.items) + repr(house.ledger.rows) + repr(house.ledger.counted)
    return Traces(json.dumps(answer), heard.take(), letters, bucket + records, rows)
