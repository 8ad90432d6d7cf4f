from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.conftest import CORPUS, until, world
from tests.e2e.shop import merchant

STATUSES = {"delivered", "queued", "dead_letter", "superseded", "duplicate", "ignored"}


def _index() -> list[dict[str, Any]]:
    if not CORPUS.is_dir():
        return []
    lines = (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")
@pytest.mark.parametrize("profile", ["2018-09", "2021-02"])
def test_every_body_of_the_corpus_is_answered_and_breaks_no_rule_of_the_platform(
    profile: str,
) -> None:
    with world(merchant(profile=profile, carts="cart-token", unsure=1)) as acme:
        replies = {}
        for entry in _index():
            topic = entry["topic"].removeprefix("_derived/").removeprefix("_shapes/")
            if topic == "shop/redact":
                continue  # it would empty the queues that are looked at below
            body = (CORPUS / entry["file"]).read_bytes()
            replies[entry["file"]] = acme.shop.post(topic, body)

        assert {file: one for file, one in replies.items() if one.code != 200} == {}
        assert {one.status for one in replies.values()} <= STATUSES
        dead = [file for file, one in replies.items() if one.status == "dead_letter"]
        trimmed = "_derived__products__update/8.json"
        assert set(dead) <= {"orders__create/18.json", trimmed} | _without_variants(dead)
        assert until(lambda: acme.waiting() == 0)
        assert acme.violations() == []


def _without_variants(files: list[str]) -> set[str]:
    """Older REST shapes that a webhook would never have: trimmed to a few fields."""
    found = set()
    for file in files:
        body = json.loads((CORPUS / file).read_bytes())
        if "products" in file and not {"title", "variants"} <= body.keys():
            found.add(file)
    return found
