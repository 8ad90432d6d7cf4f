"""
(d) Webhooks per second and response times through the whole local stack: gateway, handler, ledger
and sandbox in one process, as `shoprelay local` runs them, and a load generator in its own.

moto and the sandbox share the handler's interpreter. So this is a lower bound for the code, and
says little about AWS.

    python -m bench.stack URL CONNECTIONS SECONDS
"""

from __future__ import annotations

import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from bench import demo
from bench.bodies import bodies, encoded, with_other_values
from bench.measure import Figure
from bench.processes import environment, local_stack, run_json

OK = 200
# Each generator sends other entities: an entity that is already known costs less.
_APART = 1_000_000


def figures(seconds: float) -> Iterator[Figure]:
    """Measure with one connection and with four."""
    with tempfile.TemporaryDirectory(prefix="shoprelay-bench-") as temporary:
        folder = Path(temporary)
        merchant = folder / "merchant.toml"
        merchant.write_text(demo.merchant_text(), encoding="utf-8")
        with local_stack(folder, merchant, demo.SECRETS) as addresses:
            url = addresses["webhooks"]["shopify"]
            for connections, words in ((1, "one after the other"), (4, "4 at once")):
                arguments = (url, str(connections), str(seconds))
                found = run_json(environment(), "bench.stack", *arguments)
                yield Figure(
                    part="d", name=f"local stack, {words}", unit="webhooks/s", ours=found["rate"]
                )
                for share in ("p50", "p99"):
                    name = f"{share} of the response time"
                    yield Figure(part="d", name=name, unit="ms", ours=found[share])


def _send(url: str, first: int, until: float, taken: list[float]) -> None:
    """Send orders and products with new ids until the time is up."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port or 80, timeout=30)
    kinds = [(body.topic, json.loads(body.copies[0])) for body in bodies()[:3]]
    for number in count(first):
        topic, payload = kinds[number % len(kinds)]
        raw = encoded(with_other_values(payload, number))
        headers = demo.headers(topic, raw)
        started = time.perf_counter()
        connection.request("POST", where.path, body=raw, headers=headers)
        response = connection.getresponse()
        body = response.read()
        taken.append(time.perf_counter() - started)
        if response.status != OK or b"delivered" not in body:
            raise ValueError(f"unexpected response {response.status}")
        if time.perf_counter() > until:
            return


def main(url: str, connections: int, seconds: float) -> None:
    """Send webhooks for a time, after a warm-up of one second, and print the results."""
    first = connections * 100 * _APART
    _send(url, first, time.perf_counter() + 1.0, [])
    taken: list[float] = []
    started = time.perf_counter()
    threads = [
        threading.Thread(
            target=_send, args=(url, first + number * _APART, started + seconds, taken)
        )
        for number in range(1, connections + 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    ordered = sorted(taken)
    found = {
        "rate": len(taken) / elapsed,
        "p50": ordered[len(ordered) // 2] * 1000,
        "p99": ordered[int(len(ordered) * 0.99)] * 1000,
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
