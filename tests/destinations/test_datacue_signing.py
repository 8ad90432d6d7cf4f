from __future__ import annotations

import base64
import hashlib
import hmac
import tomllib
from pathlib import Path
from typing import Any

import pytest

from shared.destinations.datacue.destination import build
from shared.destinations.datacue.signing import VERSION, checksum
from shared.errors import NotConfigured
from shared.http.call import Call
from shared.settings import Catalog, Secrets
from tests.destinations.sample_shop import (
    KEY,
    NEW,
    SECRET,
    customer,
    datacue,
    known,
    merchant,
    person_saved,
    planned,
    product_saved,
    secrets,
    variant,
)
from tests.destinations.test_datacue_events import cart_saved


def credentials(call: Call) -> tuple[str, str]:
    scheme, _, token = datacue().sign(call).headers["Authorization"].partition(" ")
    assert scheme == "Basic"
    name, _, password = base64.b64decode(token).decode().partition(":")
    return name, password


def test_the_empty_body_is_signed_as_the_empty_string() -> None:
    assert checksum(b"", "secret") == (
        "f9e66e179b6747ae54108f82f8ade8b3c25d76fd30afde6c395822c530196169"
    )


def test_the_password_is_the_lower_case_hex_hmac_of_exactly_the_bytes_sent() -> None:
    call = planned(person_saved(customer(first_name="Zoë/ 北"))).calls[0]
    expected = hmac.new(SECRET.encode(), call.body, hashlib.sha256).hexdigest()

    assert credentials(call) == (KEY, expected)
    assert "Zoë/ 北".encode() in call.body


def test_a_batch_delete_is_signed_over_its_body() -> None:
    call = planned(product_saved(variant("1")), known("1", "8", "9")).calls[-1]

    assert (call.method, credentials(call)[1]) == ("DELETE", checksum(call.body, SECRET))
    assert call.body != b""


def test_an_event_carries_the_key_alone_and_an_empty_password() -> None:
    call = planned(cart_saved()).calls[0]

    assert datacue().sign(call).headers["Authorization"] == (
        "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
    )


def test_a_content_type_goes_with_a_body_only() -> None:
    with_body = planned(product_saved(variant("1")), known("1", "9"))

    types = [datacue().sign(call).headers.get("Content-Type") for call in with_body.calls]

    assert types == ["application/json", None]


def test_the_user_agent_has_the_version_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())

    assert project["project"]["version"] == VERSION
    call = planned(cart_saved()).calls[0]
    assert datacue().sign(call).headers["User-Agent"] == f"Shoprelay/{VERSION}"


@pytest.mark.parametrize(
    ("other", "key"),
    [
        ({"api_url": "https://staging-api.datacue.co"}, KEY),
        ({"events_url": "https://staging-events.datacue.co"}, KEY),
        ({"profile": NEW}, KEY),
        ({}, "another-key"),
    ],
)
def test_the_fingerprint_changes_with_the_account_and_the_api(
    other: dict[str, Any], key: str
) -> None:
    assert build(merchant(**other), secrets(key)).fingerprint != datacue().fingerprint


@pytest.mark.parametrize(
    "catalog",
    [
        Catalog(default_category="other", placeholder_photo="https://acme.example/placeholder.png"),
        Catalog(placeholder_photo="https://acme.example/other.png"),
        Catalog(placeholder_photo="https://acme.example/placeholder.png", untracked_stock=1),
    ],
)
def test_the_fingerprint_changes_with_the_fallbacks_of_rows(catalog: Catalog) -> None:
    own = merchant()
    other = type(own)(
        name=own.name,
        storefront=own.storefront,
        currency=own.currency,
        sources=own.sources,
        destinations=own.destinations,
        datacue=own.datacue,
        catalog=catalog,
    )

    assert build(other, secrets()).fingerprint != datacue().fingerprint


def test_the_fingerprint_does_not_change_with_the_secret_which_may_rotate() -> None:
    assert build(merchant(), secrets(secret="another")).fingerprint == datacue().fingerprint


@pytest.mark.parametrize(
    ("unusable", "path"), [(Secrets(), "$.datacue"), (secrets("a:b"), "$.datacue.api_key")]
)
def test_unusable_credentials_raise_not_configured(unusable: Secrets, path: str) -> None:
    with pytest.raises(NotConfigured) as error:
        build(merchant(), unusable)

    assert error.value.path == path
