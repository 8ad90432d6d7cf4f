"""A merchant's file: the settings of one merchant that are not secret."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

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

    default_category: Annotated[
        Text, Meta(description="The category of a product that has none.")
    ] = "uncategorised"
    placeholder_photo: Annotated[
        Url, Meta(description="The picture of a product that has none.")
    ] = "https://placehold.co/600x600.png"
    untracked_stock: Annotated[
        int, Meta(ge=1, description="The stock of a variant whose stock is not tracked.")
    ] = 9999


class Delivery(Strict, frozen=True):
    """``[delivery]``: time-outs, retries, journal and subscriptions."""

    answer_within: Annotated[
        float,
        Meta(
            gt=0.5,
            le=4.5,
            description="The shop gets its response within this many seconds after its request.",
        ),
    ] = 3.0
    unsure_seconds: Annotated[
        float,
        Meta(
            ge=0,
            le=3600,
            description="A call without a response may still be applied for this many seconds.",
        ),
    ] = 30.0
    patience_hours: Annotated[
        float,
        Meta(
            ge=24,
            le=312,
            description="A webhook that still fails this many hours after its first failure "
            "becomes a dead letter.",
        ),
    ] = 24.0
    call_timeout: Annotated[
        float, Meta(gt=0, le=30, description="The longest time of one call in a retry, in seconds.")
    ] = 10.0
    journal_days: Annotated[
        int,
        Meta(
            ge=0,
            le=400,
            description="How many days the journal keeps the result of a webhook; 0 disables it.",
        ),
    ] = 14
    shop_redact_hours: Annotated[
        float,
        Meta(
            ge=0,
            le=48,
            description="How long Shopify's `shop/redact` waits before everything of the shop is "
            "deleted. The alarm `ShopPurged` is raised at once, and `shoprelay keep-shop` cancels "
            "it. The law gives 30 days.",
        ),
    ] = 24.0
    heal_subscriptions: Annotated[
        bool,
        Meta(
            description="Subscribe again, within the hour, to what the shop no longer sends "
            "because a subscription was dropped or disabled. The alarm is raised in"
            " any case."
        ),
    ] = True


class Merchant(Strict, frozen=True):
    """``merchants/<name>.toml``: the settings of one merchant that are not secret."""

    name: Annotated[
        str,
        Meta(
            pattern=r"^[a-z][a-z0-9-]{0,31}$",
            description="The merchant. It is the name of the file, the stack and the secret.",
        ),
    ]
    storefront: Annotated[
        Url,
        Meta(description="The address of the shop for its customers. Product links start with it."),
    ]
    currency: Annotated[
        Currency, Meta(description="The shop's currency. Product webhooks do not contain one.")
    ]
    sources: Annotated[
        tuple[SourceName, ...],
        Meta(min_length=1, description="The shop platforms whose webhooks are accepted."),
    ]
    destinations: Annotated[
        tuple[DestinationName, ...],
        Meta(min_length=1, description="The platforms that receive products, people and orders."),
    ]
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
    Read a merchant file (TOML). Raise NotConfigured with the path of the first wrong key.

    Every listed platform must have its section; ``msgspec`` validates everything else.
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
