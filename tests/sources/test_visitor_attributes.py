from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.model.visitor import NOBODY, Campaign, Visitor
from shared.sources.parsing.visitors import landing_campaign, read_visitor

AT = "2026-11-20T12:00:00.000000000Z"
BAD = ("bad_visitor_attribute",)
NAMES = ("sc", "did", "seance", "segment", "source")


def pairs(**given: object) -> msgspec.Raw:
    """Return attributes in Shopify's format, under the documented names."""
    attributes = [{"name": f"_shoprelay_{name}", "value": value} for name, value in given.items()]
    return raw(attributes)


def raw(document: object) -> msgspec.Raw:
    return msgspec.Raw(json.dumps(document).encode())


def source(**fields: object) -> str:
    return json.dumps({"from": "bulk", "code": "spring", **fields})


def seen(*groups: msgspec.Raw) -> Visitor:
    found, counts = read_visitor(groups, AT)
    assert counts == ()
    return found


def refused(**given: object) -> Visitor:
    """Return the visitor from attributes of which one is invalid."""
    found, counts = read_visitor((pairs(**given),), AT)
    assert counts == BAD
    return found


def test_all_five_attributes_make_a_visitor_as_of_the_event() -> None:
    found = seen(
        pairs(
            sc="cookie-1",
            did="device-1",
            seance="session-1",
            segment="B",
            source=source(at="2026-11-19T08:00:00+01:00"),
        )
    )

    assert found == Visitor(
        tracker_cookie="cookie-1",
        device_id="device-1",
        session_id="session-1",
        seen_at=AT,
        segment="B",
        campaign=Campaign(origin="bulk", code="spring", at="2026-11-19T07:00:00.000000000Z"),
    )


@pytest.mark.parametrize(
    "document",
    [
        [{"name": "_shoprelay_sc", "value": "cookie-1"}],
        [{"name": "shoprelay_sc", "value": "cookie-1"}],
        [{"id": 7, "key": "_shoprelay_sc", "value": "cookie-1"}],
        {"_shoprelay_sc": "cookie-1"},
        {"shoprelay_sc": "cookie-1"},
        [{"name": "gift", "value": None}, {"name": "_shoprelay_sc", "value": "cookie-1"}],
        [{"key": "huge", "value": [1e400]}, {"key": "_shoprelay_sc", "value": "cookie-1"}],
    ],
)
def test_every_shape_in_which_shops_write_attributes_is_read(document: object) -> None:
    text = json.dumps(document).replace("Infinity", "1e400")

    assert seen(msgspec.Raw(text.encode())) == Visitor(tracker_cookie="cookie-1")


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        "_shoprelay_sc",
        7,
        ["_shoprelay_sc"],
        [{"name": 7, "value": "_shoprelay_sc"}],
        [{"name": "__shoprelay_sc", "value": "cookie-1"}],
        [{"name": "my_shoprelay_sc", "value": "cookie-1"}],
        [{"name": "_shoprelay_email", "value": "cookie-1"}],
        [{"name": "_shoprelay_seen_at", "value": AT}],
        [{"name": "_shoprelay_sc", "value": None}],
        [{"name": "_shoprelay_sc", "value": ""}],
        [{"name": "_shoprelay_sc"}],
    ],
)
def test_foreign_and_empty_attributes_are_ignored_and_not_counted(document: object) -> None:
    assert seen(raw(document)) == NOBODY


@pytest.mark.parametrize(("name", "field"), [("sc", "tracker_cookie"), ("did", "device_id")])
@pytest.mark.parametrize("value", ["x", "!#$%&()*+,-./:;<=>?@[]^_`{|}~", "a" * 128])
def test_an_id_is_visible_ascii_of_at_most_128_characters(
    name: str, field: str, value: str
) -> None:
    assert seen(pairs(**{name: value})) == Visitor(**{field: value})  # type: ignore[arg-type]  # ids alone


@pytest.mark.parametrize("name", ["sc", "did", "seance"])
@pytest.mark.parametrize(
    "value",
    ["a" * 129, "a b", " a", "a\n", 'a"b', "a'b", "ä", "\x7f", "\x00", 7, 1.5, True, ["a"], {}],
)
def test_any_other_id_is_rejected(name: str, value: object) -> None:
    assert refused(segment="A", **{name: value}) == Visitor(segment="A")


@pytest.mark.parametrize("value", ["C", "a", "AB", "A ", 1])
def test_a_segment_is_a_or_b(value: object) -> None:
    assert seen(pairs(segment="A")).segment == "A"
    assert refused(sc="cookie-1", segment=value) == Visitor(tracker_cookie="cookie-1")


def test_a_session_without_its_device_is_omitted() -> None:
    assert seen(pairs(sc="cookie-1", seance="session-1")) == Visitor(tracker_cookie="cookie-1")


def test_a_device_without_a_session_was_not_seen() -> None:
    assert seen(pairs(did="device-1")) == Visitor(device_id="device-1")


@pytest.mark.parametrize("at", [None, "", AT, "2026-11-20T12:00:01Z", "9999-12-31T23:59:59Z"])
def test_a_campaign_is_no_later_than_the_event(at: str | None) -> None:
    assert seen(pairs(source=source(at=at))).campaign == Campaign(
        origin="bulk", code="spring", at=AT
    )


def test_a_campaign_may_be_an_object() -> None:
    attributes = {"from": "chain", "code": "c-1", "at": "2026-11-19T07:00:00Z"}

    assert seen(pairs(source=attributes)).campaign == Campaign(
        origin="chain", code="c-1", at="2026-11-19T07:00:00.000000000Z"
    )


