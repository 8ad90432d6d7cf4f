"""Invalid HTTP responses of a platform: each has its verdict, and needs little memory."""

from __future__ import annotations

import gzip
import logging

import pytest

from shared.http.client import HttpClient
from shared.http.verdict import Delivered, NoResponse, OutcomeUnknown, Rejected, Response, Retry
from tests.fakes.server import Script, Server, Wire, answering
from tests.hardening.memory import MIB, peak
from tests.hardening.platform import BLOCK, exchange, flooding, raw, responding

OK = b"HTTP/1.1 200 OK"
CHUNKED = OK + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKE = OutcomeUnknown(reason="the connection broke")
NO_HTTP = OutcomeUnknown(reason="the answer is not HTTP: ProtocolError")
# 256 KiB that unpack to 256 MiB.
BOMB = gzip.compress(b"\0" * MIB, 9) * 256


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        pytest.param(raw(OK + b"\r\n" + b"X: y\r\n" * 1000 + b"\r\n"), BROKE, id="1000 headers"),
        pytest.param(raw(OK + b"\r\nX: " + BLOCK * 16 + b"\r\n\r\n"), BROKE, id="a line of 1 MiB"),
        pytest.param(flooding(OK + b"\r\nX: "), BROKE, id="a line without end"),
        pytest.param(flooding(b""), BROKE, id="a status without end"),
        pytest.param(
            flooding(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), BROKE, id="a flood of 100"
        ),
        pytest.param(
            flooding(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000), BROKE, id="a flood of 103"
        ),
        pytest.param(raw(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), BROKE, id="101"),
        pytest.param(raw(b"HTTP/1.1 000 Nothing\r\n\r\n"), BROKE, id="status 0"),
        pytest.param(raw(b"HTTP/1.1 1000 Much\r\n\r\n"), BROKE, id="status 1000"),
        pytest.param(raw(b"HTTP/1.1 -200 OK\r\n\r\n"), BROKE, id="a negative status"),
        pytest.param(raw(b"<html>OK</html>"), BROKE, id="no status at all"),
        pytest.param(flooding(CHUNKED + b"-1\r\n"), NO_HTTP, id="a chunk of length -1"),
        pytest.param(flooding(CHUNKED, b"0"), NO_HTTP, id="a length without end"),
        pytest.param(flooding(CHUNKED + b"1;"), NO_HTTP, id="an extension without end"),
        pytest.param(
            flooding(CHUNKED + b"0\r\n", b"X-Trailer: y\r\n" * 1000), NO_HTTP, id="trailers"
        ),
        pytest.param(
            raw(CHUNKED + b"zz\r\nok\r\n0\r\n\r\n"),
            OutcomeUnknown(reason="the answer is not HTTP: ProtocolError"),
            id="a length that is none",
        ),
        pytest.param(raw(CHUNKED + b"5\r\nok"), NO_HTTP, id="half a chunk"),
        pytest.param(
            raw(OK + b"\r\nContent-Length: 10\r\n\r\nok"), NO_HTTP, id="a body that is too short"
        ),
        pytest.param(
            raw(OK + b"\r\nContent-Length: 2, 3\r\n\r\nok"),
            OutcomeUnknown(reason="the answer is not HTTP: InvalidHeader"),
            id="two lengths",
        ),
        pytest.param(
            raw(OK + b"\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\nok"), NO_HTTP, id="10^30 bytes"
        ),
        pytest.param(
            raw(OK + b"\r\nContent-Length: -5\r\n\r\nok"), Delivered(), id="a negative length"
        ),
        pytest.param(raw(OK + b"\r\nContent-Length: ten\r\n\r\nok"), Delivered(), id="no number"),
        pytest.param(flooding(OK + b"\r\n\r\n"), Delivered(), id="a body without end"),
        pytest.param(
            flooding(OK + b"\r\nContent-Length: 1073741824\r\n\r\n"), Delivered(), id="1 GiB"
        ),
        pytest.param(
            flooding(CHUNKED, b"10000\r\n" + BLOCK + b"\r\n"), Delivered(), id="chunks without end"
        ),
        pytest.param(
            flooding(b"HTTP/1.1 500 Oops\r\n\r\n"),
            Retry(reason="answered 500", status=500),
            id="an error without end",
        ),
        pytest.param(
            responding(OK + b"\r\nContent-Encoding: gzip", BOMB),
            Delivered(),
            id="a bomb, not unpacked",
        ),
        pytest.param(
            responding(b"HTTP/1.1 999 Strange"), Retry(reason="answered 999", status=999), id="999"
        ),
        pytest.param(
            responding(b"HTTP/1.1 600 Strange"), Retry(reason="answered 600", status=600), id="600"
        ),
        pytest.param(
            responding(b"HTTP/1.1 305 Use Proxy\r\nLocation: http://127.0.0.1:9"),
            Rejected(reason="answered 305", status=305),
            id="a proxy",
        ),
    ],
)
def test_each_invalid_response_has_its_verdict_and_needs_little_memory(
    client: HttpClient, script: Script, verdict: object
) -> None:
    with Server([script]) as server:
        (end, _), most = peak(lambda: exchange(client, server))
        client.close()

    assert end == verdict
    assert most < 16 * MIB
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest/meta-data/", "{elsewhere}", "//{host}/", "///", "\xff"],
)
def test_a_redirect_is_not_followed_and_is_rejected(
    client: HttpClient, status: int, target: str
) -> None:
    with Server([answering(OK + b"\r\nContent-Length: 0\r\n\r\n")]) as elsewhere:
        there = target.format(elsewhere=elsewhere.url, host=elsewhere.url.removeprefix("http://"))
        head = f"HTTP/1.1 {status} Gone\r\nLocation: {there}".encode("latin-1")
        with Server([responding(head)]) as server:
            end, _ = exchange(client, server)
            client.close()

    assert end == Rejected(reason=f"answered {status}", status=status)
    assert (len(server.requests), elsewhere.connections) == (1, 0)


