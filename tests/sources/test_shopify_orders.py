from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.errors import NotUnderstood
from shared.model.change import OrderRemoved, OrderSaved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Order, Status, Visit
from shared.model.person import Buyer
from shared.model.version import Version
from tests.sources.shop import TRIGGERED, line, order, order_of, share, sums, translate

CREATE, UPDATED = "orders/create", "orders/updated"
GUEST = Entity(Kind.PERSON, "email:" + b"gil@example.net".hex())


def placed(**fields: Any) -> Order:
    return order_of(translate(CREATE, order(**fields)))


def usd(text: str) -> Money:
    return Money(Decimal(text), "USD")


def test_an_order_is_saved_with_its_modified_time_and_the_trigger_as_tie() -> None:
    (change,) = translate(CREATE, order()).changes

    assert isinstance(change, OrderSaved)
    assert change.entity == Entity(Kind.ORDER, "51")
    assert change.version == Version(
        "2026-11-20T13:00:02.000000000Z", "2026-11-20T13:01:02.000000000Z"
    )


def test_the_fields_of_an_order_are_mapped() -> None:
    found = placed(
        discount_codes=[{"code": "TENOFF"}],
        payment_gateway_names=["visa", "gift_card"],
        shipping_lines=[{"title": "Express"}],
        cart_token="cart-1",
        client_details={"browser_ip": "203.0.113.7", "user_agent": "Browser"},
        total_discounts="2.00",
    )

    assert (found.id, found.number) == ("51", "#1001")
    assert found.placed_at == "2026-11-20T12:59:59.000000000Z"
    assert found.currency == "USD"
    assert (found.total, found.discount, found.shipping) == (usd("25.00"), usd("2.00"), usd("5.00"))
    assert (found.promo_code, found.payment, found.delivery) == ("TENOFF", "visa", "Express")
    assert found.cart_token == "cart-1"
    assert found.visit == Visit(ip="203.0.113.7", user_agent="Browser")


def test_an_order_without_a_processed_time_was_placed_when_created() -> None:
    assert placed(processed_at=None).placed_at == "2026-11-20T13:00:00.000000000Z"


def test_a_customer_is_the_buyer_by_id_and_is_not_saved_again() -> None:
    found = translate(CREATE, order(email="Ana@Example.com"))

    assert len(found.changes) == 1
    assert order_of(found).buyer == Buyer(
        id="61", email="ana@example.com", entity=Entity(Kind.PERSON, "61")
    )


def test_a_guest_is_saved_before_the_order_that_names_them() -> None:
    body = order(
        customer=None,
        email=" Gil@Example.net",
        billing_address={"first_name": "Gil", "last_name": "Guest", "city": "Porto", "phone": "+1"},
        shipping_address={"first_name": "Other"},
    )

    person, saved = translate(CREATE, body).changes

    assert isinstance(person, PersonSaved)
    assert isinstance(saved, OrderSaved)
    assert person.entity == GUEST
    # Placed, and modified: both are signed.
    assert person.version == Version(
        "2026-11-20T12:59:59.000000000Z", "2026-11-20T13:00:02.000000000Z"
    )
    assert person.person.guest
    assert person.person.email == "gil@example.net"
    assert (person.person.first_name, person.person.last_name) == ("Gil", "Guest")
    assert (person.person.location, person.person.phone) == ("Porto", "+1")
    assert saved.order.buyer == Buyer(
        email="gil@example.net", entity=GUEST, name="Gil Guest", phone="+1"
    )


@pytest.mark.parametrize("consent", [True, False, None])
def test_the_checkbox_at_the_checkout_is_a_guests_consent(
    consent: bool | None,  # noqa: FBT001 - a case of the table
) -> None:
    body = order(customer=None, email="gil@example.net", buyer_accepts_marketing=consent)

    person, _ = translate(UPDATED, body).changes

    assert isinstance(person, PersonSaved)
    assert person.person.subscribed is consent


def test_the_key_of_a_cart_is_no_part_of_an_orders_cart_token() -> None:
    assert placed(cart_token="Z2NwLXVz?key=1f2e").cart_token == "Z2NwLXVz"


