"""A merchant's secret document, JSON in Secrets Manager. Nothing of it is ever shown."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from shared.errors import NotConfigured
from shared.settings.merchant import Merchant
from shared.settings.strict import DOCUMENT, Strict, wrong

# A secret of blanks would be as good as none; and one with a line break at its end was pasted with
# it, and would let nobody in. No platform gives out a secret that begins or ends with a blank.
Secret = Annotated[str, msgspec.Meta(pattern=r"\A\S(?s:.*\S)?\Z")]


class _Hidden(Strict, frozen=True):
    """Shows nothing of what it holds, to rich's tracebacks neither."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class ShopifySecrets(_Hidden, frozen=True):
    """Secrets of the store; every non-empty webhook secret is tried (rotation)."""

    webhook_secrets: Annotated[tuple[Secret, ...], msgspec.Meta(min_length=1)]
    client_id: Secret | None = None
    client_secret: Secret | None = None
    access_token: Secret | None = None


class WooCommerceSecrets(_Hidden, frozen=True):
    """
    Secrets of the store; every webhook secret is tried (rotation). The consumer key needs to read;
    to connect and to heal it must write too. Without it the store is not asked.
    """

    webhook_secrets: Annotated[tuple[Secret, ...], msgspec.Meta(min_length=1)]
    consumer_key: Secret | None = None
    consumer_secret: Secret | None = None


class DataCueSecrets(_Hidden, frozen=True):
    """Credentials of DataCue."""

    api_key: Secret
    api_secret: Secret


class TrackerSecrets(_Hidden, frozen=True):
    """Credentials of Yespo or eSputnik, whose document asks for none."""

    api_key: Secret | None = None


class PersonaClickSecrets(_Hidden, frozen=True):
    """Credentials of PersonaClick, for the pages beside its document alone."""

    shop_secret: Secret | None = None


class Secrets(_Hidden, frozen=True):
    """
    The merchant's secret document, JSON in Secrets Manager.

    ``pseudonym_key`` keys the hashes that stand for guests' e-mail addresses; without it a random
    key is made once and kept in the ledger's table.
    """

    shopify: ShopifySecrets | None = None
    woocommerce: WooCommerceSecrets | None = None
    datacue: DataCueSecrets | None = None
    yespo: TrackerSecrets = TrackerSecrets()
    esputnik: TrackerSecrets = TrackerSecrets()
    personaclick: PersonaClickSecrets = PersonaClickSecrets()
    pseudonym_key: Annotated[str, msgspec.Meta(min_length=16)] | None = None


def read_secrets(data: bytes | str, merchant: Merchant) -> Secrets:
    """
    Read the secret document (JSON) and see that every listed platform has its own.

    Raises NotConfigured with the path of the first wrong key; never shows a value.
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
