"""The benchmarks run, and the page has their last results. How fast they are is not tested."""

from __future__ import annotations

import json
from datetime import date

import pytest

from bench import report
from bench.__main__ import QUICK, figures
from bench.bodies import bodies, with_other_values
from bench.mapping import calls
from bench.measure import Figure, compared
from bench.receiver import ROWS


def test_each_body_has_the_size_in_its_name_and_copies_that_share_no_price() -> None:
    sizes = {body.name: len(body.copies[7]) for body in bodies()}
    order = bodies()[0]

    assert [round(size, -2) for size in sizes.values()] == [5600, 7200, 8000, 15600, 33000]
    assert len(set(order.copies)) == 32
    assert b'"101.50"' in order.copies[0]
    assert b'"101.50"' not in order.copies[1]


def test_a_copy_has_other_ids_prices_and_minutes_and_the_same_words() -> None:
    payload = {
        "id": 5_650_100_000_103,
        "gid": "gid://shopify/Product/8650100000103",
        "price": "14.00",
        "discount": "0.00",
        "updated_at": "2026-11-02T09:20:00-05:00",
        "title": "Wollsocken",
        "quantity": 2,
    }

    assert with_other_values(payload, 2) == {
        "id": 5_650_100_002_103,
        "gid": "gid://shopify/Product/8650100002103",
        "price": "14.14",
        "discount": "0.00",
        "updated_at": "2026-11-02T09:02:00-05:00",
        "title": "Wollsocken",
        "quantity": 2,
    }


@pytest.mark.parametrize(
    ("index", "destination", "labels"),
    [
        (0, "datacue", ["POST orders"]),
        (2, "datacue", ["POST batch/products x8"]),
        (3, "datacue", ["POST batch/products x20"]),
        (0, "yespo", ["POST CustomerData", "POST PurchasedItems"]),
        (2, "yespo", ["POST ProductUpdate x8"]),
        (0, "personaclick", ["POST push purchase"]),
    ],
)
def test_what_is_measured_writes_the_calls(index: int, destination: str, labels: list[str]) -> None:
    plans = calls(bodies()[index], destination)()

    assert [call.label for plan in plans for call in plan.calls] == labels


def test_the_quick_run_gives_a_row_for_each_body_for_each_receiver_row_and_for_the_memory() -> None:
    rows = list(figures(QUICK, processes=False))

    assert [row.part for row in rows] == ["a"] * 8 + ["b"] * 3 + ["e"]
    assert [row.name for row in rows[5:8]] == [
        "order of 5.6 kB to Yespo's calls",
        "product of 8 kB, 8 variants to Yespo's calls",
        "order of 5.6 kB to PersonaClick's calls",
    ]
    assert [row.name for row in rows[8:11]] == list(ROWS)
    assert all(row.ours > 0 and row.met is not None for row in rows)
    assert all(row.floor for row in rows[:11])


def test_the_median_of_each_column_counts() -> None:
    figure = compared("a", "n", "µs", [(1.0, 5.0), (9.0, 7.0), (2.0, 6.0)])

    assert (figure.ours, figure.floor) == (2.0, 6.0)
    assert figure.rounds == ((1.0, 5.0), (9.0, 7.0), (2.0, 6.0))


@pytest.mark.parametrize(
    ("figure", "met", "cells"),
    [
        (
            Figure(part="a", name="n", unit="µs", ours=120.4, floor=100.0, goal=1.0),
            False,
            ("a", "n", "120 µs", "100 µs", "1.20", "≤ 1", "no"),
        ),
        (
            Figure(part="e", name="n", unit="MB", ours=99.04, goal=128.0),
            True,
            ("e", "n", "99.0 MB", "", "", "≤ 128 MB", "yes"),
        ),
        (
            Figure(part="d", name="n", unit="ms", ours=2.26),
            None,
            ("d", "n", "2.3 ms", "", "", "", ""),
        ),
    ],
)
def test_a_row_shows_whether_its_goal_is_met(
    figure: Figure,
    met: bool | None,  # noqa: FBT001 - a column of the table above
    cells: tuple[str, ...],
) -> None:
    assert figure.met is met
    assert report.cells(figure) == cells


def test_the_page_has_the_figures_of_the_raw_output() -> None:
    found, rows = report.read()
    page = report.PAGE.read_text(encoding="utf-8")

    assert report.with_figures(page, found, rows) == page, "run `make bench`"
    assert {row.part for row in rows} == {"a", "b", "c", "d", "e"}


def test_the_raw_output_names_no_machine_and_no_path_of_it() -> None:
    found = report.document([], date(2026, 11, 21))

    assert sorted(found) == ["commit", "cpu", "date", "figures", "libraries", "python"]
    assert "/" not in json.dumps(found["commit"])


def test_a_page_without_marks_is_rejected() -> None:
    with pytest.raises(ValueError, match="marks"):
        report.with_figures("# A page\n", {"libraries": {}}, [])
