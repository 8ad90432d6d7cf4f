"""Read and validate merchants' files: ``python -m cli.merchants.files merchants/acme.toml``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from cli import output
from cli.merchants.suggestions import nearest, with_suggestion
from shared.errors import NotConfigured
from shared.settings import Merchant, read_merchant

FOLDER = Path("merchants")
DEMO = "demo"
# While stand-ins of a merchant's shop and platforms run, a copy of its file with their addresses.
OVERLAYS = Path(".shoprelay") / "stand-ins"
# The first line of such a copy names the process that serves the addresses.
PROCESS = "# process "


def file_of(name: str) -> Path:
    """Return the file of a merchant. ``name`` is the merchant's name or the file itself."""
    return Path(name) if name.endswith(".toml") else FOLDER / f"{name}.toml"


def names() -> list[str]:
    """Return the names of all merchants below the current folder."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def only_name() -> str | None:
    """Return the name of the only merchant below the current folder; the demo's does not count."""
    found = [name for name in names() if name != DEMO]
    return found[0] if len(found) == 1 else None


def named(name: str) -> Merchant:
    """
    Read a merchant's file, or its copy with the addresses of running stand-ins. Raises
    NotConfigured, for an unknown merchant too.
    """
    path = current_file(name)
    if not path.is_file():
        hint = nearest(path.stem, names()) or f"`shoprelay init {path.stem}` creates it"
        raise NotConfigured(f"there is no file {path}; {hint}")
    return load(path)


def overlay_of(merchant: str) -> Path:
    """Return where the copy for the stand-ins is."""
    return OVERLAYS / f"{merchant}.toml"


def current_file(name: str) -> Path:
    """Return the file that the commands read: the merchant's, or its copy for the stand-ins."""
    path = file_of(name)
    return overlay_of(path.stem) if stand_ins_run(path.stem) else path


def stand_ins_run(merchant: str) -> bool:
    """Return whether stand-ins of a merchant run. Those of a killed process do not."""
    try:
        first = overlay_of(merchant).read_text(encoding="utf-8").partition("\n")[0]
        os.kill(int(first.removeprefix(PROCESS)), 0)
    except (OSError, ValueError):
        return False
    return True


def load(path: Path) -> Merchant:
    """
    Read a merchant's file. Raises NotConfigured with the path of the first wrong key.

    The file must have the merchant's name, because the stack and the secret have it.
    """
    try:
        merchant = read_merchant(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotConfigured(f"there is no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(f"{path} cannot be read: {type(error).__name__}") from None
    except NotConfigured as error:
        raise with_suggestion(error) from None
    if merchant.name != path.stem:
        raise NotConfigured(
            f"the file is {path.name}, but its merchant is `{merchant.name}`: rename one", "$.name"
        )
    return merchant


def main(arguments: list[str]) -> int:
    """Validate the files named on the command line; return 2 when one is wrong."""
    try:
        for name in arguments:
            load(Path(name))
    except NotConfigured as error:
        output.echo(str(error), err=True)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
