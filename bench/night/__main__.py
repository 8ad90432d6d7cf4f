"""``python -m bench.night``: play the night; write docs/night.md and docs/images anew."""

from __future__ import annotations

from bench.night import pictures
from bench.night.page import PAGE, TEMPLATE, page
from bench.night.play import morning, night
from bench.night.stack import begun

EXPLAIN = "shoprelay explain order.json --topic orders/create --merchant night"
_RUN, _EXPLAIN, _LIST = 60, 40, 20


def main() -> None:
    """Play it once for the page; the pictures are of the same night."""
    with begun() as it:
        night(it)
        listing = "shoprelay dlq list --endpoint-url $AWS"
        pictures.picture("dlq", listing, it.typed(listing, colour=True), _LIST)
        seen = morning(it)
        pictures.picture("explain", EXPLAIN, it.typed(EXPLAIN, colour=True), _EXPLAIN)
    PAGE.write_text(page(TEMPLATE.read_text(encoding="utf-8"), seen), encoding="utf-8")
    pictures.picture("run", "make run ONCE=1", pictures.run(), _RUN)


if __name__ == "__main__":
    main()
