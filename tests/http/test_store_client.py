"""The store client: responses bounded in size and time."""

from __future__ import annotations

import gzip
import time

import pytest
import requests

from shared.errors import StoreUnavailable
from shared.http.store_client import StoreClient, StoreResponse
from tests.fakes.server import Server, Wire, answering

MIB = 1024 * 1024


def get(server: Server, within: float = 10.0) -> StoreResponse:
    # Closed before the server, which waits for its connections.
    with StoreClient(requests.Session(), time.time) as client:
        return client.get(server.url, {}, time.time() + within)


def response_of(size: int) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size


def test_a_response_below_the_limit_is_read_whole() -> None:
    with Server([answering(response_of(7 * MIB))]) as server:
        response = get(server)

    assert (response.status, len(response.body)) == (200, 7 * MIB)


def test_the_size_of_a_response_of_a_store_is_bounded() -> None:
    with Server([answering(response_of(9 * MIB))]) as server, pytest.raises(StoreUnavailable):
        get(server)


def test_a_compressed_response_is_bounded_by_its_unpacked_size() -> None:
    packed = gzip.compress(bytes(9 * MIB))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with (
        Server([answering(head + packed)]) as server,
        pytest.raises(StoreUnavailable, match="does not end"),
    ):
        get(server)


@pytest.mark.timeout(30)
def test_a_response_that_does_not_end_is_aborted_at_its_deadline() -> None:
    def drip(wire: Wire) -> None:
        wire.read()
        wire.send(b"HTTP/1.1 200 OK\r\n\r\n")
        wire.drip(b"x")

    with Server([drip]) as server, pytest.raises(StoreUnavailable, match="does not end"):
        get(server, 0.4)
