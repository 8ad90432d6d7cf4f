"""
Tables of the command line: one line per row. In a terminal that is too narrow the less important
columns are left out and long cells are cut off; ids stay whole. What is piped has no width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import output
from cli.terminal.text import plain

_GAP = 2
# A cell that is cut off shows at least so many characters.
_LEAST = 8
# Wider than any row: rich pads a table to its columns, not to the console.
_UNLIMITED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    A column. ``whole``: its cells are copied into other commands and are never cut off. ``rank``:
    in a narrow terminal the column with the highest rank is left out first, and one of rank 0
    never. ``wide``: it is shown with ``-o wide`` only. ``prose``: its sentences are folded, for
    they are read and not searched.
    """

    title: str
    whole: bool = False
    right: bool = False
    rank: int = 0
    wide: bool = False
    prose: bool = False


def print_table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    *,
    wide: bool = False,
    console: Console | None = None,
) -> None:
    """Print rows, whose cells are in the order of the columns. An empty or None cell is blank."""
    out = console or output.console()
    limit = out.width if out.is_terminal else _UNLIMITED
    cells = [[_cell(one) for one in row] for row in rows]
    shown = [at for at, one in enumerate(columns) if wide or not one.wide]
    shown = _fitting(columns, cells, shown, limit)
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for at in shown:
        one = columns[at]
        table.add_column(
            Text(one.title, no_wrap=True, overflow="ellipsis"),
            no_wrap=one.whole,
            overflow="fold",
            justify="right" if one.right else "left",
        )
    for row in cells:
        table.add_row(*(_drawn(columns[at], row[at]) for at in shown))
    if out.is_terminal:
        out.print(table)
    else:
        _print_whole(table, out)


def _print_whole(table: Table, out: Console) -> None:
    """Print a table for another program: as wide as it is, without spaces at the ends of lines."""
    piped = output.console(file=StringIO(), width=_UNLIMITED)
    piped.print(table)
    for line in piped.file.getvalue().splitlines():  # type: ignore[attr-defined]  # a StringIO
        out.file.write(f"{line.rstrip()}\n")


def _fitting(
    columns: Sequence[Column], rows: list[list[Text]], shown: list[int], limit: int
) -> list[int]:
    """Return the columns that a terminal has room for, as positions."""
    least = {at: _least_width(columns[at], [row[at] for row in rows]) for at in shown}
    kept = list(shown)
    while sum(least[at] + _GAP for at in kept) - _GAP > limit:
        optional = [at for at in kept if columns[at].rank]
        if not optional:
            break
        kept.remove(max(optional, key=lambda at: columns[at].rank))
    return kept


def _least_width(column: Column, cells: Iterable[Text]) -> int:
    natural = max([cell_len(column.title), *(cell_len(one.plain) for one in cells)])
    return natural if column.whole else min(natural, _LEAST)


def _cell(value: object) -> Text:
    return value if isinstance(value, Text) else plain("" if value is None else value)


def _drawn(column: Column, cell: Text) -> Text:
    if not column.prose:
        cell.no_wrap, cell.overflow = True, "ellipsis"
    return cell
