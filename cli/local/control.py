"""A client of the sandbox's control API: the platforms' states, the journal and the faults."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from typing import Any

_TIMEOUT = 10.0


class Control:
    """A client of the sandbox's control API at ``<url>/_sandbox``."""

    def __init__(self, url: str) -> None:
        self._url = url + "/_sandbox"

    def state(self, platform: str) -> Any:
        """Return a platform's state."""
        return self._request("GET", "/state")[platform]

    def calls(self, since: int = 0) -> Sequence[dict[str, Any]]:
        """Return the journal after a sequence number."""
        response = self._request("GET", f"/calls?since={since}")
        return response if isinstance(response, list) else response["calls"]

    def fail(self, platform: str, status: int, count: int | None = None) -> None:
        """Answer the next ``count`` requests, or all until cleared, with a status."""
        self._request("POST", "/faults", {"platform": platform, "status": status, "count": count})

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._request("DELETE", "/faults")

    def _request(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310 - the URL is the sandbox's own
            self._url + path, data=data, headers=headers, method=method
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310 - as above
            return json.loads(response.read() or b"null")
