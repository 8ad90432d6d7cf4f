"""The table of platforms: one line each, by the first segment of their paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cli.sandbox.datacue import datacue
from cli.sandbox.exchange import Platform
from cli.sandbox.personaclick import personaclick
from cli.sandbox.tracker import esputnik, yespo

# A platform's part of the secret document: {"api_key": ..., "api_secret": ...} for DataCue; and
# what else a platform knows of its account: {"site_id": ...} for Yespo and eSputnik.
Credentials = Mapping[str, str]

PLATFORMS: Mapping[str, Callable[[Credentials, str | None], Platform]] = {
    "datacue": datacue,
    "yespo": yespo,
    "esputnik": esputnik,
    "personaclick": personaclick,
}


def open_platforms(
    credentials: Mapping[str, Credentials], profiles: Mapping[str, str]
) -> Mapping[str, Platform]:
    """Make the platforms that credentials are given for; a `KeyError` names an unknown one."""
    return {name: PLATFORMS[name](given, profiles.get(name)) for name, given in credentials.items()}
