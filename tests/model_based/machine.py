"""
The machine that tries to break it: anything may happen at any moment, and in the end every platform
must hold the newest state of everything, once.
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
from tests.model_based.expected import came_back, consent_came_back, wrong
from tests.model_based.fibers import Process
from tests.model_based.harness import FAILURES, ModelSystem
from tests.model_based.platforms import MOODS, Row
from tests.model_based.shop import Fact, moment, webhook

INDEX = st.integers(0, 63)
HOW = st.sampled_from(("well", "well", "well", "well", "well", *FAILURES))

# What each kind of webhook tells.
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
GOODS = ("product", "product", "product gone", "stock")
PEOPLE = ("person", "consent", "person gone", "order", "order", "order gone", "redact")
THEMES = (
    ("product",),
    GOODS,
    ("product", "stock"),
    ("person", "consent", "person gone", "redact"),
    ("order", "redact"),
    ("order", "order gone"),
    PEOPLE,
    ("cart",),
    ("cart", "cart", "checkout", "redact"),
    (*GOODS, *PEOPLE, "cart", "checkout", "mangled"),
)
HAPPENINGS = st.fixed_dictionaries(
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
# How many steps were made in this Python, and what they came to; for `make prove` to tell.
STEPS: Counter[str] = Counter()
PATIENCE = 60 * HOUR


@dataclass(slots=True)
class Post:
    """A webhook of the shop, and whether it was ever answered 2xx."""

    envelope: Envelope
    fact: Fact
    accepted: bool = False


class Machine(RuleBasedStateMachine):
    """One house, one shop, and everything that can happen to them."""

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

    @initialize(theme=INDEX, fact=HAPPENINGS)
    def opens(self, theme: int, fact: dict[str, Any]) -> None:
        """Most examples are about few kinds of things, so that these meet often."""
        self.theme = self.themes[theme % len(self.themes)]
        self.something_happens(fact)

    @rule(fact=HAPPENINGS)
    def something_happens(self, fact: dict[str, Any]) -> None:
        self.system.pass_(fact["after"])
        kind = self.theme[fact["kind"] % len(self.theme)]
        self.happens(kind, **{name: fact[name] for name in FACTS[kind]})

    @rule(fact=HAPPENINGS)
    def something_happens_and_is_posted(self, fact: dict[str, Any]) -> None:
        self.something_happens(fact)
        self.post(self.posts[-1])

    @rule(fact=HAPPENINGS)
    def something_happens_and_is_posted_undisturbed(self, fact: dict[str, Any]) -> None:
        self.something_happens(fact)
        self.post(self.posts[-1])
        self._end(self.system.processes.alive[-1:])

    # -- between the shop and us -------------------------------------------------------------------

    def post(self, post: Post) -> None:
        def accepted(_: Status) -> None:
            post.accepted = True

        self.system.door(post.envelope, accepted)

    @rule(index=INDEX)
    def the_shop_posts(self, index: int) -> None:
        """Post what was not posted yet, the newest or an older one."""
        waiting = [post for post in self.posts if not post.accepted]
        if waiting:
            self.post(waiting[-1 - index % len(waiting)])

    @rule(index=INDEX)
    def the_shop_posts_undisturbed(self, index: int) -> None:
        self.the_shop_posts(index)
        self._end(self.system.processes.alive[-1:])

    @rule(index=INDEX)
    def the_shop_posts_again(self, index: int) -> None:
        """Post anything: a duplicate, or an old one."""
        if self.posts:
            self.post(self.posts[-1 - index % len(self.posts)])

    # -- in our house ------------------------------------------------------------------------------

    @precondition(lambda self: self.system.processes.destination_state())
    @rule(index=INDEX, how=HOW)
    def a_port_is_called(self, index: int, how: str) -> None:
        standing = self.system.processes.destination_state()
        self.system.processes.resume(*standing[index % len(standing)], how)

    @precondition(lambda self: self.system.processes.destination_state())
    @rule(index=INDEX)
    def a_process_goes_on_for_a_while(self, index: int) -> None:
        process, _ = self._one(index)
        for _ in range(4):
            if standing := process.destination_state():
                self.system.processes.resume(process, standing[0], "well")

    @precondition(lambda self: self.system.processes.alive)
    @rule(index=INDEX, hows=st.lists(HOW, min_size=1, max_size=8))
    def a_process_goes_on_in_a_storm(self, index: int, hows: list[str]) -> None:
        process, _ = self._one(index)
        for how in hows:
            if standing := process.destination_state():
                self.system.processes.resume(process, standing[0], how)

    @rule(port=st.sampled_from(("queue", "ledger")), down=st.booleans())
    def a_port_of_ours_is_out_of_reach(self, port: str, *, down: bool) -> None:
        (self.system.down.add if down else self.system.down.discard)(port)

    @precondition(lambda self: self.system.processes.alive)
    @rule(index=INDEX)
    def a_process_ends(self, index: int) -> None:
        self._end([self._one(index)[0]])

    @precondition(lambda self: self.system.processes.destination_state())
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
        self.system.pass_(seconds)

    @precondition(lambda self: self.system.queue.dead)
    @rule(force=st.booleans())
    def dead_letters_are_replayed(self, *, force: bool) -> None:
        self.system.replay(force=force)

    @rule(platform=PLATFORMS, paused=st.booleans())
    def a_platform_is_paused_or_resumed(self, platform: str, *, paused: bool) -> None:
        (self.system.paused.add if paused else self.system.paused.discard)(platform)

    # -- at the platforms --------------------------------------------------------------------------

    @rule(platform=PLATFORMS, mood=st.sampled_from(("well", "well", *MOODS)))
    def a_platform_changes_its_mood(self, platform: str, mood: str) -> None:
        self.system.platforms[platform].mood = mood

    @precondition(lambda self: any(one.late for one in self.system.platforms.values()))
    @rule(platform=PLATFORMS)
    def late_calls_land(self, platform: str) -> None:
        self.system.platforms[platform].catch_up()

    # -- the end -----------------------------------------------------------------------------------

    def teardown(self) -> None:
        """Let everything come to rest, look, do it all again, and look whether anything changed."""
        self._calm_down()
        self._rest()
        self._look()
        self._tell()
        held = self._held()
        self._again(lambda post, _: post.envelope)
        same = held == self._held() or self._left_open()
        assert same, "the same webhooks once more changed something"
        # Under other ids two states of the same instant may change places, and nothing else.
        self._again(lambda post, number: replace(post.envelope, id=f"again-{number}"))
        self._look()
        events = [sent for _, sent in held]
        assert events == [sent for _, sent in self._held()], "an event was told once more"

    def _left_open(self) -> bool:
        """Tell whether the shop itself left open what the platforms hold."""
        facts = [post.fact for post in self.posts]
        return came_back(facts) or consent_came_back(facts)

    def _look(self) -> None:
        found = [
            *self.system.observer.bugs,
            *wrong(self.system, [post.fact for post in self.posts]),
        ]
        assert not found, found

    def _held(self) -> list[tuple[dict[str, dict[str, Row]], Counter[str]]]:
        return [platform.held() for platform in self.system.platforms.values()]

    def _again(self, renamed: Callable[[Post, int], Envelope]) -> None:
        for number, post in enumerate(self.posts):
            self.post(Post(renamed(post, number), post.fact))
            self.system.processes.finish()
        self._rest()

    def _tell(self) -> None:
        STEPS.update({"examples": 1, "webhooks": len(self.posts)})
        STEPS["port calls"] += self.system.processes.steps
        STEPS.update({f"of these: {name}": times for name, times in self.system.tried.items()})

    def _calm_down(self) -> None:
        self.system.paused.clear()
        self.system.down.clear()
        for platform in self.system.platforms.values():
            platform.mood = "well"
        self.system.processes.finish()
        # A shop tries again until it is answered.
        while waiting := [post for post in self.posts if not post.accepted]:
            self.system.pass_(60)
            for post in waiting:
                self.post(post)
                self.system.processes.finish()

    def _rest(self) -> None:
        for _ in range(4):
            self._drain()
            if not self.system.replay(force=False):
                break
        else:
            self._drain()
        dead = [one.attributes for one in self.system.queue.dead]
        stuck = [one for one in dead if one.get("path") != "$.mangled"]
        assert not stuck, f"dead letters that no replay brings home: {stuck}"

    def _drain(self) -> None:
        end = self.system.clock() + PATIENCE
        while self.system.queue.next_due() is not None:
            assert self.system.clock() < end, "the queue does not come to rest"
            self._until_due()
            self.system.take()
            self.system.processes.finish()
        self.system.pass_(60)

    def _until_due(self) -> None:
        due = self.system.queue.next_due()
        if due is not None and due > self.system.clock():
            self.system.pass_(due - self.system.clock())

    def _end(self, processes: list[Process]) -> None:
        for process in processes:
            while standing := process.destination_state():
                self.system.processes.resume(process, standing[0], "well")

    def _one(self, index: int) -> Any:
        standing = self.system.processes.destination_state()
        return standing[index % len(standing)]

    @invariant()
    def a_step_is_counted(self) -> None:
        STEPS["steps"] += 1
