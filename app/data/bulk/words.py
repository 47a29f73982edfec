"""What pages say of bulk changes."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from app.declarations.registry import registry
from app.errors import Sentence

#: What stands in the way of a row, if not records of a kind.
_REFUSALS: Mapping[str, Sentence] = {
    "not_yours": _l("They are somebody else’s"),
    "too_much": _l("Very much belongs to them: delete each by itself"),
    "active_calls": _l("Calls are under way"),
    "other": _l("Something else stands in the way"),
}


def bulk_label(action: str) -> str:
    """The words for an action; one that is not known any more is called by its name."""
    change = registry().bulk.get(action)
    return str(change.label) if change else action


def refusal_label(name: str) -> str:
    """What stands in the way of rows: records of the kind that is called so, or what the words above say."""
    if name in _REFUSALS:
        return str(_REFUSALS[name])
    resources = registry().resources.values()
    kind = next((one for one in resources if name in (one.name, one.listed.name if one.listed else None)), None)
    return kind.words.plural_label if kind else str(_REFUSALS["other"])
