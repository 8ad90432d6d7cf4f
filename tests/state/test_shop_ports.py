"""The ports of translations."""

from __future__ import annotations

from typing import Any

import pytest

from shared.state.ledger import keyed
from shared.state.shop_ports import ShopPorts


class KeyLedger:
    """Count how often the stored key is read."""

    def __init__(self) -> None:
        self.reads = 0

    def pseudonym_key(self, fresh: str) -> str:
        assert len(fresh) == 64
        self.reads += 1
        return "stored"


@pytest.mark.parametrize(
    ("configured", "key", "reads"), [("configured", b"configured", 0), (None, b"stored", 1)]
)
def test_a_pseudonym_has_the_configured_key_or_the_one_that_is_stored(
    configured: str | None, key: bytes, reads: int
) -> None:
    ledger: Any = KeyLedger()
    ports = ShopPorts(ledger, None, None, configured, lambda: 0.0)  # type: ignore[arg-type]  # not used here

    found = [ports.pseudonym(email) for email in ("ann@shop.example", "jo@shop.example")]

    assert found == [keyed(key, "ann@shop.example"), keyed(key, "jo@shop.example")]
    assert ledger.reads == reads
