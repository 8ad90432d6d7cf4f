"""Browsing events in the storefront, as events of the document."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from shared.destinations.building.feed import feed_id
from shared.destinations.building.values import text
from shared.destinations.contract import Brief, Event, KnownState, Plan, Rule
from shared.destinations.personaclick import calls, payloads, visitors
from shared.destinations.personaclick.line_items import CLAMPED
from shared.destinations.personaclick.orders import NOTHING
from shared.destinations.personaclick.payloads import MOST_PIECES
from shared.errors import NotExpressible
from shared.http.call import Call
from shared.model.browsing import (
    BrowsingAction,
    CartAdded,
    CartRemoved,
    CategoryViewed,
    Custom,
    Goods,
    ProductViewed,
    Pushed,
    Recommended,
    Searched,
    WishlistAdded,
    WishlistRemoved,
    WishlistSet,
)
from shared.model.change import Browsed
from shared.settings import PersonaClick

NOT_SENT = "browsing_not_expressible"

# The document's event name of each action; an action that is missing here has none.
_NAMES: dict[type, str] = {
    ProductViewed: "view",
    CategoryViewed: "category",
    CartAdded: "cart",
    CartRemoved: "remove_from_cart",
    Searched: "search",
    WishlistAdded: "wish",
    WishlistRemoved: "remove_wish",
    WishlistSet: "full_wish",
    Custom: "custom",
}

Basics = dict[str, Any]


def brief(change: Browsed) -> Brief:
    """Return the brief of a browsing event; an event about a message has no visitor."""
    name = _name(change.event.action)
    if name is None:
        return Brief(omitted=NOT_SENT)
    event = Event(name=name, rule=Rule.ONCE, again=False)
    return Brief(event=event, visitor=not isinstance(change.event.action, Pushed))


def browsed(own: PersonaClick, change: Browsed, known_state: KnownState) -> Plan:
    """Return the plan of a browsing event."""
    event = change.event
    action = event.action
    name = _name(action)
    if name is None:
        return Plan(state=NOTHING, counts=(NOT_SENT,))
    if isinstance(action, Pushed):
        return Plan(calls=(_message_call(own, name, action),))
    basics = visitors.basics(own, known_state.visitor, event.at, event.url)
    clamped = isinstance(action, CartAdded) and action.quantity > MOST_PIECES
    call = _call(own, name, basics, action)
    return Plan(calls=(call,), counts=(CLAMPED,) * clamped)


def _name(action: BrowsingAction) -> str | None:
    if isinstance(action, Pushed):
        # "Receiving App Push", "Closing App Push", but "Clicking on App Push / SMS".
        return None if action.sms and action.act != "clicked" else f"track/{action.act}"
    return _NAMES.get(type(action))


def _message_call(own: PersonaClick, path: str, pushed: Pushed) -> Call:
    if pushed.act not in {"received", "clicked", "closed"}:
        raise NotExpressible("not received, clicked or closed", "$.act")
    stream = "sms" if pushed.sms else own.stream
    body = payloads.Message(shop_id=own.shop_id, code=pushed.code, type=pushed.kind, stream=stream)
    return calls.event_call(own, path, "", body)


def _call(own: PersonaClick, name: str, basics: Basics, action: BrowsingAction) -> Call:
    match action:
        case Custom():
            return calls.event_call(own, "push/custom", "", _custom(basics, action))
        case CategoryViewed(id=category):
            body = payloads.Category(**basics, category_id=category.strip())
            return calls.event_call(own, "push", name, body, category=True)
        case Searched(query=query, recommended=recommended):
            code = text(recommended.code) if recommended else UNSET
            search = payloads.Search(**basics, search_query=query, recommended_code=code)
            return calls.event_call(own, "push", name, search)
        case WishlistSet(goods=goods):
            return calls.event_call(own, "push", name, _wishes(own, basics, goods))
        case _:
            return calls.event_call(own, "push", name, _product_event(own, basics, action))


def _product_event(own: PersonaClick, basics: Basics, action: BrowsingAction) -> payloads.Seen:
    match action:
        case ProductViewed(goods=goods, recommended=recommended):
            return payloads.View(
                **basics, items=(_item(own, goods),), **_recommendation(recommended)
            )
        case CartAdded(goods=goods, quantity=quantity, recommended=recommended):
            added = payloads.AddedItem(id=_id(own, goods), amount=min(quantity, MOST_PIECES))
            return payloads.CartAdd(**basics, items=(added,), **_recommendation(recommended))
        case CartRemoved(goods=goods):
            return payloads.CartRemove(**basics, items=(_item(own, goods),))
        case WishlistAdded(goods=goods):
            return payloads.WishAdd(**basics, items=(_item(own, goods),))
        case WishlistRemoved(goods=goods):
            return payloads.WishRemove(**basics, items=(_item(own, goods),))
        case _:
            raise TypeError(f"{type(action).__name__} has no body")


def _custom(basics: Basics, action: Custom) -> payloads.Custom:
    return payloads.Custom(
        **basics,
        event=action.name,
        category=text(action.category),
        label=text(action.label),
        value=UNSET if action.value is None else action.value,
    )


def _wishes(own: PersonaClick, basics: Basics, goods: tuple[Goods, ...]) -> payloads.WishWhole:
    ids = dict.fromkeys(_id(own, one) for one in goods)
    items = tuple(payloads.Item(id=one) for one in ids)
    return payloads.WishWhole(**basics, items=items if items or own.clear == "empty" else UNSET)


def _recommendation(recommended: Recommended | None) -> Basics:
    """Return the fields of a recommendation, if both of its parts are known."""
    if recommended is None or not (recommended.by.strip() and recommended.code.strip()):
        return {}
    return {"recommended_by": recommended.by.strip(), "recommended_code": recommended.code.strip()}


def _item(own: PersonaClick, goods: Goods) -> payloads.Item:
    return payloads.Item(id=_id(own, goods))


def _id(own: PersonaClick, goods: Goods) -> str:
    own_id = feed_id(own.feed_id, goods.product_id, goods.variant_id, goods.sku)
    if own_id is None:
        raise NotExpressible("no id in the feed", "$.items[0].id")
    return own_id
