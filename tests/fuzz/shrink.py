"""A failing input made smaller, as far as it fails by itself."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

from shared.receiver import raw_body
from shared.sources.parsing.signature import sign
from tests.fuzz.captured_output import capture_output
from tests.fuzz.harness import SECRET, build
from tests.fuzz.inputs import SHARED, Input, choose_config
from tests.fuzz.runner import Counterexample, Tally, run_input
from tests.fuzz.webhooks import event

_SIGNATURE = "x-shopify-hmac-sha256"


def shrink(seed: int, found: Counterexample) -> dict[str, Any]:
    """Give the event with as few top-level fields as still fail, or as it was."""

    def fails(one: Input) -> bool:
        with capture_output() as heard:
            house = build(choose_config(seed, one.number // SHARED))
            return run_input(house, one, heard, Tally()) == found.complaints

    if not fails(found.input):
        start = found.input.number // SHARED * SHARED
        return {"event": found.input.event, "fails": f"only after the inputs from {start} on"}
    return {"event": _without(found.input, fails).event, "fails": "by itself"}


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
