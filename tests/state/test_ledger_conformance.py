"""The contract of every ledger: one suite for DynamoDB (moto) and for the fake of other tests."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.model.version import Version
from shared.state.ports import Busy, Claimed, Duplicate, Intent
from shared.state.row import DestinationState, Ending, Register, Row, Tombstone
from tests.state.ledgers import ANN, DAY, MANY, NOW, SALE, SHOE, Bench, claim, intents

T1 = "2026-11-21T09:00:01.000000000Z"
T2 = "2026-11-21T09:00:02.000000000Z"
FULL = Row(
    entity=SHOE,
    done=("d1", "d2"),
    destination_states={
        "datacue": DestinationState(
            applied=Version(T1, T2),
            digest="abc",
            unsure_until=NOW + 0.123456,
            intended="k",
            sent="t",
            filled=frozenset({"brand", "color:1"}),
        ),
        "yespo": DestinationState(applied=Version.at(T1), gone=True),
    },
    variants=frozenset({"1", "2:default"}),
    registers={
        "stock:1": Register(at=T1, value=3),
        "stock:2": Register(at=T2, value=None),
        "consent": Register(at=T2, value=False),
    },
    stock_at=T1,
    stock_open=frozenset({"1"}),
    tombstone=Tombstone(end=Ending.GONE, at=T1),
    expires=int(NOW) + DAY,
)


def test_a_first_claim_finds_an_empty_row(bench: Bench) -> None:
    assert bench.claimed(claim()) == Claimed(row=Row(entity=SHOE))


def test_a_claim_returns_the_row_from_before(bench: Bench) -> None:
    bench.keep(FULL)

    found = bench.claimed(
        claim(
            delivery="d3", variants=frozenset({"9"}), intents=intents("z", once=False, again=True)
        )
    )

    assert found == Claimed(row=FULL)


def test_two_claims_of_one_entity_give_one_lease(bench: Bench) -> None:
    bench.claimed(claim(token="first"))

    assert bench.ledger.claim(claim(token="second", now=NOW + 10)) == Busy()


def test_claims_of_two_entities_are_independent(bench: Bench) -> None:
    bench.claimed(claim(SHOE))

    assert bench.claimed(claim(SALE)).row.entity == SALE


def test_an_expired_lease_is_taken_over_and_returned_with_its_end(bench: Bench) -> None:
    bench.claimed(claim(token="lost"))

    assert bench.claimed(claim(now=NOW + 10.5)).abandoned == NOW + 10


def test_a_lease_holds_until_its_end(bench: Bench) -> None:
    bench.claimed(claim(token="mine"))

    assert bench.ledger.claim(claim(token="other", now=NOW + 10)) == Busy()
    assert isinstance(bench.ledger.claim(claim(token="other", now=NOW + 10.001)), Claimed)


def test_an_expired_lease_commits_unless_it_was_taken_over(bench: Bench) -> None:
    bench.claimed(claim(token="slow"))

    assert bench.ledger.commit(FULL, "slow")

    assert bench.claimed(claim(now=NOW + 11)) == Claimed(row=FULL)


def test_a_repeated_claim_after_a_lost_response_succeeds_in_doubt(bench: Bench) -> None:
    bench.keep(
        Row(entity=SHOE, destination_states={"datacue": DestinationState(digest="abc", gone=True)})
    )
    first = claim(delivery="d1", variants=frozenset({"1"}))
    bench.claimed(first)

    again = bench.claimed(first)

    # The records of the first claim exist, and everything at the destinations is in doubt.
    gone = {"datacue": DestinationState(gone=True)}
    row = Row(entity=SHOE, destination_states=gone, variants=frozenset({"1"}))
    assert again == Claimed(row=row, abandoned=NOW)
    assert bench.ledger.claim(claim(token="other", now=NOW + 9)) == Busy()
    assert bench.ledger.commit(row, "mine")


def test_an_intent_is_not_refused_when_its_claim_is_repeated(bench: Bench) -> None:
    first = claim(SALE, intents=intents("k1", once=True, again=False))
    bench.claimed(first)

    assert bench.claimed(first).refused == frozenset()


@pytest.mark.parametrize("once", [True, False])
def test_an_intent_of_an_attempt_that_sent_nothing_forbids_nothing(
    bench: Bench,
    once: bool,  # noqa: FBT001 - a case
) -> None:
    first = Intent(key="k1", once=once, again=False, token="first")
    bench.claimed(claim(SALE, token="first", intents={"datacue": first}))
    again = replace(first, token="second", abandoned_tokens=("first",))

    found = bench.claimed(claim(SALE, token="second", now=NOW + 11, intents={"datacue": again}))

    assert found.refused == frozenset()


def test_a_claim_that_is_repeated_after_its_commit_starts_again(bench: Bench) -> None:
    first = claim(delivery="d1")
    bench.claimed(first)
    assert bench.ledger.commit(Row(entity=SHOE, done=("d1",)), "mine")

    assert bench.ledger.claim(first) == Duplicate()
    assert bench.claimed(claim(delivery="d2")).abandoned is None


def test_a_claim_that_is_repeated_after_a_takeover_is_busy(bench: Bench) -> None:
    first = claim(token="lost")
    bench.claimed(first)
    bench.claimed(claim(token="mine", now=NOW + 11))

    assert bench.ledger.claim(first) == Busy()


def test_a_lease_that_ends_later_than_any_attempt_was_set_by_a_wrong_clock(bench: Bench) -> None:
    ahead = NOW + 24 * 3600
    bench.claimed(claim(now=ahead))

    found = bench.ledger.claim(claim(token="next", now=NOW))

    assert isinstance(found, Claimed)


def test_a_released_lease_is_not_abandoned(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE))

    assert bench.claimed(claim()).abandoned is None


def test_a_completed_delivery_is_a_duplicate_and_takes_no_lease(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, done=("d1", "d2")))

    assert bench.ledger.claim(claim(delivery="d1")) == Duplicate()
    assert isinstance(bench.ledger.claim(claim(delivery="d3")), Claimed)


def test_a_part_of_a_delivery_id_is_no_duplicate(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, done=("d10",)))

    assert isinstance(bench.ledger.claim(claim(delivery="d1")), Claimed)


def test_a_claim_without_a_delivery_is_never_a_duplicate(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, done=("d1",)))

    assert isinstance(bench.ledger.claim(claim(delivery=None)), Claimed)


def test_a_busy_row_is_busy_also_for_a_duplicate(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, done=("d1",)))
    bench.claimed(claim(token="other"))

    assert bench.ledger.claim(claim(delivery="d1")) == Busy()


def test_the_claim_removes_only_the_hashes_of_its_destinations(bench: Bench) -> None:
    bench.keep(
        Row(
            entity=SHOE,
            destination_states={
                name: DestinationState(digest="abc") for name in ("datacue", "yespo")
            },
        )
    )

    bench.claimed(claim(destinations=frozenset({"datacue"})))

    row = bench.claimed(claim(now=NOW + 11)).row
    assert row.destination_state("datacue").digest is None
    assert row.destination_state("yespo").digest == "abc"


def test_the_commit_writes_the_hash_back(bench: Bench) -> None:
    row = bench.keep(
        Row(entity=SHOE, destination_states={"datacue": DestinationState(digest="abc")})
    )
    bench.claimed(claim())

    assert bench.ledger.commit(row, "mine")

    assert bench.claimed(claim()).row.destination_state("datacue").digest == "abc"


def test_the_claim_adds_variants_before_anything_is_sent(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, variants=frozenset({"1"})))

    bench.claimed(claim(variants=frozenset({"1", "2"})))

    assert bench.claimed(claim(now=NOW + 11)).row.variants == {"1", "2"}


def test_more_than_a_hundred_variants_are_read_back(bench: Bench) -> None:
    bench.claimed(claim(variants=MANY))
    assert bench.ledger.commit(Row(entity=SHOE, variants=MANY), "mine")

    row = bench.claimed(claim(variants=frozenset({"new"}))).row

    assert row.variants >= MANY
    assert row.variants <= MANY | {"new"}
    assert bench.ledger.known_variants([SHOE.id]) == {SHOE.id: MANY | {"new"}}


def test_many_variants_survive_a_claim_that_was_abandoned(bench: Bench) -> None:
    bench.claimed(claim(variants=MANY))

    assert bench.ledger.known_variants([SHOE.id]) == {SHOE.id: MANY}


def test_a_claim_without_variants_finds_the_many(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, variants=MANY))

    assert bench.claimed(claim()).row.variants == MANY


def test_many_variants_become_few_again(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, variants=MANY))

    row = bench.claimed(claim(token="shrink")).row
    assert bench.ledger.commit(replace(row, variants=frozenset({"1"})), "shrink")

    assert bench.claimed(claim()).row.variants == {"1"}
    assert bench.ledger.known_variants([SHOE.id]) == {SHOE.id: frozenset({"1"})}


def test_a_few_and_a_few_more_become_many(bench: Bench) -> None:
    few = frozenset(f"w{number}" for number in range(60))
    more = frozenset(f"x{number}" for number in range(60))
    bench.keep(Row(entity=SHOE, variants=few))

    row = bench.claimed(claim(variants=more)).row
    assert bench.ledger.commit(replace(row, variants=few | more), "mine")

    assert bench.claimed(claim()).row.variants == few | more


def test_many_variants_of_two_claims_are_all_known(bench: Bench) -> None:
    bench.claimed(claim(token="lost", variants=MANY))

    found = bench.claimed(claim(now=NOW + 11, variants=frozenset({"new"})))

    assert found.row.variants >= MANY
    assert bench.claimed(claim(now=NOW + 22)).row.variants == MANY | {"new"}


def test_variants_of_a_lost_lease_stay_until_a_commit_removes_them(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, variants=frozenset({"1"})))
    bench.claimed(claim(token="lost", variants=frozenset({"2"})))
    bench.claimed(claim(token="mine", now=NOW + 11, variants=frozenset({"3"})))

    assert not bench.ledger.commit(Row(entity=SHOE), "lost")
    assert bench.ledger.known_variants([SHOE.id]) == {SHOE.id: {"1", "2", "3"}}
    assert bench.ledger.commit(Row(entity=SHOE, variants=frozenset({"3"})), "mine")
    assert bench.ledger.known_variants([SHOE.id]) == {SHOE.id: {"3"}}


def test_unknown_products_have_no_known_variants(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, variants=frozenset({"1"})))

    known = bench.ledger.known_variants([SHOE.id, "404"])

    assert known.get("404", frozenset()) == frozenset()
    assert known[SHOE.id] == {"1"}


def test_a_commit_with_a_lost_lease_changes_nothing(bench: Bench) -> None:
    bench.claimed(claim(token="lost"))
    bench.claimed(claim(token="mine", now=NOW + 11, variants=frozenset({"1"})))

    assert not bench.ledger.commit(FULL, "lost")

    assert bench.ledger.claim(claim(now=NOW + 12)) == Busy()
    assert bench.claimed(claim(now=NOW + 30)).row == Row(entity=SHOE, variants=frozenset({"1"}))


def test_a_commit_with_a_lost_lease_does_not_remove_many_variants(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, variants=MANY))
    late = bench.claimed(claim(token="lost")).row
    bench.claimed(claim(token="mine", now=NOW + 11, variants=frozenset({"new"})))

    assert not bench.ledger.commit(late, "lost")
    assert not bench.ledger.commit(replace(late, variants=frozenset()), "lost")

    assert bench.ledger.known_variants([SHOE.id]) == {SHOE.id: MANY | {"new"}}


def test_a_commit_without_a_claim_is_refused(bench: Bench) -> None:
    assert not bench.ledger.commit(Row(entity=SHOE), "mine")

    assert bench.ledger.row(SHOE) is None


def test_a_second_commit_with_the_same_token_is_refused(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE))

    assert not bench.ledger.commit(FULL, "keep")


def test_a_row_is_read_as_it_was_written(bench: Bench) -> None:
    bench.keep(FULL)

    assert bench.ledger.row(SHOE) == FULL
    assert bench.ledger.row(SALE) is None


@pytest.mark.parametrize("again", [False, True])
def test_an_event_that_was_sent_is_refused(bench: Bench, *, again: bool) -> None:
    standing = DestinationState(intended="k1", sent="k1")
    bench.keep(Row(entity=SALE, destination_states={"datacue": standing}))

    found = bench.claimed(claim(SALE, intents=intents("k2", once=True, again=again)))

    assert found.refused == {"datacue"}
    assert (
        bench.claimed(claim(SALE, now=NOW + 11)).row.destination_state("datacue").intended == "k1"
    )


@pytest.mark.parametrize(
    ("again", "refused"), [(False, frozenset({"datacue"})), (True, frozenset[str]())]
)
def test_an_intended_event_is_sent_again_if_allowed(
    bench: Bench, *, again: bool, refused: frozenset[str]
) -> None:
    bench.claimed(claim(SALE, intents=intents("k1", once=True, again=again)))

    found = bench.claimed(claim(SALE, now=NOW + 11, intents=intents("k1", once=True, again=again)))

    assert found.refused == refused


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize(
    ("key", "refused"),
    [
        ("k1", frozenset({"datacue"})),
        ("k2", frozenset({"datacue"})),
        ("k3", frozenset[str]()),
    ],
)
def test_an_event_per_version_is_sent_only_for_newer_versions(
    bench: Bench, *, again: bool, key: str, refused: frozenset[str]
) -> None:
    standing = DestinationState(intended="k2", sent="k2")
    bench.keep(Row(entity=SALE, destination_states={"datacue": standing}))

    found = bench.claimed(claim(SALE, intents=intents(key, once=False, again=again)))

    assert found.refused == refused


def test_an_event_is_refused_for_one_destination_and_intended_for_another(bench: Bench) -> None:
    bench.keep(Row(entity=SALE, destination_states={"datacue": DestinationState(intended="k1")}))
    request = intents("k1", once=True, again=False)["datacue"]
    both = {"datacue": request, "yespo": request}

    found = bench.claimed(claim(SALE, intents=both, destinations=frozenset(both)))

    assert found.refused == {"datacue"}
    assert bench.claimed(claim(SALE, now=NOW + 11)).row.destination_state("yespo").intended == "k1"


def test_a_sent_event_stays_refused_after_a_lost_lease(bench: Bench) -> None:
    bench.keep(
        Row(entity=SALE, destination_states={"datacue": DestinationState(intended="k1", sent="k1")})
    )
    request = intents("k1", once=True, again=True)

    first = bench.claimed(claim(SALE, token="lost", intents=request))
    second = bench.claimed(claim(SALE, token="mine", now=NOW + 11, intents=request))

    assert first.refused == second.refused == {"datacue"}
    assert not bench.ledger.commit(Row(entity=SALE), "lost")


def test_an_intent_that_a_commit_removed_is_not_refused(bench: Bench) -> None:
    before = bench.claimed(claim(SALE, intents=intents("k1", once=True, again=False))).row
    assert bench.ledger.commit(before, "mine")

    found = bench.claimed(claim(SALE, intents=intents("k1", once=True, again=False)))

    assert found.refused == frozenset()


def test_a_duplicate_intends_nothing(bench: Bench) -> None:
    bench.keep(Row(entity=SALE, done=("d1",)))

    request = claim(SALE, delivery="d1", intents=intents("k1", once=True, again=False))
    assert bench.ledger.claim(request) == Duplicate()

    assert bench.ledger.row(SALE) == Row(entity=SALE, done=("d1",))


def test_an_expired_row_is_empty(bench: Bench) -> None:
    bench.keep(replace(FULL, entity=SALE))

    found = bench.claimed(claim(SALE, now=NOW + DAY + 1))

    assert found == Claimed(row=Row(entity=SALE))


def test_an_expired_row_forbids_nothing(bench: Bench) -> None:
    bench.keep(replace(FULL, entity=SALE))

    found = bench.claimed(
        claim(
            SALE,
            now=NOW + DAY + 1,
            delivery="d1",
            intents=intents("a", once=True, again=False),
        )
    )

    assert found == Claimed(row=Row(entity=SALE))


def test_an_abandoned_claim_of_an_expired_row_restores_its_contents(bench: Bench) -> None:
    # DynamoDB deletes an expired row later, and the claim has extended it.
    bench.keep(replace(FULL, entity=SALE))
    late = NOW + DAY + 1
    bench.claimed(claim(SALE, now=late, destinations=frozenset()))

    found = bench.claimed(claim(SALE, now=late + 11))

    assert found.row == replace(FULL, entity=SALE, expires=int(late) + 60 * DAY)


def test_a_commit_replaces_an_expired_row(bench: Bench) -> None:
    bench.keep(replace(FULL, entity=SALE))
    late = NOW + DAY + 1
    row = bench.claimed(claim(SALE, now=late)).row

    assert bench.ledger.commit(row, "mine")

    assert bench.ledger.row(SALE) == Row(entity=SALE)


def test_a_row_expires_after_its_last_second(bench: Bench) -> None:
    bench.keep(replace(FULL, entity=SALE))

    assert bench.claimed(claim(SALE, now=NOW + DAY)).row == replace(FULL, entity=SALE)


def test_an_expired_row_is_extended_by_a_claim(bench: Bench) -> None:
    bench.keep(replace(FULL, entity=SALE))
    late = NOW + DAY + 1
    bench.claimed(claim(SALE, now=late, intents=intents("a", once=True, again=False)))

    found = bench.claimed(claim(SALE, now=late + 11, intents=intents("a", once=True, again=False)))

    assert found.refused == {"datacue"}
    assert found.abandoned == late + 10


@pytest.mark.parametrize(
    ("entity", "expires"),
    [
        (SHOE, None),
        (SALE, 1_795_000_000 + 60 * DAY),
        (ANN, 1_795_000_000 + 60 * DAY),
        (Entity(Kind.CART, "c"), 1_795_000_000 + 60 * DAY),
        (Entity(Kind.CHECKOUT, "c"), 1_795_000_000 + 60 * DAY),
    ],
)
def test_a_claim_without_a_commit_expires_except_for_products(
    bench: Bench, entity: Entity, expires: int | None
) -> None:
    bench.claimed(claim(entity))

    row = bench.ledger.row(entity)

    assert row is not None
    assert row.expires == expires


def test_redacted_people_are_returned_with_their_instant(bench: Bench) -> None:
    gone = Entity(Kind.PERSON, "2")
    bench.keep(Row(entity=ANN, tombstone=Tombstone(end=Ending.REDACTED, at=T1)))
    bench.keep(Row(entity=gone, tombstone=Tombstone(end=Ending.GONE, at=T1)))

    assert bench.ledger.redacted([ANN, gone, Entity(Kind.PERSON, "3")]) == {ANN: T1}
    assert bench.ledger.redacted([]) == {}


def test_a_redacted_person_is_returned_during_another_lease_too(bench: Bench) -> None:
    bench.keep(Row(entity=ANN, tombstone=Tombstone(end=Ending.REDACTED, at=T1)))
    bench.claimed(claim(ANN, token="other"))

    assert bench.ledger.redacted([ANN]) == {ANN: T1}


def test_more_people_than_one_batch_are_all_found(bench: Bench) -> None:
    bench.keep(Row(entity=ANN, tombstone=Tombstone(end=Ending.REDACTED, at=T1)))
    people = [Entity(Kind.PERSON, str(number)) for number in range(250)]

    assert bench.ledger.redacted([*people, ANN]) == {ANN: T1}


def test_a_requested_destination_that_is_paused_is_returned(bench: Bench) -> None:
    bench.pause("datacue")
    bench.pause("yespo")

    assert bench.ledger.paused(["datacue", "personaclick"]) == {"datacue"}


def test_the_tracking_of_inventory_items_is_stored_and_corrected(bench: Bench) -> None:
    bench.ledger.remember_tracked({"1": True, "2": False})
    bench.ledger.remember_tracked({"2": True})

    assert bench.ledger.tracked(frozenset({"1", "2", "3"})) == {"1": True, "2": True}


def test_the_first_pseudonym_key_stays(bench: Bench) -> None:
    assert bench.ledger.pseudonym_key("first") == "first"
    assert bench.ledger.pseudonym_key("second") == "first"


def test_a_purge_leaves_the_control_items(bench: Bench) -> None:
    bench.keep(Row(entity=SHOE, done=("d1",)))
    bench.ledger.remember_tracked({"1": True})
    bench.ledger.pseudonym_key("first")
    bench.pause("datacue")

    assert bench.ledger.purge(math.inf) == 2

    assert bench.ledger.row(SHOE) is None
    assert bench.ledger.tracked(frozenset({"1"})) == {}
    assert bench.ledger.pseudonym_key("second") == "first"
    assert bench.ledger.paused(["datacue"]) == {"datacue"}


def test_a_purge_deletes_leases_too(bench: Bench) -> None:
    bench.claimed(claim(token="lost", variants=MANY))

    bench.ledger.purge(math.inf)

    assert not bench.ledger.commit(FULL, "lost")
    assert bench.claimed(claim()) == Claimed(row=Row(entity=SHOE))
    assert bench.ledger.known_variants([SHOE.id]).get(SHOE.id, frozenset()) == frozenset()


def test_exactly_one_of_sixteen_threads_gets_the_lease(bench: Bench) -> None:
    claims = [claim(token=str(number), delivery="d1") for number in range(16)]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(bench.ledger.claim, claims))

    assert sum(isinstance(one, Claimed) for one in answers) == 1
    assert sum(isinstance(one, Busy) for one in answers) == 15
