"""
The sandbox as a process of its own, to be killed and started again.

    python -m cli.sandbox --port 9900 --secrets secrets.json --profile datacue=2018-09
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path

from cli.sandbox.platforms import PLATFORMS
from cli.sandbox.server import Sandbox

_END = (signal.SIGINT, signal.SIGTERM)


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM, after one line on stdout that gives the base URL."""
    given = _parser().parse_args(arguments)
    secrets = json.loads(given.secrets.read_bytes())
    credentials = {name: secrets[name] for name in PLATFORMS if name in secrets}
    profiles = dict(pair.split("=", 1) for pair in given.profile)
    sandbox = Sandbox(credentials, profiles, given.state)
    # Blocked before any thread is started: whichever gets it, it is waited for below.
    signal.pthread_sigmask(signal.SIG_BLOCK, _END)
    sys.stdout.write(f"{sandbox.start(given.port)}\n")
    sys.stdout.flush()
    signal.sigwait(_END)
    sandbox.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cli.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--secrets", type=Path, required=True, help="a merchant's secret document")
    parser.add_argument("--profile", action="append", default=[], help="datacue=2021-02")
    parser.add_argument("--state", type=Path, help="a JSON file, kept across restarts")
    return parser


if __name__ == "__main__":
    main()
