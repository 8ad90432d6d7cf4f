"""The system with the real WooCommerce source, and a store that may be unavailable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from cli.sandbox.woocommerce.store_data import Json, StoreData
from shared.delivery.deliver import Deadline, Pipeline
from shared.delivery.settlement import Status
from shared.errors import LedgerUnavailable, StoreUnavailable
from shared.model.entity import Entity
from shared.queue.envelope import Envelope
from shared.sources.parsing.documents import read
from shared.sources.woocommerce import order_payloads, product_payloads
from shared.sources.woocommerce.context import Category
from shared.sources.woocommerce.source import build
from shared.state.store_reads import StoreRead
from tests.fakes.facts import MemoryFacts
from tests.fakes.store_reads import MemoryStoreReads
from tests.model_based.fibers import Process
from tests.model_based.harness import ModelSystem
from tests.model_based.woo_shop import Store
from tests.sources import woo

T = TypeVar("T")


class Queued(Pipeline):
    """The receiver's pipeline of a queued source: every webhook waits for a worker."""

    def deliver(self, envelope: Envelope, budget: Deadline) -> Status:  # noqa: ARG002 - the signature of the base class
        return self.settlement.wait(envelope, 0.0, "queued")


class WooCommerceSystem(ModelSystem):
    """
    ``behind`` is how many seconds the store's clock is behind ours. With ``reads`` the store is
    read for every change, and a body only names what changed.
    """

    def __init__(self, *, queued: bool = True, behind: float = 0.0, reads: bool = True) -> None:
        super().__init__()
        self.queued = queued
        self.always = reads
        self.facts = MemoryFacts(self.clock)
        self.reads = MemoryStoreReads(self.clock)
        self.shop_ports = FakeShopPorts(self)
        self.store = Store(StoreData(clock=lambda: self.clock() - behind))
        queried = QueriedStore(self)
        shop = woo.merchant(read_store="always" if reads else "when-needed")
        self.source = build(shop, woo.secrets(), self.shop_ports, queried)

    def pipeline(self, process: Process) -> Pipeline:
        base = super().pipeline(process)
        parts = msgspec.structs.asdict(base)
        kind = Queued if self.queued and process.name == "receiver" else Pipeline
        return kind(
            **{
                **parts,
                "sources": {"woocommerce": self.source},
                "end_read": self.shop_ports.end_read,
            }
        )


@dataclass(frozen=True, slots=True)
class FakeShopPorts:
    """The ports that the source uses."""

    system: WooCommerceSystem

    def now(self) -> float:
        return self.system.clock()

    def pseudonym(self, email: str) -> str:
        return email.encode().hex()

    def tracked(self, items: frozenset[str]) -> Mapping[str, bool]:
        raise AssertionError(items)

    def known(self, entities: frozenset[Entity]) -> frozenset[Entity]:
        def do() -> frozenset[Entity]:
            rows = (self.system.ledger.rows.get(one) for one in entities)
            return frozenset(row.entity for row in rows if row and row.ever_sent)

        return self.system.port("known", LedgerUnavailable("known"), do)

    def recall(self, names: frozenset[str]) -> Mapping[str, str]:
        def do() -> Mapping[str, str]:
            return self.system.facts.recall(names)

        return self.system.port("recall", LedgerUnavailable("recall"), do)

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        self.system.port(
            "remember",
            LedgerUnavailable("remember"),
            lambda: self.system.facts.remember(facts, seconds),
        )

    def begin_read(self, entity: Entity, received_at: str) -> StoreRead:
        return self.system.port(
            "begin read",
            LedgerUnavailable("begin read"),
            lambda: self.system.reads.begin(entity, received_at),
        )

    def end_read(self, read: StoreRead, *, settled: bool) -> None:
        with suppress(LedgerUnavailable):
            self.system.port(
                "end read",
                LedgerUnavailable("end read"),
                lambda: self.system.reads.end(read, settled=settled),
            )


@dataclass(frozen=True, slots=True)
class QueriedStore:
    """The store's API. It returns the state at the time of the query."""

    system: WooCommerceSystem

    def product(self, product_id: str, _deadline: float) -> product_payloads.Product | None:
        return self._one(lambda: self._held.products.get(int(product_id)), product_payloads.Product)

    def variations(self, product_id: str, _deadline: float) -> tuple[product_payloads.Product, ...]:
        def do() -> tuple[product_payloads.Product, ...]:
            there = self.system.store.children(int(product_id))
            return tuple(
                _read(one, product_payloads.Product) for one in there if one["status"] != "trash"
            )

        return self._ask(do)

    def order(self, order_id: str, _deadline: float) -> order_payloads.Order | None:
        return self._one(lambda: self._held.orders.get(int(order_id)), order_payloads.Order)

    def customer(self, customer_id: str, _deadline: float) -> order_payloads.Customer | None:
        return self._one(
            lambda: self._held.customers.get(int(customer_id)), order_payloads.Customer
        )

    def categories(
        self, _deadline: float, _only: frozenset[str] = frozenset()
    ) -> Mapping[str, Category]:
        raise AssertionError("nothing here has a category")

    def currency(self, _deadline: float) -> str:
        return self._ask(lambda: "EUR")

    @property
    def _held(self) -> StoreData:
        return self.system.store.held

    def _one(self, find: Callable[[], Json | None], shape: type[T]) -> T | None:
        def do() -> T | None:
            found = find()
            return None if found is None else _read(found, shape)

        return self._ask(do)

    def _ask(self, do: Callable[[], T]) -> T:
        return self.system.port("ask", StoreUnavailable("no response of the store"), do)


def _read(document: Json, shape: type[T]) -> T:
    return read(msgspec.json.encode(document), shape)
