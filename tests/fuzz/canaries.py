"""
Canaries: unique values, planted in every field of a body that may hold personal data or free text.
A canary that is found outside a body is a leak, and its number identifies the field.
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
# A valid address, so that it is not omitted; 2001:db8::/32 is for documentation (RFC 3849).
NETWORK = "2001:db8:ca0a:"
NEEDLE = re.compile(rf"{MARK}\w*|{NETWORK}[0-9a-f:]+", re.IGNORECASE)

# Keys without personal data that must stay, or the body could not be translated.
_STRUCTURAL_KEYS = re.compile(
    r"id|ids|.*_id|.*_ids|.*_at|currency|currency_code|.*_currency|.*status|state"
    r"|inventory_(policy|management)"
)
# Numbers as text, Shopify's global ids, timestamps, and the names of visitor attributes.
_STRUCTURAL_VALUES = re.compile(r"-?[0-9.]+|gid://.*|[0-9]{4}-[0-9]{2}-[0-9]{2}T.*|_shoprelay_\w+|")
# Personal fields are replaced whatever their value, numbers and nulls too.
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
    """The planted canaries: the location of each number."""

    locations: dict[int, str] = field(default_factory=dict)

    def plant(self, sample: Sample) -> Sample:
        """Plant canaries wherever a body may have personal data; a body must be JSON for that."""
        try:
            document = json.loads(sample.body)
        except (ValueError, RecursionError):
            return sample
        document = walk(
            document, lambda path, key, value: self._replace_leaf(sample, path, key, value)
        )
        return dataclasses.replace(sample, body=json.dumps(document, ensure_ascii=False).encode())

    def _replace_leaf(self, sample: Sample, path: str, key: str, value: Any) -> Any:
        if key == "shop_domain":
            return SHOP  # a body about another shop is rejected before it is parsed
        is_personal = _PERSONAL.fullmatch(key) is not None
        is_free_text = isinstance(value, str) and not (
            _STRUCTURAL_KEYS.fullmatch(key) or _STRUCTURAL_VALUES.fullmatch(value)
        )
        if not (is_personal or is_free_text):
            return value
        if isinstance(value, bool):
            return value
        number = len(self.locations) + 1
        self.locations[number] = f"{sample.name} {path}"
        return canary(number, key)


def canary(number: int, key: str = "") -> str:
    """Return a canary in the form of a key's value."""
    if _EMAIL.fullmatch(key):
        return f"{MARK}{number}@people.example"
    if _ADDRESS.fullmatch(key):
        return f"{NETWORK}:{number:x}"
    return f"{MARK.title()}{number}"


def walk(
    value: Any, replace: Callable[[str, str, Any], Any], path: str = "$", key: str = ""
) -> Any:
    """Return a copy of a document with each scalar replaced by ``replace`` (path, key, value)."""
    if isinstance(value, dict):
        return {name: walk(one, replace, f"{path}.{name}", name) for name, one in value.items()}
    if isinstance(value, list):
        return [walk(one, replace, f"{path}[{at}]", key) for at, one in enumerate(value)]
    return replace(path, key, value)


def find_canaries(text: str) -> set[str]:
    """Return the canaries in a text; the mark survives changes of case, escaping and encoding."""
    return set(NEEDLE.findall(text))


def address_hashes(body: bytes) -> Iterator[str]:
    """Yield the unkeyed hashes of every address in a body: they identify a person too."""
    for address in set(re.findall(rf"{MARK}\d+@people\.example", body.decode(errors="replace"))):
        for name in ("md5", "sha1", "sha256"):
            yield hashlib.new(name, address.encode()).hexdigest()[:32]
