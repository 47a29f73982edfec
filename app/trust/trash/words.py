"""What people call the kinds of what can be deleted, and how many of each there are."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.exc import IntegrityError

from app.declarations.registry import registry
from app.errors import Conflict, Sentence
from app.trust.trash import rules
from app.trust.trash.kinds import deletables
from app.trust.trash.rules import State

STATES: Mapping[State, Sentence] = {
    State.IN_TRASH: _l("In the trash"),
    State.RESTORED: _l("Restored"),
    State.PURGED: _l("Removed for good"),
}


def new_value_labels() -> Mapping[str, Sentence]:
    """What is asked for where a row's value is in the way, by its column."""
    return {one.column: one.label for kind in deletables().values() for one in kind.renames.values()}


def kind_name(resource: str) -> str:
    """One of a kind: "Task". One that is not known any more is called by its name."""
    known = registry().resources.get(resource)
    return known.words.label if known else resource


def kind_plural(resource: str) -> str:
    """Several of it: "Tasks"."""
    known = registry().resources.get(resource)
    return known.words.plural_label if known else resource


def kind_icon(resource: str) -> str:
    known = registry().resources.get(resource)
    return known.icon if known else "trash-2"


def in_words(counts: Mapping[str, int]) -> str:
    """1 contact, 2 contact numbers, 3 tasks: what belongs to others after it."""
    known = [resource for resource in deletables() if resource in counts]
    order = [*known, *sorted(set(counts) - set(known))]
    return ", ".join(_counted(name, counts[name]) for name in order if counts[name])


def _counted(resource: str, number: int) -> str:
    known = registry().resources.get(resource)
    counted = known.words.counted if known else None
    return counted(number, f"{number:,}") if counted else f"{number:,} {resource}"


def size_in_words(number: int) -> str:
    """5,000 items, of whatever kind."""
    return str(ngettext("%(count)s item", "%(count)s items", number, count=f"{number:,}"))


def time_left(purge_after: datetime, now: datetime) -> str:
    """In how many days it is removed for good."""
    days = rules.days_left(purge_after, now)
    if days == 0:
        return str(_("now due"))
    return str(ngettext("in %(num)s day", "in %(num)s days", days))


def in_use(error: IntegrityError) -> Conflict:
    """What to raise when rows that stay still refer to what was to be removed."""
    table = getattr(getattr(error.orig, "diag", None), "table_name", None)
    resource = registry().resources_by_table.get(table or "")
    if resource is None or resource.name not in deletables():
        return Conflict(None, _l("It can’t be removed yet: something that stays still refers to it."))
    what = resource.words.plural_label
    return Conflict(
        None, _l("It can’t be removed yet, others still refer to it: %(what)s. Remove those first.", what=what)
    )
