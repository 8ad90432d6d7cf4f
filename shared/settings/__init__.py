"""
All settings: the merchant's file, the merchant's secret, and the environment of a function. Unknown
keys and wrong types are rejected with the key's path. The only reader of ``os.environ``.
"""

from __future__ import annotations

from shared.settings.environment import (
    Environment,
    read_environment,
)
from shared.settings.merchant import (
    Catalog,
    Delivery,
    Merchant,
    read_merchant,
)
from shared.settings.platforms import (
    DataCue,
    DestinationName,
    ESputnik,
    FeedId,
    OnForeignCurrency,
    PersonaClick,
    Shopify,
    SourceName,
    StatusMeaning,
    WooCommerce,
    Yespo,
)
from shared.settings.secret import (
    DataCueSecrets,
    PersonaClickSecrets,
    Secrets,
    ShopifySecrets,
    TrackerSecrets,
    WooCommerceSecrets,
    read_secrets,
)

__all__ = [
    "Catalog",
    "DataCue",
    "DataCueSecrets",
    "Delivery",
    "DestinationName",
    "ESputnik",
    "Environment",
    "FeedId",
    "Merchant",
    "OnForeignCurrency",
    "PersonaClick",
    "PersonaClickSecrets",
    "Secrets",
    "Shopify",
    "ShopifySecrets",
    "SourceName",
    "StatusMeaning",
    "TrackerSecrets",
    "WooCommerce",
    "WooCommerceSecrets",
    "Yespo",
    "read_environment",
    "read_merchant",
    "read_secrets",
]
