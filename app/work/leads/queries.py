"""Queries for lists of leads."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.db.lists import ListQuery
from app.db.paging import newest_or_oldest_first
from app.models import Call, CallStatus, CallType, ContactCard, Direction, Lead, User
from app.periods import Span, span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.scope import countable, unscoped
from app.work.contacts.queries import is_of_contact
from app.work.leads.filters import LeadFilters

_Csr = aliased(User, name="csr")
_Rep = aliased(User, name="rep")

SORTS = newest_or_oldest_first("lastActivityAt", Lead.last_activity_at, Lead.id)


def lead_lists(actor: Actor, several: Sequence[LeadFilters], now: datetime) -> list[ListQuery]:
    """Return a list query for each of several filters, which differ only in `stage` and `open`.

    Conditions that they share are built once.
    """
    if not several:
        return []
    common = several[0].model_copy(update={"stage": (), "open": None})
    conditions = lead_conditions(common, actor, span_of(common, actor, now))
    found = []
    for filters in several:
        own = [*conditions, *_staged(filters)]
        found.append(lead_list.narrowed(actor, filters, own))
    return found


def lead_conditions(filters: LeadFilters, actor: Actor, span: Span | None) -> list[ColumnElement[bool]]:
    """Translate `filters` to SQL.

    The span is the period of the calls; qualification and stage are current values.
    """
    found: list[ColumnElement[bool]] = [Lead.deleted_at.is_(None)]
    if filters.q:
        found.append(is_of_contact(Lead.contact_card_id, filters.q))
    if filters.qualification:
        found.append(is_any_of(Lead.qualification_status, filters.qualification))
    found += _staged(filters)
    if filters.rep is not None:
        found.append(matches_person(Lead.assigned_rep_id, filters.rep, actor))
    if span is not None or filters.csr is not None:
        spoken_to_then = select(Call.lead_id).where(*spoken_to(filters, actor, span))
        found.append(Lead.id.in_(unscoped(spoken_to_then, why="filters leads that are scoped; no call is returned")))
    return found


def _staged(filters: LeadFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.stage:
        found.append(is_any_of(Lead.stage, filters.stage))
    if filters.open is not None:
        found.append(Lead.closed_at.is_(None) if filters.open else Lead.closed_at.is_not(None))
    return found


def spoken_to(
    filters: LeadFilters, actor: Actor, span: Span | None, call: type[Call] = Call
) -> list[ColumnElement[bool]]:
    """Return conditions for calls that count as contact with a lead, on the columns of `call`.

    Completed CSR calls in the period count, if they are credited to the CSR in `filters`.
    """
    found: list[ColumnElement[bool]] = [
        call.organization_id == actor.organization_id,
        call.lead_id.is_not(None),
        call.call_type == CallType.CSR_CALL,
        call.status == CallStatus.COMPLETED,
    ]
    if span is not None:
        found += [call.started_at >= span.start, call.started_at < span.end]
    if filters.csr is not None:
        found.append(matches_person(call.csr_id, filters.csr, actor))
    return found


def number_of_lead() -> ColumnElement[str | None]:
    """Select the other party's number (E.164) in the latest call about a lead in which it is known.

    It is needed for imported leads, which can be without a contact.
    """
    theirs = case((Call.direction == Direction.OUTBOUND, Call.called_number), else_=Call.caller_number)
    latest = unscoped(select(theirs), why="a lead's phone number is visible to everyone who can see the lead")
    about = latest.where(
        Call.organization_id == Lead.organization_id, Call.lead_id == Lead.id, theirs.is_not(None)
    ).order_by(Call.started_at.desc(), Call.id.desc())
    return about.limit(1).correlate(Lead).scalar_subquery()


_ROW = (
    select(
        Lead.id,
        Lead.version,
        Lead.stage,
        Lead.qualification_status,
        Lead.source,
        Lead.last_activity_at,
        Lead.closed_at,
        Lead.won_at,
        Lead.contact_card_id,
        func.coalesce(ContactCard.display_name, number_of_lead()).label("contact_name"),
        ContactCard.primary_phone,
        _Csr.name.label("csr_name"),
        _Rep.name.label("rep_name"),
    )
    .outerjoin(
        ContactCard,
        refers_to(ContactCard, Lead, Lead.contact_card_id),
    )
    .outerjoin(_Csr, refers_to(_Csr, Lead, Lead.csr_id))
    .outerjoin(_Rep, refers_to(_Rep, Lead, Lead.assigned_rep_id))
    .execution_options(include_deleted=True)
)


_Creator = aliased(User, name="creator")

_RECORD = (
    select(
        Lead.id,
        func.coalesce(ContactCard.display_name, number_of_lead()).label("contact_name"),
        ContactCard.primary_phone.label("contact_phone"),
        Lead.stage,
        Lead.dead_reason,
        Lead.qualification_status,
        Lead.qualification_source,
        Lead.source,
        Lead.csr_id,
        _Csr.name.label("csr_name"),
        Lead.assigned_rep_id,
        _Rep.name.label("assigned_rep_name"),
        Lead.last_activity_at,
        Lead.closed_at,
        Lead.won_at,
        Lead.created_by,
        func.coalesce(_Creator.name, func.nullif(Lead.created_by_label, "")).label("created_by_name"),
        Lead.created_at,
        Lead.updated_at,
        Lead.version,
    )
    .outerjoin(ContactCard, refers_to(ContactCard, Lead, Lead.contact_card_id))
    .outerjoin(_Csr, refers_to(_Csr, Lead, Lead.csr_id))
    .outerjoin(_Rep, refers_to(_Rep, Lead, Lead.assigned_rep_id))
    .outerjoin(_Creator, refers_to(_Creator, Lead, Lead.created_by))
    .execution_options(include_deleted=True)
)


def _list_conditions(filters: LeadFilters, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    return lead_conditions(filters, actor, span_of(filters, actor, now))


#: Leads visible to the actor that match the filters.
lead_list = ListOf(Lead, _ROW, narrow=_list_conditions, sorts=SORTS, matching=countable)

#: The same leads with all their values.
lead_records = ListOf(
    Lead,
    _RECORD,
    narrow=_list_conditions,
    sorts=SORTS,
    links=((Lead.contact_card_id, ContactCard),),
    matching=countable,
)
