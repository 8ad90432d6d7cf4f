from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.change import OrderRemoved, OrderSaved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Order, Status, Visit
from shared.model.person import Buyer
from shared.model.version import Version
from tests.sources.shop import order_of
from tests.sources.woo import (
    QUERIED_AT,
    RECEIVED,
    REMOVED,
    FakeStore,
    address,
    capture,
    failure,
    line,
    order,
    ports,
    translate,
)

CREATED, UPDATED, DELETED = "order.created", "order.updated", "order.deleted"
THIS = Entity(Kind.ORDER, "51")
GUEST = Entity(Kind.PERSON, "email:" + b"gil@example.net".hex())
PLACED = "2026-11-20T08:00:00.000000000Z"
MODIFIED = "2026-11-20T08:00:02.000000000Z"


def placed(**fields: Any) -> Order:
    return order_of(translate(CREATED, order(**fields)))


def captured(number: int) -> Order:
    return order_of(translate(*capture(number)))


def eur(text: str) -> Money:
    return Money(Decimal(text), "EUR")


def test_an_order_is_saved_with_its_modified_time_and_when_it_was_received_as_tie() -> None:
    (change,) = translate(CREATED, order()).changes

    assert isinstance(change, OrderSaved)
    assert change.entity == THIS
    assert change.version == Version(MODIFIED, RECEIVED)


def test_the_fields_of_an_order_are_mapped() -> None:
    found = placed(
        number="R-1001",
        discount_total="2.52",
        discount_tax="0.48",
        coupon_lines=[{"code": ""}, {"code": "minus3"}, {"code": "later"}],
        shipping_lines=[{"method_title": ""}, {"method_title": "DHL &amp; Co"}],
    )

    assert (found.id, found.number, found.currency) == ("51", "R-1001", "EUR")
    assert found.placed_at == "2026-11-20T08:00:00.000000000Z"
    assert (found.total, found.discount, found.shipping) == (eur("25.00"), eur("3.00"), eur("5.00"))
    assert (found.promo_code, found.payment, found.delivery) == ("minus3", "bacs", "DHL & Co")
    assert found.visit == Visit(ip="192.0.2.1", user_agent="Mozilla/5.0")


def test_only_times_in_utc_are_read() -> None:
    local = {"date_created": "2026-11-20T09:00:00", "date_modified": "2026-11-20T09:00:02"}

    found = translate(CREATED, order(**local, date_created_gmt=None))

    assert order_of(found).placed_at == MODIFIED


def test_empty_fields_are_unknown() -> None:
    found = placed(
        number="",
        payment_method="",
        shipping_lines=[],
        customer_ip_address="",
        customer_user_agent="",
        total="",
    )

    assert (found.number, found.payment, found.delivery, found.promo_code) == (None,) * 4
    assert (found.visit, found.total) == (Visit(), None)


PAID = "2026-11-20T09:00:00"


@pytest.mark.parametrize(
    ("status", "paid", "statuses", "expected"),
    [
        ("processing", None, {}, Status.COMPLETED),
        ("completed", None, {}, Status.COMPLETED),
        ("pending", None, {}, Status.PENDING),
        ("on-hold", None, {}, Status.PENDING),
        ("on-hold", None, {"on-hold": "placed"}, Status.COMPLETED),
        # A status of a plugin: a quote, a deposit, a shipment.
        ("quote-request", None, {}, Status.PENDING),
        ("shipped", PAID, {}, Status.COMPLETED),
        ("quote-request", None, {"wc-quote-request": "cancelled"}, Status.CANCELLED),
        ("completed", None, {"completed": "pending"}, Status.PENDING),
    ],
)
def test_the_status_says_what_an_order_is(
    status: str, paid: str | None, statuses: dict[str, str], expected: Status
) -> None:
    found = translate(UPDATED, order(status=status, date_paid_gmt=paid), statuses=statuses)

    assert order_of(found).status is expected


def test_an_order_has_the_time_of_its_payment() -> None:
    assert placed(date_paid_gmt=PAID).paid_at == f"{PAID}.000000000Z"
    assert placed().paid_at is None


