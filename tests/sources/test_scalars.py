from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import NotUnderstood
from shared.model.money import Money
from shared.sources.parsing.documents import first_missing, keys_of, read
from shared.sources.parsing.scalars import Amount, parse_amount, parse_id, parse_moment
from shared.sources.shopify.lines import unit_paid
from shared.sources.shopify.payloads import Product
from tests.sources.shop import failure, source, translate

IDS = st.integers(min_value=1, max_value=10**19)
CENTS = st.integers(min_value=0, max_value=10**9).map(lambda cents: Decimal(cents) / 100)


@settings(deadline=None)
@given(IDS)
def test_an_id_is_the_same_digits_in_every_format(number: int) -> None:
    formats = [number, str(number), f" {number} ", f"gid://shopify/ProductVariant/{number}"]

    assert {parse_id(written) for written in formats} == {str(number)}


def test_an_id_of_eighteen_digits_keeps_all_digits() -> None:
    assert parse_id(788032119674292922) == "788032119674292922"


def test_a_gid_may_have_a_query() -> None:
    assert parse_id("gid://shopify/InventoryLevel/24826418?inventory_item_id=5") == "24826418"


@pytest.mark.parametrize(
    "value",
    ["", "None", "12a", "-1", "1.0", "gid://shopify/Product/", "gid://other/Product/1",
     "\uff11\uff12", -1, True, None, Decimal("1.5"), [1], {"id": 1}, "9" * 21],
)  # fmt: skip
def test_an_invalid_id_is_rejected(value: object) -> None:
    with pytest.raises(ValueError, match="Expected an id"):
        parse_id(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("19.99", Decimal("19.99")),
        ("600.0", Decimal("600.0")),
        (5, Decimal(5)),
        (Decimal("12.340"), Decimal("12.340")),
        ("0", Decimal(0)),
        ("-3.10", Decimal("-3.10")),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_money_is_read_from_text_and_numbers(value: object, expected: Decimal | None) -> None:
    assert parse_amount(value).value == expected


@pytest.mark.parametrize(
    "value", ["12,50", "$5", "NaN", "Infinity", "1e400", "1e-400", True, [], {}, "example string"]
)
def test_an_invalid_amount_is_rejected(value: object) -> None:
    with pytest.raises(ValueError, match="Expected an amount of money"):
        parse_amount(value)


def test_a_json_number_keeps_exactly_its_digits() -> None:
    body = read(b'{"id":1,"variants":[{"id":2,"price":0.1}]}', Product)

    assert body.variants is not None
    assert str(body.variants[0].price.value) == "0.1"


@settings(deadline=None)
@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is added
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_a_moment_is_the_same_in_every_zone(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=UTC, microsecond=0)
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))

    assert parse_moment(elsewhere.isoformat()) == f"{moment:%Y-%m-%dT%H:%M:%S}.000000000Z"


def test_moments_of_shops_and_carts_are_read() -> None:
    assert parse_moment("2021-12-31T19:00:00-05:00") == "2022-01-01T00:00:00.000000000Z"
    assert parse_moment("2019-01-01 00:00:00.000Z") == "2019-01-01T00:00:00.000000000Z"


@pytest.mark.parametrize(
    "value", ["NULL", "", "2021-13-01T00:00:00Z", 5, None, "0001-01-01T00:00:00+14:00"]
)
def test_an_invalid_moment_is_rejected(value: object) -> None:
    with pytest.raises(ValueError, match="Expected a moment"):
        parse_moment(value)


@settings(deadline=None)
@given(CENTS, st.integers(min_value=1, max_value=1000), st.lists(CENTS, max_size=4))
def test_units_paid_add_up_to_the_line_less_its_discounts(
    price: Decimal, quantity: int, discounts: list[Decimal]
) -> None:
    less = [Money(one, "USD") for one in discounts]

    paid = unit_paid(Money(price, "USD"), quantity, less).amount

    owed = max(Decimal(0), price * quantity - sum(discounts))
    assert abs(paid * quantity - owed) < Decimal("0.0001")
    assert 0 <= paid <= price


def test_the_price_of_zero_units_is_the_unit_price() -> None:
    five = Money(Decimal(5), "USD")

    assert unit_paid(five, 0, [Money(Decimal(3), "USD")]) == five


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "$"),
        (b"\xff", "$"),
        (b'{"id":1,"unread":"\xff"}', "$"),
        (b"[]", "$"),
        (b"null", "$"),
        (b"{}", "$"),
        (b'{"id":1', "$"),
        (b'{"id":' + b"[" * 200_000, "$"),
        (b"[" * 200_000, "$"),
        (b'{"id":1,"title":"\\ud800"}', "$"),
        (b'{"id":1,"variants":[{"id":2},{"id":"x"}]}', "$.variants[1].id"),
    ],
)
def test_an_invalid_body_is_not_understood_at_its_path(body: bytes, path: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("products/update", body)

    assert caught.value.path == path


def test_an_error_shows_no_value() -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("products/update", b'{"id":"ana@example.com"}')

    assert str(caught.value) == "Expected an id - at `$.id`"


@settings(deadline=None)
@given(st.sampled_from(sorted(source().handled)), st.binary(max_size=60))
def test_any_bytes_are_understood_or_not_understood(topic: str, body: bytes) -> None:
    path = failure(topic, body)

    assert path is None or path.startswith("$")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "title",
                    "variants",
                    "price",
                    "line_items",
                    "quantity",
                    "token",
                    "customer",
                    "email",
                    "currency",
                    "created_at",
                    "updated_at",
                    "options",
                    "name",
                    "handle",
                    "tags",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(source().handled)), JSON)
def test_any_json_is_understood_or_not_understood(topic: str, body: object) -> None:
    path = failure(topic, body)

    assert path is None or path.startswith("$")


@pytest.mark.parametrize("text", ["1e20", "0.0000000001", "NaN", "abc", "Infinity"])
def test_an_invalid_amount_is_rejected_each_time(text: str) -> None:
    for _ in range(2):
        with pytest.raises(NotUnderstood) as refused:
            read(f'{{"price":"{text}"}}'.encode(), dict[str, Amount])
        assert refused.value.path == "$[...]"


def test_a_null_key_is_present_and_a_missing_one_is_not() -> None:
    assert first_missing(keys_of(b'{"a":null}'), ("a", "b")) == "b"
    assert first_missing(keys_of(b'{"a":null,"b":1}'), ("a", "b")) is None
