"""Reading what a person sent about a restore."""

from collections.abc import Mapping
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.characters import clean_text
from app.errors import FieldError, ValidationFailed
from app.trust.trash.choice_rules import CHOICE, VALUE, Chosen
from app.trust.trash.rules import MAX_IN_A_REQUEST, Choice

#: Rows that can be ticked: a page has 50 of a kind, or ten of each.
MAX_TICKED = 200
#: What so many rows can do without at most: each may have a few, and those again.
_MAX_PARENTS = 4 * MAX_IN_A_REQUEST
_MAX_VALUE_LENGTH = 254

ROW, REST, SEEN = "row", "rest", "seen"
#: What the rows can do without: each that has a box, and each that is ticked.
OFFERED, PARENT = "offered", "parent"
#: Of many rows, and of several deletions, all of them by one box.
PARENTS_TOO = "all"
#: What others were given goes back unless it is said to stay.
HANDED, STAYS = "handed", "stay"


def parse_choices(sent: MultiDict[str, str]) -> Chosen:
    """Read a form or an address; raises ValidationFailed for what neither of ours can send."""
    rows = ticked(sent)
    offered, parents = ticked(sent, OFFERED, _MAX_PARENTS), ticked(sent, PARENT, _MAX_PARENTS)
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
            errors.setdefault(row_id, _("Type the new value, or choose otherwise."))
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


def ticked(sent: MultiDict[str, str], name: str = ROW, most: int = MAX_TICKED) -> tuple[UUID, ...]:
    """The rows that were ticked, each once; raises ValidationFailed for what is no id, or for more than a page has."""
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
    """Values as they can be stored, and the sentences of those that cannot."""
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
        [FieldError(ROW, _l("Choose what to restore on the page of the deletion, and go on there."))]
    )
