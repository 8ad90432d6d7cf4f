"""
Every destination, by an explicit line. To add one is to add its folder and that line.

A destination is imported when a merchant has it: a function's cold start pays for no other.
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
