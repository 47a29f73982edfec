"""Rules for merging two open leads of one contact from the same source. Pure: no database access."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.declarations.merging import Furthest
from app.models import LeadStage, Qualification

#: Stages of an open lead, in order of progress.
_FAR = (LeadStage.NEW, LeadStage.QUALIFIED, LeadStage.PENDING, LeadStage.BOOKED)

#: Values that count as qualified.
QUALIFIED: Sequence[str] = (Qualification.HOT, Qualification.WARM)


class Worked(Protocol):
    """Protocol for a lead with its progress."""

    stage: str
    last_activity_at: Any


def merged_lead_values(rules: Mapping[str, Furthest], kept: Worked, other: Worked) -> dict[str, Any]:
    """Return the changes to `kept` when `other` is merged into it, by the rules of its columns.

    The values of the lead with more progress take precedence, or of the one with the latest activity at equal progress.
    Its missing values are taken from the other lead.
    """
    first, second = sorted((kept, other), key=_rank, reverse=True)

    def value_of(name: str, rule: Furthest) -> Any:
        return getattr(first if getattr(first, rule.decided_by or name) is not None else second, name)

    values = {name: value_of(name, rule) for name, rule in rules.items()}
    return {name: value for name, value in values.items() if value != getattr(kept, name)}


def _rank(lead: Worked) -> tuple[int, Any]:
    return _FAR.index(LeadStage(lead.stage)), lead.last_activity_at