def test_the_body_of_a_redirect_is_not_unpacked(
    client: HttpClient,
) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Encoding: gzip"
    with Server([responding(head, BOMB)]) as server:
        (end, _), most = peak(lambda: exchange(client, server))
        client.close()

    assert end == Rejected(reason="answered 302", status=302)
    assert most < 16 * MIB


def _hints_first(wire: Wire) -> None:
    while wire.read():
        wire.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")
        wire.send(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")


def test_an_early_hint_is_not_read_as_the_response(
    client: HttpClient,
) -> None:
    with Server([_hints_first]) as server:
        first, seen = exchange(client, server)
        second, again = exchange(client, server)
        client.close()

    assert (first, second) == (Delivered(), Delivered())
    assert [_status(one) for one in seen.responses + again.responses] == [201, 201]


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 204 No Content\r\nContent-Length: 38\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
    ],
)
def test_bytes_after_a_response_are_not_read_as_the_next_response(
    client: HttpClient, head: bytes
) -> None:
    smuggled = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
    with Server([raw(head + smuggled), responding(b"HTTP/1.1 201 Created")]) as server:
        exchange(client, server)
        end, seen = exchange(client, server)
        client.close()

    assert end == Delivered()
    assert [_status(one) for one in seen.responses] == [201]


def test_a_cookie_of_the_platform_is_not_sent_back(client: HttpClient) -> None:
    cookies = b"\r\nSet-Cookie: a=b; Path=/" * 50
    with Server([responding(OK + cookies)]) as server:
        exchange(client, server)
        exchange(client, server)
        client.close()

    assert len(server.requests) == 2
    assert all(b"cookie" not in request.lower() for request in server.requests)


def test_an_unreadable_header_is_not_logged_with_the_url(
    client: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    with Server([raw(OK + b"\r\nA: b\r\nno header\r\nC: d\r\n\r\nok")]) as server:
        with caplog.at_level(logging.WARNING):
            end, _ = exchange(client, server)
        client.close()

    assert end == Delivered()
    assert caplog.records == []


def _status(respond: Response | NoResponse) -> int:
    assert isinstance(respond, Response)
    return respond.status