def test_a_currency_is_three_letters_and_no_line_feed() -> None:
    # Without it, the amounts would be in the merchant's currency.
    with pytest.raises(NotUnderstood) as caught:
        placed(currency="dollars")

    assert caught.value.path == "$.currency"
    assert placed(currency="usd\n").currency == "USD"


def test_a_guest_without_a_billing_address_has_the_shipping_name() -> None:
    body = order(customer=None, email="gil@example.net", shipping_address={"first_name": "Gil"})

    person, _ = translate(CREATE, body).changes

    assert isinstance(person, PersonSaved)
    assert person.person.first_name == "Gil"


def test_the_contact_email_is_the_fallback_for_the_email() -> None:
    body = order(customer=None, email="", contact_email="gil@example.net")

    assert order_of(translate(CREATE, body)).buyer.entity == GUEST


@pytest.mark.parametrize("email", ["", None, "NULL"])
def test_an_order_without_a_customer_has_no_buyer(email: str | None) -> None:
    found = translate(CREATE, order(customer=None, email=email, contact_email=None))

    assert len(found.changes) == 1
    assert order_of(found).buyer == Buyer()


def test_a_missing_customer_is_a_guest() -> None:
    body = order(email="gil@example.net")
    del body["customer"]

    assert order_of(translate(CREATE, body)).buyer.entity == GUEST


def test_a_customer_whose_address_is_hidden_is_known_by_id() -> None:
    body = order(email=None, contact_email=None, customer={"id": 61, "email": None})

    assert order_of(translate(CREATE, body)).buyer == Buyer(
        id="61", entity=Entity(Kind.PERSON, "61")
    )


def test_a_line_costs_what_was_paid_for_a_unit() -> None:
    # 20.00 x 3 less 5.00 and 6.00: "total_discount" repeats one of them and is no part of it
    discounted = line(
        quantity=3, total_discount="5.00", discount_allocations=[share("5.00"), share("6.00")]
    )

    (found,) = placed(line_items=[discounted]).lines

    assert found.quantity == 3
    assert found.price.rounded() == Decimal("16.33")
    assert found.list_price == usd("20.00")


def test_a_line_without_discounts_has_no_list_price() -> None:
    (found,) = placed().lines

    assert found.price == usd("20.00")
    assert found.list_price is None
    assert (found.product_id, found.variant_id) == ("11", "21")
    assert (found.name, found.sku) == ("Tee", "TEE-RM")


def test_a_discount_above_the_price_makes_a_line_free() -> None:
    (found,) = placed(line_items=[line(discount_allocations=[share("21.00")])]).lines

    assert found.price == usd("0")


@pytest.mark.parametrize(
    ("title", "default"),
    [(None, True), ("", True), ("Default Title", True), ("Red", False)],
)
def test_a_line_without_a_variant_title_is_the_product_itself(
    title: str | None, *, default: bool
) -> None:
    (found,) = placed(line_items=[line(variant_title=title)]).lines

    assert found.default is default


def test_lines_without_a_catalog_product_are_omitted_and_counted() -> None:
    items = [
        line(product_id=None, variant_id=None, title="Tip"),
        line(product_id=None, variant_id=None, product_exists=False),
        line(gift_card=True),
        line(),
    ]

    found = translate(CREATE, order(line_items=items, total_price="85.00"))

    assert [one.variant_id for one in order_of(found).lines] == ["21"]
    assert order_of(found).total == usd("85.00")
    assert found.counts == ("lines_without_product", "lines_without_product", "gift_card_lines")


@pytest.mark.parametrize(
    ("fields", "complete"),
    [
        ({"variant_id": None}, False),
        ({"product_id": None, "variant_id": None}, False),
        ({"product_id": None, "variant_id": None, "variant_title": None}, False),
        # A tip or a custom item was never a product of the shop.
        ({"product_id": None, "variant_id": None, "variant_title": None, "sku": None}, True),
        ({"variant_id": None, "variant_title": None, "sku": None}, True),
        ({"product_id": None, "variant_id": None, "gift_card": True}, True),
        ({"product_id": None, "variant_id": None, "current_quantity": 0}, True),
    ],
)
def test_a_deleted_product_leaves_an_order_incomplete(fields: Any, complete: bool) -> None:  # noqa: FBT001 - a result
    body = order(line_items=[line(), line(**fields)])

    assert order_of(translate(UPDATED, body)).complete is complete


