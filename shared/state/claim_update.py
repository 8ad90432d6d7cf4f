"""A claim as one conditional update of DynamoDB, which returns the row as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import field

from shared.model.value import MutableValue
from shared.state import item as items
from shared.state.ports import Claim, Intent
from shared.state.row import LIFETIME, LONGEST_LEASE

# A product with more variants keeps their names in an item of its own.
MANY = 100


class ClaimUpdate(MutableValue, kw_only=False):
    """An update expression that grows; DynamoDB wants names and values apart from it."""

    now: float
    sets: list[str] = field(default_factory=list)
    removes: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, items.AttributeValue] = field(default_factory=dict)

    def name(self, attribute: str) -> str:
        """Give an attribute's alias."""
        alias = f"#a{len(self.names)}"
        self.names[alias] = attribute
        return alias

    def value(self, value: items.AttributeValue) -> str:
        """Give a value's alias."""
        alias = f":v{len(self.values)}"
        self.values[alias] = value
        return alias

    def put(self, attribute: str, value: items.AttributeValue) -> None:
        """Set an attribute."""
        self.sets.append(f"{self.name(attribute)} = {self.value(value)}")

    def asked(self) -> dict[str, Any]:
        """Give the arguments of UpdateItem."""
        expression = "SET " + ", ".join(self.sets)
        if self.removes:
            expression += " REMOVE " + ", ".join(self.removes)
        if ":variants" in self.values:
            expression += " ADD variants :variants"
        return {
            "UpdateExpression": expression,
            "ConditionExpression": " AND ".join(self.conditions),
            "ExpressionAttributeNames": self.names,
            "ExpressionAttributeValues": self.values,
            "ReturnValues": "ALL_OLD",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }


def claim_update(claim: Claim, intents: Mapping[str, Intent]) -> ClaimUpdate:
    """Write a claim as one conditional update."""
    update = ClaimUpdate(claim.now)
    until, now = update.name("until"), update.value(items.number(claim.now))
    ttl = update.name("ttl")
    # DynamoDB deletes an expired item within days, not at once; what is expired forbids nothing.
    expired = f"{ttl} < {now}"
    longest = update.value(items.number(claim.now + LONGEST_LEASE))
    update.conditions.append(
        f"(attribute_not_exists({until}) OR {until} < {now} OR {until} > {longest})"
    )
    update.put("lease", items.text(claim.lease.token))
    update.sets.append(f"{until} = {update.value(items.number(claim.lease.until))}")
    if claim.delivery is not None:
        done, delivery = update.name("done"), update.value(items.text(claim.delivery))
        update.conditions.append(
            f"(attribute_not_exists({done}) OR NOT contains({done}, {delivery}) OR {expired})"
        )
    span = LIFETIME[claim.entity.kind]
    if span is None:
        update.removes.append(ttl)
    else:
        update.sets.append(f"{ttl} = {update.value(items.number(int(claim.now) + span))}")
    update.removes.extend(update.name(items.DIGEST + name) for name in sorted(claim.destinations))
    for name, intent in sorted(intents.items()):
        _intend(update, name, intent, expired)
    if len(claim.variants) > MANY:
        # Written before they are: whoever comes after a crash must look for them.
        update.put("many", {"BOOL": True})
    elif claim.variants:
        update.values[":variants"] = items.texts(claim.variants)
    return update


def _intend(update: ClaimUpdate, destination: str, intent: Intent, expired: str) -> None:
    intended, told = items.INTENDED + destination, items.TOLD + destination
    alias = update.name(told if intent.again else intended)
    condition = f"attribute_not_exists({alias}) OR {expired}"
    if not intent.once:
        condition += f" OR {alias} < {update.value(items.text(intent.key))}"
    for written in sorted(intent.abandoned):
        condition += f" OR {alias} = {update.value(items.text(written))}"
    update.conditions.append(f"({condition})")
    update.put(intended, items.text(intent.written))
