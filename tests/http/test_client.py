"""The HTTP client with platforms that misbehave in every way."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.http.call import Call
from shared.http.client import HttpClient
from shared.http.verdict import NoResponse, Response
from tests.fakes import certificate
from tests.fakes.server import Script, Server, Wire, answering

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Thing: One\r\n\r\nok"
SOON = 0.4


@pytest.fixture
def client() -> Iterator[HttpClient]:
    one = HttpClient()
    yield one
    one.close()


def call(url: str, method: str = "POST", body: bytes = b'{"a":1}') -> Call:
    return Call(method=method, url=url, body=body, label="a call")


def send(client: HttpClient, url: str, within: float = 10.0) -> Response | NoResponse:
    return client.send(call(url), {}, within)


def failure(response: Response | NoResponse) -> tuple[bool, str]:
    assert isinstance(response, NoResponse)
    return response.sent, response.reason


def test_a_response_has_status_lower_cased_headers_and_body(client: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        response = send(client, server.url)
        client.close()

    assert isinstance(response, Response)
    assert response.status == 200
    assert response.headers == {"content-length": "2", "x-thing": "One"}
    assert response.body == b"ok"


def test_exactly_the_signed_bytes_and_headers_are_sent(client: HttpClient) -> None:
    body = b'{"name":"\xc3\xa9 \\u00e9"}'
    headers = {"Authorization": "Basic a2V5", "Content-Type": "application/json"}
    with Server([answering(OK)]) as server:
        client.send(call(server.url + "/v1/users/a%40b?x=%2F", body=body), headers, 10.0)
        client.close()

    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert sent == body
    first, *lines = head.decode().split("\r\n")
    assert first == "POST /v1/users/a%40b?x=%2F HTTP/1.1"
    seen = dict(line.split(": ", 1) for line in lines)
    assert seen.pop("User-Agent").startswith("python-urllib3/")
    assert seen == {
        "Host": f"127.0.0.1:{server.port}",
        "Accept-Encoding": "identity",
        "Authorization": "Basic a2V5",
        "Content-Type": "application/json",
        "Content-Length": "20",
    }


def test_a_delete_without_a_body_sends_none(client: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        client.send(call(server.url, "DELETE", b""), {}, 10.0)
        client.close()

    assert server.requests[0].startswith(b"DELETE / HTTP/1.1\r\n")
    assert server.requests[0].endswith(b"\r\n\r\n")


def test_a_redirect_is_a_response_and_is_not_followed(client: HttpClient) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
    with Server([answering(moved)]) as server:
        response = send(client, server.url)
        client.close()

    assert isinstance(response, Response)
    assert response.status == 302
    assert len(server.requests) == 1


def test_calls_share_a_connection(client: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        send(client, server.url)
        send(client, server.url)
        client.close()

    assert server.connections == 1
    assert len(server.requests) == 2


def test_close_closes_every_socket(client: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        send(client, server.url)
        assert not server.closed.is_set()

        client.close()

        assert server.closed.wait(10)


def test_a_closed_client_can_be_used_again(client: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        send(client, server.url)
        client.close()
        response = send(client, server.url)
        client.close()

    assert isinstance(response, Response)
    assert server.connections == 2


def _headers_without_end(wire: Wire) -> None:
    wire.read()
    wire.send(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    wire.drip(b"x")


def _body_without_end(wire: Wire) -> None:
    wire.read()
    wire.send(b"HTTP/1.1 200 OK\r\n\r\n")
    wire.drip(b"x")


def _slow_body(wire: Wire) -> None:
    wire.read()
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    wire.drip(b"x")


def _chunks_without_end(wire: Wire) -> None:
    wire.read()
    wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    wire.drip(b"1\r\nx\r\n")


def _continues_without_end(wire: Wire) -> None:
    wire.read()
    wire.drip(b"HTTP/1.1 100 Continue\r\n\r\n")


def _never_responds(wire: Wire) -> None:
    wire.read()
    wire.wait()


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "script",
    [
        _headers_without_end,
        _body_without_end,
        _slow_body,
        _chunks_without_end,
        _continues_without_end,
        _never_responds,
    ],
)
def test_a_call_ends_in_time_whatever_the_platform_does(client: HttpClient, script: Script) -> None:
    with Server([script]) as server:
        response = send(client, server.url, SOON)

    assert failure(response)[0] is True
    assert failure(response)[1] in {"no answer in time", "no whole answer in time"}


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return a server's TLS context that the client trusts."""
    public, private = certificate.write(tmp_path)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(public))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context


def test_a_response_is_read_over_tls(client: HttpClient, tls: ssl.SSLContext) -> None:
    with Server([answering(OK)], tls) as server:
        response = send(client, server.url)
        client.close()

    assert isinstance(response, Response)
    assert response.body == b"ok"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("script", [_headers_without_end, _body_without_end, _never_responds])
def test_a_call_over_tls_ends_in_time_too(
    client: HttpClient, tls: ssl.SSLContext, script: Script
) -> None:
    with Server([script], tls) as server:
        response = send(client, server.url, SOON)

    assert failure(response)[0] is True


