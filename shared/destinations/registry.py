"""
Every destination, one explicit line each. To add one, add its folder and its line.

A destination is imported only when a merchant uses it, to keep the cold start short.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.destinations.contract import Destination
from shared.settings import Merchant, Secrets

Build = Callable[[Merchant, Secrets], Destination]


def _datacue(merchant: Merchant, secrets: Secrets) -> Destination:
    from shared.destinations.datacue import destination

    return destination.build(merchant, secrets)


def _yespo(merchant: Merchant, secrets: Secrets) -> Destination:
    from shared.destinations.yespo import destination

    return destination.build(merchant, secrets)


def _esputnik(merchant: Merchant, secrets: Secrets) -> Destination:
    from shared.destinations.esputnik import destination

    return destination.build(merchant, secrets)


def _personaclick(merchant: Merchant, secrets: Secrets) -> Destination:
    from shared.destinations.personaclick import destination

    return destination.build(merchant, secrets)


DESTINATIONS: Mapping[str, Build] = {
    "datacue": _datacue,
    "yespo": _yespo,
    "esputnik": _esputnik,
    "personaclick": _personaclick,
}
