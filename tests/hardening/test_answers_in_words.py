"""Valid HTTP responses with odd contents: inconsistent batches, pages, unusual Retry-After."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.client import HttpClient
from shared.http.verdict import Delivered, Rejected, Response, Retry, retry_after
from shared.queue import backoff
from tests.fakes.server import Server
from tests.hardening.memory import MIB, peak
from tests.hardening.platform import NOW, ONE, TWO, exchange, platform, responding

MULTI = b"HTTP/1.1 207 Multi-Status\r\nContent-Type: application/json"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html"
ACCEPTED = {"product_id": "1", "status": "OK"}
UNREADABLE = Retry(reason="the statuses of the items cannot be read", status=207)
PAGE = Retry(reason="an HTML page instead of a response", status=200)
DEEP = 100_000


def items(*found: Any) -> bytes:
    return json.dumps({"status": found}).encode()


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (items(ACCEPTED, ACCEPTED), Delivered()),
        (items(ACCEPTED), Retry(reason="1 statuses for 2 items", status=207)),
        (items(*[ACCEPTED] * 3), Retry(reason="3 statuses for 2 items", status=207)),
        (items(), Retry(reason="0 statuses for 2 items", status=207)),
        (items(*[ACCEPTED] * 20_000), Retry(reason="20000 statuses for 2 items", status=207)),
        (items(*[ACCEPTED] * 40_000), UNREADABLE),  # truncated at 1 MiB
        (items("OK", "OK"), UNREADABLE),
        (items(ACCEPTED, None), UNREADABLE),
        (items(ACCEPTED, [ACCEPTED]), UNREADABLE),
        (items(ACCEPTED, ACCEPTED | {"status": True}), UNREADABLE),
        (items(ACCEPTED, ACCEPTED | {"status": None}), UNREADABLE),
        (items(ACCEPTED, ACCEPTED | {"product_id": {"$ne": 1}}), UNREADABLE),
        (
            items(ACCEPTED, {}),
            Rejected(reason="item 1: rejected by the platform", status=207, path="$.batch[1]"),
        ),
        (
            items(ACCEPTED, {"product_id": "9", "status": "error", "error": "9 already exists"}),
            Retry(reason="item 1 has another id in the response", status=207),
        ),
        (b'{"status": 200}', UNREADABLE),
        (b'{"status": NaN}', UNREADABLE),
        (b"[]", UNREADABLE),
        (b"null", UNREADABLE),
        (b"\xff\xfe", UNREADABLE),
        (b"", UNREADABLE),
        (b'{"status": ' + b"[" * DEEP + b"]" * DEEP + b"}", UNREADABLE),
        (b'{"more": ' + b"[" * DEEP + b"]" * DEEP + b', "status": []}', UNREADABLE),
        (b'{"more":' * DEEP, UNREADABLE),
        (b"<b>Sorry</b>", UNREADABLE),
        (b"<html>Sorry</html>", Retry(reason="an HTML page instead of a response", status=207)),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, bytes) else "",
)
def test_an_inconsistent_batch_response_is_retried(
    client: HttpClient, body: bytes, verdict: object
) -> None:
    with Server([responding(MULTI, body)]) as server:
        (end, _), most = peak(lambda: exchange(client, server, TWO))
        client.close()

    assert end == verdict
    assert most < 32 * MIB


def test_a_deeply_nested_response_is_unreadable_and_no_internal_error() -> None:
    nested = b'{"more": ' + b"[" * DEEP + b"]" * DEEP + b', "status": []}'

    assert platform().judge(TWO[0], Response(status=207, body=nested), NOW) == UNREADABLE


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><title>We will be back</title></html>",
        b"\xef\xbb\xbf\r\n <HTML><body>Domain for sale</body>",
        b"<html>" + b"x" * 2 * MIB,
    ],
)
@pytest.mark.parametrize("calls", [ONE, TWO])
def test_a_page_with_a_200_is_retried(client: HttpClient, page: bytes, calls: Any) -> None:
    with Server([responding(OK, page)]) as server:
        end, _ = exchange(client, server, calls)
        client.close()

    assert end == PAGE


@pytest.mark.parametrize("body", [b"", b"OK", b"{}", b"null", b"<3", b"<b>created</b>"])
def test_a_short_body_with_a_200_is_delivered(client: HttpClient, body: bytes) -> None:
    with Server([responding(OK, body)]) as server:
        end, _ = exchange(client, server)
        client.close()

    assert end == Delivered()


@pytest.mark.parametrize("status", [401, 404, 422, 503])
def test_a_page_with_an_error_status_is_judged_by_the_status(
    client: HttpClient, status: int
) -> None:
    page = b"<html>not found, already exists, unavailable product_id</html>"
    with Server([responding(b"HTTP/1.1 %d No" % status, page)]) as server:
        end, seen = exchange(client, server)
        client.close()

    expected = {401: Rejected, 404: Rejected, 422: Rejected, 503: Retry}
    assert isinstance(end, Rejected | Retry)
    assert (type(end), end.status) == (expected[status], status)
    assert len(seen.verdicts) == (2 if status == 422 else 1)


@pytest.mark.parametrize(
    ("requested", "seconds", "wait"),
    [
        (b"7", 7.0, 7.0),
        (b"3155760000", 3_155_760_000.0, 21_600.0),
        (b"1e400", float("inf"), 21_600.0),
        (b"inf", float("inf"), 21_600.0),
        (b"-60", 0.0, 5.0),
        (b"-inf", 0.0, 5.0),
        (b"nan", 0.0, 5.0),
        (b"Mon, 01 Jan 1990 00:00:00 GMT", 0.0, 5.0),
        (b"Fri, 31 Dec 9999 23:59:59 GMT", 251_607_049_199.0, 21_600.0),
        (b"Fri, 31 Dec 9999 23:59:59 -2359", 251_607_135_539.0, 21_600.0),
        (b"Mon, 01 Jan 0001 00:00:00 +2359", 0.0, 5.0),
        (b"Fri, 31 Feb 2027 00:00:00 GMT", None, 5.0),
        (b"soon", None, 5.0),
        (b"", None, 5.0),
        (b"9" * 5000, float("inf"), 21_600.0),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_requested_delay_is_bounded_and_never_negative(
    client: HttpClient, requested: bytes, seconds: float | None, wait: float
) -> None:
    with Server([responding(b"HTTP/1.1 503 No\r\nRetry-After: " + requested)]) as server:
        end, _ = exchange(client, server)
        client.close()

    assert end == Retry(reason="answered 503", status=503, after=seconds)
    assert backoff.wait(0.0, end.after, lambda: 0.0) == wait


WORDS = st.sampled_from(
    ["Mon,", "1", "99", "Jan", "2026", "0000", "99999", "00:00:00", "24.61.61", "GMT", "+9999", "-"]
)


@given(st.text(max_size=40) | st.lists(WORDS, max_size=9).map(" ".join))
def test_no_retry_after_raises_or_is_negative(text: str) -> None:
    found = retry_after({"retry-after": text}, NOW)

    assert found is None or found >= 0
