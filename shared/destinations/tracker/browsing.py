"""Plans of browsing events in the storefront that the document supports."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Raw, UnsetType

from shared.destinations.building.feed import feed_id
from shared.destinations.building.fields import Body
from shared.destinations.building.values import amount
from shared.destinations.contract import Brief, Event, KnownState, Plan, Rule
from shared.destinations.tracker import browsing_payloads, calls, payloads, visitor
from shared.destinations.tracker.fields import Tags, in_stock
from shared.destinations.tracker.info import Who, custom_info, info, of_buyer
from shared.destinations.tracker.site import Site
from shared.http.call import Effect
from shared.model.browsing import (
    BrowsingEvent,
    CategoryViewed,
    Custom,
    Goods,
    Impressions,
    LoggedIn,
    ProductViewed,
    Searched,
    Shown,
    WishlistAdded,
)
from shared.model.change import Browsed
from shared.model.value import Value

BROWSING = Event(name="browsing", rule=Rule.ONCE, again=False)
UNKNOWN = "browsing_not_expressible"
UNWANTED = "search_not_wanted"


class Page(Value):
    """The input of a body: the site, the browsing event and its visitor."""

    site: Site
    event: BrowsingEvent
    who: Who

    def info(self, event: str) -> payloads.GeneralInfo:
        """Return the general information of an event."""
        return info(self.site, event, self.event.at, self.who)

    @property
    def tags(self) -> Tags | UnsetType:
        """Return the page's own tags."""
        return calls.tags(self.event.tags)


def brief(site: Site, change: Browsed) -> Brief:
    """Return the brief of a browsing event: whether it is sent."""
    omitted = _omitted(site, change.event)
    return Brief(omitted=omitted) if omitted else Brief(event=BROWSING, visitor=True)


def browsed(site: Site, change: Browsed, known_state: KnownState, brief: Brief) -> Plan:
    """Return the plan of a browsing event."""
    if brief.omitted:
        return Plan(counts=(brief.omitted,))
    sc, counts = visitor.cookie(site, change, known_state)
    page = Page(site=site, event=change.event, who=of_buyer(change.event.buyer, sc))
    body = _body(page)
    return Plan(calls=(calls.call(site.url, body, Effect.EVENT),), counts=counts)


def _omitted(site: Site, now: BrowsingEvent) -> str:
    """Return the reason why a browsing event is not sent; empty if it is sent."""
    if isinstance(now.action, Searched):
        wanted = site.searches == "all" or now.action.found is False
        return "" if wanted else UNWANTED
    return "" if _expressible(site, now) else UNKNOWN


def _expressible(site: Site, event: BrowsingEvent) -> bool:
    match event.action:
        case ProductViewed(goods=goods) | WishlistAdded(goods=goods):
            # Both tables require a price.
            return bool(_id(site, goods) and goods.price)
        case CategoryViewed():
            return True
        case Impressions(shown=shown):
            return bool(_shown(site, shown))
        case LoggedIn():
            return bool(event.buyer.id or event.buyer.email)
        case Custom():
            return site.custom
        case _:
            # Also a page that shows neither product nor category: it has no category key.
            return False


def _body(page: Page) -> Body:
    match page.event.action:
        case ProductViewed(goods=goods):
            return browsing_payloads.ProductPage(
                info=page.info("ProductPage"), event=_seen(page, goods)
            )
        case WishlistAdded(goods=goods):
            return browsing_payloads.AddToWishlist(
                info=page.info("AddToWishlist"), event=_seen(page, goods)
            )
        case CategoryViewed() as viewed:
            return _category(page, viewed)
        case Searched() as search:
            return _search(page, search)
        case Impressions(shown=shown):
            return _impressions(page, shown)
        case Custom() as custom:
            return _custom(page, custom)
        case _:
            return payloads.CustomerData(info=page.info("CustomerData"))


def _seen(page: Page, goods: Goods) -> browsing_payloads.Seen:
    return browsing_payloads.Seen(product=_product(page.site, goods), tags=page.tags)


def _product(site: Site, goods: Goods) -> Raw:
    stock = UNSET if goods.in_stock is None else in_stock(goods.in_stock)
    price = UNSET if goods.price is None else f"{amount(goods.price):f}"
    row = browsing_payloads.SeenProduct(
        product_key=_id(site, goods) or "", price=price or "", is_in_stock=stock
    )
    return calls.tagged(row, goods.tags)


def _category(page: Page, viewed: CategoryViewed) -> Body:
    category = browsing_payloads.Category(category_key=viewed.id)
    seen = browsing_payloads.SeenCategory(category=category, tags=page.tags)
    return browsing_payloads.CategoryPage(info=page.info("CategoryPage"), event=seen)


def _search(page: Page, search: Searched) -> Body:
    body = browsing_payloads.Search(search=search.query, is_found=_found(page.site, search))
    return browsing_payloads.SearchRequest(info=page.info("SearchRequest"), event=body)


def _found(site: Site, search: Searched) -> Literal[0, 1] | UnsetType:
    if not site.found or search.found is None:
        return UNSET
    return 1 if search.found else 0


def _impressions(page: Page, shown: tuple[Shown, ...]) -> Body:
    products = tuple(
        browsing_payloads.ShownProduct(product_id=name, container_type=block)
        for name, block in _shown(page.site, shown)
    )
    event = browsing_payloads.Shown(products=products, tags=page.tags)
    return browsing_payloads.ProductImpressions(info=page.info("ProductImpressions"), event=event)


def _shown(site: Site, shown: tuple[Shown, ...]) -> list[tuple[str, str]]:
    blocks = [(_id(site, one.goods) if one.goods else one.category_id, one.block) for one in shown]
    return [(name, block) for name, block in blocks if name]


def _custom(page: Page, custom: Custom) -> Body:
    """Return a custom event of the shop; its fields beside its tags become tags too."""
    fields = {"category": custom.category, "label": custom.label, "value": custom.value}
    field_tags = {name: (str(value),) for name, value in fields.items() if value is not None}
    return browsing_payloads.CustomEvent(
        info=custom_info(page.site, page.event.at, page.who, page.event.url, page.event.referrer),
        event=browsing_payloads.Own(
            event_name=custom.name, tags=calls.tags(page.event.tags, field_tags, custom.tags)
        ),
    )


def _id(site: Site, goods: Goods) -> str | None:
    return feed_id(site.feed_id, goods.product_id, goods.variant_id, goods.sku)
