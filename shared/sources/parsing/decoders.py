"""One cached decoder for each type. It skips what the type does not name."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar

import msgspec

from shared.sources.parsing.scalars import decode_scalar

T = TypeVar("T")


class _Needed:
    """The mark of `Needed`."""


NEEDED = _Needed()
# A field that may be missing, but that must not be omitted where its value is odd: without it, what
# is sent would be wrong (a price, the consent in a change of the consent).
Needed = Annotated[T, NEEDED]


@cache
def decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    """Return the decoder of a type; not strict: some shops send "3" for a count, 1 for true."""
    return msgspec.json.Decoder(shape, dec_hook=decode_scalar, float_hook=Decimal, strict=False)