@pytest.mark.parametrize(
    "value",
    [
        "bulk",
        "[]",
        "{}",
        '{"from":"bulk"}',
        '{"code":"spring"}',
        source(code=""),
        source(**{"from": ""}),
        source(code="c" * 129),
        source(**{"from": "f" * 129}),
        source(code="a\nb"),
        source(code=7),
        source(at="yesterday"),
        source(at=1795243525),
        "[" * 100_000,
        7,
        [source()],
    ],
)
def test_a_campaign_is_two_short_texts_and_a_moment(value: object) -> None:
    assert refused(sc="cookie-1", source=value) == Visitor(tracker_cookie="cookie-1")


def test_a_campaigns_texts_have_at_most_128_characters() -> None:
    found = seen(pairs(source=source(**{"from": "ä" * 128, "code": "c" * 128})))

    assert found.campaign == Campaign(origin="ä" * 128, code="c" * 128, at=AT)


def test_the_first_group_takes_precedence_and_the_next_adds_to_it() -> None:
    order = pairs(sc="of-order")
    line = pairs(sc="of-line", did="device-1", seance="session-1")

    assert seen(order, line) == Visitor(
        tracker_cookie="of-order", device_id="device-1", session_id="session-1", seen_at=AT
    )


def test_the_session_of_another_device_is_not_added() -> None:
    found = seen(pairs(did="device-1"), pairs(did="device-2", seance="session-2"))

    assert found == Visitor(device_id="device-1")


def test_each_invalid_attribute_is_counted() -> None:
    groups = (pairs(sc="a b", did=7, segment="A"), pairs(source="x"))

    assert read_visitor(groups, AT) == (Visitor(segment="A"), BAD * 3)


def test_the_repr_of_a_visitor_hides_all_values() -> None:
    found = seen(pairs(sc="cookie-1", did="device-1", seance="session-1", source=source()))

    assert not {"cookie-1", "device-1", "session-1", "spring"} & set(repr(found).split("'"))
    assert repr(found) == "Visitor()"


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=6,
)
VALUES = JSON | some.builds(
    lambda one: json.dumps(one, ensure_ascii=False),
    some.dictionaries(some.sampled_from(("from", "code", "at")), JSON | some.text(min_size=1)),
)
OURS = some.sampled_from([f"{mark}shoprelay_{name}" for mark in ("", "_") for name in NAMES])
GROUPS = some.one_of(
    some.dictionaries(OURS, VALUES),
    some.lists(
        some.fixed_dictionaries({"name": OURS, "value": VALUES})
        | some.fixed_dictionaries({"key": OURS | JSON, "value": VALUES})
    ),
    JSON,
)


@given(groups=some.lists(GROUPS, max_size=3))
def test_any_json_is_a_valid_visitor_or_nobody(groups: list[Any]) -> None:
    found, counts = read_visitor((raw(one) for one in groups), AT)

    for text in (found.tracker_cookie, found.device_id, found.session_id):
        assert text is None or (0 < len(text) <= 128 and text.isascii() and text.isprintable())
        assert text is None or not set(text) & set(" \"'")
    assert found.segment in (None, "A", "B")
    assert (found.seen_at, found.session_id is None) in ((None, True), (AT, False))
    campaign = found.campaign
    assert campaign is None or 0 < len(campaign.origin) <= 128
    assert campaign is None or 0 < len(campaign.code) <= 128
    assert campaign is None or campaign.at <= AT
    assert set(counts) <= set(BAD)


@given(content=some.binary() | some.binary().map(lambda tail: b'{"_shoprelay_sc":' + tail))
def test_invalid_json_is_nobody(content: bytes) -> None:
    found, _ = read_visitor((msgspec.Raw(content),), AT)

    assert found in (NOBODY, Visitor(tracker_cookie=found.tracker_cookie))


@pytest.mark.parametrize(
    ("site", "code"),
    [
        ("/?recommended_by=bulk&bulk_code=spring", "spring"),
        ("https://shop.example/p?a=1&personaclick_mail_code=m%2D1&recommended_by=bulk#top", "m-1"),
        ("/?recommended_by=bulk&personaclick_mail_code=m-1&bulk_code=spring", "spring"),
        ("/?bulk_code=&personaclick_mail_code=m-1&recommended_by=bulk", "m-1"),
    ],
)
def test_the_first_page_has_the_campaign(site: str, code: str) -> None:
    assert landing_campaign(site, AT) == Campaign(origin="bulk", code=code, at=AT)


@pytest.mark.parametrize(
    "site",
    [
        None,
        "",
        "/",
        "/?recommended_by=dynamic&recommended_code=1",
        "/?bulk_code=spring",
        "/?recommended_by=&bulk_code=spring",
        "/recommended_by=bulk&bulk_code=spring",
        "/#?recommended_by=bulk&bulk_code=spring",
        "/?recommended_by=bulk&bulk_code=" + "c" * 129,
        "/?recommended_by=bulk&bulk_code=%0A",
        "http://[?recommended_by=bulk",
    ],
)
def test_any_other_first_page_has_no_campaign(site: str | None) -> None:
    assert landing_campaign(site, AT) is None


@given(site=some.text())
def test_any_first_page_has_a_valid_campaign_or_none(site: str) -> None:
    for own in (site, f"/?{site}", f"/?recommended_by=bulk&bulk_code={site}"):
        campaign = landing_campaign(own, AT)

        assert campaign is None or 0 < len(campaign.code) <= 128
