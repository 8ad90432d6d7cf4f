"""
``python -m bench.night``: write docs/night.md and docs/images from `template.md`.

A local stack receives the webhooks of the night. Then each ``<<command>>`` of the template is run
and replaced by the command and its output; ``<<6: command>>`` keeps six lines. Ids are the same in
each run; ages and milliseconds differ.
"""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from bench import demo
from bench.processes import ROOT, environment, local_stack
from cli.local.control import Control
from cli.sandbox.shopify.sender import Sample, Store

TEMPLATE = Path(__file__).with_name("template.md")
PAGE = ROOT / "docs" / "night.md"
IMAGES = ROOT / "docs" / "images"
MERCHANT = f"""\
name = "night"
storefront = "https://night.example"
currency = "EUR"
sources = ["shopify"]
destinations = ["datacue", "esputnik"]

[shopify]
shop = "{demo.SHOP}"

[esputnik]
degraded_sc = false
site_id = "8A412DC"
"""
# The shopper's order of the evening: the one of the morning, without what the storefront wrote.
EVENING: dict[str, Any] = {
    "id": 6650100001007,
    "order_number": 1007,
    "name": "#1007",
    "cart_token": "t1007",
    "checkout_token": "c1007",
    "note_attributes": [],
}
HISTORY = "shoprelay history --entity order:6650100001007 --endpoint-url $AWS"
EXPLAIN = "shoprelay explain order.json --topic orders/create --merchant night"
DEMO = "--merchant merchants/demo.toml --secrets merchants/demo.secrets.json"
RUN = f"shoprelay local {DEMO} --once --port 0"
# Command -> its picture in docs/images, and how many lines of the output it shows.
PICTURES = {"shoprelay dlq list --endpoint-url $AWS": ("dlq", 20), EXPLAIN: ("explain", 40)}
WIDTH = 132
# Sixty times faster: a wait of a minute takes a second.
WAIT_SCALE = "0.0167"
_TIMEOUT = 60.0
_PLACE = re.compile(r"^<<(?:(\d+): )?(.+)>>$", re.MULTILINE)
_STYLES = ((r"(?m)^ok ", "green"), (r"(?m)^FAILED ", "bold red"), (r"(?m)^\d+\. .*$", "bold"))
# Rich loads its font from a server. These pictures load nothing.
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


class Night:
    """A running local stack with the merchant of the night, in a folder of its own."""

    def __init__(self, folder: Path, addresses: dict[str, Any]) -> None:
        self._folder = folder
        self._aws = addresses["aws"]
        self._control = Control(addresses["sandbox"])
        url = addresses["webhooks"]["shopify"]
        self._store = Store(shop=demo.SHOP, secret=demo.SECRET, url=url, api_version="2026-10")

    def evening(self) -> None:
        """Send the webhooks of the night, with the faults of DataCue."""
        self.send("made", "products__create__two_variants")
        self._control.fail("datacue", 503, count=3)
        self.send("down", "products__create__six_variants")
        _wait(lambda: "8650100000103" in json.dumps(self._control.state("datacue")))
        self._control.fail("datacue", 422)
        self.send("refused", "products__update__on_sale")
        self._control.clear_faults()
        self.order("nobody", EVENING)

    def order(self, name: str, fields: dict[str, Any]) -> None:
        """Send an order placed a moment ago: an older one is not sent as a purchase."""
        placed = (datetime.now(UTC) - timedelta(seconds=5)).isoformat(timespec="seconds")
        times = dict.fromkeys(("created_at", "processed_at", "updated_at"), placed)
        self.send(name, "orders__create__with_visitor", times | fields)

    def send(self, name: str, case: str, fields: dict[str, Any] | None = None) -> None:
        """Send a sample of events/ with changed fields, and an id that is the same in each run."""
        body = json.loads((ROOT / "events" / "shopify" / f"{case}.json").read_bytes())
        sample = Sample(
            id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://night.example/{name}")),
            topic=case.rpartition("__")[0].replace("__", "/"),
            body=json.dumps(body | (fields or {})).encode(),
            at=datetime.now(UTC) - timedelta(seconds=1),
        )
        self._store.send(sample)

    def block(self, lines: str | None, command: str) -> str:
        """Run a command of the template, and return it with its output as a terminal shows it."""
        own, _, shell = command.partition(" | jq ")
        printed = self._run(own)
        if shell:
            # What `jq -r '.[0].body' > order.json` does.
            (self._folder / "order.json").write_text(json.loads(printed)[0]["body"], "utf-8")
            printed = ""
        if command in PICTURES:
            name, most = PICTURES[command]
            _picture(name, command, self._run(own, colour=True), most)
        self._after(command)
        shown = _first([f"$ {command}", *printed.splitlines()], int(lines or sys.maxsize))
        return "\n".join(["```console", *shown, "```"])

    def _after(self, command: str) -> None:
        """Do what the page says between two commands."""
        if command.startswith(f"{EXPLAIN} --sc"):
            self.order("again", {})
        if "--yes" in command:
            _wait(lambda: "delivered" in self._run(HISTORY).rpartition("esputnik")[2])

    def _run(self, command: str, *, colour: bool = False) -> str:
        # `status` exits with 1 when something needs a person.
        return _run(
            command.replace("$AWS", self._aws), self._folder, colour=colour, exit_codes=(0, 1)
        )


def main() -> None:
    """Write the page and the pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        merchant = folder / "merchants" / "night.toml"
        merchant.parent.mkdir()
        merchant.write_text(MERCHANT, encoding="utf-8")
        with local_stack(folder, merchant, demo.SECRETS, "--wait-scale", WAIT_SCALE) as addresses:
            night = Night(folder, addresses)
            night.evening()
            template = TEMPLATE.read_text(encoding="utf-8")
            page = _PLACE.sub(lambda place: night.block(place[1], place[2]), template)
    PAGE.write_text(page, encoding="utf-8")
    # Printed as into a file: a terminal would show a live table.
    _picture("run", "make run ONCE=1", _run(RUN, ROOT), 60)


def _run(
    command: str, folder: Path, *, colour: bool = False, exit_codes: tuple[int, ...] = (0,)
) -> str:
    """Return what a shoprelay command prints. Raise SystemExit when it fails."""
    colours = {"FORCE_COLOR": "1"} if colour else {"NO_COLOR": "1", "TERM": "dumb"}
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "cli.main", *shlex.split(command)[1:]],
        cwd=folder,
        env=environment(COLUMNS=str(WIDTH), **colours),
        capture_output=True,
        text=True,
        timeout=5 * _TIMEOUT,
        check=False,
    )
    if ended.returncode not in exit_codes:
        raise SystemExit(f"{command}: {ended.returncode} {ended.stderr}")
    return "\n".join(line.rstrip() for line in ended.stdout.splitlines())


def _first(lines: list[str], most: int) -> list[str]:
    return [*lines[:most], *(["..."] if len(lines) > most else [])]


def _wait(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds. Raise TimeoutError."""
    end = time.monotonic() + _TIMEOUT
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("the stack did not reach the expected state")
        time.sleep(0.5)


def _picture(name: str, command: str, printed: str, most: int) -> None:
    """Write ``docs/images/<name>.svg`` of the first lines that a command printed."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    text = Text.from_ansi("\n".join([f"$ {command}", *_first(printed.splitlines(), most)]))
    for pattern, style in _STYLES:
        text.highlight_regex(pattern, style)
    console.print(text, soft_wrap=True)
    svg = _FONT.sub("", console.export_svg(title="Shoprelay", unique_id=name))
    lines = [line.rstrip() for line in svg.splitlines()]
    (IMAGES / f"{name}.svg").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
