"""Parsing of the choices that a user submits for a restore."""

from collections.abc import Mapping
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.characters import clean_text
from app.errors import FieldError, ValidationFailed
from app.trust.trash.choice_rules import CHOICE, VALUE, Chosen
from app.trust.trash.rules import MAX_IN_A_REQUEST, Choice

#: Maximum number of selected rows: a page has 50 of one kind, or ten of each.
MAX_SELECTED = 200
#: Maximum number of optional parents: each row can have a few, and those can have parents too.
_MAX_PARENTS = 4 * MAX_IN_A_REQUEST
_MAX_VALUE_LENGTH = 254

ROW, REST, SEEN = "row", "rest", "seen"
#: Optional parents: every one that has a checkbox, and every one that is selected.
OFFERED, PARENT = "offered", "parent"
#: For large deletions, and for several deletions, one checkbox stands for all optional parents.
PARENTS_TOO = "all"
#: Reassigned work is returned unless the form states that it stays.
HANDED, STAYS = "handed", "stay"


def parse_choices(sent: MultiDict[str, str]) -> Chosen:
    """Return the choices in a form or a query string.

    Raises ValidationFailed for values that our pages cannot send.
    """
    rows = selected_rows(sent)
    offered, parents = selected_rows(sent, OFFERED, _MAX_PARENTS), selected_rows(sent, PARENT, _MAX_PARENTS)
    try:
        made = {UUID(name.removeprefix(CHOICE)): Choice(value) for name, value in _fields(sent, CHOICE) if value}
        typed = {UUID(name.removeprefix(VALUE)): value for name, value in _fields(sent, VALUE)}
    except ValueError:
        raise _unknown() from None
    if max(len(made), len(typed)) > MAX_IN_A_REQUEST:
        raise _unknown()
    values, errors = _cleaned(typed)
    for row_id, choice in made.items():
        if choice is Choice.RENAME and not values.get(row_id):
            errors.setdefault(row_id, _("Enter the new value, or choose another option."))
    return Chosen(
        frozenset(rows) or None,
        made,
        values,
        errors,
        skips_the_rest=sent.get(REST) == Choice.SKIP,
        seen=sent.get(SEEN, ""),
        gives_back=sent.get(HANDED) != STAYS,
        offered=frozenset(offered),
        parents=frozenset(parents),
    )


def selected_rows(sent: MultiDict[str, str], name: str = ROW, most: int = MAX_SELECTED) -> tuple[UUID, ...]:
    """Return the ids of the selected rows, without duplicates.

    Raises ValidationFailed for an invalid id, or for more than `most` ids.
    """
    try:
        rows = tuple(dict.fromkeys(UUID(text) for text in sent.getlist(name)))
    except ValueError:
        raise _unknown() from None
    if len(rows) > most:
        raise _unknown()
    return rows


def _fields(sent: MultiDict[str, str], prefix: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in sent.items() if name.startswith(prefix)]


def _cleaned(typed: Mapping[UUID, str]) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """Return the values as they can be stored, and error messages for those that can't be."""
    values: dict[UUID, str] = {}
    errors: dict[UUID, str] = {}
    for row_id, text in typed.items():
        try:
            values[row_id] = clean_text(text)[:_MAX_VALUE_LENGTH]
        except ValueError as error:
            values[row_id], errors[row_id] = text.replace("\0", "\N{REPLACEMENT CHARACTER}"), str(error)
    return values, errors


def _unknown() -> ValidationFailed:
    return ValidationFailed(
        [FieldError(ROW, _l("Choose what to restore on the deletion’s page, then continue from there."))]
    )
