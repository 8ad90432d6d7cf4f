"""
The sandbox as a separate process, which can be killed and started again.

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

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: list[str] | None = None) -> None:
    """Print the base URL as one line on stdout, then serve until SIGINT or SIGTERM."""
    options = _parser().parse_args(arguments)
    secrets = json.loads(options.secrets.read_bytes())
    credentials = {name: secrets[name] for name in PLATFORMS if name in secrets}
    profiles = dict(pair.split("=", 1) for pair in options.profile)
    sandbox = Sandbox(credentials, profiles, options.state)
    # Blocked before any thread starts: `sigwait` below receives it, whichever thread it is sent to.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    sys.stdout.write(f"{sandbox.start(options.port)}\n")
    sys.stdout.flush()
    signal.sigwait(_STOP_SIGNALS)
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