def test_a_line_whose_variant_was_deleted_still_names_its_product() -> None:
    found = placed(line_items=[line(variant_id=None)]).lines

    assert [(one.product_id, one.variant_id) for one in found] == [("11", None)]


@pytest.mark.parametrize(
    ("status", "fields", "settings", "expected"),
    [
        ("paid", {}, {}, Status.COMPLETED),
        ("pending", {}, {}, Status.COMPLETED),
        ("authorized", {}, {}, Status.COMPLETED),
        ("partially_refunded", {}, {}, Status.COMPLETED),
        ("expired", {}, {}, Status.PENDING),
        ("refunded", {}, {}, Status.CANCELLED),
        ("voided", {}, {}, Status.CANCELLED),
        ("a later one", {}, {}, Status.COMPLETED),
        ("pending", {}, {"statuses": {"pending": "pending"}}, Status.PENDING),
        ("refunded", {}, {"statuses": {"refunded": "placed"}}, Status.COMPLETED),
        ("paid", {}, {"cancelling": frozenset({"paid"})}, Status.CANCELLED),
        ("paid", {"cancelled_at": "2026-11-20T08:00:00Z"}, {}, Status.CANCELLED),
    ],
)
def test_the_financial_status_says_what_an_order_is(
    status: str, fields: Any, settings: Any, expected: Status
) -> None:
    body = order(financial_status=status, **fields)

    assert order_of(translate(UPDATED, body, **settings)).status is expected


def test_a_status_can_be_ignored() -> None:
    found = translate(UPDATED, order(financial_status="pending"), statuses={"pending": "ignored"})

    assert found.changes == ()
    assert "merchant file" in found.ignored


def test_an_order_was_paid_when_the_webhook_of_its_payment_was_triggered() -> None:
    assert order_of(translate("orders/paid", order())).paid_at == TRIGGERED
    assert order_of(translate(UPDATED, order())).paid_at is None


def test_a_new_order_has_the_quantities_that_were_ordered() -> None:
    (found,) = placed(line_items=[line(quantity=3, current_quantity=1)]).lines

    assert found.quantity == 3


def test_an_edited_order_has_the_remaining_units_at_the_price_paid() -> None:
    items = [
        line(quantity=3, current_quantity=1, discount_allocations=[share("6.00")]),
        line(variant_id=22, quantity=1, current_quantity=0),
    ]

    (found,) = order_of(translate(UPDATED, order(line_items=items))).lines

    assert (found.variant_id, found.quantity, found.price) == ("21", 1, usd("18.00"))


def test_a_fully_refunded_order_has_no_lines() -> None:
    items = [line(current_quantity=0)]

    assert order_of(translate(UPDATED, order(line_items=items))).lines == ()


def test_bodies_without_current_quantities_have_the_ordered_ones() -> None:
    item = line(quantity=2)
    del item["current_quantity"]

    assert order_of(translate(UPDATED, order(line_items=[item]))).lines[0].quantity == 2


def test_the_total_includes_edits_except_at_creation() -> None:
    body = order(current_total_price="5.00")

    assert order_of(translate(CREATE, body)).total == usd("25.00")
    assert order_of(translate(UPDATED, body)).total == usd("5.00")


@pytest.mark.parametrize(
    ("cancelled_at", "financial_status", "expected"),
    [
        (None, "paid", Status.COMPLETED),
        (None, "pending", Status.COMPLETED),
        (None, "partially_refunded", Status.COMPLETED),
        (None, None, Status.COMPLETED),
        (None, "voided", Status.CANCELLED),
        (None, "refunded", Status.CANCELLED),
        ("2026-11-20T09:00:00Z", "paid", Status.CANCELLED),
    ],
)
def test_cancelled_voided_and_refunded_orders_are_cancelled(
    cancelled_at: str | None, financial_status: str | None, expected: Status
) -> None:
    body = order(cancelled_at=cancelled_at, financial_status=financial_status)

    assert order_of(translate(UPDATED, body)).status is expected


