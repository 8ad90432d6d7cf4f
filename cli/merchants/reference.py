"""
Writes the reference of docs/configuration.md: every key of a merchant's file and of the secret
document. Types, defaults and limits are read from `shared.settings`; what a key means is said here.
``python -m cli.merchants.reference docs/configuration.md`` writes it between its two markers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from shared.settings import Merchant, Secrets

START = "<!-- configuration: written by `make docs` -->"
END = "<!-- end of configuration -->"

MEANINGS = {
    "name": "The merchant. Names the file, the stack and the secret.",
    "storefront": "Where shoppers see the shop. Product links start with it.",
    "currency": "The shop's currency. Product webhooks do not name one.",
    "sources": "Whose webhooks are taken.",
    "destinations": "Who is told.",
    "shopify.shop": "The permanent domain. Webhooks of any other shop are answered 401.",
    "shopify.delivery_mode": "`inline`: the platforms are called before the shop is answered, and "
    "what fails is parked. `queued`: everything is parked first.",
    "shopify.api_version": "Of the Admin API, when the store is asked. The version of a webhook is "
    "Shopify's affair: set the same in the app.",
    "shopify.admin_url": "Where the Admin API is. Without it `https://` and the shop.",
    "shopify.accept_test": "Take test webhooks and test orders too. For a trial, not for a shop.",
    "shopify.money": "Which of an order's two currencies is told: the shop's or the shopper's.",
    "shopify.cancelling": "Financial statuses that cancel an order, beside `cancelled_at`.",
    "shopify.color_options": "Option names that are the colour, before the built-in list of many "
    "languages.",
    "shopify.size_options": "Option names that are the size, before the built-in list.",
    "woocommerce.url": "The store's home address, as in WordPress' settings.",
    "woocommerce.delivery_mode": "As for Shopify. A store sends no webhook twice, and is asked for "
    "what they leave out, so they are parked first.",
    "woocommerce.roles": "Users of these roles are told as customers.",
    "woocommerce.color_attributes": "Names of attributes that are the colour, before the built-in "
    "list.",
    "woocommerce.size_attributes": "Names of attributes that are the size, before the built-in "
    "list.",
    "datacue.profile": "Which API the account speaks. Ask DataCue; when in doubt, the default.",
    "datacue.api_url": "The API's host.",
    "datacue.events_url": "The host of browser events, where carts and checkouts go.",
    "datacue.carts": "A cart names no customer. `known-visitors`: tell it only of somebody who is "
    "known, which is nobody yet. `cart-token`: tell it under the cart's token as `anonymous_id`.",
    "yespo.site_id": "The site's id there. Yespo's support gives it.",
    "yespo.url": "The tracker.",
    "yespo.feed_id": "Which id products have in the feed there. Events name products by it, so "
    "that with the wrong one nothing matches.",
    "yespo.max_purchase_age_days": "An order placed longer ago is not told as a purchase.",
    "yespo.searches": "Which searches are told. Yespo wants those that found nothing.",
    "esputnik.site_id": "The site's id there. eSputnik's support gives it.",
    "esputnik.url": "The tracker.",
    "esputnik.feed_id": "Which id products have in the feed there. Events name products by it, so "
    "that with the wrong one nothing matches.",
    "esputnik.max_purchase_age_days": "An order placed longer ago is not told as a purchase.",
    "esputnik.searches": "Which searches are told. eSputnik wants those that found nothing.",
    "esputnik.degraded_sc": "A shopper whose cookie is not known gets one of ours, and is counted. "
    "Without it what they did is a dead letter, until a replay finds the cookie.",
    "esputnik.checkout_event": "The name of a custom event of the account. With it, checkouts are "
    "told.",
    "personaclick.shop_id": "The key of the store in PersonaClick: Settings > Store Settings.",
    "personaclick.url": "The API's host.",
    "personaclick.stream": "Which stream of events the shop's are told under.",
    "personaclick.feed_id": "Which id of a product the feed there has. All events name it.",
    "personaclick.max_purchase_age_days": "An order that is older when it is first heard of is not "
    "told.",
    "personaclick.clear": "How an emptied cart or wishlist is told: without items, as the document "
    "says, or with an empty list, as the platform's later pages do.",
    "personaclick.session": "What the session is called: `sid` is the later name.",
    "personaclick.delivery_address": "Tell where an order goes.",
    "personaclick.catalog": "Tell products too. Not together with a feed. Needs `shop_secret`.",
    "personaclick.order_status": "Tell that an order was cancelled. The status `cancelled` must be "
    "known in the account. Needs `shop_secret`.",
    "catalog.default_category": "The category of a product that has none.",
    "catalog.placeholder_photo": "The picture of a product that has none.",
    "catalog.untracked_stock": "The stock of what is sold without being counted.",
    "delivery.answer_within": "The shop has its answer so many seconds after its request.",
    "delivery.unsure_seconds": "A call that got no answer may still be applied for so long.",
    "delivery.patience_hours": "A webhook that still fails so long after its first failure becomes "
    "a dead letter.",
    "delivery.call_timeout": "The longest that one call may take in a retry, in seconds.",
    "delivery.heal_subscriptions": "What the shop no longer sends, because it dropped or disabled "
    "a subscription, is subscribed to again within the hour. It is told in any case.",
    "delivery.journal_days": "How long the journal says what became of a webhook; 0 keeps none.",
    "secret.shopify.webhook_secrets": "Signing secrets. Each is tried, so two can stand here "
    "while you rotate.",
    "secret.shopify.client_id": "Of the Dev Dashboard app. With `client_secret` it gets tokens of "
    "a day for the Admin API.",
    "secret.shopify.client_secret": "See `client_id`. It is also the app's webhook secret.",
    "secret.shopify.access_token": "A permanent Admin API token (`shpat_...`), instead of the two.",
    "secret.woocommerce.webhook_secrets": "What webhooks are signed with. Each is tried, so two "
    "can stand here while you rotate.",
    "secret.woocommerce.consumer_key": "A REST API key (`ck_...`) that may read; to connect and to "
    "heal, write too. Without it variable products are dead letters, and only what was told before "
    "is removed.",
    "secret.woocommerce.consumer_secret": "The key's secret (`cs_...`).",
    "secret.datacue.api_key": "Of the DataCue account.",
    "secret.datacue.api_secret": "Of the DataCue account. It signs every call.",
    "secret.yespo.api_key": "Sent as HTTP Basic. The tracker's document asks for none.",
    "secret.esputnik.api_key": "As for Yespo.",
    "secret.personaclick.shop_secret": "Of the store in PersonaClick, for `catalog` and "
    "`order_status`.",
    "secret.pseudonym_key": "Keys the hashes that stand for guests' e-mail addresses. Without it "
    "one is made and kept in the table.",
}


def reference() -> str:
    """Give the two tables as Markdown. Raises KeyError for a key without a meaning."""
    return "\n".join(
        (
            "## The merchant's file, `merchants/<name>.toml`\n",
            *_table(Merchant, ""),
            "\n## The secret document, `merchants/<name>.secrets.json`\n",
            *_table(Secrets, "secret."),
        )
    )


def placed(page: str) -> str:
    """Put the reference between its markers. Raises ValueError where they are missing."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError("the page lacks the markers of the configuration")
    return f"{before}{START}\n\n{reference()}\n\n{END}{after}"


