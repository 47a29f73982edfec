"""The numbers of an imported call, and its direction, which the organization's own numbers give.

Pure: no database.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.data.imports.column_rules import Columns, RowCheck
from app.data.imports.mapping_rules import Mapping
from app.data.imports.phone_rules import caller_parser
from app.data.imports.word_rules import LEAVE_EMPTY, TURN_AWAY
from app.declarations.importable import AskedOnce
from app.models.calls import Direction
from app.tables.table_rules import Row
from app.work.calls.import_target_rules import DIRECTION, ENDS, CallTarget

#: The word in a mapping's values of the direction that stands for calls that own numbers don't decide.
WORD = "undecided"
#: Inside the organization. Public services have short numbers too: for emergencies (911, 112, 999) and help (411, 988).
_EXTENSION = re.compile(r"(?!(?:[2-9]11|112|988|999)$)[1-9][0-9]{2,3}")


class NumberPlan(NamedTuple):
    """The organization's own numbers (E.164), and its country, in which numbers without a country code are."""

    own: frozenset[str]
    country: str


class CallNumbers(NamedTuple):
    """The numbers of a call, as a file has them: of its ends, or of the customer and of the company."""

    caller: str | None
    called: str | None
    customer: str | None
    own: str | None


class NumberColumns:
    """Columns with the numbers of a call."""

    def __init__(self, columns: Columns, mapping: Mapping, plan: NumberPlan) -> None:
        phone = caller_parser(mapping.country or plan.country)
        self._columns = [
            columns.one(target, phone, optional=True)
            for target in (
                CallTarget.CALLER_NUMBER,
                CallTarget.CALLED_NUMBER,
                CallTarget.CUSTOMER_NUMBER,
                CallTarget.OWN_NUMBER,
            )
        ]
        self._own = plan.own | {*mapping.own_numbers}

    def read(self, check: RowCheck) -> CallNumbers:
        """Return the numbers of a row."""
        return CallNumbers(*(column.read(check) for column in self._columns))

    def direction(self, numbers: CallNumbers) -> Direction | None:
        """Return the direction that own numbers give, or None if neither end or both are own."""
        own = self._own if numbers.own is None else self._own | {numbers.own}
        return direction_between(numbers.caller, numbers.called, own)


def direction_between(caller: str | None, called: str | None, own: Collection[str]) -> Direction | None:
    """Return the direction of a call: outbound from an `own` number, inbound to one.

    If neither number is known to be own, an extension is, when the other end is a number with a country code. None if
    that doesn't tell one end from the other.
    """
    ends = [end is not None and end in own for end in (caller, called)]
    if not any(ends):
        ends = [
            bool(end and other and _EXTENSION.fullmatch(end) and other.startswith("+"))
            for end, other in ((caller, called), (called, caller))
        ]
    from_own, to_own = ends
    if from_own == to_own:
        return None
    return Direction.OUTBOUND if from_own else Direction.INBOUND


def has_direction_question(mapping: Mapping) -> bool:
    """Return whether the direction of a file is asked for where own numbers don't decide it."""
    targets = {*mapping.columns.values()}
    return {ENDS.caller, ENDS.called} <= targets and DIRECTION not in targets


def answer_of(mapping: Mapping) -> Direction | str | None:
    """Return the direction of calls that own numbers don't decide, TURN_AWAY, or None for the default."""
    answer = mapping.values.get(DIRECTION, {}).get(WORD, LEAVE_EMPTY)
    if answer == LEAVE_EMPTY or not has_direction_question(mapping):
        return None
    return answer if answer == TURN_AWAY else Direction(answer)


def _undecided_rows(mapping: Mapping, header: Sequence[str], plan: NumberPlan | None) -> Callable[[Row], bool] | None:
    if plan is None or DIRECTION in mapping.defaults or not has_direction_question(mapping):
        return None
    columns = Columns(mapping, header, ())
    numbers = NumberColumns(columns, mapping, plan)

    def is_undecided(row: Row) -> bool:
        if row.is_totals or len(row.cells) < columns.width:
            return False
        return numbers.direction(numbers.read(RowCheck(row))) is None

    return is_undecided


def undecided(number_plan: Callable[[UUID], NumberPlan]) -> AskedOnce:
    """Return the question about calls of which neither end, or each, is the organization's."""
    return AskedOnce(
        target=DIRECTION,
        about=ENDS.caller,
        word=WORD,
        label=_l("Calls that your numbers don’t tell apart"),
        values=(Direction.INBOUND, Direction.OUTBOUND),
        options="--default direction=inbound or --default direction=outbound",
        rows=_undecided_rows,
        context=number_plan,
    )
