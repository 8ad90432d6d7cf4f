"""The sender against a platform that may do anything."""

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
def sender() -> Iterator[HttpClient]:
    one = HttpClient()
    yield one
    one.close()


def call(url: str, method: str = "POST", body: bytes = b'{"a":1}') -> Call:
    return Call(method=method, url=url, body=body, label="a call")


def send(sender: HttpClient, url: str, within: float = 10.0) -> Response | NoResponse:
    return sender.send(call(url), {}, within)


def silence(answer: Response | NoResponse) -> tuple[bool, str]:
    assert isinstance(answer, NoResponse)
    return answer.sent, answer.reason


def test_an_answer_is_status_lower_cased_headers_and_body(sender: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        answer = send(sender, server.url)
        sender.close()

    assert isinstance(answer, Response)
    assert answer.status == 200
    assert answer.headers == {"content-length": "2", "x-thing": "One"}
    assert answer.body == b"ok"


def test_exactly_the_signed_bytes_and_headers_are_on_the_wire(sender: HttpClient) -> None:
    body = b'{"name":"\xc3\xa9 \\u00e9"}'
    headers = {"Authorization": "Basic a2V5", "Content-Type": "application/json"}
    with Server([answering(OK)]) as server:
        sender.send(call(server.url + "/v1/users/a%40b?x=%2F", body=body), headers, 10.0)
        sender.close()

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


def test_a_delete_without_a_body_sends_none(sender: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        sender.send(call(server.url, "DELETE", b""), {}, 10.0)
        sender.close()

    assert server.requests[0].startswith(b"DELETE / HTTP/1.1\r\n")
    assert server.requests[0].endswith(b"\r\n\r\n")


def test_a_redirect_is_an_answer_and_is_not_followed(sender: HttpClient) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
    with Server([answering(moved)]) as server:
        answer = send(sender, server.url)
        sender.close()

    assert isinstance(answer, Response)
    assert answer.status == 302
    assert len(server.requests) == 1


def test_calls_share_a_connection(sender: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        send(sender, server.url)
        send(sender, server.url)
        sender.close()

    assert server.connections == 1
    assert len(server.requests) == 2


def test_close_closes_every_socket(sender: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        send(sender, server.url)
        assert not server.closed.is_set()

        sender.close()

        assert server.closed.wait(10)


def test_a_closed_sender_can_be_used_again(sender: HttpClient) -> None:
    with Server([answering(OK)]) as server:
        send(sender, server.url)
        sender.close()
        answer = send(sender, server.url)
        sender.close()

    assert isinstance(answer, Response)
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


def _says_nothing(wire: Wire) -> None:
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
        _says_nothing,
    ],
)
def test_a_platform_cannot_hold_a_call_beyond_its_time(sender: HttpClient, script: Script) -> None:
    with Server([script]) as server:
        answer = send(sender, server.url, SOON)

    assert silence(answer)[0] is True
    assert silence(answer)[1] in {"no answer in time", "no whole answer in time"}


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Give a server's TLS that the sender trusts."""
    public, private = certificate.write(tmp_path)
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(public))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context


def test_an_answer_comes_over_tls(sender: HttpClient, tls: ssl.SSLContext) -> None:
    with Server([answering(OK)], tls) as server:
        answer = send(sender, server.url)
        sender.close()

    assert isinstance(answer, Response)
    assert answer.body == b"ok"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("script", [_headers_without_end, _body_without_end, _says_nothing])
def test_a_platform_cannot_hold_a_call_over_tls_either(
    sender: HttpClient, tls: ssl.SSLContext, script: Script
) -> None:
    with Server([script], tls) as server:
        answer = send(sender, server.url, SOON)

    assert silence(answer)[0] is True


def test_a_certificate_that_nobody_signed_is_not_trusted(
    sender: HttpClient, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()

    with Server([answering(OK)], tls) as server:
        answer = send(sender, server.url)

    assert silence(answer) == (False, "no trusted connection")
    assert server.requests == []


def test_after_a_cut_call_the_next_one_gets_its_answer(sender: HttpClient) -> None:
    with Server([_headers_without_end, answering(OK)]) as server:
        send(sender, server.url, SOON)
        answer = send(sender, server.url)
        sender.close()

    assert isinstance(answer, Response)
    assert server.connections == 2


def test_a_huge_answer_is_cut_at_one_mebibyte(sender: HttpClient) -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 3145728\r\n\r\n" + b"x" * 3_145_728
    with Server([answering(huge)]) as server:
        answer = send(sender, server.url)

    assert isinstance(answer, Response)
    assert len(answer.body) == 1_048_576


def test_a_compressed_answer_is_not_unpacked(sender: HttpClient) -> None:
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8bxx"
    with Server([answering(packed)]) as server:
        answer = send(sender, server.url)
        sender.close()

    assert isinstance(answer, Response)
    assert answer.body == b"\x1f\x8bxx"


def _resets(wire: Wire) -> None:
    wire.read()
    wire.reset()


def _hangs_up(wire: Wire) -> None:
    wire.read()


def _speaks_another_language(wire: Wire) -> None:
    wire.read()
    wire.send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")


def _floods_headers(wire: Wire) -> None:
    wire.read()
    wire.send(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 500 + b"\r\n")


@pytest.mark.parametrize("script", [_resets, _hangs_up, _speaks_another_language, _floods_headers])
def test_after_a_broken_connection_the_call_may_have_been_taken(
    sender: HttpClient, script: Script
) -> None:
    with Server([script]) as server:
        answer = send(sender, server.url)

    assert silence(answer) == (True, "the connection broke")


def _breaks_off(wire: Wire) -> None:
    wire.read()
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nxx")


def test_half_an_answer_is_no_answer(sender: HttpClient) -> None:
    with Server([_breaks_off]) as server:
        answer = send(sender, server.url)

    assert silence(answer)[0] is True


def test_a_refused_connection_sent_nothing(sender: HttpClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    assert silence(send(sender, f"http://127.0.0.1:{port}")) == (False, "no connection")


def test_an_unknown_host_was_sent_nothing(
    sender: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert silence(send(sender, "http://platform.invalid")) == (False, "no connection")


@pytest.fixture
def full() -> Iterator[int]:
    """Give a port that takes no further connection: they hang until they time out."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        callers = [socket.socket() for _ in range(8)]
        for caller in callers:
            caller.settimeout(0)
            caller.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
        for caller in callers:
            caller.close()


@pytest.mark.timeout(30)
def test_a_name_with_many_dead_addresses_gets_the_time_of_one(
    sender: HttpClient, full: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", full))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [one] * 200)

    assert silence(send(sender, "http://platform.invalid", 1.0)) == (False, "no connection")


@pytest.mark.timeout(30)
def test_a_connection_that_never_stands_sent_nothing(sender: HttpClient, full: int) -> None:
    assert silence(send(sender, f"http://127.0.0.1:{full}", SOON)) == (False, "no connection")


def test_without_a_trusted_connection_nothing_is_sent(sender: HttpClient) -> None:
    def plain(wire: Wire) -> None:
        wire.wait()
        wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Server([plain]) as server:
        answer = send(sender, f"https://127.0.0.1:{server.port}")

    assert silence(answer) == (False, "no trusted connection")


def test_a_header_that_is_none_never_raises(sender: HttpClient) -> None:
    answer = sender.send(call("http://127.0.0.1:1"), {"X-Thing": "a\r\nb: c"}, 1.0)

    assert isinstance(answer, NoResponse)


def test_the_proxies_and_passwords_of_the_machine_are_ignored(
    sender: HttpClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    with Server([answering(OK)]) as server:
        answer = send(sender, server.url)
        sender.close()

    assert isinstance(answer, Response)
    assert b"Authorization" not in server.requests[0]


def test_a_silence_names_no_url_and_no_address(sender: HttpClient) -> None:
    answer = send(sender, "http://127.0.0.1:1/users/ann%40shop.example")

    assert "ann" not in repr(answer)
