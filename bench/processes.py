"""The processes of a run: the loopback server, the local stack, and modules that print JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
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
    """Run the loopback server; yield the environment of a function that uses only this server."""
    command = [sys.executable, "-m", "bench.loopback"]
    with (
        tempfile.TemporaryDirectory(prefix="shoprelay-bench-") as folder,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server,  # noqa: S603 - our own module
    ):
        try:
            url = str(server.stdout.readline()).strip() if server.stdout else ""
            text = demo.merchant_text()
            merchant = Path(folder) / "merchant.toml"
            merchant.write_text(sandboxed(text, read_merchant(text), url), encoding="utf-8")
            yield _environment(url, merchant)
        finally:
            server.terminate()


@contextmanager
def local_stack(
    folder: Path, merchant: Path, secrets: Path, *options: str
) -> Iterator[dict[str, Any]]:
    """
    Run `shoprelay local` without samples; yield the addresses that it prints.

    Its output is written to ``local.jsonl`` in the folder. Raise ValueError when it does not start.
    """
    out = folder / "local.jsonl"
    command = [sys.executable, "-m", "cli.main", "local", "--json", "--no-samples", "--port", "0"]
    command += ["--merchant", str(merchant), "--secrets", str(secrets), *options]
    with (
        out.open("wb") as file,
        subprocess.Popen(command, stdout=file, cwd=folder, env=environment()) as process,  # noqa: S603 - our own program
    ):
        try:
            while b"\n" not in (printed := out.read_bytes()):
                if process.poll() is not None:
                    raise ValueError("the local stack did not start")
                time.sleep(0.1)
            yield json.loads(printed.partition(b"\n")[0])
        finally:
            process.terminate()


def run_json(environment: Mapping[str, str], module: str, *arguments: str) -> Any:
    """Run a module to its end, and return the JSON that it prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(  # noqa: S603 - our own module
        command, env=dict(environment), stdout=subprocess.PIPE, check=True, cwd=ROOT
    )
    return json.loads(done.stdout)


def environment(**more: str) -> dict[str, str]:
    """Return the environment of our own program, started in any folder and without AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"PYTHONPATH": str(ROOT), **more}


def _environment(url: str, merchant: Path) -> dict[str, str]:
    """Return what `template.yaml` sets, without any other address or credentials of AWS."""
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
