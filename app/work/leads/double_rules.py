"""Two open leads of one person from one source become one: which values stay. Pure: no database."""

from collections.abc import Sequence
from typing import Any, Protocol

from app.models import LeadStage, Qualification

#: How far the work is.
_FAR = (LeadStage.NEW, LeadStage.QUALIFIED, LeadStage.PENDING, LeadStage.BOOKED)

#: Those that count as qualified.
QUALIFIED: Sequence[str] = (Qualification.HOT, Qualification.WARM)


class Worked(Protocol):
    """A lead, how far it is, and who works on it."""

    stage: str
    qualification_status: str | None
    qualification_source: str | None
    csr_id: Any
    assigned_rep_id: Any
    last_activity_at: Any


def values_of_one(kept: Worked, other: Worked) -> dict[str, Any]:
    """What changes of `kept` when `other` becomes part of it: the one that is further on says what is, the one that
    moved last where both are as far, and what it does not know is taken from the other.
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
