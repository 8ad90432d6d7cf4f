"""The routes below ``wc/v3/``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cli.sandbox.exchange import Response
from cli.sandbox.woocommerce.lists import DocumentList
from cli.sandbox.woocommerce.problem import problem
from cli.sandbox.woocommerce.store_data import Json, StoreData

_TERMS = frozenset({"id", "include", "name", "slug", "term_group", "description", "count"})
_USERS = frozenset({"id", "include", "name", "registered_date"})
_PRODUCT_STATUSES = frozenset({"any", "future", "trash", "draft", "pending", "private", "publish"})
_ROLES = frozenset(
    {"all", "administrator", "editor", "author", "contributor", "subscriber", "customer",
     "shop_manager"}
)  # fmt: skip
# Seen in 10.7 and 11.0, and not in 9.9.
_VARIATIONS_SINCE = (10, 7)
_TYPES = frozenset({"simple", "grouped", "external", "variable"})
# Fields that a variation takes from its parent, and that a list of variations does not show.
_OF_PARENT = ("categories", "tags", "brands", "default_attributes", "variations", "images")


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleDocument:
    """
    A document, or the response when it does not exist. ``private``: without a key nothing is said
    whether it does.
    """

    document: Json | None
    gone: Response
    private: bool = False


Found = SingleDocument | DocumentList
Route = Callable[[StoreData, tuple[str, ...]], Found]

PRODUCT_GONE = problem(404, "woocommerce_rest_product_invalid_id", "Invalid ID.")
VARIATION_GONE = problem(404, "woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
ORDER_GONE = problem(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
CUSTOMER_GONE = problem(404, "wc_user_invalid_id", "Invalid user ID.")
TERM_GONE = problem(404, "woocommerce_rest_term_invalid", "Resource does not exist.")
# Not 404: prepare_item_for_response has it so.
WEBHOOK_GONE = problem(400, "woocommerce_rest_shop_webhook_invalid_id", "ID is invalid.")
SETTING_GONE = problem(404, "rest_setting_setting_invalid", "Invalid setting.")
NO_ROUTE = problem(404, "rest_no_route", "No route was found matching the URL and request method.")


def find(held: StoreData, path: str) -> Found | None:
    """Return what is at a path; None without a route."""
    path = path.removesuffix("/")
    for pattern, route in _ROUTES.items():
        match = pattern.fullmatch(path)
        if match:
            return route(held, match.groups())
    return None


def _products(held: StoreData, _: tuple[str, ...]) -> Found:
    rows = [one for one in held.products.values() if not one.get("parent_id")]
    return DocumentList(rows=rows, choices={"type": _TYPES, "status": _PRODUCT_STATUSES})


def _product(held: StoreData, path: tuple[str, ...]) -> Found:
    found = held.products.get(int(path[0]))
    return SingleDocument(document=_whole(found) if found else None, gone=PRODUCT_GONE)


def _variations(held: StoreData, path: tuple[str, ...]) -> Found:
    # For an unknown product it is an empty list.
    return DocumentList(rows=[_part(one) for one in _children(held, path[0])])


def _variation(held: StoreData, path: tuple[str, ...]) -> Found:
    found = [one for one in _children(held, path[0]) if one["id"] == int(path[1])]
    return SingleDocument(document=_part(found[0]) if found else None, gone=VARIATION_GONE)


def _children(held: StoreData, parent: str) -> list[Json]:
    return [one for one in held.products.values() if one.get("parent_id") == int(parent)]


def _whole(document: Json) -> Json:
    """Return a product or a variation in the form of the products route."""
    if "image" not in document:
        return document
    image = document["image"]
    lists: Json = {name: [] for name in _OF_PARENT}
    rest = {name: value for name, value in document.items() if name != "image"}
    return {**lists, **rest, "images": [image] if image else []}


def _part(document: Json) -> Json:
    """Return a variation in the form of the variations route."""
    images = document.get("images") or [document.get("image")]
    rest = {name: value for name, value in document.items() if name not in _OF_PARENT}
    return {**rest, "image": images[0]}


def _all_variations(held: StoreData, _: tuple[str, ...]) -> Found:
    if held.version < _VARIATIONS_SINCE:
        return SingleDocument(document=None, gone=NO_ROUTE)
    rows = [_part(one) for one in held.products.values() if one.get("parent_id")]
    return DocumentList(rows=rows, filters={"parent": "parent_id"})


def _orders(held: StoreData, _: tuple[str, ...]) -> Found:
    return DocumentList(rows=held.orders.values(), filters={"customer": "customer_id"})


def _order(held: StoreData, path: tuple[str, ...]) -> Found:
    found = held.orders.get(int(path[0]))
    return SingleDocument(document=found, gone=ORDER_GONE, private=True)


def _customer(held: StoreData, path: tuple[str, ...]) -> Found:
    found = held.customers.get(int(path[0]))
    return SingleDocument(document=found, gone=CUSTOMER_GONE, private=True)


def _webhook(held: StoreData, path: tuple[str, ...]) -> Found:
    found = held.webhooks.get(int(path[0]))
    return SingleDocument(document=found, gone=WEBHOOK_GONE, private=True)


def _terms(table: str) -> Route:
    def route(held: StoreData, _: tuple[str, ...]) -> Found:
        rows: Mapping[int, Json] = getattr(held, table)
        return DocumentList(rows=rows.values(), orders=_TERMS, default=("name", "asc"), trash=False)

    return route


def _term(held: StoreData, path: tuple[str, ...]) -> Found:
    return SingleDocument(document=held.categories.get(int(path[0])), gone=TERM_GONE)


def _customers(held: StoreData, _: tuple[str, ...]) -> Found:
    return DocumentList(
        rows=held.customers.values(),
        orders=_USERS,
        default=("name", "asc"),
        trash=False,
        defaults={"role": "customer"},
        choices={"role": _ROLES},
        filters={"email": "email"},
    )


def _setting(held: StoreData, path: tuple[str, ...]) -> Found:
    return SingleDocument(document=held.settings.get("/".join(path)), gone=SETTING_GONE)


def _settings(held: StoreData, path: tuple[str, ...]) -> Found:
    rows = [one for name, one in held.settings.items() if name.startswith(f"{path[0]}/")]
    return DocumentList(rows=rows, trash=False)


def _environment(held: StoreData) -> Json:
    return {"environment": {"version": ".".join(str(one) for one in (*held.version, 1))}}


_ROUTES: Mapping[re.Pattern[str], Route] = {
    re.compile(r"products"): _products,
    re.compile(r"products/(\d+)"): _product,
    re.compile(r"products/(\d+)/variations"): _variations,
    re.compile(r"products/(\d+)/variations/(\d+)"): _variation,
    re.compile(r"products/categories"): _terms("categories"),
    re.compile(r"products/categories/(\d+)"): _term,
    re.compile(r"products/brands"): _terms("brands"),
    re.compile(r"products/tags"): _terms("tags"),
    re.compile(r"variations"): _all_variations,
    re.compile(r"orders"): _orders,
    re.compile(r"orders/(\d+)"): _order,
    re.compile(r"customers"): _customers,
    re.compile(r"customers/(\d+)"): _customer,
    re.compile(r"webhooks"): lambda held, _: DocumentList(rows=held.webhooks.values(), trash=False),
    re.compile(r"webhooks/(\d+)"): _webhook,
    re.compile(r"system_status"): lambda held, _: SingleDocument(
        document=_environment(held), gone=NO_ROUTE
    ),
    re.compile(r"data/currencies/current"): lambda held, _: SingleDocument(
        document=held.currency, gone=NO_ROUTE
    ),
    re.compile(r"settings/([a-z_]+)"): _settings,
    re.compile(r"settings/([a-z_]+)/([a-z_]+)"): _setting,
}
