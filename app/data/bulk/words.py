"""Labels of bulk changes, of their results, and of the reasons why rows were refused."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.registry import registry
from app.errors import LazyText
from app.models import BulkOperation

#: Reasons why rows were refused, other than records of some kind.
_REFUSALS: Mapping[str, LazyText] = {
    "not_yours": _l("Belongs to someone else"),
    "too_much": _l("Too many related records (delete these separately)"),
    "active_calls": _l("Calls in progress"),
    "other": _l("Blocked by other records"),
}


def bulk_label(action: str) -> str:
    """Return the label of an action, or its name if the action no longer exists."""
    change = registry().bulk.get(action)
    return str(change.label) if change else action


def result_of(row: BulkOperation) -> str:
    """Return the sentences about a bulk change that ran at once."""
    change = registry().bulk[row.action]
    done = change.done(row.rows_changed) if row.rows_changed and change.done else str(_("Nothing was changed."))
    missing = len(row.row_ids) - row.rows_total if row.row_ids is not None else 0
    told = [done]
    if row.rows_unchanged:
        told.append(ngettext("%(num)s was already up to date.", "%(num)s were already up to date.", row.rows_unchanged))
    if row.rows_refused:
        told.append(ngettext("%(num)s couldn’t be changed.", "%(num)s couldn’t be changed.", row.rows_refused))
    if missing:
        told.append(ngettext("%(num)s is no longer in the list.", "%(num)s are no longer in the list.", missing))
    return " ".join(told)


def result_of_undo(row: BulkOperation) -> str:
    """Return the sentences about a bulk change that was undone at once."""
    done = ngettext("%(num)s change undone.", "%(num)s changes undone.", row.rows_undone)
    if not row.rows_moved_on:
        return str(done)
    stay = ngettext(
        "%(num)s record was changed since then and stays as it is.",
        "%(num)s records were changed since then and stay as they are.",
        row.rows_moved_on,
    )
    return f"{done} {stay}" if row.rows_undone else str(stay)


def refusal_label(name: str) -> str:
    """Return the label of the reason why rows were refused.

    `name` is a key of `_REFUSALS`, or the name of the resource or list whose records block the change; any other name
    gets the general label.
    """
    if name in _REFUSALS:
        return str(_REFUSALS[name])
    resources = registry().resources.values()
    kind = next((one for one in resources if name in (one.name, one.listed.name if one.listed else None)), None)
    return kind.words.plural_label if kind else str(_REFUSALS["other"])
