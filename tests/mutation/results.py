"""What mutmut has found so far, read from its files in `mutants/`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# mutmut's exit codes of a mutant's process (mutmut/stats.py). Every other code is a failed test or
# a run that never ended: both are a bug that was noticed.
SURVIVED, NOT_RUN, NO_TEST = frozenset({0}), frozenset({None, 2}), frozenset({5, 33})


def read(folder: Path) -> dict[str, int | None]:
    """Return the exit code of every mutant, None if it has not run."""
    found: dict[str, int | None] = {}
    for file in folder.rglob("*.meta"):
        found |= json.loads(file.read_text())["exit_code_by_key"]
    return found


@dataclass(frozen=True, slots=True)
class Results:
    """The exit codes of a sample of mutants."""

    codes: Mapping[str, int | None]

    def counts(self) -> Counter[str]:
        """Return how many mutants were killed, survived, have no test, and have not run."""
        return Counter(map(_word, self.codes.values()))

    def survivors(self) -> list[str]:
        """Return the mutants that no test noticed."""
        return sorted(
            name for name, code in self.codes.items() if _word(code) in {"survived", "no test"}
        )

    def lines(self, all_mutants: int) -> Iterator[str]:
        """Return the summary, with one line for each survivor."""
        counts = self.counts()
        ran = counts.total() - counts["not run"]
        yield f"{ran} of {all_mutants} mutants ran: {counts['killed']} killed"
        for name in self.survivors():
            yield f"{_word(self.codes[name])}: mutmut show {name}"


def _word(code: int | None) -> str:
    for word, codes in (("survived", SURVIVED), ("not run", NOT_RUN), ("no test", NO_TEST)):
        if code in codes:
            return word
    return "killed"
