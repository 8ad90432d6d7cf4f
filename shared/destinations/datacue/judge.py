"""
Judge DataCue's responses. A create of an existing row becomes an update, and an update of a missing
row a create, once and within the same attempt; a batch is read item by item, by position.
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

# What corrects an act that met the opposite of what it took for granted.
_OPPOSITE = {Act.CREATE: Act.UPDATE, Act.UPDATE: Act.CREATE}


def judge(api: Api, call: Call, answer: Response, now: float) -> Verdict:
    """Return the verdict on a response; ``now`` in epoch seconds, for Retry-After."""
    verdict = judge_status(answer, now)
    asked = call.context
    if isinstance(verdict, Delivered) and responses.page(answer):
        return Retry(reason="a page instead of an answer", status=answer.status)
    if not isinstance(asked, CallContext) or isinstance(verdict, Retry):
        return verdict
    if isinstance(verdict, Rejected):
        refused = _batch_refused if asked.many else _refused
        return refused(api, call, asked, answer) or _told(verdict, answer)
    return _read(api, call, asked, answer) if asked.many else verdict


def _refused(api: Api, call: Call, asked: CallContext, answer: Response) -> Verdict | None:
    """Return the verdict on a rejected call, where the body says more than the status."""
    nothing = responses.found_nothing(answer)
    if nothing and asked.act in {Act.DELETE, Act.SET}:
        return Delivered(note=asked.note)
    met = {Act.CREATE: responses.found_existing(answer), Act.UPDATE: nothing}
    if met.get(asked.act, False) and not call.corrects:
        return FollowUp(calls=_corrected(api, asked, asked.rows))
    return None


def _batch_refused(api: Api, call: Call, asked: CallContext, answer: Response) -> Verdict | None:
    """Return the verdict on a batch that was rejected as a whole, without naming the item."""
    if answer.status == TOO_LARGE and len(asked.rows) > 1:
        return FollowUp(calls=halves(api, call, asked))
    if responses.found_nothing(answer) and not call.corrects:
        if asked.act is Act.DELETE:
            return FollowUp(calls=one_by_one(api, asked))
        if asked.act is Act.UPDATE:
            return FollowUp(calls=_corrected(api, asked, asked.rows))
    return None


def _told(refusal: Rejected, answer: Response) -> Rejected:
    _, field = responses.complaint_of(answer)
    return replace(refusal, path=f"$.{field}" if field and not refusal.credentials else "")


def _read(api: Api, call: Call, asked: CallContext, answer: Response) -> Verdict:
    """Return the verdict on a batch, item by item; a success without a list is one of all items."""
    found = responses.items(answer)
    if found is None and answer.status != MULTI_STATUS:
        return Delivered()
    doubt = _doubt(found, asked)
    if found is None or doubt:
        # Every call sets a state, so that all of it can be sent again.
        return Retry(reason=doubt, status=answer.status)
    failed = {index: item for index, item in enumerate(found) if not item.taken}
    later = next((one for one, item in failed.items() if responses.not_now(item.error or "")), None)
    if later is not None:
        return Retry(reason=f"item {later}: not now", status=answer.status)
    fixed = {index for index, item in failed.items() if not call.corrects and _fixable(asked, item)}
    gone = asked.act is Act.DELETE
    refused = [
        _item_refused(api, index, item)
        for index, item in failed.items()
        if index not in fixed and not (gone and responses.missing(item.error or ""))
    ]
    then = refused[0] if refused else Delivered()
    if not fixed:
        return then
    rows = tuple(asked.rows[index] for index in sorted(fixed))
    return FollowUp(calls=_corrected(api, asked, rows), then=then)


def _doubt(found: list[Item] | None, asked: CallContext) -> str:
    """Return why a list of items is not valid; empty where it is."""
    if found is None:
        return "the statuses of the items cannot be read"
    if len(found) != len(asked.rows):
        return f"{len(found)} statuses for {len(asked.rows)} items"
    for index, (item, row) in enumerate(zip(found, asked.rows, strict=True)):
        if not item.taken and not item.names(ids_of(asked.collection, row)[0]):
            return f"item {index} is answered under another id"
    return ""


def _fixable(asked: CallContext, item: Item) -> bool:
    text = item.error or ""
    met = {Act.CREATE: responses.exists(text), Act.UPDATE: responses.missing(text)}
    return met.get(asked.act, False)


def _item_refused(api: Api, index: int, item: Item) -> Rejected:
    reason, field = responses.complaint(item.error or "")
    batch = "$" if api.newer else "$.batch"
    return Rejected(
        reason=f"item {index}: {reason}",
        status=MULTI_STATUS,
        path=f"{batch}[{index}]" + (f".{field}" if field else ""),
    )


def _corrected(api: Api, asked: CallContext, rows: tuple[Body, ...]) -> tuple[Call, ...]:
    opposite = CallContext(collection=asked.collection, act=_OPPOSITE[asked.act], rows=rows)
    return write(api, opposite, corrects=True)
