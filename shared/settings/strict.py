"""What all settings share: unknown keys are rejected, and an error names the key."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from shared.errors import NotConfigured

Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]\S*$")]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
# The name, in errors, of the document whose values are never shown.
DOCUMENT = "the secret"
_FIELD = re.compile(r"(?:unknown field|missing required field) `([^`]+)`")


class Strict(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The base of all settings: no unknown keys, no changes after reading."""


def wrong(what: str, error: msgspec.ValidationError) -> NotConfigured:
    """Return the error for a document, with the path of the key."""
    # msgspec says "Object missing required field `name` - at `$.shopify`"; it shows no values.
    reason, _, path = str(error).partition(" - at ")
    path = path.strip("`") or "$"
    if "matching regex" in reason and what == DOCUMENT:
        reason = "empty, or with a blank or a line break at one end"
    # For an unknown or missing field the path ends at its section; only the reason has its name.
    named = _FIELD.search(reason)
    return NotConfigured(f"{what}: {reason}", f"{path}.{named[1]}" if named else path)
