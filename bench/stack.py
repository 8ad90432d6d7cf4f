"""
(d) Webhooks a second and how long the answers take, through the whole local stack: gateway,
handler, ledger and sandbox in one process, as `shoprelay local` runs them, and a generator in its
own. moto and the sandbox share the handler's interpreter, so this is a floor under what the code
can do, and says little about AWS.

    python -m bench.stack url connections seconds
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from bench import demo
from bench.bodies import another, bodies, encoded
from bench.mapping import SECRET, SHOP, headers
from bench.measure import Figure
from bench.processes import ROOT, told

OK = 200
# Apart from all that an earlier generator sent: what is known already costs less.
_APART = 1_000_000


def figures(seconds: float) -> Iterator[Figure]:
    """Measure with one connection and with four."""
    with _running() as url:
        for connections in (1, 4):
            found = told({}, "bench.stack", url, str(connections), str(seconds))
            together = f"{connections} at once" if connections > 1 else "one after the other"
            yield Figure(
                part="d", name=f"local stack, {together}", unit="webhooks/s", ours=found["rate"]
            )
            for share in ("p50", "p99"):
                yield Figure(part="d", name=f"{share} of the answer", unit="ms", ours=found[share])


@contextmanager
def _running() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="shoprelay-bench-") as folder:
        merchant = Path(folder) / "merchant.toml"
        merchant.write_text(demo.text(), encoding="utf-8")
        command = [
            sys.executable, "-c", "from cli.main import main; main()", "local", "--json",
            "--no-samples", "--port", "0",
            "--merchant", str(merchant), "--secrets", "merchants/demo.secrets.json",
        ]  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603 - our own command
            try:
                yield _url(process)
            finally:
                process.terminate()


def _url(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise ValueError("the stack says nothing")
    for line in process.stdout:
        said = json.loads(line)
        if "webhooks" in said:
            # What it goes on to say is read, or it would wait for a reader.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return str(said["webhooks"]["shopify"])
    raise ValueError("the stack did not start")


def _send(url: str, first: int, until: float, took: list[float]) -> None:
    """Send orders and products that nobody has seen before, until it is time."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port or 80, timeout=30)
    kinds = [(body.topic, json.loads(body.copies[0])) for body in bodies()[:3]]
    for number in count(first):
        topic, payload = kinds[number % len(kinds)]
        raw = encoded(another(payload, number))
        signed = headers(topic, raw, SHOP, SECRET)
        started = time.perf_counter()
        connection.request("POST", where.path, body=raw, headers=signed)
        answer = connection.getresponse()
        body = answer.read()
        took.append(time.perf_counter() - started)
        if answer.status != OK or b"delivered" not in body:
            raise ValueError(f"answered {answer.status}")
        if time.perf_counter() > until:
            return


def main(arguments: list[str]) -> None:
    """Send for so many seconds, after one for warmth, and print what it took."""
    url, connections, seconds = arguments[0], int(arguments[1]), float(arguments[2])
    first = connections * 100 * _APART
    _send(url, first, time.perf_counter() + 1.0, [])
    took: list[float] = []
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_send, args=(url, first + number * _APART, until, took))
        for number in range(1, connections + 1)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    ordered = sorted(took)
    found = {
        "rate": len(took) / elapsed,
        "p50": ordered[len(ordered) // 2] * 1000,
        "p99": ordered[int(len(ordered) * 0.99)] * 1000,
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
