"""The hosts of DataCue and the profile, one of its two API versions."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from shared.errors import NotExpressible
from shared.model.value import Value

EVENTS = "events"


class Api(Value):
    """The hosts and the profile."""

    url: str
    events_url: str
    profile: Literal["2018-09", "2021-02"]

    @property
    def newer(self) -> bool:
        """
        Return whether the profile is 2021-02.

        There a create also updates, so that every full row can be a create, and a batch has one
        response for all its items.
        """
        return self.profile == "2021-02"

    def path(self, *segments: str) -> str:
        """
        Return the URL of a path under ``/v1``; ids may contain ``@``, ``+`` and ``/``.

        Raise NotExpressible for a segment that no URL can carry.
        """
        for segment in segments:
            # Every HTTP client resolves these, percent-encoded or not: the path would be another.
            if segment in {"", ".", ".."}:
                raise NotExpressible("an id that cannot stand in a path")
        encoded = "/".join(quote(segment, safe="") for segment in segments)
        return f"{self.url.rstrip('/')}/v1/{encoded}"

    @property
    def events(self) -> str:
        """The URL of events: the root of their host."""
        return f"{self.events_url.rstrip('/')}/"
