"""Rules for the stages of a lead: which can be chosen, and where a reopened lead resumes (docs/decisions/0042).

Stages follow the work: an appointment makes a lead booked, and a completed appointment without a decision makes it
pending. Users can only move a lead between the stages that nothing else determines, and close it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import Id, Input, OneOf
from app.errors import LazyText
from app.models import ContactSource, LeadStage, Qualification

MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS = 3, 500


class LeadInput(Input):
    """Input for the qualification, the source and the CSR of a lead."""

    qualification_status: OneOf[Qualification] | None = None
    source: OneOf[ContactSource]
    csr_id: Id | None = None


class NewLeadInput(Input):
    """Input for a new lead of a contact, optionally of a call."""

    contact_card_id: Annotated[Id, Field(alias="contactId")]
    call_id: Id | None = None
    qualification_status: OneOf[Qualification] | None = None
    source: OneOf[ContactSource]


class StageInput(Input):
    """Input for the stage of a lead, with the reason for a dead one."""

    stage: OneOf[LeadStage]
    dead_reason: Annotated[str | None, Field(min_length=MIN_REASON_CHARACTERS, max_length=MAX_REASON_CHARACTERS)] = None


#: Fields of a lead's forms whose names differ from the columns.
FORM_FIELDS = {
    "contact_card_id": "contact",
    "call_id": "call",
    "qualification_status": "qualification",
    "csr_id": "csr",
    "dead_reason": "reason",
    "assigned_rep_id": "rep",
}

#: Qualifications that are worth an appointment.
_WORTH_IT = (Qualification.HOT, Qualification.WARM)


@dataclass(frozen=True, slots=True)
class Visits:
    """Summary of the appointments of a lead."""

    #: Whether one is scheduled: still to take place, or without a result.
    is_scheduled: bool = False
    #: Whether one is completed and its outcome open.
    is_undecided: bool = False


class Staged(Protocol):
    """Protocol for a lead with its stage and closing times."""

    stage: str
    closed_at: datetime | None
    won_at: datetime | None


def refusal_of_stage(lead: Staged, wanted: LeadStage, visits: Visits) -> LazyText | None:
    """Return why users can't move the lead to this stage, or None if they can. A dead lead also needs a reason."""
    if wanted == LeadStage.BOOKED:
        return _l("Book an appointment to move a lead to Booked.")
    if lead.closed_at is not None:
        return _l("This lead is closed. Reopen it first.")
    if wanted == LeadStage.PENDING and not visits.is_undecided:
        return _l(
            "A lead becomes Pending when an appointment is completed without an outcome. This lead has no "
            "such appointment."
        )
    if visits.is_scheduled:
        return _l("This lead has a scheduled appointment. Record its outcome or cancel it first.")
    return None


def stages_by_hand(lead: Staged, visits: Visits) -> Sequence[LeadStage]:
    """Return the stages that users can move the lead to in its current state."""
    return [stage for stage in LeadStage if stage != lead.stage and refusal_of_stage(lead, stage, visits) is None]


def refusal_of_reopening(lead: Staged) -> LazyText | None:
    """Return why the lead can't be reopened by users, or None if it can."""
    if lead.closed_at is None:
        return _l("This lead is already open.")
    if lead.won_at is not None:
        return _l("This lead is won. If that’s wrong, change its appointment’s outcome.")
    return None


def stage_after_reopening(qualification: str | None, visits: Visits) -> LeadStage:
    """Return the stage of a reopened lead, which its appointments or else its qualification determine."""
    if visits.is_scheduled:
        return LeadStage.BOOKED
    if visits.is_undecided:
        return LeadStage.PENDING
    return LeadStage.QUALIFIED if qualification in _WORTH_IT else LeadStage.NEW


def next_in_turn(reps: Iterable[UUID], load: Mapping[UUID, int], latest_first: Sequence[UUID]) -> UUID:
    """Return the ID of the rep who gets the next lead.

    Of the reps with the fewest open leads, it is the one who has waited longest. `load` is the number of open leads by
    rep, 0 for reps that are missing; `latest_first` are the reps who got leads, latest first.
    """
    waited = {rep: place for place, rep in reversed(list(enumerate(latest_first)))}
    nobody_waited_longer = len(latest_first)
    return min(reps, key=lambda rep: (load.get(rep, 0), -waited.get(rep, nobody_waited_longer), rep))