@pytest.mark.parametrize("status", ["cancelled", "failed", "refunded", "trash"])
def test_failed_refunded_and_trashed_orders_are_cancelled(status: str) -> None:
    assert placed(status=status).status is Status.CANCELLED


@pytest.mark.parametrize("status", ["checkout-draft", "auto-draft"])
def test_a_checkout_that_is_not_finished_is_no_order(status: str) -> None:
    found = translate(UPDATED, order(status=status))

    assert found.changes == ()
    assert "a checkout that is not finished" in found.ignored


def test_an_order_whose_status_the_merchant_ignores_is_ignored() -> None:
    found = translate(UPDATED, order(status="quote"), statuses={"quote": "ignored"})

    assert (found.changes, bool(found.ignored)) == ((), True)


@pytest.mark.parametrize("lines", [[], [{**line(), "id": 11}]])
def test_a_part_of_another_order_is_ignored(lines: list[Any]) -> None:
    found = translate(CREATED, order(id=902, parent_id=901, line_items=lines))

    assert found.changes == ()
    assert "a part of another order" in found.ignored


def test_an_order_that_never_had_a_line_is_ignored() -> None:
    found = translate(CREATED, order(line_items=[]))

    assert (found.changes, bool(found.ignored)) == ((), True)


def test_an_order_that_lost_its_lines_is_sent() -> None:
    known = ports(sent=frozenset({THIS}))

    assert order_of(translate(UPDATED, order(line_items=[]), known)).lines == ()


def test_an_order_with_a_deleted_product_is_incomplete() -> None:
    gone = {**line(), "product_id": 0, "variation_id": 0}

    assert placed(line_items=[line(), gone]).complete is False
    assert placed(line_items=[line(), {**gone, "quantity": 0}]).complete is True


@pytest.mark.parametrize(
    ("refunds", "status", "counts"),
    [
        ([], Status.COMPLETED, ()),
        ([{"id": 1, "total": "-5.00"}], Status.COMPLETED, ("partial_refund_not_expressible",)),
        ([{"id": 1, "total": "-5.00"}, {"id": 2, "total": "-20.00"}], Status.CANCELLED, ()),
    ],
)
def test_a_refund_of_the_whole_amount_cancels(
    refunds: list[Any], status: Status, counts: tuple[str, ...]
) -> None:
    found = translate(UPDATED, order(refunds=refunds))

    assert (order_of(found).status, found.counts) == (status, counts)
    assert [one.quantity for one in order_of(found).lines] == [line()["quantity"]]


def test_a_fee_below_zero_is_a_discount_that_the_lines_share() -> None:
    lines = [
        {
            **line(),
            "total": "60.00",
            "total_tax": "0",
            "subtotal": "60.00",
            "subtotal_tax": "0",
            "quantity": 2,
        },
        {
            **line(),
            "total": "20.00",
            "total_tax": "0",
            "subtotal": "20.00",
            "subtotal_tax": "0",
            "quantity": 1,
        },
    ]
    fees = [
        {"name": "Club", "total": "-16.00", "total_tax": "-4.00"},
        {"name": "Gift wrap", "total": "3.00", "total_tax": "0.00"},
    ]

    found = placed(line_items=lines, fee_lines=fees, discount_total="2.00", discount_tax="0")

    assert [one.price for one in found.lines] == [eur("22.5"), eur("15")]
    assert [one.list_price for one in found.lines] == [eur("30"), eur("20")]
    assert found.discount == eur("22.00")


@given(some.lists(some.decimals(0, 10**4, places=2), min_size=1, max_size=5),
       some.decimals(0, 10**5, places=2))  # fmt: skip
def test_the_lines_share_a_discount_whole_and_none_is_below_zero(
    totals: list[Decimal], less: Decimal
) -> None:
    items = [
        {**line(), "quantity": 1, "total": str(one), "total_tax": "0", "subtotal": str(one)}
        for one in totals
    ]

    found = placed(line_items=items, fee_lines=[{"total": str(-less), "total_tax": "0"}])

    paid = [one.price.amount for one in found.lines]
    assert all(0 <= one <= total for one, total in zip(paid, totals, strict=True))
    assert abs(sum(paid) - max(Decimal(0), sum(totals) - less)) < Decimal("0.0001")


