"""The platforms, by the first segment of their paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cli.sandbox.datacue import datacue
from cli.sandbox.exchange import Platform
from cli.sandbox.personaclick import personaclick
from cli.sandbox.tracker import esputnik, yespo

# A platform's part of the secret document ({"api_key": ..., "api_secret": ...} for DataCue), and
# the other facts of an account: {"site_id": ...} for Yespo and eSputnik.
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
    """Return the platforms that have credentials. Raise KeyError for an unknown platform."""
    return {
        name: PLATFORMS[name](account, profiles.get(name)) for name, account in credentials.items()
    }
