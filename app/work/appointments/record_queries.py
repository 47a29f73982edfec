"""Query for appointments with all their values, their contact, and what is known from its calls."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.models import Appointment, Call, CallAnalysis, ContactCard, Lead, Organization, User
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.recording_access import may_hear_condition
from app.security.scope import restrict
from app.work.appointments.queries import SORTS, list_conditions

_Csr, _Rep, _Creator = (aliased(User, name=name) for name in ("csr", "rep", "creator"))

_OF_CARD = (
    "first_name", "last_name", "company_name", "email", "address_line_1", "address_line_2", "city", "state", "zip",
    "country",
)  # fmt: skip


def _record(actor: Actor) -> Selection:
    """Select all values of an appointment; the contact's own only for those who can see the contact."""
    seen = _seen_contact(actor).lateral("seen")
    contact_id = seen.c.contact_id
    heard = _heard_call(actor).lateral("heard")
    return (
        select(
            Appointment.id,
            contact_id,
            ContactCard.display_name.label("contact_name"),
            _contact(contact_id).label("contact"),
            _insights(contact_id, heard.c).label("insights"),
            Appointment.csr_id,
            _Csr.name.label("csr_name"),
            Appointment.sales_rep_id,
            _Rep.name.label("sales_rep_name"),
            Appointment.service_type,
            Appointment.scheduled_start_at,
            Appointment.scheduled_end_at,
            Appointment.timezone,
            Appointment.address_line_1,
            Appointment.address_line_2,
            Appointment.city,
            Appointment.state,
            Appointment.zip,
            Appointment.country,
            Appointment.notes,
            Appointment.status,
            Appointment.cancelled_reason,
            Appointment.completed_at,
            Appointment.outcome,
            Appointment.outcome_at,
            Appointment.deal_value,
            _currency().label("currency"),
            Appointment.lost_reason,
            Appointment.booked_at,
            Appointment.created_by,
            func.coalesce(_Creator.name, func.nullif(Appointment.created_by_label, "")).label("created_by_name"),
            Appointment.created_at,
            Appointment.updated_at,
            Appointment.version,
        )
        .outerjoin(ContactCard, refers_to(ContactCard, Appointment, Appointment.contact_card_id))
        .outerjoin(_Csr, refers_to(_Csr, Appointment, Appointment.csr_id))
        .outerjoin(_Rep, refers_to(_Rep, Appointment, Appointment.sales_rep_id))
        .outerjoin(_Creator, refers_to(_Creator, Appointment, Appointment.created_by))
        .outerjoin(seen, true())
        .outerjoin(heard, true())
        .execution_options(**{INCLUDE_DELETED: True})
    )


def _seen_contact(actor: Actor) -> Selection:
    """Select the id of the appointment's contact, for those who can see it and unless it is in the trash."""
    theirs: Selection = restrict(select(ContactCard.id.label("contact_id")), ContactCard, actor)
    is_it = ContactCard.id == Appointment.contact_card_id
    return theirs.where(is_it, ContactCard.deleted_at.is_(None)).correlate(Appointment)


def _currency() -> ColumnElement[Any]:
    own = select(Organization.currency).where(Organization.id == Appointment.organization_id)
    return own.correlate(Appointment).scalar_subquery()


def _contact(contact_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Build the contact as an object; NULL if the appointment has none."""
    is_seen = contact_id.is_not(None)
    own = [(name, case((is_seen, getattr(ContactCard, name)))) for name in _OF_CARD]
    built = _object(
        ("id", contact_id),
        ("name", ContactCard.display_name),
        ("primary_phone", ContactCard.primary_phone),
        *own,
        ("tags", case((is_seen, func.to_jsonb(ContactCard.tags)), else_=_empty([]))),
    )
    return case((ContactCard.id.is_not(None), built))


def _insights(contact_id: ColumnElement[Any], heard: Any) -> ColumnElement[Any]:
    """Build the object of what is known from the contact's calls."""
    is_seen = contact_id.is_not(None)
    return _object(
        ("call_id", case((is_seen, heard.call_id))),
        ("summary", case((is_seen, func.coalesce(heard.summary, ContactCard.last_call_summary)))),
        ("primary_intent", case((is_seen, ContactCard.primary_intent))),
        ("risks", case((is_seen, func.to_jsonb(ContactCard.risks)), else_=_empty([]))),
        ("objections", case((is_seen, func.coalesce(func.to_jsonb(heard.objections), _empty([]))), else_=_empty([]))),
        ("property_snapshot", case((is_seen, ContactCard.property_snapshot), else_=_empty({}))),
    )


def _object(*members: tuple[str, Any]) -> ColumnElement[Any]:
    return func.jsonb_build_object(*(part for member in members for part in member), type_=JSONB)


def _empty(value: Any) -> ColumnElement[Any]:
    return literal(value, JSONB)


def _heard_call(actor: Actor) -> Selection:
    """Select the analyzed call that led to the booking, or else the contact's latest, that `actor` can listen to."""
    analysed = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    columns = (
        Call.id.label("call_id"),
        CallAnalysis.summary,
        CallAnalysis.objection_categories.label("objections"),
    )
    theirs: Selection = restrict(select(*columns), Call, actor).join(CallAnalysis, analysed)
    is_first = Call.id.is_not_distinct_from(Appointment.source_call_id)
    return (
        theirs.where(Call.contact_card_id == Appointment.contact_card_id, may_hear_condition(actor))
        .order_by(is_first.desc(), Call.started_at.desc(), Call.id.desc())
        .limit(1)
        .correlate(Appointment)
    )


#: The appointments of the list.
appointment_records = ListOf(
    Appointment,
    _record,
    narrow=list_conditions,
    sorts=SORTS,
    links=((Appointment.lead_id, Lead), (Appointment.source_call_id, Call)),
)
