"""The merchant of the night: an invented shop of two platforms, one of which wants a visitor."""

from __future__ import annotations

import json
from pathlib import Path

NAME = "night"
SHOP = "night-shop.myshopify.com"
SECRET = "a-secret-of-the-night"  # noqa: S105 - of a shop that is none
_MERCHANT = f"""\
name = "{NAME}"
storefront = "https://night.example"
currency = "EUR"
sources = ["shopify"]
destinations = ["datacue", "esputnik"]

[shopify]
shop = "{SHOP}"

[esputnik]
site_id = "8A412DC"
"""


def written(folder: Path) -> tuple[Path, Path]:
    """Write the merchant's file and secret document as a merchant would have them."""
    place = folder / "merchants"
    place.mkdir()
    file, secret = place / f"{NAME}.toml", place / f"{NAME}.secrets.json"
    file.write_text(_MERCHANT, encoding="utf-8")
    document = {
        "shopify": {"webhook_secrets": [SECRET]},
        "datacue": {"api_key": "key", "api_secret": "secret"},
    }
    secret.write_text(json.dumps(document), encoding="utf-8")
    return file, secret
