"""The hourly audit: what is lost is told and healed, what a person chose is left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cli.sandbox.shopify.double import AdminDouble
from cli.sandbox.woocommerce.double import RestDouble
from cli.sandbox.woocommerce.keys import Key
from shared import wiring
from shared.aws_clients import Clients
from shared.errors import LedgerUnavailable
from shared.observability import Observer
from shared.settings import Environment, Secrets, ShopifySecrets, WooCommerceSecrets
from shared.sources.registry import SUBSCRIPTIONS
from shared.subscriptions.audit import Audit, Heard
from shared.subscriptions.contract import Subscriptions
from shared.subscriptions.silent_topics import ENOUGH
from tests.sources import woo
from tests.sources.shop import merchant

NOW = 1_795_251_600.0  # 2026-11-21T09:00:00Z, an hour in which the journal is not read
READING = NOW + 3 * 3600
ENDPOINT = "https://hooks.example/webhooks"
ADDRESS = f"{ENDPOINT}/shopify"
SECRET = "a-secret-of_safe-signs-and-32-of-them"


class Record(Observer):
    """Keeps what is told, in words."""

    def __init__(self) -> None:
        super().__init__("acme")
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.alarms: list[str] = []
        self.counted: list[tuple[str, str]] = []

    def line(self, message: str, **facts: Any) -> None:
        self.told.append((message, facts))

    def alarm(self, metric: str, message: str, **facts: Any) -> None:
        self.alarms.append(metric)
        self.told.append((message, facts))

    def count(self, metric: str, dimension: str = "") -> None:
        self.counted.append((metric, dimension))

    def of(self, message: str) -> list[dict[str, Any]]:
        return [facts for told, facts in self.told if told == message]


@dataclass
class World:
    """A Shopify store that is connected."""

    shop: AdminDouble
    observer: Record = field(default_factory=Record)

    def audit(
        self,
        *,
        heal: bool = True,
        token: str = "shpat_demo",
        heard: Heard = tuple,
        now: float = NOW,
    ) -> dict[str, Any]:
        def shops() -> Mapping[str, Subscriptions | None]:
            secrets = Secrets(
                shopify=ShopifySecrets(webhook_secrets=("s",), access_token=token or None)
            )
            one = merchant(admin_url=self.shop.url)
            return {"shopify": SUBSCRIPTIONS["shopify"](one, secrets, lambda: NOW, never)}

        return run(self.observer, shops, heal=heal, heard=heard, now=now)

    def addresses(self) -> list[str]:
        return [one["uri"] for one in self.shop.held.subscriptions]


def never(seconds: float) -> None:
    raise AssertionError(seconds)


def run(
    observer: Observer, shops: Any, *, heal: bool = True, heard: Heard = tuple, now: float = NOW
) -> dict[str, Any]:
    audit = Audit(
        endpoint=ENDPOINT,
        shops=shops,
        heard=heard,
        heal=heal,
        observer=observer,
        clock=lambda: now,
    )
    return audit.run(60)


@pytest.fixture
def world() -> Iterator[World]:
    with AdminDouble() as shop:
        made = World(shop)
        made.audit()
        made.observer = Record()
        yield made


def test_a_shop_that_sends_everything_is_whole_and_nothing_is_told(world: World) -> None:
    assert world.audit() == {"shops": {"shopify": "whole"}, "silent": []}
    assert (world.observer.told, world.observer.alarms) == ([], [])


def test_what_vanished_is_told_and_made_again(world: World) -> None:
    gone = world.shop.held.subscriptions.pop()

    assert world.audit()["shops"] == {"shopify": "healed"}

    topic = gone["topic"].lower().replace("_", "/", 1)
    assert world.observer.alarms == ["SubscriptionLost"]
    [told] = world.observer.of("the shop no longer sends everything")
    assert told == {"source": "shopify", "lost": {topic: "is not there"}, "heal": True}
    assert world.observer.of("healed") == [{"source": "shopify", "topic": topic}]
    assert world.observer.counted == [("SubscriptionHealed", "shopify")]
    assert world.addresses() == [ADDRESS] * 27


def test_what_vanished_is_only_told_when_nobody_wants_it_healed(world: World) -> None:
    world.shop.held.subscriptions.pop()

    assert world.audit(heal=False)["shops"] == {"shopify": "lost"}
    assert world.observer.alarms == ["SubscriptionLost"]
    assert len(world.addresses()) == 26


def test_what_points_elsewhere_is_told_and_the_other_address_is_left(world: World) -> None:
    moved = world.shop.held.subscriptions[0]
    moved["uri"] = "https://old.example/webhooks/shopify"

    world.audit()

    [told] = world.observer.of("the shop no longer sends everything")
    assert set(told["lost"].values()) == {"points elsewhere"}
    assert world.addresses() == ["https://old.example/webhooks/shopify", *[ADDRESS] * 27]


def test_what_sends_less_than_all_is_lost_too(world: World) -> None:
    world.shop.held.subscriptions[0]["filter"] = "id:1"

    assert world.audit()["shops"] == {"shopify": "healed"}
    assert world.shop.held.subscriptions[0]["filter"] is None


def test_a_scope_that_was_never_given_is_a_line_and_no_alarm(world: World) -> None:
    world.shop.held.scopes -= {"read_customer_merge"}
    world.shop.held.subscriptions = [
        one for one in world.shop.held.subscriptions if one["topic"] != "CUSTOMERS_MERGE"
    ]

    assert world.audit()["shops"] == {"shopify": "whole"}
    assert world.observer.alarms == []
    assert world.observer.told == [
        (
            "subscriptions that send less",
            {
                "source": "shopify",
                "topics": {"customers/merge": "the app lacks the scope read_customer_merge"},
            },
        )
    ]


def test_what_the_shop_refuses_to_heal_is_told_with_what_to_do(world: World) -> None:
    world.shop.held.protected = False
    world.shop.held.subscriptions.clear()

    assert world.audit()["shops"] == {"shopify": "lost"}
    assert len(world.addresses()) == 12
    reasons = [facts["reason"] for facts in world.observer.of("not healed")]
    assert len(reasons) == 15
    assert all("protected customer data" in reason for reason in reasons)


def test_a_token_that_ended_is_an_alarm_of_its_own(world: World) -> None:
    assert world.audit(token="shpat_ended")["shops"] == {"shopify": "not asked"}
    assert world.observer.alarms == ["StoreRefused"]
    assert "shpat_ended" not in str(world.observer.told)


def test_a_shop_that_is_out_of_reach_is_counted_and_asked_again_next_time(world: World) -> None:
    world.shop.fault(status=503)

    assert world.audit()["shops"] == {"shopify": "not asked"}
    assert (world.observer.alarms, world.observer.counted) == ([], [("NotAudited", "shopify")])


def test_without_a_key_nobody_is_asked(world: World) -> None:
    assert world.audit(token="")["shops"] == {"shopify": "no key"}


def test_a_webhook_that_a_person_paused_stays_paused_and_a_disabled_one_does_not() -> None:
    key = Key(name="ck", secret="cs", may="read_write")
    with RestDouble(keys=(key,), clock=lambda: NOW) as shop:
        keys = WooCommerceSecrets(
            webhook_secrets=(SECRET,), consumer_key="ck", consumer_secret="cs"
        )

        def shops() -> Mapping[str, Subscriptions | None]:
            one, secrets = woo.merchant(url=shop.url), Secrets(woocommerce=keys)
            return {"woocommerce": SUBSCRIPTIONS["woocommerce"](one, secrets, lambda: NOW, never)}

        run(Record(), shops)
        shop.held.webhooks[1]["status"] = "paused"
        shop.held.webhooks[2]["status"] = "disabled"
        observer = Record()

        assert run(observer, shops)["shops"] == {"woocommerce": "healed"}

        statuses = [one["status"] for one in shop.held.webhooks.values()]
        assert (statuses.count("active"), statuses.count("paused")) == (12, 1)
        [told] = observer.of("the shop no longer sends everything")
        assert list(told["lost"].values()) == ["disabled"]
        [left] = observer.of("subscriptions that send less")
        assert list(left["topics"].values()) == ["paused"]


def test_a_key_that_may_only_read_tells_what_is_lost_and_that_it_may_not_heal() -> None:
    with RestDouble(clock=lambda: NOW) as shop:
        keys = WooCommerceSecrets(
            webhook_secrets=(SECRET,), consumer_key="ck_read", consumer_secret="cs_read"
        )

        def shops() -> Mapping[str, Subscriptions | None]:
            one, secrets = woo.merchant(url=shop.url), Secrets(woocommerce=keys)
            return {"woocommerce": SUBSCRIPTIONS["woocommerce"](one, secrets, lambda: NOW, never)}

        observer = Record()
        assert run(observer, shops)["shops"] == {"woocommerce": "not asked"}

    assert observer.alarms == ["SubscriptionLost", "StoreRefused"]
    assert shop.requests[1:] == ["POST webhooks"]


def test_a_secret_that_cannot_sign_is_told_and_shown_nowhere() -> None:
    key = Key(name="ck", secret="cs", may="read_write")
    with RestDouble(keys=(key,), clock=lambda: NOW) as shop:
        keys = WooCommerceSecrets(
            webhook_secrets=("too-short",), consumer_key="ck", consumer_secret="cs"
        )

        def shops() -> Mapping[str, Subscriptions | None]:
            one, secrets = woo.merchant(url=shop.url), Secrets(woocommerce=keys)
            return {"woocommerce": SUBSCRIPTIONS["woocommerce"](one, secrets, lambda: NOW, never)}

        observer = Record()
        assert run(observer, shops)["shops"] == {"woocommerce": "not asked"}

    assert observer.alarms == ["SubscriptionLost", "StoreRefused"]
    assert "too-short" not in str(observer.told)


# ---- topics that fell silent ---------------------------------------------------------------------


def heard() -> Iterable[tuple[str, float]]:
    for number in range(ENOUGH):
        yield "orders/create", READING - 9 * 3600 - 60 * number
        yield "products/update", READING - 60 * number


def test_a_topic_that_fell_silent_is_a_line_and_a_count(world: World) -> None:
    assert world.audit(heard=heard, now=READING)["silent"] == ["orders/create"]
    assert world.observer.alarms == []
    assert world.observer.counted == [("TopicSilent", "orders/create")]
    assert world.observer.of("a topic is silent") == [
        {"topic": "orders/create", "seconds": 32_400, "longest_before": 60}
    ]


def test_the_journal_is_read_four_times_a_day() -> None:
    with AdminDouble() as shop:
        world = World(shop)
        reads = list[float]()

        def reading() -> Iterable[tuple[str, float]]:
            reads.append(0)
            return ()

        for hour in range(24):
            world.audit(heard=reading, now=NOW + hour * 3600, token="")

    assert len(reads) == 4


def test_a_journal_out_of_reach_stops_nothing(world: World) -> None:
    def broken() -> Iterable[tuple[str, float]]:
        raise LedgerUnavailable("the journal: ThrottlingException")

    assert world.audit(heard=broken, now=READING) == {"shops": {"shopify": "whole"}, "silent": []}
    assert world.observer.of("the journal could not be read") != []


# ---- wired ---------------------------------------------------------------------------------------

TABLE = {
    "TableName": "ledger",
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "entity", "at")
    ],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "journal",
            "KeySchema": [
                {"AttributeName": "entity", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}
FILE = """
name = "acme"
storefront = "https://acme.example"
currency = "EUR"
sources = ["shopify"]
destinations = ["datacue"]
[shopify]
shop = "acme.myshopify.com"
"""


def test_the_function_reads_the_journal_and_asks_for_nothing_else_of_aws(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme.toml").write_text(FILE)
    secrets = {
        "shopify": {"webhook_secrets": ["w"]},
        "datacue": {"api_key": "k", "api_secret": "s"},
    }
    environment = Environment(
        merchant_file=str(tmp_path / "acme.toml"),
        secret_name="shoprelay/acme",
        table="ledger",
        retry_queue="q",
        dead_letters="d",
        bucket="b",
        endpoint=ENDPOINT,
    )
    clock = SimpleNamespace(time=lambda: READING, sleep=never)
    monkeypatch.setattr("shared.wiring.time", clock)
    with mock_aws():
        dynamodb = boto3.client("dynamodb", "us-east-1")
        dynamodb.create_table(**TABLE)  # type: ignore[arg-type]  # a dict of literals
        for number in range(ENOUGH):
            dynamodb.put_item(TableName="ledger", Item=noted(number))
        asked = list[str]()
        dynamodb.meta.events.register(
            "provide-client-params.*.*", lambda model, **_: asked.append(model.name)
        )
        clients = Clients(dynamodb=dynamodb, sqs=None, s3=None)  # type: ignore[arg-type]  # not asked
        app = wiring.build(environment, json.dumps(secrets), clients)
        with app.audit() as audit:
            found = audit.run(60)

    assert found == {"shops": {"shopify": "no key"}, "silent": ["orders/create"]}
    assert asked == ["Scan"]


def noted(number: int) -> dict[str, Any]:
    texts = {
        "pk": f"journal#{number}",
        "entity": f"order:{number}",
        "at": f"2026-11-21T01:00:{number:02d}.000000000Z#id-{number}",
        "source": "shopify",
        "topic": "orders/create",
    }
    numbers = {"attempts": "1", "milliseconds": "3"}
    return {key: {"S": text} for key, text in texts.items()} | {
        key: {"N": text} for key, text in numbers.items()
    }
