"""
Everything that can be set: the merchant's file, the merchant's secret, and the environment of a
function. Unknown keys and wrong types are refused with the key's path. The only reader of
``os.environ``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from shared.errors import NotConfigured

Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/]+[^\s]*$")]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
Text = Annotated[str, msgspec.Meta(min_length=1)]
SourceName = Literal["shopify", "woocommerce"]
DestinationName = Literal["datacue", "yespo", "esputnik", "personaclick"]
FeedId = Literal["product", "variant", "sku"]


class _Strict(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """No unknown keys, no changes after reading."""


class Shopify(_Strict, frozen=True):
    """
    ``[shopify]``: the store.

    ``money`` is which of an order's two currencies platforms are told. ``cancelling`` are the
    financial statuses that count as cancelled beside ``cancelled_at``.
    """

    shop: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")]
    delivery_mode: Literal["inline", "queued"] = "inline"
    api_version: Annotated[str, msgspec.Meta(pattern=r"^(\d{4}-\d{2}|unstable)$")] = "2026-10"
    admin_url: Url | None = None
    accept_test: bool = False
    money: Literal["shop", "presentment"] = "shop"
    cancelling: frozenset[str] = frozenset({"voided", "refunded"})
    color_options: tuple[str, ...] = ()
    size_options: tuple[str, ...] = ()


class WooCommerce(_Strict, frozen=True):
    """
    ``[woocommerce]``: the store, by its home address as in WordPress' settings.

    ``roles`` are the roles of users who are told as customers.
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")]
    delivery_mode: Literal["inline", "queued"] = "queued"
    roles: frozenset[str] = frozenset({"customer"})
    color_attributes: tuple[str, ...] = ()
    size_attributes: tuple[str, ...] = ()


class DataCue(_Strict, frozen=True):
    """``[datacue]``: the platform. ``carts`` decides for whom cart events are sent."""

    profile: Literal["2018-09", "2021-02"] = "2018-09"
    api_url: Url = "https://api.datacue.co"
    events_url: Url = "https://events.datacue.co"
    carts: Literal["known-visitors", "cart-token"] = "known-visitors"


class Yespo(_Strict, frozen=True):
    """
    ``[yespo]``: the platform, by the id of the site there.

    ``feed_id`` is which id of a product its feed has. A purchase older than
    ``max_purchase_age_days`` is not told. ``searches`` decides which searches are.
    """

    site_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{1,64}\Z")]
    url: Url = "https://tracker.yespo.io/api/v2"
    feed_id: FeedId = "variant"
    max_purchase_age_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 7
    searches: Literal["all", "without-results"] = "without-results"


class ESputnik(Yespo, frozen=True):
    """
    ``[esputnik]``: as ``[yespo]``. With ``degraded_sc`` a shopper whose cookie is not known gets
    one of ours; ``checkout_event`` names the custom event of a checkout, which is told with it.
    """

    url: Url = "https://tracker.esputnik.com/api/v2"
    degraded_sc: bool = False
    checkout_event: Text | None = None


class PersonaClick(_Strict, frozen=True):
    """
    ``[personaclick]``: the platform, by the key of the store there.

    ``feed_id`` and ``max_purchase_age_days`` as in ``[yespo]``. ``clear`` is how an emptied cart or
    wishlist is told. ``catalog`` and ``order_status`` tell products and what became of orders, on
    pages beside the document's, which need the store's secret.
    """

    shop_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{30}\Z")]
    url: Url = "https://api.personaclick.com"
    stream: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]{1,16}\Z")] = "web"
    feed_id: FeedId = "variant"
    max_purchase_age_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 7
    clear: Literal["omit", "empty"] = "omit"
    session: Literal["seance", "sid"] = "seance"
    delivery_address: bool = False
    catalog: bool = False
    order_status: bool = False


class Catalog(_Strict, frozen=True):
    """``[catalog]``: what is sent where the shop leaves a required field empty."""

    default_category: Text = "uncategorised"
    placeholder_photo: Url = "https://placehold.co/600x600.png"
    untracked_stock: Annotated[int, msgspec.Meta(ge=1)] = 9999