def test_a_restored_order_is_completed_again() -> None:
    trashed = order(status="trash")
    store = FakeStore(orders={51: trashed})

    gone = translate(DELETED, {"id": 51}, store=store)
    back = translate("order.restored", order(date_modified_gmt="2026-11-20T08:00:03"))

    assert order_of(gone).status is Status.CANCELLED
    assert order_of(back).status is Status.COMPLETED


def test_a_line_costs_what_was_paid_for_a_unit_with_the_tax_that_prices_include() -> None:
    item = line(
        quantity=2,
        subtotal="16.81",
        subtotal_tax="3.19",
        total="15.13",
        total_tax="2.87",
        price=7.5,
    )

    (found,) = placed(line_items=[item]).lines

    assert (found.quantity, found.price, found.list_price) == (2, eur("9.00"), eur("10.00"))


@pytest.mark.parametrize("basis", [False, None])
def test_where_prices_are_entered_without_tax_all_amounts_are_net(
    basis: bool | None,  # noqa: FBT001 - a case of the table
) -> None:
    item = line(quantity=2, subtotal="20.00", total="18.00", total_tax="3.42")

    found = placed(
        line_items=[item], prices_include_tax=basis, discount_total="2.00", discount_tax="0.38"
    )

    assert (found.lines[0].price, found.lines[0].list_price) == (eur("9.00"), eur("10.00"))
    assert (found.discount, found.shipping) == (eur("2.00"), eur("4.20"))


def test_the_total_already_includes_tax() -> None:
    assert placed(total="25.00", total_tax="4.00", prices_include_tax=False).total == eur("25.00")


def test_a_line_without_a_discount_has_no_list_price() -> None:
    (found,) = placed().lines

    assert (found.price, found.list_price) == (eur("20.00"), None)
    assert (found.name, found.sku) == ("Tee", "TEE")


def test_a_line_with_a_higher_total_has_no_list_price() -> None:
    (found,) = placed(line_items=[line(total="30.00")]).lines

    assert found.list_price is None


def test_a_line_with_a_negative_total_is_free() -> None:
    (found,) = placed(line_items=[line(total="-5.00", total_tax="0")]).lines

    assert found.price == eur("0")


def test_a_line_of_a_simple_product_is_the_product_itself() -> None:
    (found,) = placed(line_items=[line(product_id=11, variation_id=0)]).lines

    assert (found.product_id, found.variant_id, found.default) == ("11", "11", True)


def test_a_line_of_a_variation_is_the_variation() -> None:
    (found,) = placed(line_items=[line(product_id=11, variation_id=21)]).lines

    assert (found.product_id, found.variant_id, found.default) == ("11", "21", False)


def test_lines_of_deleted_products_are_omitted_and_counted() -> None:
    found = translate(CREATED, order(line_items=[line(product_id=0), line(), line(product_id=0)]))

    assert [one.product_id for one in order_of(found).lines] == ["11"]
    assert found.counts == ("lines_without_product", "lines_without_product")


@pytest.mark.parametrize("quantity", [0, "0", None, -1])
def test_a_line_without_a_quantity_is_omitted(quantity: object) -> None:
    found = translate(CREATED, order(line_items=[line(quantity=quantity)]))

    assert order_of(found).lines == ()
    assert found.counts == ()


@pytest.mark.parametrize(
    ("quantity", "units", "price"), [(2.5, 2, "10.00"), (0.5, 1, "20.00"), (3, 3, "6.67")]
)
def test_fractional_quantities_are_whole_units_with_the_same_total(
    quantity: float, units: int, price: str
) -> None:
    (found,) = placed(line_items=[line(quantity=quantity)]).lines

    assert (found.quantity, found.price.rounded()) == (units, Decimal(price))


