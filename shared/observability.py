"""
Logs and metrics: one structured line per call, and counters. They never contain a body, personal
data or a secret: only ids, labels, verdicts and keyed hashes.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import (
    AmazonCloudWatchEMFProvider,
)

NAMESPACE = "Shoprelay"
# A topic is an unsigned header, and no real topic is longer.
MAX_DIMENSION = 100
logger = Logger(service="shoprelay")


class Observer:
    """The counters and logs of one invocation; ``flush`` writes the counters as EMF lines."""

    def __init__(self, merchant: str) -> None:
        self._merchant = merchant
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, metric: str, dimension: str = "") -> None:
        """Increment a metric; ``dimension`` is a destination, source or topic."""
        self._counts[metric, dimension] += 1

    def line(self, message: str, **facts: Any) -> None:
        """Log one structured line."""
        logger.info(message, merchant=self._merchant, **facts)

    def alarm(self, metric: str, message: str, **facts: Any) -> None:
        """Log an error and increment a metric with an alarm."""
        logger.error(message, merchant=self._merchant, alarm=metric, **facts)
        self.count(metric)

    def flush(self) -> None:
        """Write the counters, and reset them."""
        counts, self._counts = self._counts, Counter()
        for dimension in sorted({dimension for _, dimension in counts}):
            # Pass empty sets: the library's default sets are shared by the whole process, and so by
            # all containers of the local stack.
            emf = AmazonCloudWatchEMFProvider(
                namespace=NAMESPACE, metric_set={}, dimension_set={}, metadata_set={}
            )
            emf.add_dimension("merchant", self._merchant)
            if dimension:
                emf.add_dimension("of", _dimension(dimension))
            for (metric, of), number in sorted(counts.items()):
                if of == dimension:
                    emf.add_metric(metric, MetricUnit.Count, number)
            emf.flush_metrics()


def _dimension(text: str) -> str:
    """Return a value that CloudWatch accepts (API reference, Dimension): ASCII, 1024 at most."""
    return "".join(char if " " <= char <= "~" else "?" for char in text[:MAX_DIMENSION])
