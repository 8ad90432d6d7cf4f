"""
Verdicts on DataCue's responses.

A row that exists already is updated and a missing one is created, once and within the same attempt.
A batch is judged item by item, by position.
"""

from __future__ import annotations

from shared.destinations.building.fields import Body
from shared.destinations.datacue import responses
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.calls import Act, CallContext, halves, ids_of, one_by_one, write
from shared.destinations.datacue.responses import Item
from shared.http.call import Call
from shared.http.verdict import (
    Delivered,
    FollowUp,
    Rejected,
    Response,
    Retry,
    Verdict,
    judge_status,
)
from shared.model.value import replace

MULTI_STATUS = 207
TOO_LARGE = 413

# The operation that corrects one which assumed the wrong state: that a row was missing, or existed.
_OPPOSITE = {Act.CREATE: Act.UPDATE, Act.UPDATE: Act.CREATE}


def judge(api: Api, call: Call, response: Response, now: float) -> Verdict:
    """Return the verdict on a response; ``now`` is in epoch seconds, for Retry-After."""
    verdict = judge_status(response, now)
    context = call.context
    if isinstance(verdict, Delivered) and responses.is_html_page(response):
        return Retry(reason="an HTML page instead of a response", status=response.status)
    if not isinstance(context, CallContext) or isinstance(verdict, Retry):
        return verdict
    if isinstance(verdict, Rejected):
        judge_rejected = _judge_rejected_batch if context.many else _judge_rejected
        return judge_rejected(api, call, context, response) or _with_path(verdict, response)
    return _judge_items(api, call, context, response) if context.many else verdict


def _judge_rejected(
    api: Api, call: Call, context: CallContext, response: Response
) -> Verdict | None:
    """Return a better verdict on a rejected call than its status gives, or None."""
    row_missing = responses.row_missing(response)
    if row_missing and context.act in {Act.DELETE, Act.SET}:
        return Delivered(note=context.note)
    contradicted = {Act.CREATE: responses.row_exists(response), Act.UPDATE: row_missing}
    if contradicted.get(context.act, False) and not call.corrects:
        return FollowUp(calls=_corrections(api, context, context.rows))
    return None


def _judge_rejected_batch(
    api: Api, call: Call, context: CallContext, response: Response
) -> Verdict | None:
    """Return the verdict on a batch rejected as a whole, which names no item; or None."""
    if response.status == TOO_LARGE and len(context.rows) > 1:
        return FollowUp(calls=halves(api, call, context))
    if responses.row_missing(response) and not call.corrects:
        if context.act is Act.DELETE:
            return FollowUp(calls=one_by_one(api, context))
        if context.act is Act.UPDATE:
            return FollowUp(calls=_corrections(api, context, context.rows))
    return None


def _with_path(rejection: Rejected, response: Response) -> Rejected:
    _, field = responses.parse_response_error(response)
    return replace(rejection, path=f"$.{field}" if field and not rejection.credentials else "")


def _judge_items(api: Api, call: Call, context: CallContext, response: Response) -> Verdict:
    """Judge a batch by its items; a success without a list of items applies to all of them."""
    items = responses.items(response)
    if items is None and response.status != MULTI_STATUS:
        return Delivered()
    doubt = _doubt(items, context)
    if items is None or doubt:
        # Every batch sets a state, so that the whole batch can be sent again.
        return Retry(reason=doubt, status=response.status)
    failed = {index: item for index, item in enumerate(items) if not item.accepted}
    temporary = next(
        (index for index, item in failed.items() if responses.says_temporary(item.error or "")),
        None,
    )
    if temporary is not None:
        return Retry(reason=f"item {temporary}: temporary error", status=response.status)
    correctable = {
        index for index, item in failed.items() if not call.corrects and _correctable(context, item)
    }
    deleting = context.act is Act.DELETE
    rejected = [
        _reject_item(api, index, item)
        for index, item in failed.items()
        if index not in correctable and not (deleting and responses.says_missing(item.error or ""))
    ]
    then = rejected[0] if rejected else Delivered()
    if not correctable:
        return then
    rows = tuple(context.rows[index] for index in sorted(correctable))
    return FollowUp(calls=_corrections(api, context, rows), then=then)


def _doubt(items: list[Item] | None, context: CallContext) -> str:
    """Return why a list of items is not reliable; empty if it is."""
    if items is None:
        return "the statuses of the items cannot be read"
    if len(items) != len(context.rows):
        return f"{len(items)} statuses for {len(context.rows)} items"
    for index, (item, row) in enumerate(zip(items, context.rows, strict=True)):
        if not item.accepted and not item.has_id(ids_of(context.collection, row)[0]):
            return f"item {index} has another id in the response"
    return ""


def _correctable(context: CallContext, item: Item) -> bool:
    text = item.error or ""
    contradicted = {
        Act.CREATE: responses.says_exists(text),
        Act.UPDATE: responses.says_missing(text),
    }
    return contradicted.get(context.act, False)


def _reject_item(api: Api, index: int, item: Item) -> Rejected:
    reason, field = responses.parse_error(item.error or "")
    batch = "$" if api.newer else "$.batch"
    return Rejected(
        reason=f"item {index}: {reason}",
        status=MULTI_STATUS,
        path=f"{batch}[{index}]" + (f".{field}" if field else ""),
    )


def _corrections(api: Api, context: CallContext, rows: tuple[Body, ...]) -> tuple[Call, ...]:
    opposite = CallContext(collection=context.collection, act=_OPPOSITE[context.act], rows=rows)
    return write(api, opposite, corrects=True)
