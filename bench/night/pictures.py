"""Pictures of a terminal, as SVG, of what commands print."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bench.night.stack import ROOT, WIDTH, environment

FOLDER = ROOT / "docs" / "images"
_PATIENCE = 300
# Rich asks a server for its font. A picture of ours asks nobody.
_STYLES = ((r"(?m)^ok ", "green"), (r"(?m)^FAILED ", "bold red"), (r"(?m)^\d+\. .*$", "bold"))
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def picture(name: str, command: str, printed: str, most: int) -> Path:
    """Write ``docs/images/<name>.svg`` of the first lines that a command printed, with colours."""
    lines = printed.splitlines()
    shown = "\n".join([*lines[:most], *(["..."] if len(lines) > most else [])])
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    text = Text.from_ansi(f"$ {command}\n{shown}")
    for pattern, style in _STYLES:
        text.highlight_regex(pattern, style)
    console.print(text, soft_wrap=True)
    svg = console.export_svg(title="Shoprelay", unique_id=name)
    path = FOLDER / f"{name}.svg"
    FOLDER.mkdir(exist_ok=True)
    path.write_text("\n".join(map(str.rstrip, _FONT.sub("", svg).splitlines())) + "\n", "utf-8")
    return path


def run() -> str:
    """
    Give what `make run ONCE=1` prints, as into a file: a terminal has a table that moves. Raises
    CalledProcessError where it does not go well.
    """
    local = "local --merchant merchants/demo.toml --secrets merchants/demo.secrets.json --once"
    command = [sys.executable, "-m", "cli.main", *shlex.split(local), "--port", "0"]
    ended = subprocess.run(  # noqa: S603 - our own program
        command,
        cwd=ROOT,
        env=environment(colour=False),
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=True,
    )
    return ended.stdout
