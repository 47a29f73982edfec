"""Bulk changes of leads: the selection of the leads, and the change of each one by the rules of a single change."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import Select

from app.audit.actions import Action
from app.declarations.bulk import BulkChange, BulkTarget, Verdict
from app.errors import Conflict, ValidationFailed
from app.lists.filter_page import words_of_filters
from app.models import Lead, LeadStage
from app.periods import span_of
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.trust.trash.bulk import deletion_of_many
from app.work.leads import service
from app.work.leads.bulk_forms import AssignRepForm, CloseForm, ShareOutForm
from app.work.leads.detail_queries import may_change
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import lead_conditions
from app.work.leads.resource import LEAD, LEAD_LIST


def leads_to_change(actor: Actor, filters: LeadFilters, ids: Sequence[UUID] | None, until: datetime) -> Select[Lead]:
    """Select the leads of a bulk change by `ids`, or else by `filters`, if they already existed at `until`.

    Periods such as "today" are also relative to `until`.
    """
    leads = visible(Lead, actor).where(Lead.created_at <= until, Lead.deleted_at.is_(None))
    if ids is not None:
        return leads.where(Lead.id.in_(ids))
    return leads.where(*lead_conditions(filters, actor, span_of(filters, actor, until)))


def assign_rep(_actor: Actor, lead: Lead, settings: Mapping[str, Any]) -> Verdict:
    """Assign a lead to a rep, or to no one."""
    rep_id = UUID(settings["rep_id"]) if settings["rep_id"] else None
    if not settings["is_able"]:
        return Verdict.REFUSED
    if lead.assigned_rep_id == rep_id:
        return Verdict.UNCHANGED
    service.give_to(lead, rep_id)
    return Verdict.CHANGED


def _with_rep(actor: Actor, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return `settings` with `is_able`, which tells whether leads can still be assigned to the rep."""
    rep_id = settings["rep_id"]
    return {**settings, "is_able": rep_id is None or service.can_have_leads(actor, UUID(rep_id))}


def share_out(_actor: Actor, lead: Lead, settings: Mapping[str, Any]) -> Verdict:
    """Assign an open lead to the next rep in turn, unless it already belongs to one of the reps."""
    turns: service.Turns = settings["turns"]
    if lead.closed_at is not None or not turns.reps:
        return Verdict.REFUSED
    if lead.assigned_rep_id in turns.reps:
        return Verdict.UNCHANGED
    service.give_to(lead, turns.take())
    return Verdict.CHANGED


def _with_turns(actor: Actor, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**settings, "turns": service.Turns.among(actor, [UUID(rep) for rep in settings["reps"]])}


def close(actor: Actor, lead: Lead, settings: Mapping[str, Any]) -> Verdict:
    """Mark a lead as dead, with a reason."""
    if not may_change(actor, lead.id, Permission.LEADS_WRITE):
        return Verdict.REFUSED
    if lead.stage == LeadStage.DEAD:
        return Verdict.UNCHANGED
    try:
        service.close_or_move(lead, LeadStage.DEAD, settings["reason"])
    except (Conflict, ValidationFailed):
        return Verdict.REFUSED
    return Verdict.CHANGED


_TARGET = BulkTarget(
    resource="lead",
    model=Lead,
    listed=LEAD_LIST,
    rows=leads_to_change,
    chips=lambda actor, _filters: words_of_filters(LEAD, actor),
)

ASSIGN_REP = BulkChange(
    action="assign_leads",
    label=_l("Assign to a sales rep"),
    act=_l("Assign %(count)s"),
    target=_TARGET,
    permission=Permission.LEADS_ASSIGN,
    columns=("assigned_rep_id",),
    apply=assign_rep,
    form=AssignRepForm,
    done=lambda number: ngettext("Sales rep changed for %(num)s lead.", "Sales rep changed for %(num)s leads.", number),
    recorded=Action.LEAD_ASSIGNED,
    prepare=_with_rep,
    notify=service.notify_assigned,
    withdraw_notifications=service.withdraw_notifications,
)

SHARE_OUT = BulkChange(
    action="share_out_leads",
    label=_l("Distribute among sales reps"),
    act=_l("Distribute %(count)s"),
    target=_TARGET,
    permission=Permission.LEADS_ASSIGN,
    columns=("assigned_rep_id",),
    apply=share_out,
    form=ShareOutForm,
    done=lambda number: ngettext("%(num)s lead distributed.", "%(num)s leads distributed.", number),
    recorded=Action.LEAD_ASSIGNED,
    prepare=_with_turns,
    notify=service.notify_assigned,
    withdraw_notifications=service.withdraw_notifications,
)

CLOSE = BulkChange(
    action="close_leads",
    label=_l("Mark as dead"),
    act=_l("Mark %(count)s as dead"),
    target=_TARGET,
    permission=Permission.LEADS_WRITE,
    columns=("stage", "closed_at", "dead_reason"),
    apply=close,
    form=CloseForm,
    done=lambda number: ngettext("%(num)s lead marked as dead.", "%(num)s leads marked as dead.", number),
    recorded=Action.LEAD_CLOSED,
)

DELETE_LEADS = deletion_of_many("delete_leads", _TARGET, Permission.LEADS_DELETE)
