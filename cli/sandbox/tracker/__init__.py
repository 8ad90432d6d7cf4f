"""
The trackers of Yespo and eSputnik: one page, two editions. Where a document contradicts itself, a
comment at the rule says which version it uses. The paths are ``/yespo/api/v2`` and
``/esputnik/api/v2``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cli.sandbox.exchange import Platform, State
from cli.sandbox.tracker.edition import ESPUTNIK, YESPO, Edition
from cli.sandbox.tracker.rules import Account, plan


def _tracker(edition: Edition) -> Callable[[Mapping[str, str], str | None], Platform]:
    def made(credentials: Mapping[str, str], _profile: str | None) -> Platform:
        account = Account(site_id=credentials.get("site_id"), api_key=credentials.get("api_key"))
        return Platform(blank=_blank, plan=lambda request: plan(request, account, edition))

    return made


yespo = _tracker(YESPO)
esputnik = _tracker(ESPUTNIK)


def _blank() -> State:
    return {"products": {}, "customers": {}, "carts": {}, "purchases": {}, "events": []}
