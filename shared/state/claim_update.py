"""A claim as one conditional update of DynamoDB, which returns the row from before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import field

from shared.model.value import MutableValue
from shared.state import item as items
from shared.state.ports import Claim, Intent
from shared.state.row import LIFETIME, LONGEST_LEASE

# A product with more variants has a separate item for their names.
MANY = 100


class ClaimUpdate(MutableValue, kw_only=False):
    """Builds an update expression; DynamoDB needs its names and values separately."""

    now: float
    sets: list[str] = field(default_factory=list)
    removes: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, items.AttributeValue] = field(default_factory=dict)

    def name(self, attribute: str) -> str:
        """Add an attribute's name, and return its alias."""
        alias = f"#a{len(self.names)}"
        self.names[alias] = attribute
        return alias

    def value(self, value: items.AttributeValue) -> str:
        """Add a value, and return its alias."""
        alias = f":v{len(self.values)}"
        self.values[alias] = value
        return alias

    def put(self, attribute: str, value: items.AttributeValue) -> None:
        """Set an attribute."""
        self.sets.append(f"{self.name(attribute)} = {self.value(value)}")

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of UpdateItem."""
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
    """Return a claim as one conditional update."""
    update = ClaimUpdate(claim.now)
    until, now = update.name("until"), update.value(items.number(claim.now))
    ttl = update.name("ttl")
    # DynamoDB deletes an expired item within days, not at once; an expired row forbids nothing.
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
        _add_intent(update, name, intent, expired)
    if len(claim.variants) > MANY:
        # Written before the variants, so that the next claim looks for them after a crash.
        update.put("many", {"BOOL": True})
    elif claim.variants:
        update.values[":variants"] = items.texts(claim.variants)
    return update


def _add_intent(update: ClaimUpdate, destination: str, intent: Intent, expired: str) -> None:
    intended, sent = items.INTENDED + destination, items.SENT + destination
    alias = update.name(sent if intent.again else intended)
    condition = f"attribute_not_exists({alias}) OR {expired}"
    if not intent.once:
        condition += f" OR {alias} < {update.value(items.text(intent.key))}"
    for written in sorted(intent.abandoned):
        condition += f" OR {alias} = {update.value(items.text(written))}"
    update.conditions.append(f"({condition})")
    update.put(intended, items.text(intent.written))
