"""
The machine over the WooCommerce source: real bodies, translated by the real source, of a store that
sends late and out of order as the real one does. The store never retries: a webhook without a 2xx
response is lost, and made up for by the sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from shared.delivery.settlement import Status
from shared.queue.envelope import Envelope
from tests.model_based import woo_shop as shop
from tests.model_based import woo_trade as trade
from tests.model_based.machine import INDEX, Machine
from tests.model_based.woo_expected import Built, violations
from tests.model_based.woo_harness import WooCommerceSystem

Action = Callable[[shop.Store, shop.Facts], list[shop.Sent]]
ACTIONS: Mapping[str, Action] = {
    "simple": shop.saves_simple,
    "variable": shop.saves_variable,
    "variation": shop.saves_variation,
    "variation hidden": shop.hides_variation,
    "variation trashed": shop.trashes_variation,
    "variation gone": shop.ends_variation,
    "type": shop.changes_type,
    "status": shop.changes_status,
    "trash": shop.trashes,
    "restore": shop.restores,
    "gone": shop.ends,
    "page": shop.trashes_a_page,
    "order": trade.saves_order,
    "order trash": trade.trashes_order,
    "order gone": trade.ends_order,
    "customer": trade.saves_customer,
    "customer gone": trade.ends_customer,
}
PARTS = ("variation", "variation", "variation hidden", "variation trashed", "variation gone")
WOO_THEMES = (
    ("simple",),
    ("simple", "trash", "restore"),
    ("simple", "simple", "trash", "restore", "gone", "status", "page"),
    ("variable", "variation"),
    ("variable", *PARTS),
    ("variable", "variation", "trash", "restore", "gone"),
    ("simple", "type", "variable", "variation"),
    ("order", "order", "order trash", "order gone"),
    ("customer", "customer gone", "order"),
    tuple(ACTIONS),
)
FACT_FIELDS = st.fixed_dictionaries(
    {
        "kind": st.integers(0, 63),
        "after": st.sampled_from((0.3, 1.2, 0.0)),
        "id": st.sampled_from(("1", "1", "2")),
        "name": st.sampled_from("AB"),
        "part": st.integers(0, 2),
        "stock": st.integers(0, 3),
        "bare": st.booleans(),
        "who": st.sampled_from(("1", "1", "2")),
        "guest": st.booleans(),
    }
)
TOPIC, WEBHOOK = "x-wc-webhook-topic", "x-wc-webhook-id"


@dataclass(slots=True)
class Call:
    """
    A webhook of the store: what it is about, its body once it was sent, and its envelope once it
    got a 2xx response. ``accepted``: the store sent it and will not send it again.
    """

    topic: str
    about: int
    raw: bytes = b""
    envelope: Envelope | None = None
    accepted: bool = False

    @property
    def answered(self) -> bool:
        """Whether it ever got a 2xx response."""
        return self.envelope is not None


class WooMachine(Machine):
    """One system and one store, queued or inline, whose clock is right or behind."""

    themes: ClassVar[tuple[tuple[str, ...], ...]] = WOO_THEMES
    # None: a store is opened in either way.
    always_reads: ClassVar[bool | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.system: WooCommerceSystem = WooCommerceSystem()
        self.posts: list[Call] = []  # type: ignore[assignment]  # the machine uses only what both have
        self.built: list[Built] = []

    # -- in the shop -------------------------------------------------------------------------------

    def happens(self, action: str, **facts: Any) -> None:  # type: ignore[override]  # as above
        for topic, about in ACTIONS[action](self.system.store, facts):
            # At most one pending delivery for each topic and id: its body is built when it is sent.
            if not any(
                (one.topic, one.about) == (topic, about) and self._pending(one)
                for one in self.posts
            ):
                self.posts.append(Call(topic, about))

    def _pending(self, call: Call) -> bool:
        # Several deliveries of one process are rendered from its object cache, so a body may be
        # older than its sending: a change in between is absorbed, and sends nothing more.
        return not call.accepted if self.system.always else not call.raw

    @initialize(
        theme=INDEX,
        fact=FACT_FIELDS,
        queued=st.booleans(),
        behind=st.sampled_from((0.0, 0.0, 5.0)),
        reads=st.booleans(),
    )
    def opens(
        self, theme: int, fact: dict[str, Any], *, queued: bool, behind: float, reads: bool
    ) -> None:
        """Open a store."""
        self.theme = self.themes[theme % len(self.themes)]
        # Where bodies are used, the version of a variable product is when the store was queried,
        # that of a simple one the store's own time: with different clocks a changed type is correct
        # after the next change.
        reads = reads if self.always_reads is None else self.always_reads
        exact = not reads and "type" in self.theme
        self.system = WooCommerceSystem(queued=queued, behind=0.0 if exact else behind, reads=reads)
        self.something_happens(fact)

    @rule(fact=FACT_FIELDS)
    def something_happens(self, fact: dict[str, Any]) -> None:
        action = self.theme[fact["kind"] % len(self.theme)]
        self.system.advance(fact["after"])
        self.happens(action, **fact)

    @rule(fact=FACT_FIELDS)
    def something_happens_and_is_posted(self, fact: dict[str, Any]) -> None:
        self.something_happens(fact)
        self.the_shop_posts(0)

    @rule(fact=FACT_FIELDS)
    def something_happens_and_is_posted_undisturbed(self, fact: dict[str, Any]) -> None:
        self.something_happens(fact)
        self.the_shop_posts_undisturbed(0)

    # -- between the shop and the receiver ---------------------------------------------------------

    def post(self, post: Call) -> None:  # type: ignore[override]  # a call is this shop's webhook
        # No two requests have the same instant, and no body is newer than its request.
        self.system.advance(0.001)
        self._build(post)
        headers = {TOPIC: post.topic, WEBHOOK: "3"}
        envelope = self.system.source.to_envelope(post.raw, headers, self.system.clock())
        post.accepted = True

        def answered(_: Status) -> None:
            post.envelope = envelope

        self.system.receive(envelope, answered)

    @rule(index=INDEX)
    def a_body_is_built_and_late(self, index: int) -> None:
        """Build a body now and send it later: the store's queue has several runners."""
        waiting = [post for post in self.posts if not post.raw]
        if waiting:
            self._build(waiting[-1 - index % len(waiting)])

    def _build(self, post: Call) -> None:
        if not post.raw:
            post.raw = shop.body(self.system.store, post.topic, post.about)
        self.built.append(Built(post.topic, post.raw))

    # -- the end -----------------------------------------------------------------------------------

    def _end_faults(self) -> None:
        super()._end_faults()
        if not all(post.answered for post in self.posts):
            self._sweep()

    def _sweep(self) -> None:
        """Send the state of everything once, as the sweep does: lost webhooks are not repeated."""
        self.system.advance(60)
        for kind, number in sorted(self.system.store.ever):
            there = getattr(self.system.store.held, shop.TABLES[kind])
            self._sweep_one(f"{kind}.{'updated' if number in there else 'deleted'}", number)

    def _sweep_one(self, topic: str, number: int) -> None:
        self.posts.append(Call(topic, number))
        self.post(self.posts[-1])
        self.system.processes.finish()

    def _check(self) -> None:
        found = [*self.system.observer.bugs, *violations(self.system, self.built)]
        assert not found, found

    def _deliver_again(self, renamed: Callable[[Any, int], Envelope]) -> None:
        # A lost webhook would be a new one, not a repetition.
        for number, post in enumerate(post for post in self.posts if post.answered):
            self.system.receive(renamed(post, number), lambda _: None)
            self.system.processes.finish()
        self._settle()
