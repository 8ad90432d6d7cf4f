"""
The ledger in DynamoDB (moto) and its fake receive the same operations in any order: both return
equal results, and both have equal rows.

The two store the names of more than a hundred variants at different places; here the names are
those that `known_variants` returns.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule

from cli.local.moto_gaps import sweep
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.model.version import Version
from shared.state.ledger import DynamoLedger
from shared.state.ports import Busy, Claim, Claimed, Duplicate, Intent
from shared.state.row import DestinationState, Ending, Lease, Register, Row, Tombstone
from tests.fakes.ledger import MemoryLedger
from tests.state.ledgers import ANN, DAY, MANY, NOW, SHOE, table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PLACES = ("datacue", "yespo")
# By their names, so that a counterexample is readable.
VARIANTS: Mapping[str, frozenset[str]] = {
    "none": frozenset(),
    "one": frozenset({"1"}),
    "three": frozenset({"1", "2", "3:default"}),
    "ninety": frozenset(f"w{number}" for number in range(90)),
    "many": MANY,
}
SETS = st.sampled_from(list(VARIANTS))
DELIVERIES = st.sampled_from(["d1", "d2", "d3"])
KEYS = st.sampled_from(["k1", "k2"])
SENT = st.sampled_from(["k1", "k1 a", "k2", "k2 b"])
# A lease lasts 10 s: it holds at its end, and not after it; in two months a row expires.
AFTER = st.sampled_from([0.0, 10.0, 10.5, 61.0 * DAY])
INSTANTS = st.sampled_from([f"2026-11-21T09:00:0{n}.000000000Z" for n in range(4)])
STANDINGS = st.builds(
    DestinationState,
    applied=st.none() | st.builds(Version, INSTANTS, INSTANTS),
    gone=st.booleans(),
    digest=st.none() | st.just("abc"),
    unsure_until=st.none() | st.just(NOW + 0.123456),
    intended=st.none() | SENT,
    sent=st.none() | SENT,
    filled=st.sampled_from([frozenset(), frozenset({"brand", "color:11"}), frozenset({"*"})]),
)
TOKENS = st.sampled_from(["", "a", "b"])
INTENTS = st.builds(
    Intent,
    key=KEYS,
    once=st.booleans(),
    again=st.booleans(),
    token=TOKENS,
    abandoned_tokens=st.sampled_from([(), ("a",), ("a", "b")]),
)


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    """Draw a claim at the time 0 without a token; the machine sets both."""
    return Claim(
        entity=draw(st.sampled_from([SHOE, ANN])),
        lease=Lease(token="", until=0.0),
        now=0.0,
        delivery=draw(st.none() | DELIVERIES),
        destinations=draw(st.frozensets(st.sampled_from(PLACES))),
        intents=draw(st.dictionaries(st.sampled_from(PLACES), INTENTS)),
    )


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Draw a row to commit, whatever was there before."""
    return Row(
        entity=SHOE,
        done=tuple(draw(st.lists(DELIVERIES, unique=True))),
        destination_states=draw(st.dictionaries(st.sampled_from(PLACES), STANDINGS)),
        registers=draw(st.dictionaries(st.just("stock:1"), registers())),
        stock_at=draw(st.none() | INSTANTS),
        stock_open=draw(st.sampled_from([frozenset[str](), frozenset({"1"})])),
        tombstone=draw(st.none() | st.builds(Tombstone, end=st.sampled_from(Ending), at=INSTANTS)),
    )


def registers() -> st.SearchStrategy[Register]:
    values = st.sampled_from([None, True, False, 0, 5])
    return st.builds(Register, at=INSTANTS, value=values)


Response = Claimed | Busy | Duplicate


