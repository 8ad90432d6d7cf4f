"""
The demo merchant with one destination, and with every setting that adds a call or a field to a
call. `cli.docs.mapping` and the golden files use it.
"""

from __future__ import annotations

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

_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """
    A destination of the demo merchant: its ``title`` in tables, and the ``folder`` of its golden
    files. ``profile`` is a setting of DataCue.
    """

    title: str
    folder: str
    destination: DestinationName
    profile: Literal["2018-09", "2021-02"] = "2018-09"


PLATFORMS = (
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


def read_source(source: str) -> Source:
    """Return a source of the demo merchant; WooCommerce has a store of samples."""
    merchant, secrets = _demo(PLATFORMS[0])
    if source == "woocommerce":
        return sample_store.build(merchant, secrets)
    return SOURCES[source](merchant, secrets, Still())


def read_platform(platform: Platform) -> Destination:
    """Return a destination of the demo merchant."""
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
    invented = PersonaClickSecrets(shop_secret="demo-secret")  # noqa: S106 - of an invented shop
    return merchant, replace(secrets, personaclick=invented)
