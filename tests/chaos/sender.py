"""Shopify's side of the wire: what was not answered 2xx is posted again, until it is."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import requests

from tests.chaos.shop_model import Webhook
from tests.e2e.shop import Shop

_SIDE_BY_SIDE = 4
_OK = 200
_AGAIN = (0.2, 0.5, 1.0)


class Sender:
    """Posts webhooks, several at once. ``answers`` are the statuses told with each 2xx, by id."""

    def __init__(self, url: str) -> None:
        self._shop = Shop(url)
        self._pool = ThreadPoolExecutor(_SIDE_BY_SIDE)
        self._open: set[Future[None]] = set()
        self._lock = threading.Lock()
        self._given_up = threading.Event()
        self.answers: dict[str, list[str]] = defaultdict(list)
        self.codes: Counter[str] = Counter()
        self.slowest = 0.0

    def post(self, webhooks: Iterable[Webhook]) -> None:
        """Post in the background, in this order as far as four at once have one."""
        self._open |= {self._pool.submit(self._deliver, one) for one in webhooks}

    def waiting(self) -> int:
        """Count what has no answer yet."""
        self._open = {one for one in self._open if not one.done()}
        return len(self._open)

    def finish(self, seconds: float) -> None:
        """Wait until all is answered, give up after so many seconds."""
        done = wait(self._open, seconds)
        self._given_up.set()
        self._pool.shutdown(cancel_futures=True)
        self._shop.session.close()
        for one in done.done:
            one.result()

    def _deliver(self, webhook: Webhook) -> None:
        tries = 0
        while not self._given_up.is_set() and not self._post(webhook):
            time.sleep(_AGAIN[min(tries, len(_AGAIN) - 1)])
            tries += 1

    def _post(self, webhook: Webhook) -> bool:
        try:
            reply = self._shop.post(webhook.topic, webhook.body, at=webhook.at, delivery=webhook.id)
        except requests.RequestException:
            with self._lock:
                self.codes["no answer"] += 1
            return False
        with self._lock:
            self.codes[f"{reply.code} {reply.status}".strip()] += 1
            self.slowest = max(self.slowest, reply.seconds)
            if reply.code == _OK:
                self.answers[webhook.id].append(reply.status)
        return reply.code == _OK
