"""Names of the kinds of records that can be deleted, and messages that count them."""

from collections.abc import Mapping

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.deletable import HandoverWords
from app.declarations.registry import registry
from app.errors import LazyText
from app.trust.trash.rules import State

STATES: Mapping[State, LazyText] = {
    State.IN_TRASH: _l("In the trash"),
    State.RESTORED: _l("Restored"),
    State.PURGED: _l("Permanently deleted"),
}


def new_value_labels() -> Mapping[str, LazyText]:
    """Return the labels of the inputs for a new value, by column."""
    return {one.column: one.label for kind in registry().deletes.values() for one in kind.renames.values()}


def listed_kinds() -> list[str]:
    """Return the kinds of records that a deletion in the list can be named after."""
    return [name for name, kind in registry().deletes.items() if kind.permission is not None]


def kind_name(resource: str) -> str:
    """Return the singular name of a kind, such as "Task"; the identifier for kinds that no longer exist."""
    known = registry().resources.get(resource)
    return known.words.label if known else resource


def kind_plural(resource: str) -> str:
    """Return the plural name of a kind, such as "Tasks"; the identifier for kinds that no longer exist."""
    known = registry().resources.get(resource)
    return known.words.plural_label if known else resource


def kind_icon(resource: str) -> str:
    known = registry().resources.get(resource)
    return known.icon if known else "trash-2"


def in_words(counts: Mapping[str, int]) -> str:
    """Return the counts as text, parents before children: "1 contact, 2 contact numbers, 3 tasks"."""
    known = [resource for resource in registry().deletes if resource in counts]
    order = [*known, *sorted(set(counts) - set(known))]
    return ", ".join(_counted(name, counts[name]) for name in order if counts[name])


def _counted(resource: str, number: int) -> str:
    known = registry().resources.get(resource)
    counted = known.words.counted if known else None
    return counted(number, format_decimal(number)) if counted else f"{format_decimal(number)} {resource}"


def size_in_words(number: int) -> str:
    """Return the number of items of any kind as text: "5,000 items"."""
    return str(ngettext("%(count)s item", "%(count)s items", number, count=format_decimal(number)))


#: Texts about work that was reassigned when its owner was deleted.
_HANDED_OVER = HandoverWords(
    title=_l("Reassigned work"),
    would_go_back=lambda number: ngettext(
        "%(count)s record was reassigned when this was deleted and hasn’t changed since.",
        "%(count)s records were reassigned when this was deleted and haven’t changed since.",
        number,
        count=format_decimal(number),
    ),
    remaining_text=lambda number: ngettext(
        "%(count)s record has been changed or finished since, so it stays with its new owner.",
        "%(count)s records have been changed or finished since, so they stay with their new owners.",
        number,
        count=format_decimal(number),
    ),
    give=_l("Return to the previous owner"),
    leave=_l("Keep with the current owner"),
    restored=lambda what, number: _(
        "Restored: %(what)s. Returned to the previous owner: %(handed)s.", what=what, handed=size_in_words(number)
    ),
    undone=lambda label, number: ngettext(
        "“%(label)s” was restored, and %(num)s reassigned record went back to its previous owner.",
        "“%(label)s” was restored, and %(num)s reassigned records went back to their previous owners.",
        number,
        label=label,
    ),
    went_back=lambda number: ngettext(
        "%(count)s reassigned record went back to its previous owner",
        "%(count)s reassigned records went back to their previous owners",
        number,
        count=format_decimal(number),
    ),
)


def handover_words(resource: str) -> HandoverWords:
    """Return the messages about reassigned work for a deletion named after a row of this kind."""
    handover = registry().handovers.get(resource)
    return (handover.words if handover else None) or _HANDED_OVER


def restored_in_words(resource: str, number: int, handed_back: int) -> str:
    """Return the message for a completed restore."""
    what = size_in_words(number)
    return handover_words(resource).restored(what, handed_back) if handed_back else _("Restored: %(what)s.", what=what)


def undone(resource: str, label: str, handed_back: int) -> str:
    """Return the message for a completed Undo."""
    return (
        handover_words(resource).undone(label, handed_back)
        if handed_back
        else _("“%(label)s” was restored.", label=label)
    )


def in_the_trash(resource: str) -> str:
    """Return the name of a kind with a note that the row is in the trash: "Lead (in the trash)"."""
    return str(_("%(what)s (in the trash)", what=kind_name(resource)))


def days_in_words(days: int) -> str:
    """Return the time until a deletion is purged as text, such as "in 3 days"; 0 is "due now"."""
    if days == 0:
        return str(_("due now"))
    return str(ngettext("in %(num)s day", "in %(num)s days", days))
