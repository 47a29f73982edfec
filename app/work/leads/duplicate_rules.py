"""Rules for merging two open leads of one contact from the same source. Pure: no database access."""

from collections.abc import Sequence
from typing import Any, Protocol

from app.models import LeadStage, Qualification

#: Stages of an open lead, in order of progress.
_FAR = (LeadStage.NEW, LeadStage.QUALIFIED, LeadStage.PENDING, LeadStage.BOOKED)

#: Values that count as qualified.
QUALIFIED: Sequence[str] = (Qualification.HOT, Qualification.WARM)


class Worked(Protocol):
    """Protocol for a lead with its progress and its people."""

    stage: str
    qualification_status: str | None
    qualification_source: str | None
    csr_id: Any
    assigned_rep_id: Any
    last_activity_at: Any


def values_of_one(kept: Worked, other: Worked) -> dict[str, Any]:
    """Return the changes to `kept` when `other` is merged into it.

    The values of the lead with more progress take precedence, or of the one with the latest activity at equal progress.
    Its missing values are taken from the other lead.
    """
    first, second = sorted((kept, other), key=_rank, reverse=True)
    judged = first if first.qualification_status is not None else second
    found = {
        "stage": first.stage,
        "qualification_status": judged.qualification_status,
        "qualification_source": judged.qualification_source,
        "csr_id": first.csr_id or second.csr_id,
        "assigned_rep_id": first.assigned_rep_id or second.assigned_rep_id,
    }
    return {name: value for name, value in found.items() if value != getattr(kept, name)}


def _rank(lead: Worked) -> tuple[int, Any]:
    return _FAR.index(LeadStage(lead.stage)), lead.last_activity_at
