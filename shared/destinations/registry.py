"""Every destination, by an explicit line. To add one is to add its folder and that line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.destinations.contract import Destination
from shared.destinations.datacue import destination as datacue
from shared.settings import Merchant, Secrets

Build = Callable[[Merchant, Secrets], Destination]

DESTINATIONS: Mapping[str, Build] = {
    "datacue": datacue.build,
}
