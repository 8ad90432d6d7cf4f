"""The rows of the local stack's ledger, and how large DynamoDB would call them."""

from __future__ import annotations

from typing import Any

import boto3

from cli.local.aws import TABLE


def rows() -> dict[str, int]:
    """Give the size of every row by its key."""
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    return {row["pk"]["S"]: size(row) for page in pages for row in page["Items"]}


def size(value: Any) -> int:
    """Give the bytes of an item as DynamoDB counts them (Developer Guide, "Item sizes")."""
    match value:
        case {"S": str(text)}:
            return len(text.encode())
        case {"N": str(number)}:
            return len(number) // 2 + 2
        case {"BOOL": _} | {"NULL": _}:
            return 1
        case {"M": inner}:
            return 3 + size(inner) + len(inner)
        case {"L": items}:
            return 3 + sum(size(one) + 1 for one in items)
        case {"SS": items}:
            return sum(len(one.encode()) for one in items)
        case _:
            return sum(len(key.encode()) + size(one) for key, one in value.items())
