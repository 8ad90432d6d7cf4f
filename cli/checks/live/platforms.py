"""Whether a merchant's platforms can be reached, and take our key where one can ask; no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from cli.checks.finding import Finding, ok, unknown, wrong
from cli.checks.live.page import PATIENCE, open_to_read
from shared.destinations.registry import DESTINATIONS
from shared.http.call import Call
from shared.http.client import HttpClient
from shared.http.verdict import CREDENTIAL_STATUSES, NoResponse, Response
from shared.settings import Merchant, Secrets

Named = tuple[str, Callable[[], Finding]]

_READ = range(200, 300)


def checks(merchant: Merchant, secrets: Secrets) -> Iterator[Named]:
    """Give what is looked at, one platform after the other."""
    for name in merchant.destinations:
        if name == "datacue":
            yield name, partial(datacue, merchant, secrets)
        else:
            yield name, partial(tracker, getattr(merchant, name).url)


def datacue(merchant: Merchant, secrets: Secrets) -> Finding:
    """Ask DataCue for its overview, signed: the one page that only reads."""
    url = merchant.datacue.api_url.rstrip("/")
    if bad := open_to_read(url, "api_url"):
        return bad
    call = Call(method="GET", url=f"{url}/v1/overview", label="GET overview")
    answer = _asked(call, dict(DESTINATIONS["datacue"](merchant, secrets).sign(call)))
    if isinstance(answer, NoResponse):
        return _silent(answer)
    if answer.status in CREDENTIAL_STATUSES:
        put = f"shoprelay secrets put {merchant.name} datacue.api_key datacue.api_secret"
        return wrong(f"DataCue does not take the key: {answer.status}", put)
    if answer.status in _READ:
        return ok(f"takes the key, in {answer.milliseconds} ms")
    # The guide of 2018-09 has no page that only reads.
    told = f"answers ({answer.status}), and has no page to try the key with: the first call tells"
    return unknown(told)


def tracker(url: str) -> Finding:
    """See that somebody answers: a tracker cannot be asked without telling it something."""
    if bad := open_to_read(url, "url"):
        return bad
    answer = _asked(Call(method="GET", url=url, label="GET"), {"User-Agent": "Shoprelay"})
    if isinstance(answer, NoResponse):
        return _silent(answer)
    return ok("answers; whether it knows the site cannot be asked without telling it something")


def _asked(call: Call, headers: dict[str, str]) -> Response | NoResponse:
    sender = HttpClient()
    try:
        return sender.send(call, headers, PATIENCE)
    finally:
        sender.close()


def _silent(answer: NoResponse) -> Finding:
    return wrong(f"no answer: {answer.reason}", "correct its address, or look at the network")
