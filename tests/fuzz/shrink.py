"""Shrinks a failing input, if it fails on its own."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from shared.receiver import raw_body
from shared.sources.parsing.signature import sign
from tests.fuzz.captured_output import capture_output
from tests.fuzz.harness import SECRET, build
from tests.fuzz.inputs import INPUTS_PER_STACK, Input, choose_config
from tests.fuzz.runner import Counterexample, Tally, run_input
from tests.fuzz.webhooks import event

_SIGNATURE = "x-shopify-hmac-sha256"


def shrink(seed: int, found: Counterexample) -> dict[str, Any]:
    """Return the event with the fewest top-level fields that still fail, or unchanged."""

    def fails(one: Input) -> bool:
        with capture_output() as output:
            stack = build(choose_config(seed, one.number // INPUTS_PER_STACK))
            return run_input(stack, one, output, Tally()) == found.problems

    if not fails(found.input):
        start = found.input.number // INPUTS_PER_STACK * INPUTS_PER_STACK
        return {"event": found.input.event, "fails": f"only after the inputs from {start} on"}
    return {"event": _without(found.input, fails).event, "fails": "on its own"}


def _without(one: Input, fails: Callable[[Input], bool]) -> Input:
    try:
        document = json.loads(raw_body(one.event))
    except (ValueError, RecursionError):
        return one
    for name in list(document) if isinstance(document, dict) else ():
        rest = {key: value for key, value in document.items() if key != name}
        fewer = _with(one, json.dumps(rest).encode())
        if fails(fewer):
            document, one = rest, fewer
    return one


def _with(one: Input, body: bytes) -> Input:
    sent = dict(one.event.get("headers") or {})
    if _SIGNATURE in sent:
        sent[_SIGNATURE] = sign(body, SECRET)
    whole = one.event | {"headers": sent}
    fresh = event(body, sent, encoded=False)
    return dataclasses.replace(
        one, event=whole | {name: fresh[name] for name in ("body", "isBase64Encoded")}
    )
