"""The contract of every source in the registry, with its events."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.docs import sample_store
from cli.sandbox.samples import topic_of
from shared.errors import NotAuthentic, NotConfigured, NotOurs, NotUnderstood, ShoprelayError
from shared.model.change import Change, mentions
from shared.model.value import replace
from shared.model.version import instant
from shared.queue.envelope import Envelope, decode, encode
from shared.settings import Merchant, Secrets, ShopifySecrets, WooCommerceSecrets
from shared.sources.contract import Source
from shared.sources.parsing.signature import sign
from shared.sources.registry import SOURCES
from tests.sources import woo
from tests.sources.shop import EVENTS, SHOP, FakePorts, merchant

RECEIVED = 1_795_251_600.0
DEADLINE = RECEIVED + 3


@dataclass(frozen=True)
class Case:
    """
    The signatures and queries of a platform: one per source. ``other_shop`` are headers of another
    shop, None if the shop's name is not signed; ``build`` makes a source whose events need a store
    that can be queried.
    """

    merchant: Merchant
    secrets: Callable[[tuple[str, ...]], Secrets]
    headers: Callable[[bytes, str, str], Mapping[str, str]]
    other_shop: Mapping[str, str] | None = None
    build: Callable[[Merchant, Secrets], Source] | None = None


def shopify_headers(raw: bytes, topic: str, secret: str) -> Mapping[str, str]:
    return {
        "x-shopify-hmac-sha256": sign(raw, secret),
        "x-shopify-topic": topic,
        "x-shopify-shop-domain": SHOP,
        "x-shopify-api-version": "2026-10",
        "x-shopify-webhook-id": "delivery-1",
        "x-shopify-triggered-at": "2026-11-21T08:59:59.5Z",
    }


def woocommerce_headers(raw: bytes, topic: str, secret: str) -> Mapping[str, str]:
    return {
        "x-wc-webhook-signature": sign(raw, secret),
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-id": "3",
    }


CASES: Mapping[str, Case] = {
    "shopify": Case(
        merchant=merchant(),
        secrets=lambda keys: Secrets(shopify=ShopifySecrets(webhook_secrets=keys)),
        headers=shopify_headers,
        other_shop={"x-shopify-shop-domain": "other.myshopify.com"},
    ),
    "woocommerce": Case(
        merchant=woo.merchant(),
        secrets=lambda keys: Secrets(woocommerce=WooCommerceSecrets(webhook_secrets=keys)),
        headers=woocommerce_headers,
        build=sample_store.build,
    ),
}


def build(name: str, *keys: str) -> Source:
    case = CASES[name]
    secrets = case.secrets(keys or ("new", "old"))
    if case.build is not None:
        return case.build(case.merchant, secrets)
    return SOURCES[name](case.merchant, secrets, FakePorts())


def events() -> list[tuple[str, Path]]:
    return [(name, path) for name in SOURCES for path in sorted((EVENTS / name).glob("*.json"))]


def admitted(name: str, path: Path) -> Envelope:
    raw = path.read_bytes()
    return build(name).to_envelope(raw, CASES[name].headers(raw, topic_of(path), "new"), RECEIVED)


each = pytest.mark.parametrize("name", list(SOURCES))
each_event = pytest.mark.parametrize(
    ("name", "path"), events(), ids=lambda value: value.stem if isinstance(value, Path) else value
)


def test_every_source_has_a_case_here() -> None:
    assert set(CASES) == set(SOURCES)


@each
def test_a_source_has_the_name_it_is_registered_under(name: str) -> None:
    case = CASES[name]

    registered = SOURCES[name](case.merchant, case.secrets(("new",)), FakePorts())

    assert registered.name == build(name).name == name


@each
def test_a_changed_byte_is_not_authentic(name: str) -> None:
    raw = b'{"id": 1}'
    headers = CASES[name].headers(raw, "any/topic", "new")

    build(name).verify(raw, headers)
    for index in range(len(raw)):
        changed = raw[:index] + bytes([raw[index] ^ 1]) + raw[index + 1 :]
        with pytest.raises(NotAuthentic):
            build(name).verify(changed, headers)


@each
def test_a_missing_signature_is_not_authentic(name: str) -> None:
    with pytest.raises(NotAuthentic):
        build(name).verify(b"{}", {})


@each
def test_an_old_secret_is_accepted_and_a_foreign_one_is_not(name: str) -> None:
    raw = b'{"id": 1}'

    build(name).verify(raw, CASES[name].headers(raw, "any/topic", "old"))
    with pytest.raises(NotAuthentic):
        build(name).verify(raw, CASES[name].headers(raw, "any/topic", "foreign"))


@each
def test_an_empty_secret_is_rejected_at_the_start(name: str) -> None:
    with pytest.raises(NotConfigured):
        build(name, "good", "")


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.other_shop])
def test_another_shop_is_not_ours(name: str) -> None:
    headers = {
        **CASES[name].headers(b"{}", "any/topic", "new"),
        **(CASES[name].other_shop or {}),
    }

    with pytest.raises(NotOurs):
        build(name).to_envelope(b"{}", headers, RECEIVED)


@each
def test_a_repr_shows_no_secret(name: str) -> None:
    assert "new-secret" not in repr(build(name, "new-secret"))


@each
def test_topics_are_handled_or_ignored_with_a_reason(name: str) -> None:
    found = build(name)

    assert found.handled
    assert not found.handled & set(found.ignored)
    assert all(found.ignored.values())


@each
def test_every_handled_topic_has_an_event(name: str) -> None:
    found = build(name)
    topics = {admitted(name, path).topic for owner, path in events() if owner == name}

    assert topics - found.ignored.keys() == found.handled


@each
def test_an_invalid_body_of_any_handled_topic_is_not_understood(name: str) -> None:
    found = build(name)
    for topic in found.handled:
        headers = CASES[name].headers(b"{", topic, "new")
        webhook = found.to_envelope(b"{", headers, RECEIVED)
        with pytest.raises(NotUnderstood):
            found.translate(webhook, DEADLINE)


@each
def test_an_unknown_topic_is_ignored_and_counted(name: str) -> None:
    headers = CASES[name].headers(b"{}", "unicorns/create", "new")

    translated = build(name).translate(build(name).to_envelope(b"{}", headers, RECEIVED), DEADLINE)

    assert translated.ignored
    assert translated.counts == ("unknown_topic",)


@each_event
def test_an_event_translates_twice_to_the_same(name: str, path: Path) -> None:
    webhook = admitted(name, path)

    first = build(name).translate(webhook, DEADLINE)
    again = build(name).translate(copy.deepcopy(webhook), DEADLINE)

    assert first == again
    assert first.changes or first.notice or first.ignored


@each_event
def test_an_event_translates_the_same_after_the_queue(name: str, path: Path) -> None:
    webhook = admitted(name, path)
    waited = decode(encode(replace(webhook, destination="any", replays=2)))

    after, before = (build(name).translate(one, DEADLINE) for one in (waited, webhook))

    # A copy for one destination reads the store for itself.
    assert after == replace(before, read=None)


@each_event
def test_the_versions_of_an_event_are_instants(name: str, path: Path) -> None:
    for change in build(name).translate(admitted(name, path), DEADLINE).changes:
        for text in moments(change):
            assert instant(text) == text


@each_event
def test_a_guest_comes_before_the_change_that_names_them(name: str, path: Path) -> None:
    changes = build(name).translate(admitted(name, path), DEADLINE).changes
    own = [change.entity for change in changes]

    for index, change in enumerate(changes):
        named = mentions(change)
        assert named not in own or own.index(named) < index


@each_event
def test_a_truncated_event_is_not_understood_unless_its_body_is_ignored(
    name: str, path: Path
) -> None:
    webhook = admitted(name, path)
    if webhook.topic in build(name).ignored:
        assert build(name).translate(replace(webhook, body=b"{"), DEADLINE).ignored
        return
    for length in range(0, len(webhook.body) - 2, max(1, len(webhook.body) // 20)):
        with pytest.raises(NotUnderstood) as caught:
            build(name).translate(replace(webhook, body=webhook.body[:length]), DEADLINE)
        assert isinstance(caught.value, ShoprelayError)
        assert caught.value.path.startswith("$")


def moments(change: Change) -> tuple[str, ...]:
    version = getattr(change, "version", None)
    return (version.modified, version.tie) if version else (getattr(change, "at", ""),)
