"""Creating a lead for a contact, optionally from a call."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, FieldError, NotFound, ValidationFailed
from app.extensions import db
from app.models import Call, ContactCard, DecidedBy, Lead
from app.security import own_rows
from app.security.actor import Actor
from app.security.occupation_rules import is_csr, is_sales_rep
from app.security.permissions import Permission
from app.security.rows import find_row, get_row
from app.work.leads.resource import LEAD
from app.work.leads.rules import NewLeadInput
from app.work.leads.service import already_open


def create(
    actor: Actor,
    lead_id: UUID,
    given: NewLeadInput,
) -> Lead:
    """Create a lead for a contact visible to `actor`, and link the call to it if the call has no lead yet.

    `lead_id` is generated with the form, so that a form submitted twice creates one lead. A CSR is credited with the
    lead; for anyone else, the CSR of the call is credited. A rep is also assigned to the lead. Raises Forbidden,
    NotFound, ValidationFailed for an unsuitable contact or call, and Conflict if the form was submitted with other
    values before, or if the contact already has an open lead from this source. In the latter case, it has the ID of
    that lead if `actor` can see it.
    """
    actor.requires(Permission.LEADS_WRITE)
    there = find_row(actor, Lead, lead_id)
    if there is not None:
        return _the_same(there, given)
    contact = _contact(actor, given.contact_card_id)
    call = _call(actor, given.call_id, contact.id) if given.call_id else None
    lead = Lead(
        organization_id=actor.organization_id,
        id=lead_id,
        contact_card_id=contact.id,
        source=given.source,
        qualification_status=given.qualification_status,
        qualification_source=DecidedBy.USER if given.qualification_status else None,
        csr_id=actor.reference_id if is_csr(actor) else call.csr_id if call else None,
        assigned_rep_id=actor.reference_id if is_sales_rep(actor) else None,
        created_by=actor.reference_id,
        created_by_label=actor.name,
        **LEAD.entered_values(given),
    )
    try:
        with translated_integrity_errors():
            db.session.add(lead)
    except Conflict:
        there = find_row(actor, Lead, lead_id)
        if there is not None:
            return _the_same(there, given)
        raise already_open(actor, contact.id, given.source) from None
    if call is not None and call.lead_id is None:
        call.lead_id = lead.id
        db.session.flush()
    return lead


def _the_same(there: Lead, given: NewLeadInput) -> Lead:
    names = ("contact_card_id", "source", "qualification_status", *(field.name for field in LEAD.entered))
    if any(getattr(there, name) != getattr(given, name) for name in names):
        raise Conflict(None, _l("This form was already submitted. Open a new one to add another lead."))
    return there


def _contact(actor: Actor, contact_id: UUID) -> ContactCard:
    try:
        return get_row(actor, ContactCard, contact_id, ContactCard.deleted_at.is_(None), named="contact_card")
    except NotFound:
        raise ValidationFailed([FieldError("contact_card_id", _l("Choose an existing contact."))]) from None


def _call(actor: Actor, call_id: UUID, contact_id: UUID) -> Call:
    """Return the call, locked, to be linked to a lead of the contact.

    Linking changes the call, so it requires permission to update it. Raises Forbidden, and ValidationFailed for an
    unsuitable call.
    """
    actor.requires(Permission.CALLS_UPDATE)
    own = () if actor.sees_all(Permission.CALLS_UPDATE) else (own_rows.calls(actor),)
    call = find_row(actor, Call, call_id, *own, lock=True)
    if call is None or call.contact_card_id not in (None, contact_id):
        raise ValidationFailed([FieldError("call_id", _l("Choose a call with this contact."))])
    return call
