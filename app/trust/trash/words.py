"""What people call the kinds of what can be deleted, and how many of each there are."""

from collections.abc import Mapping

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.declarations.deletable import HandoverWords
from app.declarations.registry import registry
from app.errors import Sentence
from app.trust.trash.rules import State

STATES: Mapping[State, Sentence] = {
    State.IN_TRASH: _l("In the trash"),
    State.RESTORED: _l("Restored"),
    State.PURGED: _l("Removed for good"),
}


def new_value_labels() -> Mapping[str, Sentence]:
    """What is asked for where a row's value is in the way, by its column."""
    return {one.column: one.label for kind in registry().deletes.values() for one in kind.renames.values()}


def listed_kinds() -> list[str]:
    """What a deletion that is listed in the trash can be of."""
    return [name for name, kind in registry().deletes.items() if kind.permission is not None]


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
    known = [resource for resource in registry().deletes if resource in counts]
    order = [*known, *sorted(set(counts) - set(known))]
    return ", ".join(_counted(name, counts[name]) for name in order if counts[name])


def _counted(resource: str, number: int) -> str:
    known = registry().resources.get(resource)
    counted = known.words.counted if known else None
    return counted(number, format_decimal(number)) if counted else f"{format_decimal(number)} {resource}"


def size_in_words(number: int) -> str:
    """5,000 items, of whatever kind."""
    return str(ngettext("%(count)s item", "%(count)s items", number, count=format_decimal(number)))


#: What others were given of whoever was deleted.
_HANDED_OVER = HandoverWords(
    title=_l("What was handed over"),
    would_go_back=lambda number: ngettext(
        "%(count)s record was given to somebody else when this was deleted, and is as it was left.",
        "%(count)s records were given to others when this was deleted, and are as they were left.",
        number,
        count=format_decimal(number),
    ),
    would_stay=lambda number: ngettext(
        "%(count)s record was changed or finished since, and stays with whoever has it.",
        "%(count)s records were changed or finished since, and stay with whoever has them.",
        number,
        count=format_decimal(number),
    ),
    give=_l("Give it back"),
    leave=_l("Leave it with whoever has it now"),
    restored=lambda what, number: _(
        "Restored: %(what)s; given back: %(handed)s.", what=what, handed=size_in_words(number)
    ),
    undone=lambda label, number: ngettext(
        "%(label)s is back, with %(num)s record that was handed over.",
        "%(label)s is back, with %(num)s records that were handed over.",
        number,
        label=label,
    ),
    went_back=lambda number: ngettext(
        "%(count)s record that was handed over went back",
        "%(count)s records that were handed over went back",
        number,
        count=format_decimal(number),
    ),
)


def handover_words(resource: str) -> HandoverWords:
    """What is said of what others have because of a deletion that is called after a row of this kind."""
    handover = registry().handovers.get(resource)
    return (handover.words if handover else None) or _HANDED_OVER


def restored_in_words(resource: str, number: int, handed_back: int) -> str:
    """What has come of restoring."""
    what = size_in_words(number)
    return handover_words(resource).restored(what, handed_back) if handed_back else _("Restored: %(what)s.", what=what)


def undone(resource: str, label: str, handed_back: int) -> str:
    """What has come of an Undo."""
    return handover_words(resource).undone(label, handed_back) if handed_back else _("%(label)s is back.", label=label)


def in_the_trash(resource: str) -> str:
    """Name a kind whose row is in the trash, where a record shows what it belongs to: "Lead (in the trash)"."""
    return str(_("%(what)s (in the trash)", what=kind_name(resource)))


def days_in_words(days: int) -> str:
    """In how many days it is removed for good."""
    if days == 0:
        return str(_("now due"))
    return str(ngettext("in %(num)s day", "in %(num)s days", days))