class Ledgers(RuleBasedStateMachine):
    """Both ledgers side by side, and their claims."""

    client: ClassVar[DynamoDBClient]
    names = itertools.count()

    # The claims, with the responses of both ledgers.
    held: Bundle[tuple[Claim, Claimed, Claimed]] = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.table = f"model-{next(self.names)}"
        table(self.client, self.table)
        self.dynamo = DynamoLedger(self.client, self.table, clock=lambda: self.now)
        self.memory = MemoryLedger(clock=lambda: self.now)
        self.now = NOW
        self.tokens = itertools.count()

    @rule(target=held, request=claims(), variants=SETS, after=AFTER)
    def claim(self, request: Claim, variants: str, after: float) -> Any:
        self.now += after
        names = VARIANTS[variants] if request.entity == SHOE else frozenset[str]()
        lease = Lease(token=f"t{next(self.tokens)}", until=self.now + 10)
        return self._claim(replace(request, lease=lease, now=self.now, variants=names))

    @rule(target=held, one=held)
    def claim_again_for_the_answer_was_lost(self, one: tuple[Claim, Claimed, Claimed]) -> Any:
        return self._claim(one[0])

    def _claim(self, claim: Claim) -> Any:
        ours, theirs = self.dynamo.claim(claim), self.memory.claim(claim)
        assert plain(ours) == plain(theirs)
        self._same(claim.entity)
        if isinstance(ours, Claimed) and isinstance(theirs, Claimed):
            return claim, ours, theirs
        return multiple()

    @rule(request=claims(), row=rows(), variants=SETS)
    def write_row(self, request: Claim, row: Row, variants: str) -> None:
        one = self.claim(replace(request, delivery=None), "none", 10.5)
        self.commit(one, row, variants)

    @rule(one=held, row=rows(), variants=SETS)
    def commit(self, one: tuple[Claim, Claimed, Claimed], row: Row, variants: str) -> None:
        names = VARIANTS[variants] if one[0].entity == SHOE else frozenset[str]()
        row = replace(row, entity=one[0].entity, variants=names).lasting(self.now)
        self._commit(one, lambda before: replace(row, many=before.many))

    @rule(one=consumes(held))
    def release(self, one: tuple[Claim, Claimed, Claimed]) -> None:
        self._commit(one, lambda before: before)

    def _commit(self, one: tuple[Claim, Claimed, Claimed], become: Callable[[Row], Row]) -> None:
        claim, ours, theirs = one
        done = self.dynamo.commit(become(ours.row), claim.lease.token)
        assert self.memory.commit(become(theirs.row), claim.lease.token) == done
        self._same(claim.entity)

    # A row of two months expires, and the tombstone of a product, with all its variants.
    @rule(seconds=st.sampled_from([1.0, 61.0 * DAY, 401.0 * DAY]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def what_expired_is_swept(self) -> None:
        sweep(self.client, self.table, self.now)
        self.memory.sweep(self.now)
        self._same(SHOE, ANN)

    @rule()
    def everything_is_purged(self) -> None:
        self.dynamo.purge(math.inf)
        self.memory.purge(math.inf)
        self._same(SHOE, ANN)

    @rule()
    def redacted_people_are_asked_for(self) -> None:
        people = [ANN, SHOE, Entity(Kind.PERSON, "nobody")]
        assert self.dynamo.redacted(people) == self.memory.redacted(people)

    def _same(self, *entities: Entity) -> None:
        for entity in entities:
            assert whole(self.dynamo, entity) == whole(self.memory, entity)

    def teardown(self) -> None:
        self.client.delete_table(TableName=self.table)


def plain(response: Response) -> Response:
    """Omit where the variants are stored."""
    if isinstance(response, Claimed):
        return replace(response, row=replace(response.row, many=False))
    return response


def whole(ledger: DynamoLedger | MemoryLedger, entity: Entity) -> Row | None:
    row = ledger.row(entity)
    if row is None:
        return None
    known = ledger.known_variants([entity.id]).get(entity.id, frozenset())
    return replace(row, many=False, variants=known if entity == SHOE else row.variants)


@pytest.fixture(scope="module")
def side_by_side(aws: DynamoDBClient) -> None:
    Ledgers.client = aws


# Not `explain`: it traces every line of moto, and a counterexample would take minutes.
PHASES = [phase for phase in Phase if phase is not Phase.explain]
TestLedgers = pytest.mark.usefixtures("side_by_side")(Ledgers.TestCase)
TestLedgers.settings = settings(
    max_examples=15, stateful_step_count=20, deadline=None, phases=PHASES, derandomize=True
)
