"""A merchant's file: all about one merchant that is not secret."""

from __future__ import annotations

from typing import Annotated

import msgspec

from shared.errors import NotConfigured
from shared.settings.platforms import (
    DataCue,
    DestinationName,
    ESputnik,
    PersonaClick,
    Shopify,
    SourceName,
    WooCommerce,
    Yespo,
)
from shared.settings.strict import Currency, Strict, Text, Url, wrong


class Catalog(Strict, frozen=True):
    """``[catalog]``: what is sent where the shop leaves a required field empty."""

    default_category: Text = "uncategorised"
    placeholder_photo: Url = "https://placehold.co/600x600.png"
    untracked_stock: Annotated[int, msgspec.Meta(ge=1)] = 9999


class Delivery(Strict, frozen=True):
    """
    ``[delivery]``: patience and time.

    ``answer_within`` seconds after its request the shop has its answer. A call that got no answer
    may be applied up to ``unsure_seconds`` later. ``patience_hours`` after the first failure a
    webhook becomes a dead letter. ``call_timeout`` bounds one call in the retry function. The
    journal keeps what became of a webhook for ``journal_days``; 0 keeps nothing. With
    ``heal_subscriptions`` what a shop no longer sends is subscribed to again.
    """

    answer_within: Annotated[float, msgspec.Meta(gt=0.5, le=4.5)] = 3.0
    unsure_seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 30.0
    patience_hours: Annotated[float, msgspec.Meta(ge=24, le=312)] = 24.0
    call_timeout: Annotated[float, msgspec.Meta(gt=0, le=30)] = 10.0
    journal_days: Annotated[int, msgspec.Meta(ge=0, le=400)] = 14
    heal_subscriptions: bool = True


class Merchant(Strict, frozen=True):
    """``merchants/<name>.toml``: all about one merchant that is not secret."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    storefront: Url
    currency: Currency
    sources: Annotated[tuple[SourceName, ...], msgspec.Meta(min_length=1)]
    destinations: Annotated[tuple[DestinationName, ...], msgspec.Meta(min_length=1)]
    shopify: Shopify | None = None
    woocommerce: WooCommerce | None = None
    datacue: DataCue = DataCue()
    yespo: Yespo | None = None
    esputnik: ESputnik | None = None
    personaclick: PersonaClick | None = None
    catalog: Catalog = Catalog()
    delivery: Delivery = Delivery()


def read_merchant(text: str) -> Merchant:
    """
    Read a merchant file (TOML). Raises NotConfigured with the path of the first wrong key.

    What is listed must have its section; ``msgspec`` tells about everything else.
    """
    try:
        merchant = msgspec.toml.decode(text, type=Merchant)
    except msgspec.ValidationError as error:
        raise wrong("the merchant file", error) from None
    except ValueError as error:
        msg = f"the merchant file is not TOML: {error}"
        raise NotConfigured(msg) from None
    for name in (*merchant.sources, *merchant.destinations):
        if getattr(merchant, name) is None:
            msg = "the merchant file: the section is missing"
            raise NotConfigured(msg, f"$.{name}")
    return merchant
