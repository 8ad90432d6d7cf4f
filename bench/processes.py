"""The processes of a run: the loopback server, and children that measure themselves against it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import demo
from cli.local.merchant import sandboxed
from shared.settings import read_merchant

ROOT = Path(__file__).parents[1]


@contextmanager
def loopback() -> Iterator[Mapping[str, str]]:
    """Run the server; gives the environment of a function that knows no other place."""
    with (
        tempfile.TemporaryDirectory(prefix="shoprelay-bench-") as folder,
        started("bench.loopback") as server,
    ):
        url = str(server.stdout.readline()).strip() if server.stdout else ""
        text = demo.text()
        merchant = Path(folder) / "merchant.toml"
        merchant.write_text(sandboxed(text, read_merchant(text), url), encoding="utf-8")
        yield _environment(url, merchant)


@contextmanager
def started(module: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a module of ours; it ends with the context."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:  # noqa: S603 - our own module
        try:
            yield process
        finally:
            process.terminate()


def told(environment: Mapping[str, str], module: str, *arguments: str) -> Any:
    """Run a module of ours to its end, and read the JSON that it prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(  # noqa: S603 - our own module
        command, env=dict(environment), stdout=subprocess.PIPE, check=True, cwd=ROOT
    )
    return json.loads(done.stdout)


def _environment(url: str, merchant: Path) -> dict[str, str]:
    """As `template.yaml` would have it; no other AWS is known, and no credentials of anybody."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
        "SHOPRELAY_MERCHANT_FILE": str(merchant),
        "SHOPRELAY_SECRET": "shoprelay/demo",
        "SHOPRELAY_TABLE": "shoprelay-ledger",
        "SHOPRELAY_RETRY_QUEUE_URL": f"{url}/123456789012/retry",
        "SHOPRELAY_DEAD_LETTERS_URL": f"{url}/123456789012/dead-letters",
        "SHOPRELAY_BUCKET": "shoprelay-bodies",
        "POWERTOOLS_SERVICE_NAME": "shoprelay",
        "POWERTOOLS_METRICS_NAMESPACE": "Shoprelay",
    }
