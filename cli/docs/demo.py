"""
The demo's merchant at one destination, with everything told that a setting can leave out: what
`cli.docs.mapping` and the golden files look at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from cli.docs import sample_store
from cli.docs.field_probe import Still
from cli.sandbox.samples import ROOT
from shared.destinations.contract import Destination
from shared.destinations.registry import DESTINATIONS
from shared.model.value import replace
from shared.settings import (
    DataCue,
    DestinationName,
    ESputnik,
    Merchant,
    PersonaClick,
    PersonaClickSecrets,
    Secrets,
    Yespo,
    read_merchant,
    read_secrets,
)
from shared.sources.contract import Source
from shared.sources.registry import SOURCES

_INVENTED = PersonaClickSecrets(shop_secret="demo-secret")  # noqa: S106 - nobody's
_YEAR = 365

Build = Callable[[Merchant, Secrets], Source]


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """
    A destination as the demo's merchant may have it: its ``title`` in tables, and the ``folder`` of
    its golden files. ``profile`` is DataCue's alone.
    """

    title: str
    folder: str
    destination: DestinationName
    profile: Literal["2018-09", "2021-02"] = "2018-09"


def _platforms(*platforms: Platform) -> tuple[Platform, ...]:
    return tuple(one for one in platforms if one.destination in DESTINATIONS)


PLATFORMS = _platforms(
    Platform(title="DataCue 2018-09", folder="datacue/2018-09", destination="datacue"),
    Platform(
        title="DataCue 2021-02",
        folder="datacue/2021-02",
        destination="datacue",
        profile="2021-02",
    ),
    Platform(title="Yespo", folder="yespo", destination="yespo"),
    Platform(title="eSputnik", folder="esputnik", destination="esputnik"),
    Platform(title="PersonaClick", folder="personaclick", destination="personaclick"),
)


def _unasking(source: str) -> Build:
    return lambda merchant, secrets: SOURCES[source](merchant, secrets, Still())


# Source -> how it is made for the samples: with a store that can be asked, or without any.
BUILT: Mapping[str, Build] = {"shopify": _unasking("shopify"), "woocommerce": sample_store.build}


def read_source(source: str) -> Source:
    """Give a source of the demo's merchant."""
    return BUILT[source](*_demo(PLATFORMS[0]))


def read_platform(platform: Platform) -> Destination:
    """Give a destination of the demo's merchant."""
    return DESTINATIONS[platform.destination](*_demo(platform))


def _demo(platform: Platform) -> tuple[Merchant, Secrets]:
    text = (ROOT / "merchants" / "demo.toml").read_text(encoding="utf-8")
    merchant = replace(
        read_merchant(text),
        destinations=(platform.destination,),
        datacue=DataCue(profile=platform.profile, carts="cart-token"),
        yespo=Yespo(site_id="8A412DC", searches="all", max_purchase_age_days=_YEAR),
        esputnik=ESputnik(
            site_id="8A412DC",
            searches="all",
            checkout_event="checkout_started",
            max_purchase_age_days=_YEAR,
        ),
        personaclick=PersonaClick(
            shop_id="0d42fd8b713d0752776ca589cc0056",
            delivery_address=True,
            catalog=True,
            order_status=True,
            max_purchase_age_days=_YEAR,
        ),
    )
    secrets = read_secrets((ROOT / "merchants" / "demo.secrets.json").read_bytes(), merchant)
    return merchant, replace(secrets, personaclick=_INVENTED)
