from __future__ import annotations

import pytest

from shared.destinations.datacue import banners
from shared.destinations.datacue.payloads import Banner, BannerUpdate
from shared.errors import NotExpressible
from shared.http.verdict import Delivered, Response
from tests.destinations.sample_shop import NEW, api, call_parts, datacue


def banner(own: str = "b1", link: str = "/collections/women") -> Banner:
    return Banner(
        banner_id=own,
        type="sub",
        name="Summer",
        category_1="women",
        category_2="summer",
        photo_url="/photos/b1.jpg",
        other_photos={"mobile": "https://cdn.example/b1-m.jpg"},
        link=link,
        extra={"order": 3},
    )


ROW = {
    "type": "sub",
    "name": "Summer",
    "category_1": "women",
    "category_2": "summer",
    "photo_url": "/photos/b1.jpg",
    "other_photos": {"mobile": "https://cdn.example/b1-m.jpg"},
    "link": "/collections/women",
    "extra": {"order": 3},
}


def test_a_banner_is_created_updated_and_deleted() -> None:
    calls = banners.create(api(), banner()) + banners.update(api(), banner())
    calls += banners.remove(api(), "b1")

    assert [call_parts(call) for call in calls] == [
        ("POST", "/v1/banners", ROW | {"banner_id": "b1"}),
        ("PUT", "/v1/banners/b1", ROW),
        ("DELETE", "/v1/banners/b1", None),
    ]


def test_several_banners_are_one_batch() -> None:
    two = (banner("b1"), banner("b2"))
    calls = banners.create(api(), *two) + banners.update(api(), *two)
    calls += banners.remove(api(), "b1", "b2")

    assert [call_parts(call)[:2] for call in calls] == [
        ("POST", "/v1/batch/banners"),
        ("PUT", "/v1/batch"),
        ("DELETE", "/v1/batch"),
    ]
    assert call_parts(calls[2])[2] == {
        "type": "banners",
        "batch": [{"banner_id": "b1"}, {"banner_id": "b2"}],
    }


def test_only_the_fields_to_change_are_sent() -> None:
    [call] = banners.change(api(), "b1", BannerUpdate(link="/new"))

    assert call_parts(call) == ("PUT", "/v1/banners/b1", {"link": "/new"})
    missing = datacue().judge(call, Response(status=404), 0.0)
    assert missing == Delivered(note="unknown_banner")


def test_an_invalid_banner_is_rejected_with_its_path() -> None:
    with pytest.raises(NotExpressible) as error:
        banners.create(api(), banner(link=""))

    assert error.value.path == "$.link"


def test_the_api_of_2021_has_no_banners() -> None:
    with pytest.raises(NotExpressible):
        banners.create(api(NEW), banner())
    with pytest.raises(NotExpressible):
        banners.remove(api(NEW), "b1")
    with pytest.raises(NotExpressible):
        banners.change(api(NEW), "b1", BannerUpdate(link="/new"))
