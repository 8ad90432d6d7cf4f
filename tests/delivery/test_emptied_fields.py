"""
A field that the shop empties is empty at DataCue too: whatever arrives in whatever order, with lost
responses and killed functions, the platform ends with the newest product and nothing beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.sandbox.datacue import datacue as played
from cli.sandbox.exchange import Request, State
from shared.delivery.deliver import Pipeline
from shared.destinations.contract import Destination
from shared.http.call import Call
from shared.http.verdict import NoResponse, Response
from shared.model.change import ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.product import Product, Variant
from shared.model.value import replace
from shared.model.version import Version
from shared.queue.envelope import Envelope
from shared.sources.contract import Translated
from tests.delivery.harness import PRICE, Killed, World, at, webhook
from tests.destinations.sample_shop import KEY, NEW, OLD, SECRET, Profile, datacue

FIELDS = ("description", "brand", "color", "size", "categories")


def translate(envelope: Envelope, _deadline: float) -> Translated:
    body = json.loads(envelope.body)
    variants = tuple(
        Variant(id=one, default=False, price=PRICE, stock=5, color=more.get("color"),
                size=more.get("size"))
        for one, more in body["rows"].items()
    )  # fmt: skip
    product = Product(
        id="1",
        name="Tee",
        variants=variants,
        available=True,
        description=body.get("description"),
        brand=body.get("brand"),
        categories=tuple(body.get("categories", ())),
    )
    version = Version.at(at(body["second"]))
    return Translated(
        changes=(ProductSaved(entity=Entity(Kind.PRODUCT, "1"), version=version, product=product),)
    )


class Shop(World):
    """DataCue through the real pipeline; ``trouble`` decides what becomes of a call."""

    def __init__(self, profile: Profile) -> None:
        super().__init__("datacue")
        self.profile = profile
        self.platform = played({"api_key": KEY, "api_secret": SECRET}, profile)
        self.state: State = self.platform.blank()
        self.trouble: list[str] = []
        self.sent: list[str] = []

    def send(self, call: Call, headers: Mapping[str, str], _within: float) -> Response | NoResponse:
        bad = self.trouble.pop() if self.trouble else "well"
        self.step()
        if bad == "down":
            return NoResponse(sent=False, reason="down")
        url = urlsplit(call.url)
        path = "/api" + url.path if url.netloc == "api.datacue.co" else url.path
        lower = {name.lower(): value for name, value in headers.items()}
        plan = self.platform.plan(
            Request(method=call.method, path=path, query=url.query, headers=lower, body=call.body)
        )
        assert plan.violation is None
        self.sent.append(call.label)
        given = plan.act(self.state)
        self.step()
        if bad == "cut":
            return NoResponse(sent=True, reason="cut")
        return Response(status=given.status, body=given.body)

    def pipeline(self) -> Pipeline:
        pipeline = super().pipeline()
        return replace(
            pipeline, sources={"shop": replace(pipeline.sources["shop"], translate=translate)}
        )

    def _destination(self, _name: str) -> Destination:
        return datacue(self.profile)

    def rows(self) -> dict[str, dict[str, Any]]:
        return cast("dict[str, dict[str, Any]]", self.state["products"].get("1", {}))


def saved(second: int, **fields: Any) -> Envelope:
    return webhook("product", 1, second, **{"rows": {"11": {}}, **fields})


@pytest.mark.parametrize("profile", [OLD, NEW])
@pytest.mark.parametrize(
    ("full", "name"),
    [
        ({"description": "Soft."}, "description"),
        ({"brand": "Acme"}, "brand"),
        ({"rows": {"11": {"color": "Red"}}}, "color"),
        ({"rows": {"11": {"size": "M"}}}, "size"),
    ],
)
def test_a_field_that_is_emptied_is_gone(
    profile: Profile, full: Mapping[str, Any], name: str
) -> None:
    shop = Shop(profile)
    shop.deliver(saved(1, **full))
    assert name in shop.rows()["11"]

    shop.deliver(saved(2))

    assert name not in shop.rows()["11"]


def test_a_shorter_path_of_categories_leaves_no_deeper_level() -> None:
    shop = Shop(OLD)
    shop.deliver(saved(1, categories=["Apparel", "Shoes", "Boots"]))

    shop.deliver(saved(2, categories=["Hats"]))

    levels = {name: value for name, value in shop.rows()["11"].items() if "category" in name}
    assert levels == {"category_1": "Hats", "category_extra": {}}


def test_only_the_row_that_loses_a_field_is_created_again() -> None:
    shop = Shop(OLD)
    shop.deliver(saved(1, rows={"11": {"color": "Red"}, "12": {"color": "Blue"}, "13": {}}))
    shop.sent.clear()

    shop.deliver(saved(2, rows={"11": {"color": "Red"}, "12": {}, "13": {}}))

    assert shop.sent == ["DELETE products", "POST products", "PUT batch/products x2"]
    assert [row.get("color") for _, row in sorted(shop.rows().items())] == ["Red", None, None]


def test_a_changed_field_needs_no_new_row() -> None:
    shop = Shop(OLD)
    shop.deliver(saved(1, description="Soft."))
    shop.sent.clear()

    shop.deliver(saved(2, description="Softer.", brand="Acme"))

    assert shop.sent == ["PUT products"]


def test_a_new_variant_without_a_field_is_only_created() -> None:
    shop = Shop(OLD)
    shop.deliver(saved(1, rows={"11": {"color": "Red"}}))
    shop.sent.clear()

    shop.deliver(saved(2, rows={"11": {"color": "Red"}, "12": {}}))

    assert shop.sent == ["POST products", "PUT products"]


PRODUCTS = st.fixed_dictionaries(
    {
        "rows": st.dictionaries(
            st.sampled_from(["11", "12"]),
            st.fixed_dictionaries(
                {}, optional={"color": st.just("Red"), "size": st.sampled_from("SM")}
            ),
            min_size=1,
        )
    },
    optional={
        "description": st.sampled_from(["Soft.", "Warm."]),
        "brand": st.just("Acme"),
        "categories": st.sampled_from([["A"], ["A", "B"], ["A", "B", "C", "D", "E"]]),
    },
)


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from([OLD, NEW]),
    st.lists(PRODUCTS, min_size=1, max_size=5),
    st.lists(st.sampled_from(["well", "well", "down", "cut"]), max_size=12),
    st.randoms(use_true_random=False),
    st.none() | st.integers(1, 25),
)
def test_the_platform_ends_with_exactly_the_newest_product(
    profile: Profile,
    states: list[dict[str, Any]],
    trouble: list[str],
    random: Any,
    killed: int | None,
) -> None:
    arrivals = [saved(second, **state) for second, state in enumerate(states, 1)]
    newest = arrivals[-1]
    random.shuffle(arrivals)
    shop = Shop(profile)
    shop.trouble = trouble
    shop.kill_at = killed
    for one in arrivals:
        try:
            shop.deliver(one)
        except Killed:
            # The shop sends it again.
            shop.kill_at = None
            shop.clock.now += 60
            shop.deliver(one)
    shop.trouble, shop.kill_at = [], None
    shop.drain()

    clean = Shop(profile)
    clean.deliver(newest)
    assert shop.rows() == clean.rows()
