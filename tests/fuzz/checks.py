"""The checks of every response, of the output, and of the stores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.fuzz.aws import DEAD, RETRY, Message
from tests.fuzz.canaries import find_canaries
from tests.fuzz.harness import InMemoryStack

STATUSES = {200, 400, 401, 404}
# A delivery's id is returned, and a header is as long as the gateway allows.
LARGEST_ANSWER = 12_000


def response_problems(response: dict[str, Any]) -> Iterator[str]:
    """Yield the problems of a response to the shop."""
    status, body = response.get("statusCode"), response.get("body")
    if status not in STATUSES:
        yield f"response {status}"
    if not isinstance(body, str) or len(body) > LARGEST_ANSWER:
        yield "the response is too large"
    elif status == 401:
        if body:
            yield "a 401 with a body"
    else:
        json.loads(body)
    if find_canaries(json.dumps(response)):
        yield "personal data in the response"


def log_problems(text: str) -> Iterator[str]:
    """Yield the problems of the logs and metrics."""
    if "Traceback" in text or '"exception"' in text:
        yield "a traceback was logged"
    if "internal error" in text:
        yield "an internal error was logged"
    if find_canaries(text):
        yield "personal data in the log"
    for line in filter(None, text.split("\n")):
        try:
            json.loads(line)
        except ValueError:
            yield "a log line that is not JSON"


def store_problems(stack: InMemoryStack) -> Iterator[str]:
    """Yield the problems of the stores and of the calls to the platform."""
    yield from (f"the platform was sent {one}" for one in stack.platform.violations)
    yield from stack.ledger.unwritable
    for queue in (RETRY, DEAD):
        for message in stack.sqs.queues[queue]:
            if find_canaries(without_body(message)):
                yield "personal data in a message outside its body"
            if message.attributes.get("reason", "").startswith("internal error"):
                yield f"a dead letter of {message.attributes['reason']}"
    if find_canaries(json.dumps([stack.s3.metadata, stack.ledger.items])):
        yield "personal data in a store"


def without_body(message: Message) -> str:
    """Return a message without the webhook's body."""
    try:
        body = json.loads(message.body)
    except ValueError:
        return f"{message.body} {message.attributes}"
    body.pop("body", None)
    return json.dumps([body, dict(message.attributes)])
