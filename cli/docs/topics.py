"""
The tables of docs/topics.md: what becomes of each topic, from `HANDLED` and `IGNORED` of every
source; and the subscriptions of docs/shopify.md. ``make docs`` writes them.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from shared.settings import Shopify
from shared.sources.shopify import scopes
from shared.sources.shopify import topics as shopify
from shared.sources.woocommerce import topics as woocommerce
from shared.sources.woocommerce.privacy import REDACT

# The first topic of each translation in `HANDLED` -> what its topics become. Without an entry, the
# table has the first line of the translation's docstring.
_ORDER = "the order: lines as paid, completed or cancelled; a guest is saved first"
_INVENTORY = (
    "with a token: the product, queried from the store; without: ignored, but it is stored whether "
    "the stock of an item is tracked"
)
_SHOPIFY: Mapping[str, str] = {
    "products/create": "the product with all its variants; variants that are no longer in it are "
    "removed",
    "products/delete": "a removal of the product",
    "variants/in_stock": "the stock of that one variant",
    "variants/out_of_stock": "the stock of that one variant",
    "inventory_items/create": _INVENTORY,
    "inventory_levels/update": _INVENTORY,
    "customers/create": "the customer",
    "customers/delete": "a removal of the customer",
    "customers/merge": "a removal of the customer who was not kept, if the merge is completed",
    "customers_email_marketing_consent/update": "only the consent",
    "orders/create": _ORDER,
    "orders/updated": _ORDER,
    "orders/delete": "a removal of the order",
    "carts/create": 'the current cart; at DataCue only with `carts = "cart-token"`',
    "checkouts/create": "the started checkout, once",
    "customers/data_request": "a record of what is stored, in `privacy/` of the bucket for 30 "
    "days, and an alarm: send it to the customer",
    "customers/redact": "a removal of the person and of the orders in the request; everything "
    "about them is deleted from our own stores",
    "shop/redact": "everything about the shop is deleted from our own stores",
    "app/uninstalled": "an alarm",
}
_WOOCOMMERCE: Mapping[str, str] = {
    "product.created": "the current product, the same for all these topics: with all its "
    "variations, or a removal if it is in the trash by now",
    "product.deleted": "a hint: the store is queried for the product",
    "action.woocommerce_before_delete_product": "a hint: the store is queried for the product",
    "action.woocommerce_delete_product_variation": "the product, queried from the store",
    "order.created": _ORDER,
    "order.deleted": "a hint: cancelled if it is in the trash, a removal if it is gone",
    "customer.created": "the customer, if their role is in the setting `roles`",
    "customer.deleted": "a hint: a removal if the store no longer has the customer",
}
_SUBSCRIPTIONS = """\
```toml
[webhooks]
api_version = "{version}"

[[webhooks.subscriptions]]
uri = "{uri}"
topics = [
{topics}
]

[[webhooks.subscriptions]]
uri = "{uri}"
compliance_topics = [{compliance}]
```"""
_URI = "https://abc123.execute-api.eu-west-1.amazonaws.com/webhooks/shopify"

Translation = Callable[..., Any]


def tables() -> str:
    """Return the tables as Markdown."""
    # The redaction is created by `shoprelay forget`: no store sends it.
    sent = {topic: one for topic, one in woocommerce.HANDLED.items() if topic != REDACT}
    return "\n".join(
        [
            *("## Shopify", ""),
            *_handled(shopify.HANDLED, _SHOPIFY),
            *("", "Ignored:", ""),
            *_ignored(shopify.IGNORED),
            *("", "## WooCommerce", ""),
            *_handled(sent, _WOOCOMMERCE),
            *("", "Ignored:", ""),
            *_ignored(woocommerce.IGNORED),
        ]
    )


def subscriptions() -> str:
    """Return all handled topics of Shopify as a part of ``shopify.app.toml``, as Markdown."""
    by_resource: dict[str, list[str]] = defaultdict(list)
    for topic in shopify.HANDLED:
        if topic not in scopes.COMPLIANCE:
            by_resource[topic.partition("/")[0]].append(topic)
    return _SUBSCRIPTIONS.format(
        version=Shopify(shop="acme.myshopify.com").api_version,
        uri=_URI,
        topics="\n".join(f"  {_quoted(topics)}," for topics in by_resource.values()),
        compliance=_quoted(scopes.COMPLIANCE),
    )


def _quoted(topics: Iterable[str]) -> str:
    return ", ".join(f'"{topic}"' for topic in topics)


def _handled(handled: Mapping[str, Translation], texts: Mapping[str, str]) -> Iterator[str]:
    first: dict[Translation, str] = {}
    by_text: dict[str, list[str]] = defaultdict(list)
    for topic, translation in handled.items():
        text = texts.get(first.setdefault(translation, topic)) or described(translation)
        by_text[text].append(topic)
    yield "| topics | become |"
    yield "|---|---|"
    for text, topics in by_text.items():
        yield f"| {_list(topics)} | {text} |"


def described(translation: Translation) -> str:
    """Return the first line of a docstring without the topics that it names before a colon."""
    line = (inspect.getdoc(translation) or "").partition("\n")[0]
    return line.rpartition(": ")[2].removesuffix(".")


def _ignored(ignored: Mapping[str, str]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for topic, reason in ignored.items():
        by_reason[reason].append(topic)
    yield "| topics | reason |"
    yield "|---|---|"
    for reason, topics in by_reason.items():
        yield f"| {_list(topics)} | {reason} |"


def _list(topics: Iterable[str]) -> str:
    """Return topics as a list in which a resource is written once: ``orders/create, updated``."""
    words, resource = [], ""
    for topic in topics:
        mark = "/" if "/" in topic else "."
        before, _, action = topic.rpartition(mark)
        words.append(action if before == resource else topic)
        resource = before
    return ", ".join(words)