@given(
    net=some.decimals(0, 10**6, places=2),
    tax=some.decimals(0, 10**5, places=2),
    off=some.decimals(0, 10**6, places=2),
    quantity=some.integers(1, 1000),
    gross=some.booleans(),
)
def test_units_times_price_is_the_line_total(
    net: Decimal, tax: Decimal, off: Decimal, quantity: int, *, gross: bool
) -> None:
    item = line(
        quantity=quantity,
        total=str(net),
        total_tax=str(tax),
        subtotal=str(net + off),
        subtotal_tax=str(tax),
    )

    (found,) = placed(line_items=[item], prices_include_tax=gross).lines

    cents = Decimal("0.01")
    paid = net + tax if gross else net
    assert (found.price * found.quantity).amount.quantize(cents) == paid
    before = found.list_price
    assert (before is not None) == (off > 0)
    assert before is None or (before * found.quantity).amount.quantize(cents) == paid + off


def test_a_customer_is_the_buyer_by_id_and_is_not_saved_again() -> None:
    found = translate(CREATED, order(billing=address(email="Ana@Example.com")))

    assert len(found.changes) == 1
    assert order_of(found).buyer == Buyer(
        id="61", email="ana@example.com", entity=Entity(Kind.PERSON, "61"), name="Ana Sample"
    )


def test_a_guest_is_saved_before_the_order_that_names_them() -> None:
    billing = address(
        first_name="Gil", last_name="Guest", email=" Gil@Example.net", phone="+1", state="NO"
    )

    person, saved = translate(CREATED, order(customer_id=0, billing=billing)).changes

    assert isinstance(person, PersonSaved)
    assert isinstance(saved, OrderSaved)
    assert person.entity == GUEST
    assert person.version == Version(PLACED, saved.version.modified)
    assert person.person.guest
    assert person.person.email == "gil@example.net"
    assert (person.person.first_name, person.person.last_name) == ("Gil", "Guest")
    assert (person.person.location, person.person.phone) == ("Porto", "+1")
    assert person.person.subscribed is None
    assert saved.order.buyer == Buyer(
        email="gil@example.net", entity=GUEST, name="Gil Guest", phone="+1"
    )


@pytest.mark.parametrize("billing", [None, address(email="", first_name="", last_name="")])
def test_an_order_without_a_customer_has_no_buyer(billing: object) -> None:
    found = translate(CREATED, order(customer_id=0, billing=billing))

    assert len(found.changes) == 1
    assert order_of(found).buyer == Buyer()


def test_a_person_erased_by_wordpress_is_no_guest() -> None:
    erased = address(first_name="[deleted]", email="deleted@site.invalid")

    assert order_of(translate(UPDATED, order(customer_id=0, billing=erased))).buyer == Buyer()
    assert len(translate(UPDATED, order(customer_id=0, billing=erased)).changes) == 1
    assert placed(billing=erased).buyer == Buyer(id="61", entity=Entity(Kind.PERSON, "61"))


@pytest.mark.parametrize("key", ["line_items", "currency", "status"])
@pytest.mark.parametrize("value", ["missing", None])
def test_an_order_without_a_required_key_is_not_understood(key: str, value: object) -> None:
    body = order(**{key: None})
    if value == "missing":
        del body[key]

    assert failure(UPDATED, body) == f"$.{key}"


def test_a_line_without_a_total_is_not_understood() -> None:
    assert failure(CREATED, order(line_items=[line(), line(total="")])) == "$.line_items[1].total"


@pytest.mark.parametrize("odd", [None, False, "", 978, [], "E R"])
def test_an_order_without_a_currency_is_not_understood(odd: object) -> None:
    assert failure(CREATED, order(currency=odd)) == "$.currency"


def test_a_plugins_own_currency_is_one() -> None:
    assert order_of(translate(CREATED, order(currency="IRHT"))).currency == "IRHT"
    assert order_of(translate(CREATED, order(currency="eur\n"))).currency == "EUR"


