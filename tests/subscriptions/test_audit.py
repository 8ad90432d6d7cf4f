"""The hourly audit: lost subscriptions are reported and repaired, a person's choices are kept."""

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
from shared.state.journal import SEGMENTS
from shared.subscriptions.audit import Audit, Received
from shared.subscriptions.contract import Subscriptions
from shared.subscriptions.silent_topics import ENOUGH
from tests.sources import woo
from tests.sources.shop import merchant
from tests.subscriptions.topic_counts import PROTECTED_TOPICS, SHOPIFY_TOPICS

NOW = 1_795_251_600.0  # 2026-11-21T09:00:00Z, an hour in which the journal is not read
READING = NOW + 3 * 3600
ENDPOINT = "https://hooks.example/webhooks"
ADDRESS = f"{ENDPOINT}/shopify"
SECRET = "a-secret-of_safe-signs-and-32-of-them"


class RecordingObserver(Observer):
    """Records log lines, alarms and counters."""

    def __init__(self) -> None:
        super().__init__("acme")
        self.lines: list[tuple[str, dict[str, Any]]] = []
        self.alarms: list[str] = []
        self.counted: list[tuple[str, str]] = []

    def line(self, message: str, **facts: Any) -> None:
        self.lines.append((message, facts))

    def alarm(self, metric: str, message: str, **facts: Any) -> None:
        self.alarms.append(metric)
        self.lines.append((message, facts))

    def count(self, metric: str, dimension: str = "") -> None:
        self.counted.append((metric, dimension))

    def of(self, message: str) -> list[dict[str, Any]]:
        return [facts for line, facts in self.lines if line == message]


def nothing(_deadline: float) -> Iterable[tuple[str, float]]:
    return ()


@dataclass
class World:
    """A connected Shopify store."""

    shop: AdminDouble
    observer: RecordingObserver = field(default_factory=RecordingObserver)

    def audit(
        self,
        *,
        repair: bool = True,
        token: str = "shpat_demo",
        received: Received = nothing,
        now: float = NOW,
    ) -> dict[str, Any]:
        def shops() -> Mapping[str, Subscriptions | None]:
            secrets = Secrets(
                shopify=ShopifySecrets(webhook_secrets=("s",), access_token=token or None)
            )
            one = merchant(admin_url=self.shop.url)
            return {"shopify": SUBSCRIPTIONS["shopify"](one, secrets, lambda: NOW, never)}

        return run(self.observer, shops, repair=repair, received=received, now=now)

    def addresses(self) -> list[str]:
        return [one["uri"] for one in self.shop.held.subscriptions]


def never(seconds: float) -> None:
    raise AssertionError(seconds)


def run(
    observer: Observer,
    shops: Any,
    *,
    repair: bool = True,
    received: Received = nothing,
    now: float = NOW,
) -> dict[str, Any]:
    audit = Audit(
        endpoint=ENDPOINT,
        shops=shops,
        received=received,
        repair=repair,
        observer=observer,
        clock=lambda: now,
    )
    return audit.run(60)


@pytest.fixture
def world() -> Iterator[World]:
    with AdminDouble() as shop:
        made = World(shop)
        made.audit()
        made.observer = RecordingObserver()
        yield made


def test_a_shop_that_sends_everything_is_whole_and_nothing_is_logged(world: World) -> None:
    assert world.audit() == {"shops": {"shopify": "whole"}, "silent": []}
    assert (world.observer.lines, world.observer.alarms) == ([], [])


def test_a_missing_subscription_is_reported_and_created(world: World) -> None:
    gone = world.shop.held.subscriptions.pop()

    assert world.audit()["shops"] == {"shopify": "healed"}

    topic = gone["topic"].lower().replace("_", "/", 1)
    assert world.observer.alarms == ["SubscriptionLost"]
    [line] = world.observer.of("the shop no longer sends everything")
    assert line == {"source": "shopify", "lost": {topic: "is not there"}, "heal": True}
    assert world.observer.of("healed") == [{"source": "shopify", "topic": topic}]
    assert world.observer.counted == [("SubscriptionHealed", "shopify")]
    assert world.addresses() == [ADDRESS] * SHOPIFY_TOPICS


def test_a_missing_subscription_is_only_reported_if_repair_is_off(world: World) -> None:
    world.shop.held.subscriptions.pop()

    assert world.audit(repair=False)["shops"] == {"shopify": "lost"}
    assert world.observer.alarms == ["SubscriptionLost"]
    assert len(world.addresses()) == 26


