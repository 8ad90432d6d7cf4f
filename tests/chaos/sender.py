"""The sender of webhooks, which like Shopify sends a webhook again until it gets a 2xx."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import requests

from tests.chaos.shop_model import Webhook
from tests.e2e.shop import Shop

_CONCURRENCY = 4
_OK = 200
_RETRY_DELAYS = (0.2, 0.5, 1.0)


class Sender:
    """Post webhooks concurrently. ``answers`` are the outcomes of each webhook's 2xx, by id."""

    def __init__(self, url: str) -> None:
        self._shop = Shop(url)
        self._pool = ThreadPoolExecutor(_CONCURRENCY)
        self._open: set[Future[None]] = set()
        self._lock = threading.Lock()
        self._given_up = threading.Event()
        self.answers: dict[str, list[str]] = defaultdict(list)
        self.codes: Counter[str] = Counter()
        self.slowest = 0.0

    def post(self, webhooks: Iterable[Webhook]) -> None:
        """Post in the background, in this order apart from the concurrency."""
        self._open |= {self._pool.submit(self._deliver, one) for one in webhooks}

    def waiting(self) -> int:
        """Return the number of webhooks without a response."""
        self._open = {one for one in self._open if not one.done()}
        return len(self._open)

    def finish(self, seconds: float) -> None:
        """Wait until all webhooks have a response, for at most ``seconds``."""
        done = wait(self._open, seconds)
        self._given_up.set()
        self._pool.shutdown(cancel_futures=True)
        self._shop.session.close()
        for one in done.done:
            one.result()

    def _deliver(self, webhook: Webhook) -> None:
        tries = 0
        while not self._given_up.is_set() and not self._post(webhook):
            time.sleep(_RETRY_DELAYS[min(tries, len(_RETRY_DELAYS) - 1)])
            tries += 1

    def _post(self, webhook: Webhook) -> bool:
        try:
            reply = self._shop.post(webhook.topic, webhook.body, at=webhook.at, delivery=webhook.id)
        except requests.RequestException:
            with self._lock:
                self.codes["no response"] += 1
            return False
        with self._lock:
            self.codes[f"{reply.code} {reply.status}".strip()] += 1
            self.slowest = max(self.slowest, reply.seconds)
            if reply.code == _OK:
                self.answers[webhook.id].append(reply.status)
        return reply.code == _OK
