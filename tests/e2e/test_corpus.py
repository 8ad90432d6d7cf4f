from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.e2e.conftest import CORPUS, running_stack, until
from tests.e2e.shop import SHOP, merchant

STATUSES = {"delivered", "queued", "dead_letter", "superseded", "duplicate", "ignored"}


def _index() -> list[dict[str, Any]]:
    if not CORPUS.is_dir():
        return []
    lines = (CORPUS / "index.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")
# The fate of a body does not depend on the profile, and the golden files test the written form:
# half of the bodies here, and for the other profile some of the other half.
@pytest.mark.parametrize(("profile", "start", "step"), [("2018-09", 0, 2), ("2021-02", 1, 8)])
def test_every_body_of_the_corpus_is_answered_and_violates_no_rule_of_the_platform(
    profile: str, start: int, step: int
) -> None:
    with running_stack(merchant(profile=profile, carts="cart-token", unsure=1)) as acme:
        replies = {}
        for entry in _index()[start::step]:
            topic = _topic(entry["topic"])
            if topic == "shop/redact":
                continue  # it would empty the queues that are checked below
            body = _ours((CORPUS / entry["file"]).read_bytes())
            replies[entry["file"]] = acme.shop.post(topic, body)

        assert {file: one for file, one in replies.items() if one.code != 200} == {}
        assert {one.status for one in replies.values()} <= STATUSES
        dead = {file for file, one in replies.items() if one.status == "dead_letter"}
        assert dead <= _broken()
        assert until(lambda: acme.waiting() == 0)
        assert acme.violations() == []


def _ours(body: bytes) -> bytes:
    """Return a body with our shop's domain: privacy webhooks of another shop are rejected."""
    return re.sub(rb'("shop_domain": *)"[^"]*"', rb'\1"' + SHOP.encode() + b'"', body)


def _topic(text: str) -> str:
    """Return a topic; the corpus files derived bodies as "_derived/products__update"."""
    bare = text.removeprefix("_derived/").removeprefix("_shapes/")
    return bare if "/" in bare else bare.replace("__", "/")


def _broken() -> set[str]:
    """Return the unreadable bodies: mangled, trimmed, or "example string" for every amount."""
    kinds = {"mangled", "anonymised-shape"}
    broken = {entry["file"] for entry in _index() if entry["kind"] in kinds}
    return broken | {"_derived__products__update/8.json"}
