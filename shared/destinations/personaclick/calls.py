"""PersonaClick's calls, and what each notes for its judge."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from shared.destinations.building.fields import Body, encode, written
from shared.http.call import Call, Effect
from shared.model.value import Value, replace
from shared.settings import PersonaClick

# Where the store's secret is wanted in the body.
SECRET = "secret"  # noqa: S105 - the name of a surface


class CallContext(Value):
    """
    What the judge must know of a call. ``met_at`` is the time of the visit whose ids are queried;
    ``category``: the platform may not know the category.
    """

    met_at: str | None = None
    category: bool = False


def event_call(
    own: PersonaClick, path: str, name: str, body: Body, *, category: bool = False
) -> Call:
    """Return the call that sends an event."""
    return Call(
        method="POST",
        url=_url(own, path),
        body=written(body),
        label=f"POST {path} {name}".rstrip(),
        effect=Effect.EVENT,
        context=CallContext(category=category),
    )


def state_call(own: PersonaClick, method: str, path: str, body: Body, count: int) -> Call:
    """Write a state, on a page that wants the store's secret: `seal` adds it."""
    return Call(
        method=method,
        url=_url(own, path),
        body=written(body),
        label=f"{method} {path} x{count}",
        surface=SECRET,
        context=CallContext(),
    )


def ids_call(own: PersonaClick, at: str, did: str | None) -> Call:
    """Ask for a session of a device, or for a device as well (page "Initialization (REST API)")."""
    named = {"shop_id": own.shop_id, "stream": own.stream} | ({"did": did} if did else {})
    url = f"{_url(own, 'init')}?{urlencode(named)}"
    return Call(method="GET", url=url, label="GET init", context=CallContext(met_at=at))


def seal(call: Call, secret: str | None) -> Call:
    """Put the store's secret into a body that wants it."""
    if call.surface != SECRET or secret is None:
        return call
    body = msgspec.json.decode(call.body, type=dict[str, msgspec.Raw])
    return replace(call, body=encode({**body, "shop_secret": secret}))


def _url(own: PersonaClick, path: str) -> str:
    return f"{own.url.rstrip('/')}/{path}"
