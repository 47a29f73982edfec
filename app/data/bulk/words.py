"""Labels of bulk changes and of the reasons why rows were refused."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from app.declarations.registry import registry
from app.errors import LazyText

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