class Delivery(_Strict, frozen=True):
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


class Merchant(_Strict, frozen=True):
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


# A secret of blanks would be as good as none; and one with a line break at its end was pasted with
# it, and would let nobody in. No platform gives out a secret that begins or ends with a blank.
Secret = Annotated[str, msgspec.Meta(pattern=r"\A\S(?s:.*\S)?\Z")]


class _Hidden(_Strict, frozen=True):
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


_VARIABLES = {
    "merchant_file": "SHOPRELAY_MERCHANT_FILE",
    "secret_name": "SHOPRELAY_SECRET",
    "table": "SHOPRELAY_TABLE",
    "retry_queue": "SHOPRELAY_RETRY_QUEUE_URL",
    "dead_letters": "SHOPRELAY_DEAD_LETTERS_URL",
    "bucket": "SHOPRELAY_BUCKET",
    "wait_scale": "SHOPRELAY_WAIT_SCALE",
    "door_patience": "SHOPRELAY_DOOR_PATIENCE",
    "endpoint": "SHOPRELAY_ENDPOINT",
}


class Environment(_Strict, frozen=True, rename=_VARIABLES):
    """
    What a function is told by its stack. ``door_patience`` is how long the door waits for an answer
    of AWS, in seconds: the shop must have its own. ``endpoint`` is where webhooks come to, without
    the source's name; the audit alone is told.
    """

    merchant_file: str
    secret_name: str
    table: str
    retry_queue: str
    dead_letters: str
    bucket: str
    wait_scale: float = 1.0
    door_patience: float = 0.9
    endpoint: str = ""


_DOCUMENT = "the secret"
_FIELD = re.compile(r"(?:unknown field|missing required field) `([^`]+)`")


def read_merchant(text: str) -> Merchant:
    """
    Read a merchant file (TOML). Raises NotConfigured with the path of the first wrong key.

    What is listed must have its section; ``msgspec`` tells about everything else.
    """
    try:
        merchant = msgspec.toml.decode(text, type=Merchant)
    except msgspec.ValidationError as error:
        raise _wrong("the merchant file", error) from None
    except ValueError as error:
        msg = f"the merchant file is not TOML: {error}"
        raise NotConfigured(msg) from None
    for name in (*merchant.sources, *merchant.destinations):
        if getattr(merchant, name) is None:
            msg = "the merchant file: the section is missing"
            raise NotConfigured(msg, f"$.{name}")
    return merchant


def read_secrets(data: bytes | str, merchant: Merchant) -> Secrets:
    """
    Read the secret document (JSON) and see that every listed platform has its own.

    Raises NotConfigured with the path of the first wrong key; never shows a value.
    """
    try:
        secrets = msgspec.json.decode(data, type=Secrets)
    except msgspec.ValidationError as error:
        raise _wrong(_DOCUMENT, error) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        msg = "the secret is not JSON"
        raise NotConfigured(msg) from None
    for name in (*merchant.sources, *merchant.destinations):
        if getattr(secrets, name) is None:
            msg = "the secret: the section is missing"
            raise NotConfigured(msg, f"$.{name}")
    return secrets


def read_environment(variables: Mapping[str, str] = os.environ) -> Environment:
    """Read a function's environment. Raises NotConfigured with the name of a missing variable."""
    values = {name: variables[name] for name in _VARIABLES.values() if variables.get(name)}
    try:
        return msgspec.convert(values, Environment, strict=False)
    except msgspec.ValidationError as error:
        raise _wrong("the environment", error) from None


def _wrong(what: str, error: msgspec.ValidationError) -> NotConfigured:
    # msgspec says "Object missing required field `name` - at `$.shopify`"; it shows no values.
    reason, _, path = str(error).partition(" - at ")
    path = path.strip("`") or "$"
    if "matching regex" in reason and what == _DOCUMENT:
        reason = "empty, or with a blank or a line break at one end"
    # Of a field that is unknown or missing msgspec tells where, and names it only in the reason.
    named = _FIELD.search(reason)
    return NotConfigured(f"{what}: {reason}", f"{path}.{named[1]}" if named else path)
