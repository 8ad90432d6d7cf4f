"""Deletes of WooCommerce's products: hints, for which the store is queried."""

from __future__ import annotations

import pytest

from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.change import ProductRemoved, ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.model.version import Version
from shared.sources.contract import Translated
from tests.sources import woo
from tests.sources.shop import FakePorts
from tests.sources.woo import FakeStore

BEFORE_DELETE = "action.woocommerce_before_delete_product"
VARIATION = "action.woocommerce_delete_product_variation"


def product(name: int) -> Entity:
    return Entity(Kind.PRODUCT, str(name))


def removed(name: int, version: Version = woo.REMOVED) -> ProductRemoved:
    return ProductRemoved(entity=product(name), version=version)


def knowing(*names: int) -> FakePorts:
    return woo.ports(sent=frozenset(map(product, names)))


def action(hook: str, arg: object) -> dict[str, object]:
    return {"action": hook.removeprefix("action."), "arg": arg}


@pytest.mark.parametrize("number", [53, 67, 723])
def test_a_product_that_the_store_no_longer_has_is_removed(number: int) -> None:
    topic, body = woo.capture(number)
    name = woo.json_of(body)["id"]

    found = woo.translate(topic, body, knowing(name), FakeStore())

    assert found == Translated(changes=(removed(name),))


def test_a_product_in_the_trash_is_removed() -> None:
    trashed = woo.product(id=12, status="trash", date_modified_gmt="2026-11-21T06:45:24")

    found = woo.translate(*woo.capture(53), store=FakeStore(products={12: trashed}))

    version = Version("2026-11-21T06:45:24.000000000Z", woo.QUERIED_AT)
    assert found == Translated(changes=(removed(12, version),))


@pytest.mark.parametrize("number", [1007, 1013, 1015])
def test_a_late_delete_does_not_remove_a_restored_product(number: int) -> None:
    # Restored, updated, trashed and restored in one queue window: the delete was delivered last.
    live = woo.product(id=267, price="4", date_modified_gmt="2026-11-21T07:06:58")

    found = woo.translate(*woo.capture(number), store=FakeStore(products={267: live}))

    (change,) = found.changes
    assert isinstance(change, ProductSaved)
    assert change.version == Version("2026-11-21T07:06:58.000000000Z", woo.QUERIED_AT)


def test_repeated_trash_and_restore_end_in_the_current_state() -> None:
    hint = {"id": 11}
    fake_ports = woo.ports()
    versions = []
    for second, status in enumerate(("trash", "publish", "trash", "publish")):
        # All in one second of the shop.
        fake_ports.time += 0.1
        held = woo.product(status=status, date_modified_gmt="2026-11-21T07:06:58")
        (change,) = woo.translate(
            "product.deleted", hint, fake_ports, FakeStore({11: held})
        ).changes
        assert isinstance(change, ProductSaved if second % 2 else ProductRemoved)
        versions.append(change.version)

    assert versions == sorted(set(versions))


@pytest.mark.parametrize(
    "number",
    [322, 604, 718, 1075],
    ids=["a coupon", "a blog post", "a page", "an order of the legacy storage"],
)
def test_a_delete_of_another_post_is_counted(number: int) -> None:
    topic, body = woo.capture(number)
    name = woo.json_of(body)["id"]

    found = woo.translate(topic, body, store=FakeStore())

    # If it is a product whose body arrives later, it must stay removed.
    phantom = replace(removed(name), phantom=True)
    assert found == Translated(changes=(phantom,), counts=("phantom_delete",))


def test_a_late_body_is_older_than_a_phantom_delete() -> None:
    fake_ports = woo.ports()
    (gone,) = woo.translate("product.deleted", {"id": 11}, fake_ports, FakeStore()).changes
    (late,) = woo.translate("product.created", woo.product(), fake_ports, FakeStore()).changes

    assert isinstance(gone, ProductRemoved)
    assert isinstance(late, ProductSaved)
    assert late.version < gone.version


def test_a_scheduled_product_is_removed_when_the_store_deletes_it() -> None:
    tonight = woo.product(status="future", date_modified_gmt="2026-11-22T08:00:00")
    (saved,) = woo.translate("product.created", tonight, store=FakeStore()).changes
    (gone,) = woo.translate("product.deleted", {"id": 11}, store=FakeStore()).changes

    assert isinstance(saved, ProductSaved)
    assert isinstance(gone, ProductRemoved)
    assert saved.version < gone.version


def test_a_trashed_variation_updates_its_product() -> None:
    trashed = woo.product(id=25, parent_id=24, type="variation", status="trash")
    fake_store = FakeStore(
        products={25: trashed, 24: woo.variable(id=24)}, children={24: [woo.variation(id=27)]}
    )

    found = woo.translate(*woo.capture(152), store=fake_store)

    found_product = woo.product_of(found)
    assert (found_product.id, [one.id for one in found_product.variants]) == ("24", ["27"])


def test_a_permanently_deleted_variation_updates_the_product_it_was_sent_with() -> None:
    fake_ports = woo.ports(facts={"woocommerce:variation:25": ("24", float("inf"))})
    fake_store = FakeStore(
        products={24: woo.variable(id=24)}, children={24: [woo.variation(id=27)]}
    )

    found = woo.translate(*woo.capture(152), fake_ports, fake_store)

    assert [one.id for one in woo.product_of(found).variants] == ["27"]
    assert found.counts == ()


def test_a_trashed_variable_product_is_removed_by_each_of_its_variations() -> None:
    trashed = {
        38: woo.product(id=38, parent_id=24, type="variation", status="trash"),
        24: woo.variable(id=24, status="trash"),
    }

    for number in (161, 205):
        found = woo.translate(*woo.capture(number), store=FakeStore(products=trashed))
        assert found.changes == (removed(24, Version.at(woo.QUERIED_AT)),)


