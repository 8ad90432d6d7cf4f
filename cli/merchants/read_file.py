"""Read a file that was named on the command line, or raise why it cannot be read."""

from __future__ import annotations

from pathlib import Path

from shared.errors import NotConfigured


def body(path: Path) -> bytes:
    """Read a file. Raises NotConfigured."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotConfigured(f"there is no file {path}: check its name") from None
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise NotConfigured(f"{path} cannot be read ({what}): check its permissions") from None


def text(path: Path) -> str:
    """Read a file of text. Raises NotConfigured."""
    try:
        return body(path).decode()
    except UnicodeDecodeError:
        raise NotConfigured(f"{path} is not UTF-8 text: save it as UTF-8") from None