def test_a_delete_of_a_trashed_order_cancels_it() -> None:
    store = FakeStore(orders={51: order(status="trash", customer_id=0)})

    person, change = translate(DELETED, {"id": 51}, store=store).changes

    assert isinstance(change, OrderSaved)
    assert change.order.status is Status.CANCELLED
    assert isinstance(person, PersonSaved)
    assert change.version == Version(MODIFIED, QUERIED_AT)
    assert person.version == Version(PLACED, MODIFIED)
    assert store.queries == ["order 51"]


def test_a_delete_of_a_restored_order_saves_its_current_state() -> None:
    store = FakeStore(orders={51: order(status="completed", total="30.00")})

    found = translate(DELETED, {"id": 51}, ports(sent=frozenset({THIS})), store)

    assert order_of(found).status is Status.COMPLETED
    assert order_of(found).total == eur("30.00")
    assert found.counts == ()


def test_a_delete_of_an_order_that_the_store_no_longer_has_removes_it() -> None:
    found = translate(DELETED, {"id": 51}, ports(sent=frozenset({THIS})), FakeStore())

    assert found.changes == (OrderRemoved(entity=THIS, version=REMOVED),)
    assert found.counts == ()


def test_a_delete_of_an_order_that_was_never_sent_is_counted_and_a_tombstone() -> None:
    found = translate(DELETED, {"id": 51}, ports(), FakeStore())

    assert found.changes == (OrderRemoved(entity=THIS, version=REMOVED, phantom=True),)
    assert found.counts == ("phantom_delete",)


def test_a_hint_is_not_translated_while_the_store_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        translate(DELETED, {"id": 51}, ports(sent=frozenset({THIS})), FakeStore(down=True))


def test_without_a_key_a_bare_id_removes_no_order() -> None:
    found = translate(DELETED, {"id": 51}, ports(sent=frozenset({THIS})))

    assert (found.changes, found.counts) == ((), ("unverified_delete",))
    assert "consumer key" in found.ignored


def test_a_trashed_draft_is_no_order() -> None:
    store = FakeStore(orders={51: order(status="checkout-draft")})

    assert translate(DELETED, {"id": 51}, store=store).changes == ()


def test_a_modified_time_in_the_future_is_replaced_by_the_query_time() -> None:
    store = FakeStore(orders={51: order(date_modified_gmt="9999-01-01T00:00:00")})

    found = translate(DELETED, {"id": 51}, store=store)

    assert found.changes[-1].version == Version(QUERIED_AT, QUERIED_AT)  # type: ignore[union-attr]  # a saved order


def test_a_removal_is_newer_than_a_state_from_a_clock_ahead() -> None:
    minutes_ahead = order(date_modified_gmt="2026-11-21T09:05:00")

    saved = translate(UPDATED, minutes_ahead).changes[-1]
    ended = translate(DELETED, {"id": 51}, store=FakeStore()).changes[-1]

    assert isinstance(saved, OrderSaved)
    assert isinstance(ended, OrderRemoved)
    assert saved.version == Version(RECEIVED, RECEIVED)
    assert saved.version < ended.version


@pytest.mark.parametrize("store", [FakeStore(), None], ids=["with a key", "without"])
def test_a_restored_order_is_as_old_as_its_restoring(store: FakeStore | None) -> None:
    body = order(date_modified_gmt="2026-11-20T08:00:03")

    (change,) = translate("order.restored", body, store=store).changes

    assert isinstance(change, OrderSaved)
    assert change.version == Version("2026-11-20T08:00:03.000000000Z", RECEIVED)


def test_no_name_or_address_shows_in_a_repr() -> None:
    billing = address(first_name="Gil", email="gil@example.net")

    text = repr(translate(CREATED, order(customer_id=0, billing=billing)))

    assert "gil@example" not in text
    assert "Gil" not in text
    assert "Porto" not in text


# The captures: a real store, prices with 19 % tax.