def test_a_subscription_that_points_elsewhere_is_reported_and_left(world: World) -> None:
    moved = world.shop.held.subscriptions[0]
    moved["uri"] = "https://old.example/webhooks/shopify"

    world.audit()

    [line] = world.observer.of("the shop no longer sends everything")
    assert set(line["lost"].values()) == {"points elsewhere"}
    assert world.addresses() == [
        "https://old.example/webhooks/shopify",
        *[ADDRESS] * SHOPIFY_TOPICS,
    ]


def test_a_trimmed_subscription_is_lost_too(world: World) -> None:
    world.shop.held.subscriptions[0]["filter"] = "id:1"

    assert world.audit()["shops"] == {"shopify": "healed"}
    assert world.shop.held.subscriptions[0]["filter"] is None


def test_a_missing_scope_is_logged_without_an_alarm(world: World) -> None:
    world.shop.held.scopes -= {"read_customer_merge"}
    world.shop.held.subscriptions = [
        one for one in world.shop.held.subscriptions if one["topic"] != "CUSTOMERS_MERGE"
    ]

    assert world.audit()["shops"] == {"shopify": "whole"}
    assert world.observer.alarms == []
    assert world.observer.lines == [
        (
            "subscriptions that send less",
            {
                "source": "shopify",
                "topics": {"customers/merge": "the app lacks the scope read_customer_merge"},
            },
        )
    ]


def test_a_rejected_repair_is_logged_with_its_reason(world: World) -> None:
    world.shop.held.protected = False
    world.shop.held.subscriptions.clear()

    assert world.audit()["shops"] == {"shopify": "lost"}
    assert len(world.addresses()) == SHOPIFY_TOPICS - PROTECTED_TOPICS
    reasons = [facts["reason"] for facts in world.observer.of("not healed")]
    assert len(reasons) == PROTECTED_TOPICS
    assert all("protected customer data" in reason for reason in reasons)


def test_an_expired_token_raises_its_own_alarm(world: World) -> None:
    assert world.audit(token="shpat_ended")["shops"] == {"shopify": "not asked"}
    assert world.observer.alarms == ["StoreRefused"]
    assert "shpat_ended" not in str(world.observer.lines)


def test_an_unavailable_shop_is_counted(world: World) -> None:
    world.shop.fault(status=503)

    assert world.audit()["shops"] == {"shopify": "not asked"}
    assert (world.observer.alarms, world.observer.counted) == ([], [("NotAudited", "shopify")])


def test_without_a_key_no_shop_is_queried(world: World) -> None:
    assert world.audit(token="")["shops"] == {"shopify": "no key"}


def test_a_paused_webhook_stays_paused_and_a_disabled_one_is_repaired() -> None:
    key = Key(name="ck", secret="cs", may="read_write")
    with RestDouble(keys=(key,), clock=lambda: NOW) as shop:
        keys = WooCommerceSecrets(
            webhook_secrets=(SECRET,), consumer_key="ck", consumer_secret="cs"
        )

        def shops() -> Mapping[str, Subscriptions | None]:
            one, secrets = woo.merchant(url=shop.url), Secrets(woocommerce=keys)
            return {"woocommerce": SUBSCRIPTIONS["woocommerce"](one, secrets, lambda: NOW, never)}

        run(RecordingObserver(), shops)
        shop.held.webhooks[1]["status"] = "paused"
        shop.held.webhooks[2]["status"] = "disabled"
        observer = RecordingObserver()

        assert run(observer, shops)["shops"] == {"woocommerce": "healed"}

        statuses = [one["status"] for one in shop.held.webhooks.values()]
        assert (statuses.count("active"), statuses.count("paused")) == (12, 1)
        [line] = observer.of("the shop no longer sends everything")
        assert list(line["lost"].values()) == ["disabled"]
        [left] = observer.of("subscriptions that send less")
        assert list(left["topics"].values()) == ["paused"]


def test_a_read_only_key_reports_lost_subscriptions_and_cannot_repair_them() -> None:
    with RestDouble(clock=lambda: NOW) as shop:
        keys = WooCommerceSecrets(
            webhook_secrets=(SECRET,), consumer_key="ck_read", consumer_secret="cs_read"
        )

        def shops() -> Mapping[str, Subscriptions | None]:
            one, secrets = woo.merchant(url=shop.url), Secrets(woocommerce=keys)
            return {"woocommerce": SUBSCRIPTIONS["woocommerce"](one, secrets, lambda: NOW, never)}

        observer = RecordingObserver()
        assert run(observer, shops)["shops"] == {"woocommerce": "not asked"}

    assert observer.alarms == ["SubscriptionLost", "StoreRefused"]
    assert shop.requests[1:] == ["POST webhooks"]