def test_the_merchant_configures_which_statuses_cancel() -> None:
    body = order(financial_status="refunded")

    found = translate(UPDATED, body, cancelling=frozenset({"voided"}))

    assert order_of(found).status is Status.COMPLETED


def test_the_shoppers_currency_is_used_if_configured() -> None:
    items = [line(quantity=2, discount_allocations=[share("2.00", "300")])]
    body = order(line_items=items, total_discounts="2.00", total_discounts_set=sums("2.00", "300"))

    found = order_of(translate(CREATE, body, money="presentment"))

    assert found.currency == "JPY"
    assert found.lines[0].price == Money(Decimal(2850), "JPY", usd("19.00"))
    assert found.total == Money(Decimal(3750), "JPY", usd("25.00"))
    assert found.discount == Money(Decimal(300), "JPY", usd("2.00"))
    assert found.shipping == Money(Decimal(750), "JPY", usd("5.00"))


def test_one_order_has_one_currency() -> None:
    body = order(line_items=[line(), line(price_set=None)])

    found = order_of(translate(CREATE, body, money="presentment"))

    assert found.currency == "USD"
    assert [one.price for one in found.lines] == [usd("20.00"), usd("20.00")]


def test_a_test_order_is_ignored_unless_accepted() -> None:
    body = order(test=True)

    assert translate(CREATE, body).ignored == "a test order"
    assert order_of(translate(CREATE, body, accept_test=True)).id == "51"


@pytest.mark.parametrize(
    "key", ["line_items", "currency", "created_at", "cancelled_at", "financial_status"]
)
def test_a_trimmed_order_is_not_understood(key: str) -> None:
    body = {name: value for name, value in order().items() if name != key}

    with pytest.raises(NotUnderstood, match="include_fields") as caught:
        translate(UPDATED, body)

    assert caught.value.path == f"$.{key}"


def test_a_line_without_a_price_is_not_understood() -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate(CREATE, order(line_items=[line(), line(price=None)]))

    assert caught.value.path == "$.line_items[1].price"


@pytest.mark.parametrize("body", [{"id": 51}, order()])
def test_a_deleted_order_is_removed_by_an_id_or_a_whole_body(body: dict[str, Any]) -> None:
    found = translate("orders/delete", body)

    entity = Entity(Kind.ORDER, "51")
    assert found.changes == (OrderRemoved(entity=entity, version=Version(TRIGGERED, TRIGGERED)),)


@pytest.mark.parametrize(
    "topic",
    ["orders/updated", "orders/paid", "orders/fulfilled", "orders/partially_fulfilled",
     "orders/cancelled"],
)  # fmt: skip
def test_every_order_topic_except_create_has_the_remaining_quantity(topic: str) -> None:
    body = order(line_items=[line(quantity=3, current_quantity=2)])

    assert order_of(translate(topic, body)).lines[0].quantity == 2


def test_no_name_or_address_shows_in_a_repr() -> None:
    body = order(
        customer=None,
        email="gil@example.net",
        billing_address={"first_name": "Gil", "city": "Porto"},
    )

    text = repr(translate(CREATE, body))

    assert "gil@example" not in text
    assert "Gil" not in text
    assert "Porto" not in text


def test_money_sets_are_not_read_where_the_shops_currency_is_used() -> None:
    wrong = {"shop_money": {"amount": "a lot"}, "presentment_money": 7}
    body = order(total_price_set=wrong, line_items=[line(price="9.00", price_set=wrong)])

    assert order_of(translate(CREATE, body)).lines[0].price == usd("9.00")
    # The shopper's amounts cannot be read: the order has the shop's, all of them.
    assert order_of(translate(CREATE, body, money="presentment")).lines[0].price == usd("9.00")
