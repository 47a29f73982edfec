"""Content of a lead's page: facts, calls, appointments, history, and the actions available to the user."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import LazyText
from app.lists.facts import Fact, facts_of
from app.models import LeadStage
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.leads import rules
from app.work.leads.detail_queries import MAX_SHOWN, LeadDetail, may_change
from app.work.leads.resource import LEAD
from app.work.leads.timeline_page import Moment, moments_of

#: Not in the order of the list columns.
_FIRST = ("contact", "stage", "dead_reason", "closed_at", "won_at", "qualification", "source", "csr", "rep")


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Values for the templates of one lead."""

    detail: LeadDetail
    facts: Sequence[Fact]
    moments: Sequence[Moment]
    #: Stages that the lead can be moved to; empty if the user can't move it.
    stages: Sequence[LeadStage]
    #: Reason why it can't be moved to any stage, for users who can move leads.
    held: LazyText | None
    may_write: bool
    may_assign: bool
    may_reopen: bool

    @property
    def shown(self) -> int:
        """Maximum number of calls and appointments shown."""
        return MAX_SHOWN


def lead_page(actor: Actor, detail: LeadDetail) -> LeadPage:
    """Build the context of the lead's page as `actor` sees it."""
    lead = detail.lead
    may_write = may_change(actor, lead.id, Permission.LEADS_WRITE)
    stages = rules.stages_by_hand(lead, detail.visits) if may_write else ()
    is_held = may_write and not stages and lead.closed_at is None
    return LeadPage(
        detail=detail,
        facts=_facts_of(detail),
        moments=moments_of(detail),
        stages=stages,
        held=rules.refusal_of_stage(lead, LeadStage.DEAD, detail.visits) if is_held else None,
        may_write=may_write,
        may_assign=may_change(actor, lead.id, Permission.LEADS_ASSIGN),
        may_reopen=may_write and rules.refusal_of_reopening(lead) is None,
    )


def _facts_of(detail: LeadDetail) -> Sequence[Fact]:
    number = detail.contact.primary_phone if detail.contact else None
    return facts_of(
        LEAD,
        detail.lead,
        first=(*_FIRST, "last_activity_at", "number"),
        contact_name=detail.name,
        csr_name=detail.csr,
        rep_name=detail.rep,
        primary_phone=number,
    )
