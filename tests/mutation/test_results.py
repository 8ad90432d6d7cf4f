from __future__ import annotations

import json
from pathlib import Path

from tests.mutation.results import Results, read


def test_the_results_of_every_module_are_read(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    for name, codes in {"a": {"a.x": 1}, "b": {"b.y": None}}.items():
        file = tmp_path / "shared" / f"{name}.py.meta"
        file.write_text(json.dumps({"exit_code_by_key": codes}))

    assert read(tmp_path) == {"a.x": 1, "b.y": None}


def test_a_survivor_and_a_mutant_without_a_test_are_listed() -> None:
    results = Results({"failed": 1, "endless": -24, "same": 0, "unseen": 33, "later": None})

    assert results.counts() == {"killed": 2, "survived": 1, "no test": 1, "not run": 1}
    assert list(results.lines(all_mutants=90)) == [
        "4 of 90 mutants ran: 2 killed",
        "survived: mutmut show same",
        "no test: mutmut show unseen",
    ]
