"""Check whether a merchant's platforms respond, and accept our key where a call can test that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cli.checks.finding import Finding, ok, unknown, wrong
from cli.checks.live.page import TIMEOUT, open_to_read
from shared.destinations.registry import DESTINATIONS
from shared.http.call import Call
from shared.http.client import HttpClient
from shared.http.verdict import CREDENTIAL_STATUSES, NoResponse, Response
from shared.settings import Merchant, Secrets

NamedCheck = tuple[str, Callable[[], Finding]]

_SUCCESS = range(200, 300)


def checks(merchant: Merchant, secrets: Secrets) -> Iterator[NamedCheck]:
    """Yield the checks, one for each platform."""
    for name in merchant.destinations:
        if name == "datacue":
            yield name, partial(datacue, merchant, secrets)
        else:
            yield name, partial(tracker, getattr(merchant, name).url)


def datacue(merchant: Merchant, secrets: Secrets) -> Finding:
    """Send a signed request for DataCue's overview, the one resource that is read-only."""
    url = merchant.datacue.api_url.rstrip("/")
    if bad := open_to_read(url, "api_url"):
        return bad
    call = Call(method="GET", url=f"{url}/v1/overview", label="GET overview")
    response = _sent(call, dict(DESTINATIONS["datacue"](merchant, secrets).sign(call).headers))
    if isinstance(response, NoResponse):
        return _no_response(response)
    if response.status in CREDENTIAL_STATUSES:
        put = f"shoprelay secrets put {merchant.name} datacue.api_key datacue.api_secret"
        return wrong(f"DataCue rejects the key: {response.status}", put)
    if response.status in _SUCCESS:
        return ok(f"accepts the key, in {response.milliseconds} ms")
    # The guide of 2018-09 has no resource that is read-only.
    detail = f"responds ({response.status}), but has no read-only call: the first webhook tests it"
    return unknown(detail)


def tracker(url: str) -> Finding:
    """Check that a tracker responds. It has no call that tests the key and records nothing."""
    if bad := open_to_read(url, "url"):
        return bad
    response = _sent(Call(method="GET", url=url, label="GET"), {"User-Agent": "Shoprelay"})
    if isinstance(response, NoResponse):
        return _no_response(response)
    return ok("responds; it has no call that tests the site id without recording an event")


def _sent(call: Call, headers: dict[str, str]) -> Response | NoResponse:
    client = HttpClient()
    try:
        return client.send(call, headers, TIMEOUT)
    finally:
        client.close()


def _no_response(response: NoResponse) -> Finding:
    return wrong(f"no response: {response.reason}", "correct its address, or check the network")
