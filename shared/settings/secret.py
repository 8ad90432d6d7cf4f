"""A merchant's secret document, JSON in Secrets Manager. None of its values is ever shown."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from shared.errors import NotConfigured
from shared.settings.merchant import Merchant
from shared.settings.strict import DOCUMENT, Strict, wrong

# A blank secret would be as bad as none. A line break at the end was pasted by mistake, and the
# secret with it would verify nothing. No platform issues one that begins or ends with a blank.
Secret = Annotated[str, Meta(pattern=r"\A\S(?s:.*\S)?\Z")]


class _Hidden(Strict, frozen=True):
    """Hides its values, also from rich's tracebacks."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class ShopifySecrets(_Hidden, frozen=True):
    """Secrets of the store; every non-empty webhook secret is tried (rotation)."""

    webhook_secrets: Annotated[
        tuple[Secret, ...],
        Meta(
            min_length=1,
            description="Signing secrets. Each is tried, so there can be two during a rotation.",
        ),
    ]
    client_id: Annotated[
        Secret | None,
        Meta(
            description="Of the Dev Dashboard app. With `client_secret` it gets tokens for the "
            "Admin API that are valid for a day."
        ),
    ] = None
    client_secret: Annotated[
        Secret | None, Meta(description="See `client_id`. It is also the app's webhook secret.")
    ] = None
    access_token: Annotated[
        Secret | None,
        Meta(description="A permanent Admin API token (`shpat_...`), instead of the two."),
    ] = None


class WooCommerceSecrets(_Hidden, frozen=True):
    """Secrets of the store; every webhook secret is tried (rotation)."""

    webhook_secrets: Annotated[
        tuple[Secret, ...],
        Meta(
            min_length=1,
            description="The secrets that sign webhooks. Each is tried, so there can be two "
            "during a rotation.",
        ),
    ]
    consumer_key: Annotated[
        Secret | None,
        Meta(
            description="A REST API key (`ck_...`) that may read; to connect and to repair "
            "subscriptions it must also write. Without it variable products are "
            "dead letters, and only what was sent before is removed."
        ),
    ] = None
    consumer_secret: Annotated[Secret | None, Meta(description="The key's secret (`cs_...`).")] = (
        None
    )


class DataCueSecrets(_Hidden, frozen=True):
    """Credentials of DataCue."""

    api_key: Annotated[Secret, Meta(description="Of the DataCue account.")]
    api_secret: Annotated[Secret, Meta(description="Of the DataCue account. It signs every call.")]


class TrackerSecrets(_Hidden, frozen=True):
    """Credentials of Yespo or eSputnik, whose document requires none."""

    api_key: Annotated[
        Secret | None, Meta(description="Sent as HTTP Basic. The tracker's document requires none.")
    ] = None


class PersonaClickSecrets(_Hidden, frozen=True):
    """Credentials of PersonaClick, for calls of pages other than its document."""

    shop_secret: Annotated[
        Secret | None,
        Meta(description="Of the store in PersonaClick, for `catalog` and `order_status`."),
    ] = None


class Secrets(_Hidden, frozen=True):
    """The merchant's secret document, JSON in Secrets Manager."""

    shopify: ShopifySecrets | None = None
    woocommerce: WooCommerceSecrets | None = None
    datacue: DataCueSecrets | None = None
    yespo: TrackerSecrets = TrackerSecrets()
    esputnik: TrackerSecrets = TrackerSecrets()
    personaclick: PersonaClickSecrets = PersonaClickSecrets()
    pseudonym_key: Annotated[
        Annotated[str, Meta(min_length=16)] | None,
        Meta(
            description="The key of the hashes that replace guests' e-mail addresses. Without "
            "it a random key is created and kept in the table."
        ),
    ] = None


def read_secrets(data: bytes | str, merchant: Merchant) -> Secrets:
    """
    Read the secret document (JSON); every listed platform must have its section.

    Raise NotConfigured with the path of the first wrong key; never show a value.
    """
    try:
        secrets = msgspec.json.decode(data, type=Secrets)
    except msgspec.ValidationError as error:
        raise wrong(DOCUMENT, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        msg = "the secret is not JSON"
        raise NotConfigured(msg) from None
    for name in (*merchant.sources, *merchant.destinations):
        if getattr(secrets, name) is None:
            msg = "the secret: the section is missing"
            raise NotConfigured(msg, f"$.{name}")
    return secrets
