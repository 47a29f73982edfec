"""Changes of leads: stage, qualification and people, closing, reopening, and undoing the last change.

Every change locks the lead before checking it, so that checks stay valid until it is saved. A stale `version` raises
VersionConflict. Setting a value that is already set changes nothing, so submitting a form twice has no further effect.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import find_change
from app.audit.record import name_action
from app.audit.stored_values import stored_value, values_to_restore
from app.db.transaction import translated_integrity_errors
from app.declarations.input import refuse_to_put_back
from app.errors import Conflict, FieldError, LazyText, NotFound, ValidationFailed
from app.extensions import db
from app.models import AuditLog, DecidedBy, Lead, LeadStage, UserStatus
from app.people.users.queries import lock_user
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.tenancy.notification_service import NewNotification, Taken, notify, withdraw
from app.work.leads import detail_queries, rules
from app.work.leads.notices import LEAD_ASSIGNED
from app.work.leads.resource import LEAD, LEAD_REVERT
from app.work.leads.rules import LeadInput, StageInput


def set_stage(actor: Actor, lead_id: UUID, given: StageInput, *, version: int) -> Lead:
    """Move a lead to a stage that a user has chosen. Dead requires a reason, and closes the lead.

    Raises NotFound, Forbidden, VersionConflict, ValidationFailed without a reason, and Conflict if users can't move the
    lead to this stage (`rules.refusal_of_stage`).
    """
    lead = _locked(actor, lead_id, Permission.LEADS_WRITE)
    stage, reason = given.stage, given.dead_reason
    is_there = lead.closed_at is None if stage != LeadStage.DEAD else lead.dead_reason == reason
    if lead.stage == stage and is_there:
        return lead
    lead.refuse_stale(version, shown(lead))
    close_or_move(lead, stage, reason)
    name_action(Action.LEAD_CLOSED if stage == LeadStage.DEAD else Action.LEAD_STAGE_CHANGED, lead)
    return lead


def close_or_move(lead: Lead, stage: LeadStage, reason: str | None) -> None:
    """Apply the change of `set_stage` to a locked lead.

    Raises the ValidationFailed and Conflict of `set_stage`.
    """
    refusal = rules.refusal_of_stage(lead, stage, detail_queries.visits_of(lead.organization_id, lead.id))
    if refusal is not None:
        raise Conflict("stage", refusal)
    if stage == LeadStage.DEAD and not reason:
        raise ValidationFailed([FieldError("dead_reason", _l("Briefly explain why."))])
    lead.stage = stage
    lead.last_activity_at = datetime.now(UTC)
    if stage == LeadStage.DEAD:
        lead.closed_at, lead.dead_reason = lead.last_activity_at, reason


def reopen(actor: Actor, lead_id: UUID, *, version: int) -> Lead:
    """Reopen a dead lead, in the stage that follows from its appointments or else its qualification.

    Open leads are unchanged. Raises NotFound, Forbidden, VersionConflict, and Conflict for a won lead or if the contact
    has another open lead from the same source.
    """
    lead = _locked(actor, lead_id, Permission.LEADS_WRITE)
    if lead.closed_at is None:
        return lead
    lead.refuse_stale(version, shown(lead))
    refusal = rules.refusal_of_reopening(lead)
    if refusal is not None:
        raise Conflict(None, refusal)
    visits = detail_queries.visits_of(lead.organization_id, lead.id)

    def change() -> None:
        lead.stage = rules.stage_after_reopening(lead.qualification_status, visits)
        lead.closed_at = lead.dead_reason = None
        lead.last_activity_at = datetime.now(UTC)
        name_action(Action.LEAD_REOPENED, lead)

    _as_only_open_one(actor, lead, change)
    return lead


def assign(actor: Actor, lead_id: UUID, rep_id: UUID | None, *, version: int) -> Lead:
    """Assign a lead to a sales rep, or to no one.

    Raises NotFound, Forbidden, VersionConflict, ValidationFailed.
    """
    actor.requires(Permission.LEADS_ASSIGN)
    # Locked before the lead, in the same order as when a user leaves: first the user, then their leads.
    if rep_id is not None and not can_have_leads(actor, rep_id):
        raise ValidationFailed([FieldError("assigned_rep_id", _l("Choose an active sales rep."))])
    lead = _locked(actor, lead_id, Permission.LEADS_ASSIGN)
    if lead.assigned_rep_id == rep_id:
        return lead
    lead.refuse_stale(version, shown(lead))
    give_to(lead, rep_id)
    name_action(Action.LEAD_ASSIGNED, lead)
    notify_assigned(actor, [lead])
    return lead


def withdraw_notifications(entries: Iterable[AuditLog]) -> None:
    """Withdraw the notifications about assignments that were undone; `entries` are their audit entries."""
    given = ((entry, (entry.after or {}).get("assigned_rep_id")) for entry in entries if entry.resource_id)
    taken = [Taken(UUID(to), entry.resource_id, entry.created_at) for entry, to in given if to and entry.resource_id]
    withdraw(LEAD_ASSIGNED, taken)


def notify_assigned(actor: Actor, leads: Iterable[Lead]) -> None:
    """Notify the reps of `leads` that `actor` assigned the leads to them."""
    given = _l("%(name)s assigned you a lead.", name=actor.name)
    notify(
        LEAD_ASSIGNED, [NewNotification(lead.assigned_rep_id, given, f"/leads/{lead.id}", lead.id) for lead in leads]
    )


def assign_in_turn(actor: Actor, lead_id: UUID, reps: Sequence[UUID], *, version: int) -> Lead:
    """Assign a lead to the next of `reps` in turn. Raises the same errors as `assign`."""
    actor.requires(Permission.LEADS_ASSIGN)
    turns = Turns.among(actor, reps)
    if not turns.reps:
        raise ValidationFailed(
            [FieldError("assigned_rep_id", _l("There are no active sales reps to assign leads to."))]
        )
    return assign(actor, lead_id, turns.take(), version=version)


@dataclass
class Turns:
    """Order of reps for new leads: fewest open leads first, then the one who has waited longest.

    The reps are locked until the end of the transaction, so that concurrent distributions don't choose the same rep.
    """

    reps: Sequence[UUID]
    load: dict[UUID, int]
    latest_first: list[UUID]

    @classmethod
    def among(cls, actor: Actor, reps: Iterable[UUID]) -> "Turns":
        """Build the order for those of `reps` to whom leads can be assigned."""
        able = [rep_id for rep_id in sorted(set(reps)) if can_have_leads(actor, rep_id)]
        load = detail_queries.open_leads_of(actor.organization_id, able)
        return cls(able, dict(load), list(detail_queries.latest_assigned(actor)))

    def take(self) -> UUID:
        """Return the next rep and advance the order. There must be at least one rep."""
        rep_id = rules.next_in_turn(self.reps, self.load, self.latest_first)
        self.load[rep_id] = self.load.get(rep_id, 0) + 1
        self.latest_first.insert(0, rep_id)
        return rep_id


def can_have_leads(actor: Actor, rep_id: UUID) -> bool:
    """Return whether leads can be assigned to this user, who stays locked until the end of the transaction."""
    try:
        rep = lock_user(actor.organization_id, rep_id)
    except NotFound:
        return False
    return rep.role == Role.SALES_REP and rep.status == UserStatus.ACTIVE


def give_to(lead: Lead, rep_id: UUID | None) -> None:
    """Apply the change of `assign` to a locked lead."""
    lead.assigned_rep_id = rep_id
    lead.last_activity_at = datetime.now(UTC)


def edit(actor: Actor, lead_id: UUID, given: LeadInput, *, version: int) -> Lead:
    """Set the qualification and source of a lead, and its CSR if the actor can assign leads.

    A qualification set by a user is not overwritten by an analysis; if it is unset, the next analysis sets it. Raises
    NotFound, Forbidden, VersionConflict, ValidationFailed, and Conflict if the contact has another open lead from the
    same source.
    """
    lead = _locked(actor, lead_id, Permission.LEADS_WRITE)
    wanted = given.values()
    if not actor.may(Permission.LEADS_ASSIGN):
        wanted["csr_id"] = lead.csr_id
    changed = {name for name, value in wanted.items() if getattr(lead, name) != value}
    if not changed:
        return lead
    lead.refuse_stale(version, shown(lead))

    def change() -> None:
        for name in changed:
            setattr(lead, name, wanted[name])
        if "qualification_status" in changed:
            lead.qualification_source = DecidedBy.USER if given.qualification_status else None
        lead.last_activity_at = datetime.now(UTC)
        if "qualification_status" in changed:
            name_action(Action.LEAD_QUALIFIED, lead)

    if given.csr_id is not None and "csr_id" in changed:
        _refuse_other_csr(actor, given.csr_id)
    _as_only_open_one(actor, lead, change)
    return lead


def undo(actor: Actor, lead_id: UUID, *, version: int) -> Lead:
    """Undo the actor's own change that left a lead at `version`, if it hasn't changed since.

    Raises NotFound, Forbidden, and Conflict if it has changed since, or if the old values are no longer valid.
    """
    lead = _locked(actor, lead_id, Permission.LEADS_WRITE)
    entry = find_change(actor, "lead", lead.id, version) if lead.version == version else None
    recorded = (entry and entry.before) or {}
    before = {name: value for name, value in recorded.items() if name in LEAD_REVERT.fields}
    if entry is None or not before:
        raise Conflict(None, _l("This lead has changed since. Nothing was undone."))
    actor.requires(*{LEAD_REVERT.fields[name] for name in before})
    refuse_to_put_back(before, LEAD_REVERT.inputs)
    values = {name: stored_value(Lead.__table__.columns[name], value) for name, value in before.items()}
    values |= values_to_restore(lead, recorded, entry.after or {}, LEAD.accompanying)

    def change() -> None:
        for name, value in values.items():
            setattr(lead, name, value)
        action = _name_of(lead, before)
        if action is not None:
            name_action(action, lead)
        if "assigned_rep_id" in before:
            withdraw_notifications([entry])

    _as_only_open_one(actor, lead, change)
    return lead


def shown(lead: Lead) -> dict[str, Any]:
    """Return the values that the forms of a lead show."""
    return {
        "stage": lead.stage,
        "reason": lead.dead_reason,
        "qualification": lead.qualification_status,
        "source": lead.source,
        "csr": str(lead.csr_id) if lead.csr_id else None,
        "rep": str(lead.assigned_rep_id) if lead.assigned_rep_id else None,
        **LEAD.entered_values(lead),
    }


def already_open(actor: Actor, contact_id: UUID, source: str, *, besides: UUID | None = None) -> Conflict:
    """Build the Conflict for a contact that already has an open lead from this source.

    It contains the ID of that lead if `actor` can see it.
    """
    there = detail_queries.find_open_lead(actor, contact_id, source, besides=besides)
    message: LazyText = _l("This contact already has an open lead from this source. Open that one.")
    if there is None:
        message = _l("This contact already has an open lead from this source, assigned to someone else.")
    return Conflict("source", message, lead_id=str(there.id) if there else None)


def _as_only_open_one(actor: Actor, lead: Lead, change: Callable[[], None]) -> None:
    """Apply a change that the database rejects if the contact has another open lead from the same source."""
    contact_id, lead_id = lead.contact_card_id, lead.id
    source = lead.source
    try:
        with translated_integrity_errors():
            change()
            source = lead.source
            db.session.flush()
    except Conflict as refusal:
        if contact_id is None or refusal.extra["conflict_field"] != "contact_card_id":
            raise
        raise already_open(actor, contact_id, source, besides=lead_id) from None


def _locked(actor: Actor, lead_id: UUID, permission: Permission) -> Lead:
    actor.requires(permission)
    lead = detail_queries.get_lead(actor, lead_id, lock=True)
    detail_queries.refuse_others_lead(actor, lead_id, permission)
    return lead


def _refuse_other_csr(actor: Actor, csr_id: UUID) -> None:
    try:
        lock_user(actor.organization_id, csr_id)
    except NotFound:
        raise ValidationFailed([FieldError("csr_id", _l("Choose someone in your organization."))]) from None


def _name_of(lead: Lead, changed: Mapping[str, Any]) -> Action | None:
    if "closed_at" in changed:
        return Action.LEAD_REOPENED if lead.closed_at is None else Action.LEAD_CLOSED
    named = {
        "stage": Action.LEAD_STAGE_CHANGED,
        "assigned_rep_id": Action.LEAD_ASSIGNED,
        "qualification_status": Action.LEAD_QUALIFIED,
    }
    return next((action for name, action in named.items() if name in changed), None)