def test_a_self_signed_certificate_is_not_trusted(
    client: HttpClient, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()

    with Server([answering(OK)], tls) as server:
        response = send(client, server.url)

    assert failure(response) == (False, "no trusted connection")
    assert server.requests == []


def test_the_call_after_an_aborted_one_gets_its_own_response(client: HttpClient) -> None:
    with Server([_headers_without_end, answering(OK)]) as server:
        send(client, server.url, SOON)
        response = send(client, server.url)
        client.close()

    assert isinstance(response, Response)
    assert server.connections == 2


def test_a_huge_body_is_truncated_at_one_mebibyte(client: HttpClient) -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n" + b"x" * 3_145_728
    with Server([answering(huge)]) as server:
        response = send(client, server.url)

    assert isinstance(response, Response)
    assert len(response.body) == 1_048_576


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n0\r\n", id="trailers"),
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", id="a chunk of length -1"),
    ],
)
def test_the_size_of_a_response_is_bounded(client: HttpClient, start: bytes) -> None:
    sent = 0

    def flood(wire: Wire) -> None:
        nonlocal sent
        wire.read()
        wire.send(b"HTTP/1.1 200 OK\r\n" + start)
        # Sixteen times as much as the client may read.
        for _ in range(32):
            wire.send((b"X-Trailer: " + b"x" * 1000 + b"\r\n") * 1024)
            sent += 1

    with Server([flood]) as server:
        response = send(client, server.url)

    assert failure(response) == (True, "the answer is not HTTP: ProtocolError")
    assert sent < 32


def test_a_compressed_response_is_not_unpacked(client: HttpClient) -> None:
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8bxx"
    with Server([answering(packed)]) as server:
        response = send(client, server.url)
        client.close()

    assert isinstance(response, Response)
    assert response.body == b"\x1f\x8bxx"


def _resets(wire: Wire) -> None:
    wire.read()
    wire.reset()


def _closes(wire: Wire) -> None:
    wire.read()


def _sends_another_protocol(wire: Wire) -> None:
    wire.read()
    wire.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")


def _floods_headers(wire: Wire) -> None:
    wire.read()
    wire.send(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 500 + b"\r\n")


@pytest.mark.parametrize("script", [_resets, _closes, _sends_another_protocol, _floods_headers])
def test_after_a_broken_connection_the_call_may_have_been_received(
    client: HttpClient, script: Script
) -> None:
    with Server([script]) as server:
        response = send(client, server.url)

    assert failure(response) == (True, "the connection broke")


def _breaks_off(wire: Wire) -> None:
    wire.read()
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nxx")


def test_a_truncated_response_is_no_response(client: HttpClient) -> None:
    with Server([_breaks_off]) as server:
        response = send(client, server.url)

    assert failure(response)[0] is True


def test_a_refused_connection_sent_nothing(client: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert failure(send(client, f"http://127.0.0.1:{port}")) == (False, "no connection")


def test_an_unknown_host_receives_nothing(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert failure(send(client, "http://platform.invalid")) == (False, "no connection")


@pytest.fixture
def unresponsive_port() -> Iterator[int]:
    """Yield a port that accepts no further connection: each hangs until it times out."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        clients = [socket.socket() for _ in range(8)]
        for one in clients:
            one.settimeout(0)
            one.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for one in clients:
            one.close()


@pytest.mark.timeout(30)
def test_all_addresses_of_a_name_share_one_timeout(
    client: HttpClient, unresponsive_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = (
        socket.AF_INET,
        socket.SOCK_STREAM,
        socket.IPPROTO_TCP,
        "",
        ("127.0.0.1", unresponsive_port),
    )
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [one] * 200)

    assert failure(send(client, "http://platform.invalid", 1.0)) == (False, "no connection")


@pytest.mark.timeout(30)
def test_a_connection_timeout_sent_nothing(client: HttpClient, unresponsive_port: int) -> None:
    assert failure(send(client, f"http://127.0.0.1:{unresponsive_port}", SOON)) == (
        False,
        "no connection",
    )


def test_without_a_trusted_connection_nothing_is_sent(client: HttpClient) -> None:
    def plain(wire: Wire) -> None:
        wire.wait()
        wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Server([plain]) as server:
        response = send(client, f"https://127.0.0.1:{server.port}")

    assert failure(response) == (False, "no trusted connection")


def test_an_invalid_header_never_raises(client: HttpClient) -> None:
    response = client.send(call("http://127.0.0.1:1"), {"X-Thing": "a\r\nb: c"}, 1.0)

    assert isinstance(response, NoResponse)


def test_proxies_and_netrc_of_the_machine_are_ignored(
    client: HttpClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with Server([answering(OK)]) as server:
        response = send(client, server.url)
        client.close()

    assert isinstance(response, Response)
    assert b"Authorization" not in server.requests[0]


def test_a_missing_response_shows_no_url(client: HttpClient) -> None:
    response = send(client, "http://127.0.0.1:1/users/ann%40shop.example")

    assert "ann" not in repr(response)
