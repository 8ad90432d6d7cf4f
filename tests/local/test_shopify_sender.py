from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from cli.sandbox.shopify.sender import Sample, changed, samples, sign

NOW = datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)


def test_a_body_is_signed_as_shopify_signs() -> None:
    # HMAC-SHA256 of "{}" under "secret", by `openssl dgst -sha256 -hmac secret -binary | base64`.
    assert sign(b"{}", "secret") == "dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM="


def test_samples_of_shopify_come_in_a_plausible_order(tmp_path: Path) -> None:
    for name in (
        "app__uninstalled__plain",
        "orders__create__guest",
        "products__delete__mug",
        "products__update__mug",
        "customers__create__ada",
        "products__create__mug",
        "shop__redact__all",
    ):
        (tmp_path / f"{name}.json").write_text("{}")

    read = samples(tmp_path, NOW)

    assert [sample.topic for sample in read] == [
        "products/create",
        "customers/create",
        "orders/create",
        "products/update",
        "products/delete",
        "app/uninstalled",
        "shop/redact",
    ]
    assert [sample.at for sample in read] == sorted({sample.at for sample in read})
    assert len({sample.id for sample in read}) == 7


def test_a_changed_sample_is_another_delivery_of_a_later_state() -> None:
    body = b'{"id": 1, "title": "Mug", "updated_at": "2026-11-20T10:00:00-05:00"}'
    first = Sample(id="1", topic="products/create", body=body, at=NOW)

    second = changed(first, "renamed", later=60, title="Cup")

    assert second.topic == "products/update"
    assert second.id == "demo-renamed"
    assert (second.at - first.at).total_seconds() == 60
    assert json.loads(second.body) == {
        "id": 1,
        "title": "Cup",
        "updated_at": "2026-11-20T10:01:00-05:00",
    }
