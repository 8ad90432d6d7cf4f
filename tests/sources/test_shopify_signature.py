from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest
from msgspec import structs

from shared.errors import NotAuthentic, NotConfigured
from shared.settings import Secrets, ShopifySecrets
from shared.sources.parsing import signature
from shared.sources.parsing.signature import sign
from shared.sources.shopify.headers import header
from shared.sources.shopify.source import build
from tests.sources.shop import CORPUS, FakePorts, merchant, secrets

# echo -n '{"id":1}' | openssl dgst -sha256 -hmac secret -binary | base64
BODY = b'{"id":1}'
GOOD = "A971iWIMgT8Zj9A9eWfikrFj7wQ16/Qwcc4OlRl2PLc="


def verify(raw: bytes, headers: Mapping[str, str], keys: Sequence[str]) -> None:
    signature.verify(raw, header(headers, "hmac-sha256"), keys)


def test_a_valid_signature_is_accepted() -> None:
    verify(BODY, {"x-shopify-hmac-sha256": GOOD}, ["secret"])


def test_the_header_name_without_x_is_accepted() -> None:
    verify(BODY, {"shopify-hmac-sha256": GOOD}, ["secret"])


def test_the_old_secret_is_accepted_during_a_rotation() -> None:
    verify(BODY, {"x-shopify-hmac-sha256": GOOD}, ["new", "secret"])
    verify(BODY, {"x-shopify-hmac-sha256": GOOD}, ["secret", "new"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-shopify-hmac-sha256": ""},
        {"x-shopify-hmac-sha256": "not base64 at all"},
        {"x-shopify-hmac-sha256": "ключ"},
        {"x-shopify-hmac-sha256": GOOD.lower()},
        {"x-shopify-hmac-sha256": GOOD[:-4]},
        {"hmac-sha256": GOOD},
        {"x-shopify-hmac-sha256": sign(BODY, "other")},
    ],
)
def test_any_other_signature_is_not_authentic(headers: dict[str, str]) -> None:
    with pytest.raises(NotAuthentic):
        verify(BODY, headers, ["secret"])


def test_the_bytes_are_signed_and_not_the_json() -> None:
    with pytest.raises(NotAuthentic):
        verify(b'{"id": 1}', {"x-shopify-hmac-sha256": GOOD}, ["secret"])


def test_without_a_secret_no_signature_is_valid() -> None:
    with pytest.raises(NotAuthentic):
        verify(b"", {"x-shopify-hmac-sha256": sign(b"", "")}, [])


@pytest.mark.parametrize("keys", [(), ("",), ("good", ""), ("  ",)])
def test_an_empty_secret_is_rejected_at_startup(keys: tuple[str, ...]) -> None:
    empty = Secrets(shopify=ShopifySecrets(webhook_secrets=keys))

    with pytest.raises(NotConfigured) as caught:
        build(merchant(), empty, FakePorts(), None)

    assert caught.value.path == "$.shopify.webhook_secrets"


def test_missing_secrets_of_the_store_are_rejected_at_startup() -> None:
    with pytest.raises(NotConfigured) as caught:
        build(merchant(), Secrets(), FakePorts(), None)

    assert caught.value.path == "$.shopify"


def test_a_missing_section_of_the_store_is_rejected_at_startup() -> None:
    with pytest.raises(NotConfigured) as caught:
        build(structs.replace(merchant(), shopify=None), secrets(), FakePorts(), None)

    assert caught.value.path == "$.shopify"


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the checkout")
def test_the_vectors_of_the_corpus_agree() -> None:
    vectors = [
        json.loads(text) for text in (CORPUS / "hmac_vectors.jsonl").read_text().splitlines()
    ]

    for vector in vectors:
        raw = (CORPUS / vector["file"]).read_bytes()
        verify(raw, {"x-shopify-hmac-sha256": vector["x_shopify_hmac_sha256"]}, [vector["secret"]])

    assert len(vectors) >= 10
