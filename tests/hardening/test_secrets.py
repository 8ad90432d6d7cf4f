"""Empty secrets, and secrets with odd characters: rejected at startup, or used to the last byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.errors import NotAuthentic, NotConfigured
from shared.settings import Secrets, ShopifySecrets, read_secrets
from shared.sources.parsing.signature import sign
from shared.sources.shopify.source import build
from tests.sources.shop import FakePorts, merchant
from tests.test_settings import merchant as settings

BODY = b'{"id": 1}'
BLANKS = ["", " ", "\n", "\t\r\n", "s3cret\n", "s3cret\r\n", " s3cret", "s3cret\u00a0", "\ufeff\n"]
ODD = ["ключ-🔑", "s3cret with blanks", "s3\ncret", "s3\x00cret", '"quoted"', "s" * 1_000_000, "\\"]


def document(**changes: Any) -> str:
    own = {"shopify": {"webhook_secrets": ["good"]}, "datacue": {"api_key": "k", "api_secret": "s"}}
    return json.dumps(own | changes)


@pytest.mark.parametrize("secret", BLANKS)
def test_an_empty_secret_or_one_with_a_line_break_is_rejected_at_startup(
    secret: str,
) -> None:
    wrong = document(shopify={"webhook_secrets": ["good", secret]})

    with pytest.raises(NotConfigured) as caught:
        read_secrets(wrong, settings())

    assert caught.value.reason == ("the secret: empty, or with a blank or a line break at one end")
    assert caught.value.path == "$.shopify.webhook_secrets[1]"
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("secret", BLANKS)
def test_a_source_rejects_an_invalid_secret_too(secret: str) -> None:
    wrong = Secrets(shopify=ShopifySecrets(webhook_secrets=("good", secret)))

    with pytest.raises(NotConfigured) as caught:
        build(merchant(), wrong, FakePorts(), None)

    assert caught.value.path == "$.shopify.webhook_secrets"


@pytest.mark.parametrize("name", ["api_key", "api_secret"])
@pytest.mark.parametrize("secret", ["", "\n", "s3cret\n", " s3cret"])
def test_a_platforms_credential_with_a_line_break_is_rejected_too(name: str, secret: str) -> None:
    wrong = document(datacue={"api_key": "k", "api_secret": "s"} | {name: secret})

    with pytest.raises(NotConfigured) as caught:
        read_secrets(wrong, settings())

    assert caught.value.path == f"$.datacue.{name}"


def test_a_token_of_the_store_with_a_line_break_is_rejected() -> None:
    wrong = document(shopify={"webhook_secrets": ["good"], "access_token": "shpat_1\n"})

    with pytest.raises(NotConfigured) as caught:
        read_secrets(wrong, settings())

    assert caught.value.path == "$.shopify.access_token"


@pytest.mark.parametrize("secret", ODD, ids=lambda text: repr(text[:20]))
def test_every_byte_of_an_unusual_secret_is_significant(secret: str) -> None:
    own = read_secrets(document(shopify={"webhook_secrets": [secret]}), settings())
    source = build(merchant(), own, FakePorts(), None)

    source.verify(BODY, {"x-shopify-hmac-sha256": sign(BODY, secret)})
    with pytest.raises(NotAuthentic):
        source.verify(BODY, {"x-shopify-hmac-sha256": sign(BODY, secret[:-1])})


def test_the_signature_of_an_empty_secret_is_not_authentic() -> None:
    own = read_secrets(document(), settings())
    source = build(merchant(), own, FakePorts(), None)

    for key in ("", "\n", "good\n", "GOOD"):
        with pytest.raises(NotAuthentic):
            source.verify(BODY, {"x-shopify-hmac-sha256": sign(BODY, key)})


@pytest.mark.parametrize(
    "data", ['{"shopify": {"webhook_secrets": ["\ud800"]}}', "\x00", "{" * 9000]
)
def test_a_secret_that_is_no_text_is_rejected(data: str) -> None:
    with pytest.raises(NotConfigured):
        read_secrets(data.encode("utf-8", "surrogatepass"), settings())
