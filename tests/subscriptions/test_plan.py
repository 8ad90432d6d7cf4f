"""Wanted against found: which subscriptions are created, repaired, deleted, kept, or ignored."""

from __future__ import annotations

import pytest

from shared.subscriptions.contract import Found, State, Subscription, Wanted
from shared.subscriptions.plan import (
    Action,
    connecting,
    different,
    disconnecting,
    lost,
)

ADDRESS = "https://a.example/webhooks/shopify"
WANTED = Wanted(topics=frozenset({"orders/create"}), address=ADDRESS)

Plan = list[tuple[str, str, str]]


def there(
    topic: str = "orders/create",
    address: str = ADDRESS,
    state: State = State.ACTIVE,
    name: str = "1",
) -> Subscription:
    return Subscription(id=name, topic=topic, address=address, state=state)


def found(*subscriptions: Subscription, **withheld: str) -> Found:
    return Found(
        subscriptions=subscriptions,
        withheld={topic.replace("_", "/"): why for topic, why in withheld.items()},
    )


def plan(existing: Found, wanted: Wanted = WANTED, *, renew: bool = False) -> Plan:
    steps = connecting(wanted, existing, renew=renew)
    return [(one.action.value, one.topic, one.why) for one in steps]


@pytest.mark.parametrize("address", [ADDRESS, f"{ADDRESS}/"])
def test_an_existing_subscription_is_kept(address: str) -> None:
    assert plan(found(there(address=address))) == [("keep", "orders/create", "")]


def test_a_missing_subscription_is_created() -> None:
    (step,) = connecting(WANTED, found())

    assert (step.action, step.topic, step.address) == (Action.CREATE, "orders/create", ADDRESS)
    assert (step.why, step.subscription) == ("is not there", None)


@pytest.mark.parametrize("state", [State.PAUSED, State.DISABLED, State.TRIMMED])
def test_a_subscription_that_does_not_send_everything_is_repaired(state: State) -> None:
    assert plan(found(there(state=state))) == [("mend", "orders/create", state.value)]


def test_an_active_subscription_is_repaired_if_renewed() -> None:
    expected = [("mend", "orders/create", "the secret, once more")]

    assert plan(found(there()), renew=True) == expected


def test_the_active_one_of_two_subscriptions_is_kept() -> None:
    two = found(there(state=State.DISABLED, name="1"), there(name="2"))

    steps = connecting(WANTED, two)

    assert [(one.action, one.subscription and one.subscription.id) for one in steps] == [
        (Action.KEEP, "2"),
        (Action.DELETE, "1"),
    ]


def test_an_unhandled_topic_is_deleted_only_at_our_address() -> None:
    assert plan(
        found(
            there(),
            there("shop/update"),
            there("shop/update", "https://b.example/x"),
        )
    ) == [
        ("keep", "orders/create", ""),
        ("delete", "shop/update", "means nothing to us"),
        ("foreign", "shop/update", ""),
    ]


def test_an_address_of_our_form_is_shown_and_not_changed() -> None:
    assert plan(found(there(address="https://b.example/webhooks/shopify"))) == [
        ("create", "orders/create", "points elsewhere"),
        ("foreign", "orders/create", "another Shoprelay's address"),
    ]


def test_a_withheld_topic_is_not_created() -> None:
    assert plan(found(orders_create="no scope")) == [("withheld", "orders/create", "no scope")]


def test_an_existing_subscription_of_a_withheld_topic_is_kept() -> None:
    assert plan(found(there(), orders_create="no scope")) == [("keep", "orders/create", "")]


def test_an_optional_topic_is_tried_and_its_absence_is_no_difference() -> None:
    wanted = Wanted(topics=frozenset(), optional=frozenset({"p"}), address=ADDRESS)
    steps = connecting(wanted, found())

    assert [one.action for one in steps] == [Action.TRY]
    assert steps[0].writes
    assert different(steps) == ()
    assert lost(steps) == ()


def test_a_paused_subscription_is_different_and_not_lost() -> None:
    topics = frozenset({"a", "b", "c", "d", "e"})
    wanted = Wanted(topics=topics, address=ADDRESS)
    steps = connecting(
        wanted,
        Found(
            subscriptions=(
                there("a", state=State.PAUSED),
                there("b", state=State.DISABLED),
                there("c", state=State.TRIMMED),
                there("z"),
            ),
            withheld={"e": "no scope"},
        ),
    )

    assert [one.topic for one in lost(steps)] == ["b", "c", "d"]
    assert [one.topic for one in different(steps)] == ["a", "b", "c", "d", "e", "z"]


def test_a_renewed_secret_is_not_lost() -> None:
    assert lost(connecting(WANTED, found(there()), renew=True)) == ()


def test_disconnecting_deletes_only_subscriptions_to_our_address() -> None:
    steps = disconnecting(
        WANTED, found(there(), there("shop/update"), there(address="https://b.example"))
    )

    assert [(one.action, one.topic) for one in steps] == [
        (Action.DELETE, "orders/create"),
        (Action.DELETE, "shop/update"),
        (Action.FOREIGN, "orders/create"),
    ]
