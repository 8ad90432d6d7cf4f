"""The general rules for HTTP responses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.http.verdict import (
    Delivered,
    NoResponse,
    OutcomeUnknown,
    Rejected,
    Response,
    Retry,
    judge_no_response,
    judge_status,
    retry_after,
)

NOW = 1_795_000_000.0  # Wed, 18 Nov 2026 11:06:40 GMT
RETRIED = {408, 423, 425, 429, *range(500, 600)} - {501}


@pytest.mark.parametrize("status", range(200, 600))
def test_each_status_has_its_verdict(status: int) -> None:
    verdict = judge_status(Response(status=status), NOW)

    if status < 300:
        assert verdict == Delivered()
    elif status in RETRIED:
        assert verdict == Retry(reason=f"answered {status}", status=status)
    else:
        assert verdict == Rejected(
            reason=f"answered {status}", status=status, credentials=status in {401, 403}
        )


def test_retry_after_is_part_of_the_verdict() -> None:
    response = Response(status=503, headers={"retry-after": "120"})

    assert judge_status(response, NOW) == Retry(reason="answered 503", status=503, after=120.0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7.5 ", 7.5),
        ("-3", 0.0),
        ("nan", 0.0),
        ("Wed, 18 Nov 2026 11:07:40 GMT", 60.0),
        ("Wed, 18 Nov 2026 12:07:40 +0100", 60.0),
        ("Wed, 18 Nov 2026 11:07:40 -0000", 60.0),
        ("Wed, 18 Nov 2026 10:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("Wed, 99 Nov 2026 11:07:40 GMT", None),
        ("Wed, 18 Nov 99999999999999999999 11:07:40 GMT", None),
        ("99999999999999999999 Jan 1 00:00:00", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_none(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


def test_a_missing_retry_after_is_none() -> None:
    assert retry_after({}, NOW) is None


PARTS = st.sampled_from(
    ["Wed,", "18", "Nov", "2026", "11:07:40", "GMT", "+9999", "-", ":", ",", "99999999999", "\0"]
)


@given(st.text(max_size=40) | st.lists(PARTS, max_size=8).map(" ".join))
def test_any_retry_after_is_parsed_without_an_error(text: str) -> None:
    seconds = retry_after({"retry-after": text}, NOW)

    assert seconds is None or seconds >= 0


def test_no_response_to_a_sent_call_is_an_unknown_outcome() -> None:
    assert judge_no_response(NoResponse(sent=True, reason="cut")) == OutcomeUnknown(reason="cut")


def test_a_call_that_was_not_sent_is_retried() -> None:
    assert judge_no_response(NoResponse(sent=False, reason="dead")) == Retry(reason="dead")


def test_a_response_shows_no_body_and_no_headers() -> None:
    shown = repr(Response(status=200, headers={"set-cookie": "s3cret"}, body=b"ann@shop.example"))

    assert "s3cret" not in shown
    assert "ann@" not in shown
