"""What the rows of the ledger guarantee by themselves."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import example, given
from hypothesis import strategies as st

from shared.model.entity import Entity, Kind
from shared.state.row import Register, Row

INSTANTS = st.sampled_from([f"2026-01-01T00:00:00.{one}Z" for one in "123"])
STOCKS = st.builds(Register, at=INSTANTS, value=st.none() | st.integers(-1, 3))
CONSENTS = st.builds(Register, at=INSTANTS, value=st.booleans())
SAME = "2026-01-01T00:00:00.1Z"


def _remembered(said: Iterable[Register]) -> Register:
    row = Row(entity=Entity(Kind.PRODUCT, "1"))
    for one in said:
        row = row.with_register("field", one)
    return row.registers["field"]


@given(st.lists(STOCKS, min_size=1) | st.lists(CONSENTS, min_size=1), st.randoms())
@example([Register(at=SAME, value=3), Register(at=SAME, value=2)], None)
def test_partial_updates_end_in_the_same_value_in_any_order_and_when_they_are_repeated(
    said: list[Register], random: object
) -> None:
    shuffled = [*reversed(said), *said]
    if random is not None:
        random.shuffle(shuffled)  # type: ignore[attr-defined]  # random.Random

    assert _remembered(shuffled) == _remembered(said)


def test_of_two_counts_for_one_instant_the_smaller_one_stays() -> None:
    assert _remembered([Register(at=SAME, value=2), Register(at=SAME, value=3)]).value == 2
    assert _remembered([Register(at=SAME, value=0), Register(at=SAME, value=None)]).value == 0


def test_of_two_answers_for_one_instant_the_refused_consent_stays() -> None:
    assert _remembered([Register(at=SAME, value=False), Register(at=SAME, value=True)]).value is (
        False
    )
