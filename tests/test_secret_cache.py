"""The last good secret document is kept while the newest one cannot be read or used."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import NotConfigured
from shared.settings.secret_cache import LONGEST_KEPT, READ_AGAIN, SECRET_AGE, SecretCache
from tests.fakes.clock import Clock

BROKEN, DOWN = "broken", "down"
# A document that something is built from with a bug.
BUG = "whsec-two"
SECOND = 1.0


@dataclass
class Vault:
    """A secret document that can be replaced, broken or out of reach."""

    document: str = "one"
    clock: Clock = field(default_factory=Clock)
    reads: int = 0
    built: list[str] = field(default_factory=list)
    reports: list[tuple[str, float | None]] = field(default_factory=list)

    def cache(self) -> SecretCache[str]:
        return SecretCache(
            read=self.read,
            build=self.build,
            report=lambda reason, age: self.reports.append((reason, age)),
            clock=self.clock,
        )

    def read(self) -> str:
        self.reads += 1
        if self.document == DOWN:
            raise NotConfigured("the secret cannot be read: ReadTimeoutError")
        return self.document

    def build(self, document: str) -> str:
        if document == BROKEN:
            raise NotConfigured("the secret: a wrong type", "$.shopify")
        if document == BUG:
            raise ValueError(document)
        self.built.append(document)
        return f"built from {document}"


def test_the_document_is_read_once_in_five_minutes_and_built_once() -> None:
    vault = Vault()
    cache = vault.cache()

    assert cache.get() == cache.get() == "built from one"
    vault.clock.pass_(SECRET_AGE - SECOND)
    cache.get()
    assert vault.reads == 1
    vault.clock.pass_(SECOND)
    cache.get()
    assert (vault.reads, vault.built) == (2, ["one"])


def test_a_changed_document_replaces_what_was_built() -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get()
    vault.document = "two"
    vault.clock.pass_(SECRET_AGE)

    assert cache.get() == "built from two"
    assert vault.reports == []


@pytest.mark.parametrize("problem", [BROKEN, DOWN])
def test_a_failure_keeps_the_last_one_and_is_reported_once_in_thirty_seconds(problem: str) -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get()
    vault.document = problem
    vault.clock.pass_(SECRET_AGE)

    assert cache.get() == cache.get() == "built from one"
    assert [age for _, age in vault.reports] == [SECRET_AGE]
    vault.clock.pass_(READ_AGAIN)
    assert cache.get() == "built from one"
    assert [age for _, age in vault.reports] == [SECRET_AGE, SECRET_AGE + READ_AGAIN]


@pytest.mark.parametrize("problem", [BROKEN, DOWN])
def test_a_repaired_document_is_used_thirty_seconds_later(problem: str) -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get()
    vault.document = problem
    vault.clock.pass_(SECRET_AGE)
    cache.get()
    vault.document = "two"
    vault.clock.pass_(READ_AGAIN)

    assert cache.get() == "built from two"


@pytest.mark.parametrize("problem", [BROKEN, DOWN])
def test_the_last_one_is_kept_for_four_hours_after_it_was_read(problem: str) -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get()
    vault.document = problem
    vault.clock.pass_(LONGEST_KEPT - SECOND)
    assert cache.get() == "built from one"
    vault.clock.pass_(READ_AGAIN)

    with pytest.raises(NotConfigured):
        cache.get()


@pytest.mark.parametrize("problem", [BROKEN, DOWN])
def test_without_a_good_document_each_call_reads_and_raises(problem: str) -> None:
    vault = Vault(document=problem)
    cache = vault.cache()

    for _ in range(2):
        with pytest.raises(NotConfigured):
            cache.get()
    assert (vault.reads, [age for _, age in vault.reports]) == (2, [None, None])
    vault.document = "one"
    assert cache.get() == "built from one"


def test_an_unexpected_error_keeps_the_last_one_too_and_its_message_is_not_reported() -> None:
    vault = Vault()
    cache = vault.cache()
    cache.get()
    vault.document = BUG
    vault.clock.pass_(SECRET_AGE)

    assert cache.get() == "built from one"
    [(reason, _)] = vault.reports
    assert reason.startswith("ValueError at ")
    assert "whsec" not in reason


def _within(states: list[tuple[float, str]], since: float) -> set[str]:
    """Return the states that began after a time, and the one that lasted then."""
    before = [state for began, state in states if began < since]
    return {state for began, state in states if began >= since} | set(before[-1:])


STATES = st.sampled_from(["one", "two", BROKEN, DOWN])
STEPS = st.lists(st.tuples(STATES, st.floats(0, 1.5 * LONGEST_KEPT)), max_size=30)


@given(STEPS)
def test_what_is_used_was_the_document_within_the_bound_and_is_the_newest_if_it_is_good(
    steps: list[tuple[str, float]],
) -> None:
    vault = Vault()
    cache, clock = vault.cache(), vault.clock
    # Each state with the time when it began.
    states: list[tuple[float, str]] = [(clock.now, "one")]
    cache.get()
    for state, seconds in steps:
        vault.document = state
        states.append((clock.now, state))
        clock.pass_(seconds)
        recent = _within(states, clock.now - LONGEST_KEPT)
        try:
            used = cache.get().removeprefix("built from ")
        except NotConfigured:
            assert state in {BROKEN, DOWN}
            continue
        assert used in recent
        if state not in {BROKEN, DOWN} and seconds >= SECRET_AGE:
            assert used == state