def test_a_trashed_variation_without_a_product_is_ignored() -> None:
    orphan = woo.product(id=25, type="variation", status="trash")

    found = woo.translate(*woo.capture(152), store=FakeStore(products={25: orphan}))

    assert found == Translated(ignored="a variation without a product is not for sale")


@pytest.mark.parametrize("topic", ["product.deleted", BEFORE_DELETE])
def test_a_store_without_a_response_removes_nothing(topic: str) -> None:
    body = {"id": 12} if topic == "product.deleted" else action(topic, 12)

    with pytest.raises(StoreUnavailable):
        woo.translate(topic, body, knowing(12), FakeStore(down=True))


def test_without_a_consumer_key_a_bare_id_removes_nothing() -> None:
    # The id may be an order's, sent again under the topic of products: the topic is not signed.
    found = woo.translate("product.deleted", {"id": 12}, knowing(12))

    assert (found.changes, found.counts) == ((), ("unverified_delete",))
    assert "consumer key" in found.ignored


def test_without_a_consumer_key_the_signed_action_removes_a_product_that_was_sent() -> None:
    found = woo.translate(BEFORE_DELETE, action(BEFORE_DELETE, 12), knowing(12))

    assert found == Translated(changes=(removed(12, Version.at(woo.RECEIVED)),))


def test_without_a_consumer_key_the_action_of_a_product_that_was_never_sent_is_ignored() -> None:
    found = woo.translate(BEFORE_DELETE, action(BEFORE_DELETE, 12), knowing(13))

    assert (found.changes, found.counts) == ((), ("phantom_delete",))
    assert found.ignored


def test_without_a_consumer_key_a_restored_product_is_as_old_as_its_restoring() -> None:
    # Not as new as its receipt: a captured body, sent again later, would bring an old state back.
    body = woo.product(date_modified_gmt="2026-11-20T08:00:03")

    (change,) = woo.translate("product.restored", body, knowing(11)).changes

    assert isinstance(change, ProductSaved)
    assert change.version == Version("2026-11-20T08:00:03.000000000Z", woo.RECEIVED)


@pytest.mark.parametrize("number", [63, 68, 72, 302, 365, 540, 589])
def test_a_product_that_was_about_to_be_deleted_is_removed(number: int) -> None:
    topic, body = woo.capture(number)
    name = woo.json_of(body)["arg"]

    found = woo.translate(topic, body, knowing(name), FakeStore())

    assert found == Translated(changes=(removed(name),))


def test_a_product_that_was_not_deleted_after_all_is_saved() -> None:
    found = woo.translate(
        BEFORE_DELETE, action(BEFORE_DELETE, 11), store=FakeStore(products={11: woo.product()})
    )

    assert woo.product_of(found).id == "11"


@pytest.mark.parametrize("number", [150, 279, 734, 997])
def test_a_deleted_variation_updates_the_product_it_was_sent_with(number: int) -> None:
    topic, body = woo.capture(number)
    name = woo.json_of(body)["arg"]
    fake_ports = woo.ports(facts={f"woocommerce:variation:{name}": ("24", float("inf"))})
    fake_store = FakeStore(
        products={24: woo.variable(id=24)}, children={24: [woo.variation(id=27)]}
    )

    found = woo.translate(topic, body, fake_ports, fake_store)

    assert [one.id for one in woo.product_of(found).variants] == ["27"]


def test_a_variation_deleted_with_its_product_removes_the_product() -> None:
    fake_ports = knowing(24)
    fake_ports.facts["woocommerce:variation:25"] = ("24", float("inf"))

    found = woo.translate(*woo.capture(279), fake_ports, FakeStore())

    assert found.changes == (removed(24),)


@pytest.mark.parametrize("store", [FakeStore(), None], ids=["with a key", "without"])
def test_a_deleted_variation_that_was_never_sent_is_ignored(store: FakeStore | None) -> None:
    found = woo.translate(VARIATION, action(VARIATION, 25), store=store)

    assert found == Translated(
        ignored="no product with this variation was ever sent", counts=("phantom_delete",)
    )


def test_a_deleted_variation_whose_product_cannot_be_queried_is_not_understood() -> None:
    fake_ports = woo.ports(facts={"woocommerce:variation:25": ("24", float("inf"))})

    with pytest.raises(NotUnderstood) as caught:
        woo.translate(VARIATION, action(VARIATION, 25), fake_ports)
    assert caught.value.path == "$.arg"


def test_a_variation_that_was_sent_is_known_when_it_is_deleted() -> None:
    fake_ports = woo.ports()
    both = FakeStore(
        products={11: woo.variable()}, children={11: [woo.variation(), woo.variation(id=22)]}
    )
    woo.translate("product.updated", woo.variable(), fake_ports, both)
    left = FakeStore(products={11: woo.variable()}, children={11: [woo.variation()]})

    found = woo.translate(VARIATION, action(VARIATION, 22), fake_ports, left)

    assert [one.id for one in woo.product_of(found).variants] == ["21"]


@pytest.mark.parametrize("number", [71, 324, 606, 687, 996, 1078])
def test_an_error_document_changes_nothing_and_is_counted(number: int) -> None:
    found = woo.translate(*woo.capture(number), store=FakeStore())

    assert found.changes == ()
    assert found.counts == ("error_document",)


@pytest.mark.parametrize("arg", [[], None, "735b90b4568125ed6c3f678819b6e058"])
@pytest.mark.parametrize("topic", [BEFORE_DELETE, VARIATION])
def test_an_action_without_an_id_is_not_understood(topic: str, arg: object) -> None:
    assert woo.failure(topic, action(topic, arg), FakeStore()) == "$.arg"