def keys() -> list[str]:
    """Name every key, those of the secret document behind ``secret.``."""
    merchant = [path for path, *_ in _fields(Merchant, "")]
    return merchant + [f"secret.{path}" for path, *_ in _fields(Secrets, "")]


def _table(struct: type[msgspec.Struct], prefix: str) -> Iterator[str]:
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    for path, kind, default in _fields(struct, ""):
        yield f"| `{path}` | {kind} | {default} | {MEANINGS[prefix + path]} |"


def _fields(struct: type[msgspec.Struct], prefix: str) -> Iterator[tuple[str, str, str]]:
    described = inspect.type_info(struct)
    assert isinstance(described, inspect.StructType)  # noqa: S101 - for mypy: a struct is given
    for field in described.fields:
        path = f"{prefix}{field.name}"
        section = _section(field.type)
        if section is not None:
            yield from _fields(section, f"{path}.")
        else:
            yield path, _kind(field.type), _default(field)


def _section(kind: inspect.Type) -> type[msgspec.Struct] | None:
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return next((one.cls for one in options if isinstance(one, inspect.StructType)), None)


def _kind(kind: inspect.Type) -> str:
    match kind:
        case inspect.UnionType(types=types):
            return " or ".join(_kind(one) for one in types)
        case inspect.LiteralType(values=values):
            return " or ".join(f"`{_written(one)}`" for one in sorted(values, key=str))
        case inspect.VarTupleType(item_type=item) | inspect.FrozenSetType(item_type=item):
            return f"list of {_kind(item)}"
        case _:
            return _simple(kind)


def _simple(kind: inspect.Type) -> str:
    match kind:
        case inspect.NoneType():
            return "null"
        case inspect.BoolType():
            return "true or false"
        case inspect.StrType(pattern=pattern, min_length=shortest):
            return "text" + _limits(pattern, shortest)
        case inspect.IntType(ge=least):
            return "whole number" + _bounds((least, "at least"))
        case inspect.FloatType(gt=over, ge=least, le=most):
            return "number" + _bounds((over, "over"), (least, "at least"), (most, "at most"))
        case _:
            raise TypeError(f"no words for {type(kind).__name__}")


def _limits(pattern: str | None, shortest: int | None) -> str:
    if pattern in {r"^https?://[^\s/]+[^\s]*$", r"^https?://[^\s/?#]+[^\s?#]*$"}:
        return ": an address"
    if pattern == r"\A\S(?s:.*\S)?\Z":
        return " without a blank at either end"
    if pattern:
        return ": `" + pattern.strip("^$").replace("|", "\\|") + "`"
    return f", {shortest} or more characters" if shortest and shortest > 1 else ""


def _bounds(*bounds: tuple[float | None, str]) -> str:
    said = [f"{word} {_plain(number)}" for number, word in bounds if number is not None]
    return f", {', '.join(said)}" if said else ""


def _plain(number: float) -> str:
    return f"{number:g}"


def _default(field: inspect.Field) -> str:
    if field.required:
        return "**required**"
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    return "-" if value is None else f"`{_written(value)}`"


def _written(value: Any) -> str:
    if isinstance(value, frozenset):
        value = sorted(value)
    return msgspec.json.encode(value).decode()


def main(arguments: list[str]) -> None:
    """Write the reference into the pages that are named."""
    for name in arguments:
        page = Path(name)
        page.write_text(placed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
