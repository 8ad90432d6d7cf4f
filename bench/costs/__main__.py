"""``python -m bench.costs``: print docs/costs.md."""

from __future__ import annotations

from bench.costs.model import read_inputs
from bench.costs.page import TEMPLATE, page

if __name__ == "__main__":
    print(page(read_inputs(), TEMPLATE.read_text(encoding="utf-8")), end="")  # noqa: T201 - it is what the module is for
