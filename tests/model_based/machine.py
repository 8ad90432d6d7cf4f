"""
The state machine of the model-based test: anything may happen at any time, and in the end every
platform must hold the newest state of every entity, and each event once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shared.delivery.settlement import Status
from shared.model.value import replace
from shared.queue.envelope import Envelope
from tests.model_based.expected import came_back, consent_came_back, violations
from tests.model_based.fibers import Process
from tests.model_based.harness import FAILURES, ModelSystem
from tests.model_based.platforms import BEHAVIOURS, Row
from tests.model_based.shop import Fact, moment, webhook

INDEX = st.integers(0, 63)
OUTCOMES = st.sampled_from((*["succeeds"] * 5, *FAILURES))

# The fields of each kind of webhook.
FACTS: dict[str, tuple[str, ...]] = {
    "product": ("id", "name", "variants", "stock", "blind"),
    "product gone": ("id",),
    "stock": ("id", "variant", "stock"),
    "person": ("id", "name", "consent"),
    "consent": ("id", "consent"),
    "person gone": ("id",),
    "order": ("id", "name", "who", "guest"),
    "order gone": ("id",),
    "redact": ("id", "people", "orders"),
    "cart": ("id", "who"),
    "checkout": ("id",),
    "mangled": ("id", "mangled"),
}
PRODUCTS = ("product", "product", "product gone", "stock")
PEOPLE = ("person", "consent", "person gone", "order", "order", "order gone", "redact")
THEMES = (
    ("product",),
    PRODUCTS,
    ("product", "stock"),
    ("person", "consent", "person gone", "redact"),
    ("order", "redact"),
    ("order", "order gone"),
    PEOPLE,
    ("cart",),
    ("cart", "cart", "checkout", "redact"),
    (*PRODUCTS, *PEOPLE, "cart", "checkout", "mangled"),
)
FACT_FIELDS = st.fixed_dictionaries(
    {
        "kind": st.integers(0, 63),
        "after": st.sampled_from((0.3, 1.2, 0.0)),
        "id": st.sampled_from(("1", "1", "2", "3")),
        "name": st.sampled_from("AB"),
        "variants": st.sampled_from((("a",), ("a", "b"), ("b",), ("a", "c"))),
        "variant": st.sampled_from("ab"),
        "stock": st.integers(0, 3),
        "blind": st.booleans(),
        "consent": st.sampled_from((None, True, False)),
        "who": st.sampled_from(("1", "1", "2")),
        "guest": st.booleans(),
        "people": st.sampled_from((("1",), ("2",))),
        "orders": st.sampled_from(((), ("1",), ("1", "2"))),
        "mangled": st.just(True),  # noqa: FBT003 - a value like the others
    }
)
SECONDS = st.sampled_from((0.4, 3.0, 12.0, 31.0, 65.0, 400.0, 4000.0))
PLATFORMS = st.sampled_from(("one", "two"))

HOUR = 3600.0
# What this process has done so far, for the summary of `make prove`.
STEPS: Counter[str] = Counter()
LONGEST_DRAIN = 60 * HOUR


@dataclass(slots=True)
class Post:
    """A webhook of the shop, and whether it ever got a 2xx response."""

    envelope: Envelope
    fact: Fact
    accepted: bool = False


class Machine(RuleBasedStateMachine):
    """One system, one shop, and everything that can happen to them."""

    themes: ClassVar[tuple[tuple[str, ...], ...]] = THEMES

    def __init__(self) -> None:
        super().__init__()
        self.system = ModelSystem()
        self.posts: list[Post] = []
        self.theme: tuple[str, ...] = ("product",)

    # -- in the shop -------------------------------------------------------------------------------

    def happens(self, kind: str, **facts: Any) -> None:
        at, modified = moment(self.system.clock())
        fact = Fact(kind=kind, at=at, modified=modified, **facts)
        self.posts.append(Post(webhook(len(self.posts), fact), fact))

    @initialize(theme=INDEX, fact=FACT_FIELDS)
    def opens(self, theme: int, fact: dict[str, Any]) -> None:
        """Choose a theme: most examples have few kinds of changes, so that these interact often."""
        self.theme = self.themes[theme % len(self.themes)]
        self.something_happens(fact)

    @rule(fact=FACT_FIELDS)
    def something_happens(self, fact: dict[str, Any]) -> None:
        self.system.advance(fact["after"])
        kind = self.theme[fact["kind"] % len(self.theme)]
        self.happens(kind, **{name: fact[name] for name in FACTS[kind]})

    @rule(fact=FACT_FIELDS)
    def something_happens_and_is_posted(self, fact: dict[str, Any]) -> None:
        self.something_happens(fact)
        self.post(self.posts[-1])

    @rule(fact=FACT_FIELDS)
    def something_happens_and_is_posted_undisturbed(self, fact: dict[str, Any]) -> None:
        self.something_happens(fact)
        self.post(self.posts[-1])
        self._end(self.system.processes.alive[-1:])

    # -- between the shop and the receiver ---------------------------------------------------------

    def post(self, post: Post) -> None:
        def accepted(_: Status) -> None:
            post.accepted = True

        self.system.receive(post.envelope, accepted)

    @rule(index=INDEX)
    def the_shop_posts(self, index: int) -> None:
        """Post a webhook that is still without a 2xx response, the newest or an older one."""
        waiting = [post for post in self.posts if not post.accepted]
        if waiting:
            self.post(waiting[-1 - index % len(waiting)])

    @rule(index=INDEX)
    def the_shop_posts_undisturbed(self, index: int) -> None:
        self.the_shop_posts(index)
        self._end(self.system.processes.alive[-1:])

    @rule(index=INDEX)
    def the_shop_posts_deliver_again(self, index: int) -> None:
        """Post any webhook again: a duplicate, or an old one."""
        if self.posts:
            self.post(self.posts[-1 - index % len(self.posts)])

    # -- in the functions --------------------------------------------------------------------------

    @precondition(lambda self: self.system.processes.waiting())
    @rule(index=INDEX, call_outcome=OUTCOMES)
    def a_port_is_called(self, index: int, call_outcome: str) -> None:
        waiting = self.system.processes.waiting()
        self.system.processes.resume(*waiting[index % len(waiting)], call_outcome)

    @precondition(lambda self: self.system.processes.waiting())
    @rule(index=INDEX)
    def a_process_goes_on_for_a_while(self, index: int) -> None:
        process, _ = self._one(index)
        for _ in range(4):
            if waiting := process.waiting():
                self.system.processes.resume(process, waiting[0], "succeeds")

    @precondition(lambda self: self.system.processes.alive)
    @rule(index=INDEX, call_outcomes=st.lists(OUTCOMES, min_size=1, max_size=8))
    def a_process_goes_on_in_a_storm(self, index: int, call_outcomes: list[str]) -> None:
        process, _ = self._one(index)
        for outcome in call_outcomes:
            if waiting := process.waiting():
                self.system.processes.resume(process, waiting[0], outcome)

    @rule(port=st.sampled_from(("queue", "ledger")), down=st.booleans())
    def a_port_of_ours_is_out_of_reach(self, port: str, *, down: bool) -> None:
        (self.system.down.add if down else self.system.down.discard)(port)

    @precondition(lambda self: self.system.processes.alive)
    @rule(index=INDEX)
    def a_process_ends(self, index: int) -> None:
        self._end([self._one(index)[0]])

    @precondition(lambda self: self.system.processes.waiting())
    @rule(index=INDEX)
    def a_process_is_killed(self, index: int) -> None:
        process, _ = self._one(index)
        self.system.processes.kill(lambda one: one is process)

    @precondition(lambda self: self.system.queue.next_due() is not None)
    @rule()
    def a_worker_takes_a_message(self) -> None:
        self.system.take()

    @precondition(lambda self: self.system.queue.next_due() is not None)
    @rule()
    def a_worker_waits_for_a_message(self) -> None:
        self._until_due()
        self.system.take()

    @precondition(lambda self: self.system.queue.next_due() is not None)
    @rule()
    def a_worker_does_its_work(self) -> None:
        self._until_due()
        if self.system.take():
            self._end(self.system.processes.alive[-1:])

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        self.system.advance(seconds)

    @precondition(lambda self: self.system.queue.dead)
    @rule(force=st.booleans())
    def dead_letters_are_replayed(self, *, force: bool) -> None:
        self.system.replay(force=force)

    @rule(platform=PLATFORMS, paused=st.booleans())
    def a_platform_is_paused_or_resumed(self, platform: str, *, paused: bool) -> None:
        (self.system.paused.add if paused else self.system.paused.discard)(platform)

    # -- at the platforms --------------------------------------------------------------------------

    @rule(platform=PLATFORMS, behaviour=st.sampled_from(("healthy", "healthy", *BEHAVIOURS)))
    def a_platform_changes_its_behaviour(self, platform: str, behaviour: str) -> None:
        self.system.platforms[platform].behaviour = behaviour

    @precondition(lambda self: any(one.late for one in self.system.platforms.values()))
    @rule(platform=PLATFORMS)
    def late_calls_land(self, platform: str) -> None:
        self.system.platforms[platform].catch_up()

    # -- the end -----------------------------------------------------------------------------------

    def teardown(self) -> None:
        """End all faults, drain and check; deliver everything again, and check for changes."""
        self._end_faults()
        self._settle()
        self._check()
        self._count()
        held = self._held()
        self._deliver_again(lambda post, _: post.envelope)
        same = held == self._held() or self._is_ambiguous()
        assert same, "the same webhooks, delivered again, changed something"
        # Under other ids only the order of two states of the same instant may change.
        self._deliver_again(lambda post, number: replace(post.envelope, id=f"again-{number}"))
        self._check()
        events = [sent for _, sent in held]
        assert events == [sent for _, sent in self._held()], "an event was sent again"

    def _is_ambiguous(self) -> bool:
        """Return whether the webhooks themselves leave open what the platforms must hold."""
        facts = [post.fact for post in self.posts]
        return came_back(facts) or consent_came_back(facts)

    def _check(self) -> None:
        found = [
            *self.system.observer.bugs,
            *violations(self.system, [post.fact for post in self.posts]),
        ]
        assert not found, found

    def _held(self) -> list[tuple[dict[str, dict[str, Row]], Counter[str]]]:
        return [platform.held() for platform in self.system.platforms.values()]

    def _deliver_again(self, renamed: Callable[[Post, int], Envelope]) -> None:
        for number, post in enumerate(self.posts):
            self.post(Post(renamed(post, number), post.fact))
            self.system.processes.finish()
        self._settle()

    def _count(self) -> None:
        STEPS.update({"examples": 1, "webhooks": len(self.posts)})
        STEPS["port calls"] += self.system.processes.steps
        STEPS.update({f"of these: {name}": times for name, times in self.system.tried.items()})

    def _end_faults(self) -> None:
        self.system.paused.clear()
        self.system.down.clear()
        for platform in self.system.platforms.values():
            platform.behaviour = "healthy"
        self.system.processes.finish()
        # A shop retries until it gets a 2xx response.
        while unaccepted := [post for post in self.posts if not post.accepted]:
            self.system.advance(60)
            for post in unaccepted:
                self.post(post)
                self.system.processes.finish()

    def _settle(self) -> None:
        for _ in range(4):
            self._drain()
            if not self.system.replay(force=False):
                break
        else:
            self._drain()
        dead = [one.attributes for one in self.system.queue.dead]
        stuck = [one for one in dead if one.get("path") != "$.mangled"]
        assert not stuck, f"dead letters that no replay delivers: {stuck}"

    def _drain(self) -> None:
        end = self.system.clock() + LONGEST_DRAIN
        while self.system.queue.next_due() is not None:
            assert self.system.clock() < end, "the queue never drains"
            self._until_due()
            self.system.take()
            self.system.processes.finish()
        self.system.advance(60)

    def _until_due(self) -> None:
        due = self.system.queue.next_due()
        if due is not None and due > self.system.clock():
            self.system.advance(due - self.system.clock())

    def _end(self, processes: list[Process]) -> None:
        for process in processes:
            while waiting := process.waiting():
                self.system.processes.resume(process, waiting[0], "succeeds")

    def _one(self, index: int) -> Any:
        waiting = self.system.processes.waiting()
        return waiting[index % len(waiting)]

    @invariant()
    def a_step_is_counted(self) -> None:
        STEPS["steps"] += 1
