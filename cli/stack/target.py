"""Where a command acts: the local stack, or an account and region of AWS."""

from __future__ import annotations

from botocore.exceptions import ConnectionError, HTTPClientError  # noqa: A004 - botocore's

from cli import output
from cli.checks.aws import session
from cli.stack.resources import Location, connected


def announce(location: Location) -> None:
    """Print on standard error where a command that changes something acts."""
    output.echo(f"Acting on {describe(location)}.", err=True)


def describe(location: Location) -> str:
    """Return the place in words: an endpoint, or the account and the region."""
    if location.endpoint_url:
        return f"the local stack at {location.endpoint_url}"
    where = session().region_name
    try:
        account = connected(location, "sts").get_caller_identity()["Account"]
    except (ConnectionError, HTTPClientError):
        # A network without STS; the command itself may work.
        account = "unknown"
    return f"account {account}, region {where}"
