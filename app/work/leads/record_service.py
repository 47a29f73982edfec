"""Leads changed and assigned by programs."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import MISSING_REQUIRED_FIELD, FieldError, ValidationFailed
from app.models import Lead
from app.people.users.queries import ids_with_role
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.work.leads import service
from app.work.leads.detail_queries import get_lead
from app.work.leads.rules import LeadInput
from app.work.leads.schemas import LeadAssignment


def change_lead(actor: Actor, lead_id: UUID, given: LeadInput, version: int) -> Lead:
    """Change a lead. Raises Forbidden for another CSR without the permission to assign, and like `service.edit`."""
    if "csr_id" in given.model_fields_set and given.csr_id != get_lead(actor, lead_id).csr_id:
        actor.requires(Permission.LEADS_ASSIGN)
    return service.edit(actor, lead_id, given, version=version)


def assign_lead(actor: Actor, lead_id: UUID, given: LeadAssignment, *, version: int) -> Lead:
    """Assign a lead to a sales rep, to no one, or to the rep whose turn it is. Raises like `service.assign`."""
    if given.in_turn:
        reps = ids_with_role(actor.organization_id, Role.SALES_REP)
        return service.assign_in_turn(actor, lead_id, reps, version=version)
    if "assigned_rep_id" not in given.model_fields_set:
        missing = _l("Enter the sales rep the lead is for, or null for no one.")
        raise ValidationFailed([FieldError("assigned_rep_id", missing, MISSING_REQUIRED_FIELD)])
    return service.assign(actor, lead_id, given.assigned_rep_id, version=version)
