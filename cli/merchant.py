"""Whether a merchant's file is right: ``python -m cli.merchant merchants/acme.toml``."""

from __future__ import annotations

import sys
from pathlib import Path

from shared.errors import NotConfigured
from shared.settings import Merchant, read_merchant


def load(path: Path) -> Merchant:
    """
    Read a merchant's file. Raises NotConfigured with the path of the first wrong key.

    The file is named after the merchant, because the stack and the secret are.
    """
    try:
        merchant = read_merchant(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotConfigured(f"there is no file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfigured(f"{path} cannot be read: {type(error).__name__}") from None
    if merchant.name != path.stem:
        raise NotConfigured(f"the file is {path.name}, its merchant `{merchant.name}`", "$.name")
    return merchant


def main(arguments: list[str]) -> int:
    """Check the files named on the command line; 2 tells that one is wrong."""
    try:
        for name in arguments:
            load(Path(name))
    except NotConfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
