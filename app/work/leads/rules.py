"""Stages of a lead: which somebody may choose, and where one begins again that is re-opened (docs/decisions/0042).

Stages follow the work: an appointment books a lead, a visit that is done and undecided makes it pending. By hand a lead
moves between the stages that nothing else says, and to its end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l
from pydantic import Field

from app.declarations.input import Id, Input, OneOf
from app.errors import Sentence
from app.models import ContactSource, LeadStage, Qualification

MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS = 3, 500


class LeadInput(Input):
    """The qualification, the source and the CSR of a lead."""

    qualification_status: OneOf[Qualification] | None = None
    source: OneOf[ContactSource]
    csr_id: Id | None = None


class NewLeadInput(Input):
    """A lead of a contact, perhaps of a call."""

    contact_card_id: Annotated[Id, Field(alias="contactId")]
    call_id: Id | None = None
    qualification_status: OneOf[Qualification] | None = None
    source: OneOf[ContactSource]


class StageInput(Input):
    """The stage of a lead, with the reason of a dead one."""

    stage: OneOf[LeadStage]
    dead_reason: Annotated[str | None, Field(min_length=MIN_REASON_CHARACTERS, max_length=MAX_REASON_CHARACTERS)] = None


#: Where the fields of a lead's forms are called otherwise than its columns.
FORM_FIELDS = {"qualification_status": "qualification", "csr_id": "csr", "dead_reason": "reason"}

#: Those that are worth an appointment.
_WORTH_IT = (Qualification.HOT, Qualification.WARM)


@dataclass(frozen=True, slots=True)
class Visits:
    """What the appointments of a lead come to."""

    #: Whether one is still to take place, or nobody has said what became of it.
    is_scheduled: bool = False
    #: Whether one is done and its outcome open.
    is_undecided: bool = False


class Staged(Protocol):
    """A lead: how far it is, and whether it has ended."""

    stage: str
    closed_at: datetime | None
    won_at: datetime | None


def refusal_of_stage(lead: Staged, wanted: LeadStage, visits: Visits) -> Sentence | None:
    """Why nobody may put the lead into this stage by hand; None where they may. Dead also needs a reason."""
    if wanted == LeadStage.BOOKED:
        return _l("A lead is booked by booking an appointment.")
    if lead.closed_at is not None:
        return _l("This lead is closed. Re-open it first.")
    if wanted == LeadStage.PENDING and not visits.is_undecided:
        return _l(
            "A lead is undecided after an appointment that is completed and whose outcome is open. There is none."
        )
    if visits.is_scheduled:
        return _l("An appointment of this lead is still scheduled. Say what became of it, or cancel it first.")
    return None


def stages_by_hand(lead: Staged, visits: Visits) -> Sequence[LeadStage]:
    """The stages that somebody may put the lead into, as it stands."""
    return [stage for stage in LeadStage if stage != lead.stage and refusal_of_stage(lead, stage, visits) is None]


def refusal_of_reopening(lead: Staged) -> Sentence | None:
    """Why the lead is not re-opened by hand; None where it is."""
    if lead.closed_at is None:
        return _l("This lead is open.")
    if lead.won_at is not None:
        return _l("This lead is won. Change the outcome of its appointment if it is not.")
    return None


def stage_after_reopening(qualification: str | None, visits: Visits) -> LeadStage:
    """Where a lead begins again: where its appointments leave it, else where its qualification does."""
    if visits.is_scheduled:
        return LeadStage.BOOKED
    if visits.is_undecided:
        return LeadStage.PENDING
    return LeadStage.QUALIFIED if qualification in _WORTH_IT else LeadStage.NEW


def next_in_turn(reps: Iterable[UUID], load: Mapping[UUID, int], latest_first: Sequence[UUID]) -> UUID:
    """Who gets the next lead: of those with the fewest open ones who has waited longest for one.

    `load` are open leads by rep, none where a rep is not named; `latest_first` who got leads, the latest first.
    """
    waited = {rep: place for place, rep in reversed(list(enumerate(latest_first)))}
    nobody_waited_longer = len(latest_first)
    return min(reps, key=lambda rep: (load.get(rep, 0), -waited.get(rep, nobody_waited_longer), rep))