def test_an_invalid_secret_is_reported_and_not_shown() -> None:
    key = Key(name="ck", secret="cs", may="read_write")
    with RestDouble(keys=(key,), clock=lambda: NOW) as shop:
        keys = WooCommerceSecrets(
            webhook_secrets=("too-short",), consumer_key="ck", consumer_secret="cs"
        )

        def shops() -> Mapping[str, Subscriptions | None]:
            one, secrets = woo.merchant(url=shop.url), Secrets(woocommerce=keys)
            return {"woocommerce": SUBSCRIPTIONS["woocommerce"](one, secrets, lambda: NOW, never)}

        observer = RecordingObserver()
        assert run(observer, shops)["shops"] == {"woocommerce": "not asked"}

    assert observer.alarms == ["SubscriptionLost", "StoreRefused"]
    assert "too-short" not in str(observer.lines)


# ---- silent topics -------------------------------------------------------------------------------


def received(_deadline: float) -> Iterable[tuple[str, float]]:
    for number in range(ENOUGH):
        yield "orders/create", READING - 9 * 3600 - 60 * number
        yield "products/update", READING - 60 * number


def test_a_silent_topic_is_logged_and_counted(world: World) -> None:
    assert world.audit(received=received, now=READING)["silent"] == ["orders/create"]
    assert world.observer.alarms == []
    assert world.observer.counted == [("TopicSilent", "orders/create")]
    assert world.observer.of("a topic is silent") == [
        {"topic": "orders/create", "seconds": 32_400, "longest_before": 60}
    ]


def test_of_many_webhooks_of_a_minute_the_last_counts(world: World) -> None:
    def busy(_deadline: float) -> Iterable[tuple[str, float]]:
        for minute in range(2 * ENOUGH):
            for second in (0.0, 59.5, 30.0):
                yield "orders/create", READING - 9 * 3600 - 60 * minute + second

    assert world.audit(received=busy, now=READING)["silent"] == ["orders/create"]
    [line] = world.observer.of("a topic is silent")
    assert (line["seconds"], line["longest_before"]) == (9 * 3600 - 60, 60)


def test_a_burst_does_not_show_what_is_usual(world: World) -> None:
    def burst(_deadline: float) -> Iterable[tuple[str, float]]:
        return [("orders/create", READING - 9 * 3600 + second) for second in range(50)]

    assert world.audit(received=burst, now=READING)["silent"] == []


def test_the_journal_is_read_until_the_end_of_the_functions_time(world: World) -> None:
    deadlines: list[float] = []

    def reading(deadline: float) -> Iterable[tuple[str, float]]:
        deadlines.append(deadline)
        return ()

    world.audit(received=reading, now=READING)

    assert deadlines == [READING + 60 - 5]


def test_the_journal_is_read_four_times_a_day() -> None:
    with AdminDouble() as shop:
        world = World(shop)
        reads = list[float]()

        def reading(_deadline: float) -> Iterable[tuple[str, float]]:
            reads.append(0)
            return ()

        for hour in range(24):
            world.audit(received=reading, now=NOW + hour * 3600, token="")

    assert len(reads) == 4


def test_an_unavailable_journal_does_not_fail_the_audit(world: World) -> None:
    def broken(_deadline: float) -> Iterable[tuple[str, float]]:
        raise LedgerUnavailable("the journal: ThrottlingException")

    assert world.audit(received=broken, now=READING) == {
        "shops": {"shopify": "whole"},
        "silent": [],
    }
    assert world.observer.of("the journal could not be read") != []


# ---- the wiring ----------------------------------------------------------------------------------

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


def test_the_audit_only_scans_the_journal_in_aws(
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
        requests = list[str]()
        dynamodb.meta.events.register(
            "provide-client-params.*.*", lambda model, **_: requests.append(model.name)
        )
        clients = Clients(dynamodb=dynamodb, sqs=None, s3=None)  # type: ignore[arg-type]  # unused
        app = wiring.build(environment, json.dumps(secrets), clients)
        with wiring.audit_app(app) as audit:
            found = audit.run(60)

    assert found == {"shops": {"shopify": "no key"}, "silent": ["orders/create"]}
    assert requests == ["Scan"] * SEGMENTS


def noted(number: int) -> dict[str, Any]:
    texts = {
        "pk": f"journal#{number}",
        "entity": f"order:{number}",
        "at": f"2026-11-21T01:{number:02d}:00.000000000Z#id-{number}",
        "source": "shopify",
        "topic": "orders/create",
    }
    numbers = {"attempts": "1", "milliseconds": "3"}
    return {key: {"S": text} for key, text in texts.items()} | {
        key: {"N": text} for key, text in numbers.items()
    }
