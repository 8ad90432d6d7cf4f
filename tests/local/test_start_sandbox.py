from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from cli.local import start_sandbox
from cli.sandbox.woocommerce.double import RestDouble
from shared.settings import read_merchant, read_secrets
from shared.sources.woocommerce.store import connect

ROOT = Path(__file__).parents[2]
MERCHANT = (ROOT / "merchants" / "demo.toml").read_text()
SECRETS = json.loads((ROOT / "merchants" / "demo.secrets.json").read_bytes())
REAL = MERCHANT.replace("woo.demo-store.example", "store.acme.com")


def store(
    up: ExitStack, text: str, *, samples: bool, key: str | None = "ck_1"
) -> RestDouble | None:
    merchant = read_merchant(text)
    keys = {**SECRETS["woocommerce"], "consumer_key": key, "consumer_secret": "cs_1"}
    secrets = read_secrets(json.dumps({**SECRETS, "woocommerce": keys}), merchant)
    return start_sandbox.store(up, merchant, secrets, samples=samples)


@pytest.mark.parametrize(("text", "samples"), [(MERCHANT, False), (MERCHANT, True), (REAL, True)])
def test_a_stand_in_store_runs_for_the_samples_and_for_a_fictional_store(
    text: str, *, samples: bool
) -> None:
    with ExitStack() as up:
        assert store(up, text, samples=samples) is not None


def test_a_real_store_is_used_when_no_samples_are_sent() -> None:
    with ExitStack() as up:
        assert store(up, REAL, samples=False) is None


def test_there_is_no_stand_in_store_without_a_consumer_key() -> None:
    with ExitStack() as up:
        assert store(up, MERCHANT, samples=True, key=None) is None


def test_there_is_no_stand_in_store_for_a_merchant_without_the_source() -> None:
    text = MERCHANT.replace('["shopify", "woocommerce"]', '["shopify"]')

    with ExitStack() as up:
        assert store(up, text, samples=True) is None


def test_the_stand_in_store_accepts_the_merchants_key_and_has_the_samples_data() -> None:
    with ExitStack() as up:
        double = store(up, MERCHANT, samples=True)
        assert double is not None
        merchant = read_merchant(MERCHANT.replace("https://woo.demo-store.example", double.url))
        keys = {**SECRETS["woocommerce"], "consumer_key": "ck_1", "consumer_secret": "cs_1"}
        secrets = read_secrets(json.dumps({**SECRETS, "woocommerce": keys}), merchant)
        client = connect(merchant, secrets, time.time)
        assert client is not None
        found = client.variations("49", time.time() + 5)

    assert [one.id for one in found] == ["50", "51"]


def test_the_sandbox_has_the_merchants_personaclick_with_the_samples_devices() -> None:
    section = '[personaclick]\nshop_id = "0d42fd8b713d0752776ca589cc0056"\n'
    merchant = read_merchant(MERCHANT.split("[personaclick]")[0] + section)
    secrets = read_secrets(json.dumps(SECRETS), merchant)
    event = {
        "shop_id": "0d42fd8b713d0752776ca589cc0056", "did": "Vx8kQ2mTzL", "seance": "r4NpW9sYbC",
        "stream": "web", "event": "search", "search_query": "moss",
    }  # fmt: skip
    with ExitStack() as up:
        url = start_sandbox.sandbox(up, merchant, secrets, None)
        response = requests.post(f"{url}/personaclick/push", json=event, timeout=5)

    assert response.json() == {"status": "success"}
