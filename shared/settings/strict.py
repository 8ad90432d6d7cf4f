"""What all settings have in common: no unknown keys, and an error that names the key."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from shared.errors import NotConfigured

Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+[^\s]*$")]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
# What an error calls the document that no value is shown of.
DOCUMENT = "the secret"
_FIELD = re.compile(r"(?:unknown field|missing required field) `([^`]+)`")


class Strict(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """No unknown keys, no changes after reading."""


def wrong(what: str, error: msgspec.ValidationError) -> NotConfigured:
    """Say in our words, with the path of the key, what is wrong in a document."""
    # msgspec says "Object missing required field `name` - at `$.shopify`"; it shows no values.
    reason, _, path = str(error).partition(" - at ")
    path = path.strip("`") or "$"
    if "matching regex" in reason and what == DOCUMENT:
        reason = "empty, or with a blank or a line break at one end"
    # Of a field that is unknown or missing msgspec tells where, and names it only in the reason.
    named = _FIELD.search(reason)
    return NotConfigured(f"{what}: {reason}", f"{path}.{named[1]}" if named else path)