def test_0334_a_guest_with_a_coupon_a_variation_a_fee_and_shipping() -> None:
    person, _ = translate(*capture(334)).changes
    found = captured(334)

    mug, scarf = found.lines
    assert (mug.product_id, mug.variant_id, mug.default) == ("53", "53", True)
    assert (mug.quantity, mug.price, mug.list_price) == (2, eur("9"), eur("10"))
    assert (scarf.product_id, scarf.variant_id, scarf.default) == ("54", "55", False)
    assert (scarf.quantity, scarf.price, scarf.list_price) == (1, eur("19"), eur("20"))
    assert (found.total, found.discount, found.shipping) == (eur("44.61"), eur("3.00"), eur("5.83"))
    assert found.promo_code == "minus3-a976f4"
    # On hold until the bank transfer arrives.
    assert found.status is Status.PENDING
    assert found.buyer.id is None
    assert isinstance(person, PersonSaved)
    assert (person.person.first_name, person.person.last_name) == ("Max", "Müller")
    assert person.person.location == "Berlin"


@pytest.mark.parametrize(
    ("number", "status"),
    [(336, Status.PENDING), (339, Status.COMPLETED), (340, Status.COMPLETED)],
)
def test_on_hold_is_pending_and_processing_and_completed_are_placed(
    number: int, status: Status
) -> None:
    assert captured(number).status is status


@pytest.mark.parametrize("number", [342, 344])
def test_0342_a_partial_refund_changes_nothing(number: int) -> None:
    found = captured(number)

    assert (found.status, found.total) == (Status.COMPLETED, eur("44.61"))
    assert [one.quantity for one in found.lines] == [2, 1]


def test_0345_a_full_refund_cancels() -> None:
    assert captured(345).status is Status.CANCELLED


def test_0346_and_0347_a_trashed_order_is_restored_as_it_was() -> None:
    restored = json.loads(capture(347)[1])
    store = FakeStore(orders={57: {**restored, "status": "trash"}})

    gone = translate(*capture(346), store=store)
    back = translate(*capture(347))

    assert order_of(gone).status is Status.CANCELLED
    # It was refunded before it was trashed.
    assert (restored["status"], order_of(back).status) == ("refunded", Status.CANCELLED)
    assert order_of(
        translate(UPDATED, {**restored, "status": "completed", "refunds": []})
    ).status is (Status.COMPLETED)


@pytest.mark.parametrize("number", [356, 358])
def test_0356_cancelled_and_0358_failed_orders_are_cancelled(number: int) -> None:
    assert captured(number).status is Status.CANCELLED


def test_0360_an_edited_quantity_divides_what_was_paid() -> None:
    (found,) = captured(360).lines

    assert (found.quantity, found.price.rounded()) == (9, Decimal("8.89"))


@pytest.mark.parametrize("number", [361, 362])
def test_0361_a_checkout_draft_is_ignored_whatever_its_topic(number: int) -> None:
    assert translate(*capture(number)).changes == ()


def test_0363_a_deleted_product_is_no_line() -> None:
    found = translate(*capture(363))

    assert order_of(found).lines == ()
    assert order_of(found).total == eur("10.00")
    assert found.counts == ("lines_without_product",)


@pytest.mark.parametrize("pair", [(371, 372), (1040, 1043)])
def test_0371_updated_before_created_is_the_same_order_twice(pair: tuple[int, int]) -> None:
    updated, created = (capture(number) for number in pair)

    assert (updated[0], created[0]) == (UPDATED, CREATED)
    assert translate(*updated) == translate(*created)


def test_1043_an_account_created_at_the_checkout_is_the_buyer_by_id() -> None:
    found = translate(*capture(1043))

    assert order_of(found).buyer.id == "6"
    assert len(found.changes) == 1


def test_0334_times_are_those_in_utc_and_not_the_local_ones() -> None:
    (_, change) = translate(*capture(334)).changes

    assert isinstance(change, OrderSaved)
    # 07:47:48 in Berlin
    assert change.version.modified == "2026-11-21T06:47:48.000000000Z"
    assert change.order.placed_at == "2026-11-21T06:47:48.000000000Z"


def test_an_order_that_is_no_object_is_not_understood() -> None:
    with pytest.raises(NotUnderstood):
        translate(CREATED, b"[]")
