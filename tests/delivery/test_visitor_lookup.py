"""Who the shopper behind a webhook is in the browser: what is looked up, remembered, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from shared.delivery.settlement import Status as Answered
from shared.delivery.visitors import VisitorLookup, WebhookVisitor, identify, query_ids
from shared.destinations.contract import Brief, Destination, KnownState, Plan
from shared.http.call import Call
from shared.http.verdict import Delivered, Identified, Rejected, Response, Retry, Verdict
from shared.model.change import CartSaved, Change, OrderSaved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.order import Cart, Order, Status
from shared.model.person import Buyer, Person
from shared.model.value import Value, replace
from shared.model.version import Version
from shared.model.visitor import NOBODY, Campaign, Visitor
from shared.queue.envelope import decode
from shared.state.outcome import Deferred, Failed, Outcome
from shared.state.row import DestinationState, Row
from tests.delivery.harness import World, webhook
from tests.delivery.test_attempt import terms
from tests.fakes.platform import BUSY, CUT, Platform, Scripted, call, destination, planned
from tests.fakes.visitors import MemoryVisitors

AT = "2026-11-21T09:00:00.000000000Z"
ADA, GUEST = Entity(Kind.PERSON, "777"), Entity(Kind.PERSON, "email:0a")
SALE = Entity(Kind.ORDER, "450789469")
CART = Entity.of_token(Kind.CART, "c-1")
CHECKOUT = Entity.of_token(Kind.CHECKOUT, "k-1")
PHONE, DESK = Visitor(tracker_cookie="SC-PHONE"), Visitor(tracker_cookie="SC-DESK")
DEVICE = Visitor(device_id="d-1", session_id="s-1", seen_at=AT)


def cart(visitor: Visitor = NOBODY, token: str = "c-1") -> CartSaved:
    sent = Cart(id=token, buyer=Buyer(), lines=(), at=AT, visitor=visitor)
    return CartSaved(entity=Entity.of_token(Kind.CART, token), version=Version.at(AT), cart=sent)


def order(buyer: Entity | None = ADA, visitor: Visitor = NOBODY) -> OrderSaved:
    placed = Order(
        id=SALE.id,
        number="#1001",
        buyer=Buyer(entity=buyer),
        lines=(),
        status=Status.COMPLETED,
        placed_at=AT,
        currency="USD",
        cart_token="c-1",
        checkout_token="k-1",
        visitor=visitor,
    )
    return OrderSaved(entity=SALE, version=Version.at(AT), order=placed)


def person(who: Entity = ADA) -> PersonSaved:
    return PersonSaved(entity=who, version=Version.at(AT), person=Person(id=None, email=None))


@dataclass
class Counted(MemoryVisitors):
    """``asked`` are the reads and writes, and the names of each."""

    asked: list[tuple[str, tuple[Entity, ...]]] = field(default_factory=list)

    def find(self, names: Iterable[Entity]) -> Mapping[Entity, Visitor]:
        self.asked.append(("read", tuple(names)))
        return super().find(names)

    def keep(self, names: Iterable[Entity], visitor: Visitor) -> None:
        if visitor:
            self.asked.append(("write", tuple(names)))
        super().keep(names, visitor)


def needs_a_visitor(_change: Change) -> Brief:
    return Brief(visitor=True)


class Briefed(Value):
    """A change, with the briefs that a claim would give it."""

    change: Change
    briefs: Mapping[str, Brief]


class Shop:
    """Webhooks to destinations of which ``needy`` ones think in visitors."""

    def __init__(self, *needy: str) -> None:
        self.store = Counted()
        self.rows: dict[Entity, Row] = {}
        self.read: list[Entity] = []
        others = {"datacue": destination("datacue")}
        self.destinations = others | {
            name: replace(destination(name), brief=needs_a_visitor) for name in needy
        }

    def row(self, entity: Entity) -> Row | None:
        self.read.append(entity)
        return self.rows.get(entity)

    def comes(self, *changes: Change, to: Sequence[str] = ()) -> WebhookVisitor:
        names = to or tuple(self.destinations)
        claimed = [
            Briefed(change=one, briefs={name: self.destinations[name].brief(one) for name in names})
            for one in changes
        ]
        return VisitorLookup(store=self.store, row=self.row).of(claimed)


def test_nobody_pays_who_does_not_think_in_visitors() -> None:
    shop = Shop("yespo")

    visit = shop.comes(order(visitor=PHONE), to=["datacue"])

    assert (shop.store.asked, shop.read) == ([], [])
    assert (visit.visitor, visit.names, visit.lost) == (NOBODY, (), False)


def test_three_destinations_cost_one_read() -> None:
    shop = Shop("yespo", "esputnik", "personaclick")

    shop.comes(order())

    assert shop.store.asked == [("read", (CART, CHECKOUT, SALE, ADA))]


def test_what_the_storefront_wrote_is_remembered_under_every_name_of_the_webhook() -> None:
    shop = Shop("yespo")

    visit = shop.comes(order(visitor=PHONE))

    assert visit.visitor == PHONE
    assert shop.store.known == dict.fromkeys([CART, CHECKOUT, SALE, ADA], PHONE)


def test_a_cart_leads_to_its_order_and_the_order_to_the_customer() -> None:
    shop = Shop("yespo")
    shop.comes(cart(PHONE))

    assert shop.comes(order()).visitor == PHONE
    assert shop.comes(person()).visitor == PHONE


def test_what_leads_to_the_visitor_already_is_not_written_again() -> None:
    shop = Shop("yespo")
    shop.comes(order(visitor=PHONE))
    shop.store.asked.clear()

    shop.comes(order(visitor=PHONE))
    shop.comes(person())
    shop.comes(cart())

    assert [what for what, _ in shop.store.asked] == ["read"] * 3


def test_a_session_alone_is_no_news() -> None:
    shop = Shop("personaclick")
    shop.comes(cart(DEVICE))
    shop.store.asked.clear()

    visit = shop.comes(cart(replace(DEVICE, session_id="s-2")))

    assert visit.visitor.session_id == "s-2"
    assert [what for what, _ in shop.store.asked] == ["read"]


def test_a_newer_campaign_is_news() -> None:
    shop = Shop("personaclick")
    shop.comes(cart(DEVICE))
    spring = replace(DEVICE, campaign=Campaign(origin="utm_source", code="spring", at=AT))

    shop.comes(cart(spring))

    assert shop.store.known == {CART: spring}


def test_of_whom_nobody_knows_anything_is_nothing_written() -> None:
    shop = Shop("yespo")

    visit = shop.comes(person(), order())

    assert visit.visitor == NOBODY
    assert [what for what, _ in shop.store.asked] == ["read"]


def test_what_the_storefront_wrote_goes_before_what_is_remembered() -> None:
    shop = Shop("yespo")
    shop.store.keep([CART, ADA], DESK)

    assert shop.comes(order(visitor=PHONE)).visitor == PHONE


def test_a_cart_goes_before_the_person_who_may_have_several_browsers() -> None:
    shop = Shop("yespo")
    shop.store.keep([ADA], DESK)
    shop.store.keep([CART], PHONE)

    assert shop.comes(order()).visitor == PHONE


def test_what_one_name_does_not_tell_another_may() -> None:
    shop = Shop("yespo", "personaclick")
    shop.store.keep([ADA], DEVICE)

    visit = shop.comes(order(visitor=PHONE))

    assert visit.visitor == replace(DEVICE, tracker_cookie="SC-PHONE")
    assert shop.store.known[ADA] == visit.visitor


def test_an_old_order_that_is_changed_does_not_lead_a_person_back_to_an_old_browser() -> None:
    shop = Shop("yespo")
    shop.comes(order(visitor=PHONE))
    newer = replace(order(visitor=DESK), entity=Entity(Kind.ORDER, "450789470"))
    shop.comes(replace(newer, order=replace(newer.order, cart_token="c-2", checkout_token=None)))
    shop.store.asked.clear()

    assert shop.comes(order(visitor=PHONE)).visitor == PHONE

    assert shop.store.known[ADA] == DESK
    assert [what for what, _ in shop.store.asked] == ["read"]


SPRING = Campaign(origin="bulk", code="spring", at="2026-04-01T09:00:00.000000000Z")
AUTUMN = Campaign(origin="bulk", code="autumn", at="2026-10-01T09:00:00.000000000Z")


@pytest.mark.parametrize(
    ("before", "since"),
    [
        (PHONE, replace(DESK, device_id="d-desk")),
        (replace(PHONE, campaign=SPRING), replace(DESK, campaign=AUTUMN)),
    ],
    ids=["a device", "a campaign"],
)
def test_nor_does_it_where_the_newer_order_sent_more(before: Visitor, since: Visitor) -> None:
    shop = Shop("yespo")
    shop.comes(order(visitor=before))
    newer = replace(order(visitor=since), entity=Entity(Kind.ORDER, "450789470"))
    shop.comes(replace(newer, order=replace(newer.order, cart_token="c-2", checkout_token=None)))

    assert shop.comes(order(visitor=before)).visitor.tracker_cookie == "SC-PHONE"

    assert shop.store.known[ADA] == since


def test_an_old_order_that_is_sent_no_more_is_nobodys_newest_visit() -> None:
    shop = Shop("yespo")
    sent = replace(shop.destinations["yespo"], brief=lambda one: Brief(visitor=one.entity == GUEST))
    shop.destinations |= {"yespo": sent}
    shop.store.keep([GUEST], DESK)

    assert shop.comes(person(GUEST), order(GUEST, visitor=PHONE)).visitor == PHONE

    assert (shop.store.known[GUEST], shop.store.known[SALE]) == (DESK, PHONE)


def test_a_session_that_goes_on_in_an_old_browser_leaves_a_person_theirs() -> None:
    shop = Shop("personaclick")
    shop.comes(order(visitor=DEVICE))
    shop.store.keep([ADA], Visitor(device_id="d-newer", session_id="s-newer"))

    later = replace(DEVICE, seen_at="2026-11-21T09:30:00.000000000Z")
    shop.comes(order(visitor=DEVICE)).seen(later)

    assert shop.store.known[SALE] == later
    assert shop.store.known[ADA].device_id == "d-newer"


def test_a_person_is_forgotten_with_what_their_webhooks_named() -> None:
    shop = Shop("yespo")
    shop.comes(cart(PHONE))
    shop.comes(cart(PHONE, "c-2"))
    shop.comes(order())

    shop.store.forget([ADA])

    assert set(shop.store.known) == {Entity.of_token(Kind.CART, "c-2")}


def test_a_guest_and_their_order_share_the_visitor() -> None:
    shop = Shop("yespo")

    visit = shop.comes(person(GUEST), order(GUEST, visitor=PHONE))

    yespo = shop.destinations["yespo"]
    sent = [
        visit.complete(KnownState(), "yespo", yespo.brief(change))
        for change in (person(GUEST), order(GUEST))
    ]
    assert [memory.visitor for memory in sent] == [PHONE, PHONE]
    assert visit.names == (CART, CHECKOUT, SALE, GUEST)
    assert shop.store.known[GUEST] == PHONE


def test_who_does_not_need_a_visitor_is_not_sent_of_one() -> None:
    shop = Shop("yespo")
    visit = shop.comes(order(visitor=PHONE))

    datacue = shop.destinations["datacue"]
    assert visit.complete(KnownState(), "datacue", datacue.brief(order())).visitor == NOBODY


def test_how_a_cart_was_sent_is_read_for_who_asks_and_sent_to_each_its_own() -> None:
    shop = Shop()
    standings = {
        "esputnik": DestinationState(sent="state-7"),
        "yespo": DestinationState(sent="state-3"),
    }
    shop.rows[CART] = Row(entity=CART, destination_states=standings)
    asks = replace(destination("esputnik"), brief=lambda _: Brief(cart=CART))
    shop.destinations |= {"esputnik": asks, "personaclick": replace(asks, name="personaclick")}

    visit = shop.comes(order())

    assert shop.read == [CART]
    assert visit.complete(KnownState(), "esputnik", Brief(cart=CART)).cart_sent == "state-7"
    assert visit.complete(KnownState(), "personaclick", Brief(cart=CART)).cart_sent is None
    assert visit.complete(KnownState(), "datacue", Brief()).cart_sent is None


# -- ids that a platform gives ---------------------------------------------------------------------


def test_ids_that_a_platform_gave_are_remembered_and_forgotten_with_the_person() -> None:
    shop = Shop("personaclick")
    visit = shop.comes(order())

    assert visit.register(DEVICE) == DEVICE

    assert shop.store.known == dict.fromkeys([CART, CHECKOUT, SALE, ADA], DEVICE)
    shop.store.forget([ADA])
    assert shop.store.known == {}


def test_who_was_given_ids_in_the_meantime_keeps_those_and_what_else_is_known() -> None:
    shop = Shop("yespo", "personaclick")
    visit = shop.comes(cart(PHONE))
    shop.comes(cart()).register(Visitor(device_id="d-first", session_id="s-first"))

    whole = visit.register(DEVICE)

    assert whole == Visitor(tracker_cookie="SC-PHONE", device_id="d-first", session_id="s-first")
    assert visit.visitor == whole
    assert shop.store.known == {CART: whole}


def test_a_device_that_the_platform_does_not_know_gives_way_to_the_one_that_it_gives() -> None:
    shop = Shop("personaclick")
    forged = Visitor(tracker_cookie="SC-PHONE", device_id="forged")
    visit = shop.comes(order(visitor=forged))

    assert visit.register(DEVICE) == replace(DEVICE, tracker_cookie="SC-PHONE")

    assert shop.store.known == dict.fromkeys([CART, CHECKOUT, SALE, ADA], visit.visitor)


def test_ids_for_somebody_without_a_name_last_for_the_webhook() -> None:
    shop = Shop("personaclick")
    visit = WebhookVisitor(store=shop.store)

    assert visit.register(DEVICE) == DEVICE

    assert visit.visitor == DEVICE
    assert shop.store.known == {}


def test_a_session_that_goes_on_is_remembered_once() -> None:
    shop = Shop("personaclick")
    visit = shop.comes(cart(DEVICE))
    shop.store.asked.clear()
    later = replace(DEVICE, seen_at="2026-11-21T09:30:00.000000000Z")

    assert visit.seen(later) == later
    assert visit.seen(later) == later

    assert shop.store.asked == [("write", (CART,))]
    assert shop.store.known == {CART: later}


def test_what_two_destinations_learn_side_by_side_is_both_kept() -> None:
    shop = Shop("yespo", "personaclick")
    visit = shop.comes(cart(DEVICE))
    known = visit.visitor
    later = replace(known, seen_at="2026-11-21T09:30:00.000000000Z")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(visit.seen, [later, replace(known, tracker_cookie="SC-OURS")]))

    assert visit.visitor == replace(later, tracker_cookie="SC-OURS")
    assert shop.store.known == {CART: visit.visitor}


def test_what_one_destination_learns_while_another_writes_is_not_written_over() -> None:
    @dataclass
    class Slow(Counted):
        """While the first write is on its way, something else happens."""

        meanwhile: list[Callable[[], object]] = field(default_factory=list)

        def keep(self, names: Iterable[Entity], visitor: Visitor) -> None:
            while self.meanwhile:
                self.meanwhile.pop()()
            super().keep(names, visitor)

    store = Slow()
    visit = WebhookVisitor(store=store, names=(CART,), visitor=DEVICE)
    later = replace(DEVICE, seen_at="2026-11-21T09:30:00.000000000Z")
    store.meanwhile = [lambda: visit.seen(replace(DEVICE, tracker_cookie="SC-OURS"))]

    visit.seen(later)

    assert store.known == {CART: replace(later, tracker_cookie="SC-OURS")}


# -- meeting ---------------------------------------------------------------------------------------


def ids(_call: Call, answer: Response, _now: float) -> Verdict:
    if answer.status == 200:
        return Identified(visitor=DEVICE)
    return Retry(reason="busy", status=answer.status)


def introducing(judge: Callable[[Call, Response, float], Verdict] = ids) -> Destination:
    asking = replace(destination("personaclick", judge=judge), brief=needs_a_visitor)
    return replace(asking, identify=lambda _, who: who if who.device_id else call("init"))


def met(
    platform: Platform, visit: WebhookVisitor, to: Destination, held: Deferred | None = None
) -> Visitor | Outcome:
    exchange = terms(platform).exchange

    def query(call: Call) -> Visitor | Outcome:
        return held or query_ids(to, call, exchange)

    return identify(to, order(), to.brief(order()), visit, query)


def test_a_platform_is_asked_for_ids_once_for_a_webhook() -> None:
    platform, shop = Platform(), Shop("personaclick")
    visit = shop.comes(order())

    assert met(platform, visit, introducing()) == DEVICE
    assert met(platform, visit, introducing()) == DEVICE

    assert platform.labels == ["init"]
    assert shop.comes(person()).visitor == DEVICE


@pytest.mark.parametrize(
    ("answer", "end"),
    [(BUSY, Retry(reason="busy", status=503)), (CUT, Retry(reason="cut"))],
    ids=["busy", "no answer"],
)
def test_a_platform_that_gives_no_ids_is_asked_again_later(answer: Scripted, end: Retry) -> None:
    shop = Shop("personaclick")

    found = met(Platform([answer]), shop.comes(order()), introducing())

    assert found == Failed(failure=end)

    assert shop.store.known == {}


def test_an_answer_without_ids_is_a_refusal() -> None:
    to = introducing(lambda *_: Delivered())

    found = met(Platform(), Shop("personaclick").comes(order()), to)

    assert found == Failed(failure=Rejected(reason="the response has no ids"))


def test_a_platform_that_is_held_is_not_asked() -> None:
    platform, held = Platform(), Deferred(reason="paused", paused=True)

    assert met(platform, Shop("personaclick").comes(order()), introducing(), held) == held

    assert platform.sent == []


def test_ids_that_cannot_be_remembered_are_not_used() -> None:
    platform, shop = Platform(), Shop("personaclick")
    visit = shop.comes(order())
    shop.store.out_of_reach = True

    assert met(platform, visit, introducing()) == Deferred(reason="the visitors are out of reach")


# -- in the pipeline -------------------------------------------------------------------------------


class Town(World):
    """Two platforms; only the second needs the visitor, and only of carts."""

    def __init__(self) -> None:
        super().__init__("one", "two")
        self.sent: list[str | None] = []

    def _destination(self, name: str) -> Destination:
        plain = super()._destination(name)
        if name == "one":
            return plain
        return replace(
            plain,
            brief=lambda change: self._brief(plain, change),
            plans=planned(lambda change, known: self._plan(plain, change, known)),
        )

    def _brief(self, plain: Destination, change: Change) -> Brief:
        return replace(plain.brief(change), visitor=isinstance(change, CartSaved))

    def _plan(self, plain: Destination, change: Change, memory: KnownState) -> Plan:
        self.sent.append(memory.visitor.tracker_cookie)
        return plain.plan(change, memory)


def test_out_of_reach_of_the_visitors_only_who_needs_them_waits() -> None:
    town = Town()
    town.visitors.out_of_reach = True

    assert town.deliver(webhook("cart", 1, 1)) is Answered.QUEUED
    assert town.deliver(webhook("product", 1, 1)) is Answered.DELIVERED

    assert [decode(data).destination for _, data in town.parked] == ["two"]
    assert [len(one.events) for one in town.platforms.values()] == [1, 0]
    town.visitors.out_of_reach = False
    town.visitors.keep([Entity(Kind.CART, "1")], PHONE)
    town.drain()
    assert town.platforms["two"].events == town.platforms["one"].events
    assert town.sent == [None, "SC-PHONE"]


def test_a_wait_for_the_visitors_ends_as_a_dead_letter_like_any_other() -> None:
    town = Town()
    town.visitors.out_of_reach = True
    town.deliver(webhook("cart", 1, 1))

    town.drain()

    [(envelope, reason)] = town.dead
    assert (envelope.destination, reason.reason) == (
        "two",
        "given up: the visitors are out of reach",
    )


def test_nothing_of_a_visitor_is_shown() -> None:
    whole = replace(DEVICE, tracker_cookie="SC-PHONE", segment="A")
    spring = Campaign(origin="utm_source", code="spring", at=AT)

    shown = repr(Shop("personaclick").comes(order(visitor=replace(whole, campaign=spring))))

    assert [one for one in ("SC-PHONE", "d-1", "s-1", "spring") if one in shown] == []
