"""
What an engineer sees at midnight: one structured line per call, and metrics. Never a body, a
person's data or a secret: only ids, labels, verdicts and keyed hashes come here.
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
# A topic is a header that nobody signed, and no topic is so long.
MAX_DIMENSION = 100
logger = Logger(service="shoprelay")


class Observer:
    """Counts and logs of one invocation; ``flush`` writes the counts as one EMF line."""

    def __init__(self, merchant: str) -> None:
        self._merchant = merchant
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, metric: str, dimension: str = "") -> None:
        """Count one of a metric; ``dimension`` is a destination, source or topic."""
        self._counts[metric, dimension] += 1

    def line(self, message: str, **facts: Any) -> None:
        """Log one structured line."""
        logger.info(message, merchant=self._merchant, **facts)

    def alarm(self, metric: str, message: str, **facts: Any) -> None:
        """Log an error and count it under a metric that an alarm watches."""
        logger.error(message, merchant=self._merchant, alarm=metric, **facts)
        self.count(metric)

    def flush(self) -> None:
        """Write what was counted, and forget it."""
        counts, self._counts = self._counts, Counter()
        for dimension in sorted({dimension for _, dimension in counts}):
            # A set of its own: the library keeps its sets for the whole process, and containers
            # of the local stack share one.
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
    """Write a value that CloudWatch takes (API reference, Dimension): ASCII, 1024 at most."""
    return "".join(sign if " " <= sign <= "~" else "?" for sign in text[:MAX_DIMENSION])
