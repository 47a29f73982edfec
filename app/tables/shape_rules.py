"""Position of the table in a file: titles above the header, a header in two rows, and rows of totals below."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

#: Number of rows, from the first non-blank one on, that can contain the header.
LOOKED_AT = 50
_COMPARED = 20
_NAME_LENGTH = 100
#: In a row of names, some cells can be something else: a year, a number.
_SHARE_OF_NAMES = 0.8

_TOTAL = re.compile(
    r"(?:(?:grand|overall|sub)[ -]?)?totals?\b|sum:?$|итого\b|всего\b|общий итог|jami\b|umumiy\b",
    re.IGNORECASE,
)
_INITIALS = frozenset("gGoOsStTиИвВоОjJuU")  # noqa: RUF001 - Russian too
_DATE = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}")


class Record(Protocol):
    """A row of the file with its line, like `app.tables.table_rules.Row`."""

    @property
    def line(self) -> int: ...

    @property
    def cells(self) -> Sequence[object]: ...


class Place(NamedTuple):
    """Position of a header: the index of its first row, and whether it has a second."""

    first: int
    has_two_rows: bool


def find_header(rows: Sequence[Record], *, is_first: bool = False) -> Place:
    """Return the position of the header among the first non-blank rows of a file.

    It is the first of them, unless the rows above another row of names are much narrower than that row. With
    `is_first`, it begins with the first row.
    """
    first = 0 if is_first else next(filter(lambda place: _is_below_titles(rows, place), range(1, len(rows))), 0)
    if first and not is_first and _is_group(rows, first - 1):
        return Place(first - 1, has_two_rows=True)
    return Place(first, has_two_rows=_is_group(rows, first))


def joined_names(upper: Sequence[object], lower: Sequence[object]) -> list[str]:
    """Return the names of a header in two rows: each lower name is prefixed with that of its group.

    A group extends to the next one. A lower name that already begins with the name of its group isn't prefixed.
    """
    names, group = [], ""
    for place in range(max(len(upper), len(lower))):
        above, below = _text(upper, place), _text(lower, place)
        group = above or group
        is_repeated = below.casefold().startswith(group.casefold())
        names.append(below if is_repeated else f"{group} {below}".strip() if below else above)
    return names


def may_be_totals(cells: Sequence[object]) -> bool:
    """Return whether a row other than the last can be one of totals; fast, because it is called for each row."""
    first = cells[0] if cells else None
    return not first or (isinstance(first, str) and first[0] in _INITIALS)


def is_totals(cells: Sequence[object], before: Sequence[Sequence[object]], *, is_last: bool) -> bool:
    """Return whether a row contains totals of the rows above it, the last few of which are `before`.

    Either it is labeled as such and lacks values that the rows above have, or it is the last row, has an empty first
    cell and otherwise only numbers, and lacks at least half of those values.
    """
    says_so = _TOTAL.match(next((str(cell) for cell in cells if cell), "").strip()) is not None
    if not before or not (says_so or is_last):
        return False
    filled = _filled(cells)
    usual = [place for place in _filled(before[0]) if all(_text(one, place) for one in before)]
    lacking = [place for place in usual if place not in filled]
    if says_so or not filled:
        return bool(filled and lacking)
    are_numbers = not any(_is_name(cells[place]) or _is_date(cells[place]) for place in filled)
    return are_numbers and filled[0] > 0 and len(lacking) * 2 >= len(usual) > 1


def _is_below_titles(rows: Sequence[Record], place: int) -> bool:
    """Return whether this row is a header with titles above it."""
    header: Sequence[object]
    header, below = rows[place].cells, rows[place + 1 : place + 1 + _COMPARED]
    if _is_group(rows, place):
        header, below = joined_names(header, below[0].cells), below[1:]
    if not _are_names(header) or not below:
        return False
    count, width = len(_filled(header)), _width(header)
    has_gap = rows[place].line - rows[place - 1].line > 1
    for row in rows[:place]:
        if len(_filled(row.cells)) * 2 > count and not (has_gap and _width(row.cells) < width):
            return False
    fitting = sum(_width(row.cells) <= width for row in below)
    return fitting >= len(below) * _SHARE_OF_NAMES and any(len(_filled(row.cells)) * 2 > count for row in below)


def _is_group(rows: Sequence[Record], place: int) -> bool:
    """Return whether the row has names for groups of columns: `Call | | Agent` over `Start | End | Name`.

    One of the columns below must contain something other than names, and no name is repeated.
    """
    below = [row.cells for row in rows[place + 2 : place + 2 + _COMPARED]]
    if not below or rows[place + 1].line - rows[place].line != 1:
        return False
    upper, lower = rows[place].cells, rows[place + 1].cells
    above, named = _filled(upper), _filled(lower)
    if len(above) < 2 or not _are_names(upper) or not _are_names(lower, share=1.0):
        return False
    within = any(above[0] < one < above[-1] and one not in above for one in named)
    merged = any(one not in named and any(_text(cells, one) for cells in below) for one in above)
    continued = any(one > above[0] and one not in above for one in named)
    again = any(_text(lower, one) == _text(cells, one) for one in named for cells in below)
    return continued and (within or merged) and not again and any(_holds_values(below, one) for one in named)


def _holds_values(rows: Sequence[Sequence[object]], place: int) -> bool:
    cells = [row[place] for row in rows if _text(row, place)]
    return bool(cells) and sum(not _is_name(cell) for cell in cells) * 2 > len(cells)


def _are_names(cells: Sequence[object], share: float = _SHARE_OF_NAMES) -> bool:
    filled = [cell for cell in cells if _text([cell], 0)]
    return len(filled) > 1 and sum(map(_is_name, filled)) >= len(filled) * share


def _is_name(cell: object) -> bool:
    """Return whether the cell contains words with few digits: `Phone 1`, but not `17 Mar 2026`."""
    if not isinstance(cell, str) or len(cell) > _NAME_LENGTH:
        return False
    signs = [sign for sign in cell if not sign.isspace()]
    digits = sum(sign.isdigit() for sign in signs)
    return any(sign.isalpha() for sign in signs) and digits * 3 <= len(signs)


def _is_date(cell: object) -> bool:
    return isinstance(cell, date) or (isinstance(cell, str) and _DATE.search(cell) is not None)


def _filled(cells: Sequence[object]) -> list[int]:
    return [place for place in range(len(cells)) if _text(cells, place)]


def _width(cells: Sequence[object]) -> int:
    return max(_filled(cells), default=-1) + 1


def _text(cells: Sequence[object], place: int) -> str:
    cell = cells[place] if place < len(cells) else None
    return "" if cell is None else " ".join(str(cell).replace("\ufeff", "").split())
