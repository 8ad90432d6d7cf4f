"""
A server for both sides of a comparison, in a process of its own: enough of DynamoDB's, Secrets
Manager's and DataCue's HTTP to be told everything, and answers from a table.

    python -m bench.loopback

Not moto: it takes longer to answer than a client to ask, and on a machine of two processors its
noise would hide what is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

SECRETS = Path(__file__).parents[1] / "merchants" / "demo.secrets.json"
_AWS = "application/x-amz-json-1.0"


def answers() -> dict[bytes, bytes]:
    """Give the whole response to each operation; what is none of AWS's is DataCue's."""
    secret = {
        "ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:shoprelay/demo-AbCdEf",
        "Name": "shoprelay/demo",
        "VersionId": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "SecretString": json.dumps(json.loads(SECRETS.read_bytes())),
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": 1795251600.0,
    }
    return {
        b"secretsmanager.GetSecretValue": _response(secret, "application/x-amz-json-1.1"),
        b"DynamoDB_20120810.UpdateItem": _response({}, _AWS),
        b"DynamoDB_20120810.PutItem": _response({}, _AWS),
        b"DynamoDB_20120810.TransactWriteItems": _response({}, _AWS),
        b"DynamoDB_20120810.BatchGetItem": _response({"Responses": {}}, _AWS),
        b"": _response({"status": "OK"}, "application/json", "201 Created"),
    }


def _response(body: object, kind: str, status: str = "200 OK") -> bytes:
    raw = json.dumps(body).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(raw)}\r\n\r\n"
    return head.encode() + raw


class _Peer(asyncio.Protocol):
    """One connection, kept open; a request is answered when its body has come."""

    def __init__(self, table: dict[bytes, bytes]) -> None:
        self._table = table
        self._come = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection; asyncio has switched Nagle's algorithm off."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._come += data
        while (end := self._come.find(b"\r\n\r\n")) >= 0:
            headers = _headers(self._come[:end])
            whole = end + 4 + int(headers.get(b"content-length", b"0"))
            if len(self._come) < whole:
                return
            self._come = self._come[whole:]
            answer = self._table[headers.get(b"x-amz-target", b"")]
            self._transport.write(answer)  # type: ignore[attr-defined]  # a socket's transport writes


def _headers(head: bytes) -> dict[bytes, bytes]:
    lines = head.split(b"\r\n")[1:]
    pairs = (line.partition(b":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


async def serve() -> None:
    """Serve until killed, after one line that gives the URL."""
    table = answers()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Peer(table), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
