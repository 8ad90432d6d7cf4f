"""
AWS's list prices in US dollars, before any free tier or discount: `prices.csv`.

AWS's own pages build their tables with JavaScript, so most prices were read where others quote
them, and they agree with the examples on AWS's page of that day. The column ``read`` has the date.
A price without a date is from memory: look it up before you rely on it.
"""

from __future__ import annotations

import csv
from pathlib import Path

EAST, CENTRAL = "us-east-1", "eu-central-1"
_LINES = Path(__file__).with_name("prices.csv").read_text(encoding="utf-8").splitlines()
TABLE = tuple(csv.DictReader(_LINES))
# Region -> key of a price -> US dollars.
PRICES = {region: {row["key"]: float(row[region]) for row in TABLE} for region in (EAST, CENTRAL)}
