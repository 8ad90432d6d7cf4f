"""
``python -m cli.docs.mapping``: print ``docs/mapping.md``: where each field of a webhook goes.

Nothing of it is written by hand: the samples run through the real translation and the real
destinations, one field at a time is changed, and what changes in the calls is where that field
goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from cli.docs.call_diff import Effect
from cli.docs.demo import PLATFORMS, read_platform, read_source
from cli.docs.field_probe import effects, translated
from cli.sandbox.samples import HINTS, Group, groups
from shared.destinations.contract import Destination
from shared.sources.contract import DataRequested, Notice, Redacted, ShopRedacted, Source
from shared.sources.registry import SOURCES

INTRODUCTION = """\
# What goes where

Made by `make docs` from the code itself: every sample in `events/` runs through the real
translation and the real destination, one field at a time is changed, and what changes in the calls
is where that field goes. A field that is not listed changes nothing that a platform is told.

* `a[]` on the left is every item of a list. `a[]` on the right: the field decides which items there
  are. `a.*` is a key that the shop names, such as an option.
* *path*: the field is in the URL; it names what is created, changed or removed.
* *whether it is told*: the field decides whether the call is made, or how many things it tells.
* Where a table knows several kinds of call, the kind stands before the fields: `orders:`, `users:`.
* Fields that only older API versions of Shopify send are read too, but are in no sample.
* What a setting leaves out is listed: `carts = "cart-token"`, `searches = "all"`, a name for
  `checkout_event`, and PersonaClick's `catalog`, `order_status` and `delivery_address`. The default
  tells none of these.
* Whom a webhook is of in the browser (`sc`, `did`, `seance`) is what the storefront wrote into it;
  where it wrote nothing it is looked up, and in no table.
* Of a variable product and of a variation, WooCommerce is asked for the product with all its
  variations. A field in those tables is the field of its answer, which is what the body has.
"""
_OF_HINTS = """\
A delete names an id and nothing more. It may be late, overtaken, or of a page: the store is asked.

| the store says | what the platforms are told |
|---|---|
| there is none of that id | it is gone; nothing, where they were never told of it |
| it is in the trash | it is gone; a product without the variation; an order that is cancelled |
| it is there | what it is now, as if it had been saved |
| nothing, or that it refuses the key | nothing yet: the webhook waits, and asks again |

A variation that was deleted for good cannot be asked for. Its product can: what was remembered
when it was last told says which. Without a consumer key nothing can be asked: what a platform was
told of is removed at once, and a variation's delete is a dead letter.
"""

# The destinations of each table: together they would be wider than a page.
TABLES = (("datacue",), ("yespo", "esputnik", "personaclick"))

Found = dict[str, dict[str, set[Effect]]]


def page() -> str:
    """Return the whole page as Markdown."""
    parts = [INTRODUCTION]
    platforms = {one.title: read_platform(one) for one in PLATFORMS}
    for source in SOURCES:
        shop = read_source(source)
        for group in groups(source):
            parts.append(f"## {group.heading}\n")
            parts.append(_section(shop, platforms, group))
    return "\n".join(parts)


def _section(shop: Source, platforms: Mapping[str, Destination], group: Group) -> str:
    found: Found = defaultdict(lambda: defaultdict(set))
    for topic, body in group.samples:
        for field, title, effect in effects(shop, platforms, topic, body):
            found[title][field].add(effect)
    if not found:
        return f"Nothing is told to a platform: {_instead(shop, group)}.\n"
    parts = [_OF_HINTS] if group.kind == HINTS else []
    for names in TABLES:
        titles = [one.title for one in PLATFORMS if one.destination in names and found[one.title]]
        if titles:
            parts.append(_table({title: found[title] for title in titles}))
    silent = [title for title in platforms if not found[title]]
    if silent:
        parts.append(f"Nothing of it is told to {', '.join(silent)}.\n")
    return "\n".join(parts)


def _table(found: Found) -> str:
    """Return a table: a row per field, a column per platform."""
    named = len({kind for rows in found.values() for one in rows.values() for kind, _ in one}) > 1
    lines = ["| field | " + " | ".join(found) + " |", "|---" * (len(found) + 1) + "|"]
    for field in sorted({field for fields in found.values() for field in fields}):
        cells = [_cell(fields.get(field, set()), named=named) for fields in found.values()]
        lines.append(f"| `{field}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(effects: set[Effect], *, named: bool) -> str:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, name in sorted(effects, key=lambda effect: (effect[0], effect[1].lstrip("*"))):
        by_kind[kind].append(name if name.startswith("*") else f"`{name}`")
    texts = (f"{kind}: " * named + ", ".join(names) for kind, names in by_kind.items())
    return "; ".join(texts) or "-"


def _instead(shop: Source, group: Group) -> str:
    meanings = [translated(shop, topic, body) for topic, body in group.samples]
    texts = [one.ignored or _notice(one.notice) for one in meanings if one]
    return "; ".join(dict.fromkeys(texts))


def _notice(notice: Notice | None) -> str:
    match notice:
        case DataRequested():
            return "the merchant gets a record of what is held, and an alarm"
        case ShopRedacted():
            return "everything of the shop is purged from our own stores"
        case Redacted():
            return "our own stores forget the person"
        case _:
            return "an alarm for the merchant"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - it is what the module is for
