"""
An HTTP server for both sides of a comparison, in a process of its own: the operations of DynamoDB,
Secrets Manager and DataCue that a webhook needs, each with a fixed response.

    python -m bench.loopback

Not moto: moto takes longer to respond than a client to send a request, and on a machine of two
processors its noise would hide what is measured.
"""

from __future__ import annotations

import asyncio
import json

from bench import demo

_AWS = "application/x-amz-json-1.0"


def responses() -> dict[bytes, bytes]:
    """Return the response to each operation of AWS; without an operation it is DataCue's."""
    secret = {
        "ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:shoprelay/demo-AbCdEf",
        "Name": "shoprelay/demo",
        "VersionId": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "SecretString": json.dumps(json.loads(demo.SECRETS.read_bytes())),
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


class _Connection(asyncio.Protocol):
    """One connection, kept open; a request gets its response when its body is complete."""

    def __init__(self, table: dict[bytes, bytes]) -> None:
        self._table = table
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection; asyncio has switched Nagle's algorithm off."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Respond to every complete request."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            headers = _headers(self._received[:end])
            size = end + 4 + int(headers.get(b"content-length", b"0"))
            if len(self._received) < size:
                return
            self._received = self._received[size:]
            response = self._table[headers.get(b"x-amz-target", b"")]
            self._transport.write(response)  # type: ignore[attr-defined]  # a socket's transport writes


def _headers(head: bytes) -> dict[bytes, bytes]:
    pairs = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


async def serve() -> None:
    """Print the URL and serve until the process is killed."""
    table = responses()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(table), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)  # noqa: T201 - its parent process reads it
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
