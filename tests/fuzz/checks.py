"""What must hold of every answer and of everything that was said meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.fuzz.aws import DEAD, RETRY, Message
from tests.fuzz.canaries import find_canaries
from tests.fuzz.harness import InMemoryStack

STATUSES = {200, 400, 401, 404}
# A delivery's id comes back, and a header is as long as the gateway lets it be.
LARGEST_ANSWER = 12_000


def response_problems(response: dict[str, Any]) -> Iterator[str]:
    """Say what is wrong with an answer to the shop."""
    status, body = response.get("statusCode"), response.get("body")
    if status not in STATUSES:
        yield f"answered {status}"
    if not isinstance(body, str) or len(body) > LARGEST_ANSWER:
        yield "the answer is not small"
    elif status == 401:
        if body:
            yield "a 401 that says why"
    else:
        json.loads(body)
    if find_canaries(json.dumps(response)):
        yield "the answer names somebody"


def log_problems(text: str) -> Iterator[str]:
    """Say what is wrong with what was logged and counted."""
    if "Traceback" in text or '"exception"' in text:
        yield "a traceback was logged"
    if "internal error" in text:
        yield "an internal error"
    if find_canaries(text):
        yield "the log names somebody"
    for line in filter(None, text.split("\n")):
        try:
            json.loads(line)
        except ValueError:
            yield "a line that is no JSON"


def store_problems(house: InMemoryStack) -> Iterator[str]:
    """Say what is wrong with what the stores and the platform were given."""
    yield from (f"the platform was sent {one}" for one in house.stage.broken)
    yield from house.ledger.unwritable
    for queue in (RETRY, DEAD):
        for message in house.sqs.queues[queue]:
            if find_canaries(without_body(message)):
                yield "a message names somebody outside its body"
            if message.attributes.get("reason", "").startswith("internal error"):
                yield f"a dead letter of {message.attributes['reason']}"
    if find_canaries(json.dumps([house.s3.metadata, house.ledger.items])):
        yield "a store names somebody"


def without_body(message: Message) -> str:
    """Give all of a message but the webhook's body."""
    try:
        body = json.loads(message.body)
    except ValueError:
        return f"{message.body} {message.attributes}"
    body.pop("body", None)
    return json.dumps([body, dict(message.attributes)])
