"""The question about the outcome of completed jobs with a price.

Pure: no database.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from flask_babel import lazy_gettext as _l

from app.data.imports.amount_rules import cost_parser, number_parser
from app.data.imports.cell_rules import Value
from app.data.imports.column_rules import Columns, RowCheck
from app.data.imports.mapping_rules import Mapping
from app.data.imports.word_rules import LEAVE_EMPTY, TURN_AWAY
from app.declarations.importable import AskedOnce
from app.models import AppointmentOutcome, AppointmentStatus
from app.tables.table_rules import Row
from app.work.appointments.import_target_rules import OUTCOME_NAME, STATUS, STATUS_NAME, VisitTarget
from app.work.appointments.rules import MAX_DEAL_VALUE

#: The word in a mapping's values of the outcome that stands for these rows.
WORD = "paid"
_STATUS_WORDS = {word: AppointmentStatus(meaning) for word, meaning in STATUS.words.items()}


def value_parser(mapping: Mapping, currency: str = "") -> Callable[[Value], Decimal]:
    """Return a parser for the value of an appointment, with the signs of `currency` or, without one, with any."""
    number = number_parser(mapping.decimal_separator, mapping.thousands_separator)
    return cost_parser(number, most=MAX_DEAL_VALUE, currency=currency)


def meaning_of_paid(mapping: Mapping) -> AppointmentOutcome | str | None:
    """Return the outcome of completed rows with a price, TURN_AWAY, or None if they stay without one."""
    said = mapping.values.get(OUTCOME_NAME, {}).get(WORD, LEAVE_EMPTY)
    if mapping.column_of(OUTCOME_NAME) or said == LEAVE_EMPTY:
        return None
    return said if said == TURN_AWAY else AppointmentOutcome(said)


def _paid_rows(mapping: Mapping, header: Sequence[str], _context: object) -> Callable[[Row], bool] | None:
    given = {*mapping.columns.values()}
    if OUTCOME_NAME in given | {*mapping.defaults} or not {STATUS_NAME, VisitTarget.DEAL_VALUE} <= given:
        return None
    columns = Columns(mapping, header, ())
    status = columns.choice(STATUS_NAME, AppointmentStatus, _STATUS_WORDS)
    value = columns.one(VisitTarget.DEAL_VALUE, value_parser(mapping), optional=True)

    def is_paid(row: Row) -> bool:
        if len(row.cells) < columns.width:
            return False
        check = RowCheck(row)
        return status.read(check) is AppointmentStatus.COMPLETED and bool(value.read(check))

    return is_paid


PAID = AskedOnce(
    target=OUTCOME_NAME,
    about=VisitTarget.DEAL_VALUE,
    word=WORD,
    label=_l("Completed with an amount"),
    values=(AppointmentOutcome.CLOSED_WON, AppointmentOutcome.OPEN),
    options="--paid won or --paid open",
    rows=_paid_rows,
)
