"""The demo's merchant as it is measured: at DataCue alone, so that figures stay comparable."""

from __future__ import annotations

from pathlib import Path

MERCHANTS = Path(__file__).parents[1] / "merchants"
_FOUR = 'destinations = ["datacue", "yespo", "esputnik", "personaclick"]'


def text() -> str:
    """Give the merchant's file. Raises ValueError when the demo has other destinations."""
    whole = (MERCHANTS / "demo.toml").read_text(encoding="utf-8")
    if _FOUR not in whole:
        raise ValueError(f"the demo has not {_FOUR}")
    return whole.replace(_FOUR, 'destinations = ["datacue"]')
