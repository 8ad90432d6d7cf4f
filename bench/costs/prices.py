"""
List prices in US dollars, before any free tier or discount, each with where it was read.

AWS's own pages draw their tables from live tokens, so most of these were read where others quote
them, and agree with what the page of the day shows in its examples. What is marked unread is from
memory: look it up before you sign for it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """``east`` is us-east-1 (N. Virginia), ``central`` eu-central-1 (Frankfurt), for one unit."""

    name: str
    unit: str
    east: float
    central: float
    page: str
    read: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region's prices by their names."""

    name: str
    prices: dict[str, float]

    def __getitem__(self, name: str) -> float:
        return self.prices[name]


_PAGE = "https://aws.amazon.com"
HTTP = Price(
    name="HTTP API request",
    unit="million, of up to 512 KB each",
    east=1.00,
    central=1.20,
    page=f"{_PAGE}/api-gateway/pricing/",
    read="2026-09-20, its worked example",
)
INVOKE = Price(
    name="Lambda request",
    unit="million",
    east=0.20,
    central=0.20,
    page=f"{_PAGE}/lambda/pricing/",
    read="2026-09-20",
)
GB_SECOND = Price(
    name="Lambda on arm64",
    unit="GB-second, to the millisecond, INIT included since 2025-08-01",
    east=0.0000133334,
    central=0.0000133334,
    page=f"{_PAGE}/lambda/pricing/",
    read="2026-05-11 and 2026-03-08, quoted by others",
)
WRITE = Price(
    name="DynamoDB write request unit",
    unit="million, of up to 1 KB each",
    east=0.625,
    central=0.7625,
    page=f"{_PAGE}/dynamodb/pricing/on-demand/",
    read="2025-07-21, quoted by others",
)
READ = Price(
    name="DynamoDB read request unit",
    unit="million, of up to 4 KB each, strongly consistent",
    east=0.125,
    central=0.1525,
    page=f"{_PAGE}/dynamodb/pricing/on-demand/",
    read="2025-07-21, quoted by others",
)
TABLE = Price(
    name="DynamoDB storage",
    unit="GB and month",
    east=0.25,
    central=0.306,
    page=f"{_PAGE}/dynamodb/pricing/on-demand/",
)
BACKUP = Price(
    name="DynamoDB point-in-time recovery",
    unit="GB and month",
    east=0.20,
    central=0.2448,
    page=f"{_PAGE}/dynamodb/pricing/on-demand/",
)
QUEUE = Price(
    name="SQS request",
    unit="million, of up to 64 KB each",
    east=0.40,
    central=0.40,
    page=f"{_PAGE}/sqs/pricing/",
    read="2026-06-13 and 2026-03-14, quoted by others",
)
LOGS = Price(
    name="CloudWatch Logs ingestion",
    unit="GB",
    east=0.50,
    central=0.63,
    page=f"{_PAGE}/cloudwatch/pricing/",
    read="2026-06-13, quoted by others",
)
METRIC = Price(
    name="CloudWatch custom metric",
    unit="metric and month, by the hours in which it is sent",
    east=0.30,
    central=0.30,
    page=f"{_PAGE}/cloudwatch/pricing/",
    read="2026-02-15, quoted by others",
)
ALARM = Price(
    name="CloudWatch alarm",
    unit="alarm metric and month",
    east=0.10,
    central=0.10,
    page=f"{_PAGE}/cloudwatch/pricing/",
)
DASHBOARD = Price(
    name="CloudWatch dashboard",
    unit="dashboard and month",
    east=3.00,
    central=3.00,
    page=f"{_PAGE}/cloudwatch/pricing/",
    read="2026-06-13, quoted by others",
)
SECRET = Price(
    name="Secrets Manager secret",
    unit="secret and month",
    east=0.40,
    central=0.40,
    page=f"{_PAGE}/secrets-manager/pricing/",
    read="2026, quoted by others without a day",
)
SECRET_READ = Price(
    name="Secrets Manager call",
    unit="10,000 calls",
    east=0.05,
    central=0.05,
    page=f"{_PAGE}/secrets-manager/pricing/",
    read="2026, quoted by others without a day",
)
KEY = Price(
    name="KMS key",
    unit="key and month",
    east=1.00,
    central=1.00,
    page=f"{_PAGE}/kms/pricing/",
)
OUT = Price(
    name="Data out to the internet",
    unit="GB",
    east=0.09,
    central=0.09,
    page=f"{_PAGE}/ec2/pricing/on-demand/",
    read="2026-06-05 and 2026-04-27, quoted by others",
)
PRICES = (
    HTTP, INVOKE, GB_SECOND, WRITE, READ, TABLE, BACKUP, QUEUE, LOGS, METRIC, ALARM, DASHBOARD,
    SECRET, SECRET_READ, KEY, OUT,
)  # fmt: skip

EAST = Region(name="us-east-1", prices={one.name: one.east for one in PRICES})
CENTRAL = Region(name="eu-central-1", prices={one.name: one.central for one in PRICES})
