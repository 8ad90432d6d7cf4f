"""The hosts of DataCue's API, and which of its two versions is used."""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from shared.errors import NotExpressible
from shared.model.value import Value

EVENTS = "events"


class Api(Value):
    """The hosts and the profile (the version of the API)."""

    url: str
    events_url: str
    profile: Literal["2018-09", "2021-02"]

    @property
    def newer(self) -> bool:
        """
        Return whether the profile is the guide of 2021-02.

        In that version a create also updates, so that every full row can be a create, and a batch
        has one response for all of its items.
        """
        return self.profile == "2021-02"

    def path(self, *segments: str) -> str:
        """
        Return the URL of a path under ``/v1``; ids may contain ``@``, ``+`` and ``/``.

        Raises NotExpressible for a segment that cannot be part of a URL path.
        """
        for segment in segments:
            # Every HTTP client resolves these, percent-encoded or not, which changes the path.
            if segment in {"", ".", ".."}:
                raise NotExpressible("an id that cannot be part of a path")
        encoded = "/".join(quote(segment, safe="") for segment in segments)
        return f"{self.url.rstrip('/')}/v1/{encoded}"

    @property
    def events(self) -> str:
        """Return the URL of events: the root of their host."""
        return f"{self.events_url.rstrip('/')}/"
