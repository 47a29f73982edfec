"""Queries for the call that an event is about, and for what belongs to it."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func, literal, or_, select, text

from app.extensions import db
from app.models import (
    BlockedNumber,
    Call,
    ContactCard,
    ContactPhone,
    Direction,
    Integration,
    Lead,
    PhoneNumber,
    Provider,
    User,
)
from app.security.rows import held
from app.security.scope import unscoped
from app.work.live_calls.callrail_rules import CallReport

#: Longest distance between the starts of a conversation as two systems report it.
NEAR = timedelta(seconds=30)
# The ID of an event begins with that of its call: a later modification counts, or any if this event is no modification.
_IS_SUPERSEDED = text("""
    SELECT EXISTS (
      SELECT FROM webhook_deliveries this
      JOIN webhook_deliveries later ON later.organization_id = :organization AND later.provider = this.provider
        AND later.event_type = 'call-modified' AND later.status = 'processed' AND later.id <> this.id
        AND split_part(later.external_id, ':', 1) = split_part(:event, ':', 1)
        AND (this.event_type <> 'call-modified' OR (later.created_at, later.id) > (this.created_at, this.id))
      WHERE this.organization_id = :organization AND this.provider = 'callrail' AND this.external_id = :event
        AND this.signature_ok
    )
""")
_SET_BY_PEOPLE = text("""
    SELECT DISTINCT column_of.name FROM audit_logs entry
    CROSS JOIN LATERAL jsonb_object_keys(entry.after) column_of (name)
    WHERE entry.organization_id = :organization AND entry.resource_type = 'call' AND entry.resource_id = :call
      AND entry.user_id IS NOT NULL AND entry.before IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM imports WHERE imports.organization_id = :organization AND imports.id = entry.operation_id
      )
""")


def find_call(organization_id: UUID, report: CallReport) -> Call | None:
    """Return the call with the ID in the report, or else the nearest one of the same conversation, locked; or None.

    Without a number, a call is not the same as any other.
    """
    calls = unscoped(select(Call), why="an event of a provider has no signed-in user").where(
        Call.organization_id == organization_id
    )
    call: Call | None = db.session.scalar(held(calls.where(Call.callrail_call_id == report.provider_id)))
    if call is not None or report.person_number is None:
        return call
    is_inbound = report.direction == Direction.INBOUND
    number = Call.caller_number if is_inbound else Call.called_number
    start = report.started_at
    near = calls.where(
        Call.direction == report.direction,
        number == report.person_number,
        Call.callrail_call_id.is_(None),
        Call.started_at.between(start - 2 * NEAR, start + 2 * NEAR),
        or_(
            Call.started_at.between(start - NEAR, start + NEAR),
            # One of the two has no seconds.
            and_(
                func.date_trunc("minute", Call.started_at) == start.replace(second=0),
                literal(0).in_([func.extract("second", Call.started_at), start.second]),
            ),
        ),
    )
    distance = func.abs(func.extract("epoch", Call.started_at - start))
    nearest: Call | None = db.session.scalar(held(near.order_by(distance, Call.id).limit(1)))
    return nearest


def is_superseded(organization_id: UUID, event_id: str) -> bool:
    """Return whether a later change of the call that an event is about has been processed already."""
    return bool(db.session.scalar(_IS_SUPERSEDED, {"organization": organization_id, "event": event_id}))


def list_set_by_people(organization_id: UUID, call_id: UUID) -> Collection[str]:
    """Return the names of the call's columns that a person has changed."""
    return db.session.scalars(_SET_BY_PEOPLE, {"organization": organization_id, "call": call_id}).all()


def find_company_id(organization_id: UUID) -> str | None:
    """Return the company whose events the account with CallRail is for; None for all."""
    accounts = unscoped(select(Integration.company_id), why="an event of a provider has no signed-in user")
    company_id: str | None = db.session.scalar(
        accounts.where(
            Integration.organization_id == organization_id,
            Integration.provider == Provider.CALLRAIL,
            Integration.enabled,
        )
    )
    return company_id


def find_own_number(organization_id: UUID, number: str) -> UUID | None:
    """Return the organization's phone number, or None."""
    numbers = unscoped(select(PhoneNumber.id), why="an event of a provider has no signed-in user")
    return db.session.scalar(
        numbers.where(
            PhoneNumber.organization_id == organization_id,
            PhoneNumber.number == number,
            PhoneNumber.deleted_at.is_(None),
        )
    )


def find_agent(organization_id: UUID, email: str) -> UUID | None:
    """Return the person with this address, or None."""
    people = unscoped(select(User.id), why="an event of a provider has no signed-in user")
    return db.session.scalar(
        people.where(User.organization_id == organization_id, User.email_key == email, User.deleted_at.is_(None))
    )


def lock_contact_of(organization_id: UUID, number: str) -> ContactCard | None:
    """Return the contact with this number, locked, or None."""
    contacts = unscoped(select(ContactCard), why="an event of a provider has no signed-in user").join(
        ContactPhone,
        and_(
            ContactPhone.organization_id == ContactCard.organization_id,
            ContactPhone.contact_card_id == ContactCard.id,
        ),
    )
    contact: ContactCard | None = db.session.scalar(
        held(
            contacts.where(
                ContactCard.organization_id == organization_id,
                ContactPhone.phone == number,
                ContactPhone.deleted_at.is_(None),
                ContactCard.deleted_at.is_(None),
            )
        )
    )
    return contact


def find_open_lead(organization_id: UUID, contact_id: UUID) -> UUID | None:
    """Return the contact's open lead with the latest activity, or None."""
    leads = unscoped(select(Lead.id), why="an event of a provider has no signed-in user").where(
        Lead.organization_id == organization_id,
        Lead.contact_card_id == contact_id,
        Lead.closed_at.is_(None),
        Lead.deleted_at.is_(None),
    )
    return db.session.scalar(leads.order_by(Lead.last_activity_at.desc(), Lead.id.desc()).limit(1))


def is_blocked(organization_id: UUID, number: str | None) -> bool:
    """Return whether calls from a number open neither leads nor entries of the queue."""
    blocked = unscoped(select(BlockedNumber.id), why="an event of a provider has no signed-in user")
    of_number = blocked.where(BlockedNumber.organization_id == organization_id, BlockedNumber.number == number)
    return db.session.scalar(of_number) is not None
