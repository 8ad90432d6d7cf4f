"""Entities, people and variants."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Order, Status, Visit
from shared.model.person import Buyer, Person
from shared.model.product import Variant, variant_key


@given(st.sampled_from(Kind), st.text())
def test_every_entity_survives_a_round_trip(kind: Kind, name: str) -> None:
    assert Entity.parse(str(Entity(kind, name))) == Entity(kind, name)


def test_the_id_of_a_guest_may_contain_a_colon() -> None:
    assert str(Entity(Kind.PERSON, "email:ab12")) == "person:email:ab12"
    assert Entity.parse("person:email:ab12") == Entity(Kind.PERSON, "email:ab12")


@pytest.mark.parametrize("text", ["", "thing:1", "1"])
def test_a_text_that_is_no_entity_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="is not a valid Kind"):
        Entity.parse(text)


def test_a_person_without_an_id_is_a_guest() -> None:
    assert Person(id=None, email="ann@shop.example").guest
    assert not Person(id="1", email=None).guest


def test_a_default_variant_has_another_key() -> None:
    alone = Variant(id="1", default=True, price=Money(Decimal(1), "EUR"))

    assert alone.key == variant_key("1", default=True) == "1:default"
    assert variant_key("1", default=False) == "1"


def test_a_repr_hides_personal_data() -> None:
    who = Person(
        id="1",
        email="ann@shop.example",
        first_name="Ann",
        last_name="Onymous",
        phone="+3612345",
        location="Budapest",
    )
    sale = Order(
        id="9",
        number="#9",
        buyer=Buyer(id="1", email="ann@shop.example", anonymous="token"),
        lines=(),
        status=Status.COMPLETED,
        placed_at="now",
        currency="EUR",
        visit=Visit(ip="192.0.2.7", user_agent="Browser"),
        promo_code="ANN10",
        cart_token="token",
    )

    assert repr(who) == "Person(subscribed=None, subscribed_at=None, registered=None)"
    for secret in ("ann@", "192.0.2.7", "Browser", "ANN10", "token"):
        assert secret not in repr(sale)
