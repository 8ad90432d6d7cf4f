"""
Canaries: values that stand nowhere but in a body, planted wherever a person or free text may be.
Whoever finds one outside a body has found a leak, and the canary's number says of which field.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.shop import SHOP
from tests.fuzz.samples import Sample

MARK = "zqkanari"
# A real address, so that it is not dropped on the way; 2001:db8::/32 is for documentation
# (RFC 3849).
NETWORK = "2001:db8:ca0a:"
NEEDLE = re.compile(rf"{MARK}\w*|{NETWORK}[0-9a-f:]+", re.IGNORECASE)

# What tells nothing of anybody and must stay, or the body would not be understood at all.
_KEPT = re.compile(
    r"id|ids|.*_id|.*_ids|.*_at|currency|currency_code|.*_currency|.*status|state"
    r"|inventory_(policy|management)"
)
# Numbers as text, Shopify's global ids, moments, and the names under which a visitor is written.
_FACT = re.compile(r"-?[0-9.]+|gid://.*|[0-9]{4}-[0-9]{2}-[0-9]{2}T.*|_shoprelay_\w+|")
# Of people everything counts, numbers and nulls too.
_PERSONAL = re.compile(
    r"(.*_)?(email|e_mail|email_address|first_name|last_name|full_name|phone|zip|company|city"
    r"|address1|address2|province|province_code|country|country_code|latitude|longitude|note"
    r"|browser_ip|user_agent|session_hash|landing_site|landing_site_ref|referring_site|reference"
    r"|cart_token|checkout_token|token|order_status_url|abandoned_checkout_url|tags|source_name"
    r"|customer_locale|accept_language|location)"
)
_EMAIL = re.compile(r"(.*_)?email(_address)?")
_ADDRESS = re.compile(r"(.*_)?ip")


@dataclass(slots=True)
class CanaryRegistry:
    """The canaries that were planted: each number's place."""

    places: dict[int, str] = field(default_factory=dict)

    def planted(self, sample: Sample) -> Sample:
        """Plant in every place of a body that may be about somebody; no JSON stays as it is."""
        try:
            document = json.loads(sample.body)
        except (ValueError, RecursionError):
            return sample
        document = walk(document, lambda path, key, value: self._leaf(sample, path, key, value))
        return dataclasses.replace(sample, body=json.dumps(document, ensure_ascii=False).encode())

    def _leaf(self, sample: Sample, path: str, key: str, value: Any) -> Any:
        if key == "shop_domain":
            return SHOP  # a body about another shop is refused before anything is read
        personal = _PERSONAL.fullmatch(key) is not None
        free = isinstance(value, str) and not (_KEPT.fullmatch(key) or _FACT.fullmatch(value))
        if not (personal or free):
            return value
        if isinstance(value, bool):
            return value
        number = len(self.places) + 1
        self.places[number] = f"{sample.name} {path}"
        return canary(number, key)


def canary(number: int, key: str = "") -> str:
    """Write a canary as the value of a key would look."""
    if _EMAIL.fullmatch(key):
        return f"{MARK}{number}@people.example"
    if _ADDRESS.fullmatch(key):
        return f"{NETWORK}:{number:x}"
    return f"{MARK.title()}{number}"


def walk(value: Any, leaf: Callable[[str, str, Any], Any], path: str = "$", key: str = "") -> Any:
    """Write a document anew, each scalar through ``leaf`` (path, key, value)."""
    if isinstance(value, dict):
        return {name: walk(one, leaf, f"{path}.{name}", name) for name, one in value.items()}
    if isinstance(value, list):
        return [walk(one, leaf, f"{path}[{at}]", key) for at, one in enumerate(value)]
    return leaf(path, key, value)


def find_canaries(text: str) -> set[str]:
    """Give the canaries in a text; however it is cased, escaped or encoded, the mark survives."""
    return set(NEEDLE.findall(text))


def address_hashes(body: bytes) -> Iterator[str]:
    """Give the hashes without a key of every address in a body: they name a person as well."""
    for address in set(re.findall(rf"{MARK}\d+@people\.example", body.decode(errors="replace"))):
        for name in ("md5", "sha1", "sha256"):
            yield hashlib.new(name, address.encode()).hexdigest()[:32]
