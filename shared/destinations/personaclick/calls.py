"""PersonaClick's calls, each with a context for the judge."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from shared.destinations.building.fields import Body, encode, encode_body
from shared.http.call import Call, Effect
from shared.model.value import Value, replace
from shared.settings import PersonaClick

# The surface whose bodies must contain the store's secret.
SECRET = "secret"  # noqa: S105 - the name of a surface


class CallContext(Value):
    """
    What the judge needs to know of a call.

    ``seen_at`` marks a query for a visitor's ids and is the time of the visit. ``category`` marks
    an event with a category, which the platform may not know.
    """

    seen_at: str | None = None
    category: bool = False


def event_call(
    own: PersonaClick, path: str, name: str, body: Body, *, category: bool = False
) -> Call:
    """Return the call that sends an event."""
    return Call(
        method="POST",
        url=_url(own, path),
        body=encode_body(body),
        label=f"POST {path} {name}".rstrip(),
        effect=Effect.EVENT,
        context=CallContext(category=category),
    )


def state_call(own: PersonaClick, method: str, path: str, body: Body, count: int) -> Call:
    """Return the call that sends a state; its endpoint requires the secret, which `seal` adds."""
    return Call(
        method=method,
        url=_url(own, path),
        body=encode_body(body),
        label=f"{method} {path} x{count}",
        surface=SECRET,
        context=CallContext(),
    )


def ask(own: PersonaClick, at: str, did: str | None) -> Call:
    """Return the query for a session, and for a device if ``did`` is None ("Initialization")."""
    query = {"shop_id": own.shop_id, "stream": own.stream} | ({"did": did} if did else {})
    url = f"{_url(own, 'init')}?{urlencode(query)}"
    return Call(method="GET", url=url, label="GET init", context=CallContext(seen_at=at))


def seal(call: Call, secret: str | None) -> Call:
    """Add the store's secret to a body that must contain it."""
    if call.surface != SECRET or secret is None:
        return call
    body = msgspec.json.decode(call.body, type=dict[str, msgspec.Raw])
    return replace(call, body=encode({**body, "shop_secret": secret}))


def _url(own: PersonaClick, path: str) -> str:
    return f"{own.url.rstrip('/')}/{path}"
