"""Queries for the phone numbers of the organization."""

import re
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from app.db.conditions import is_any_of
from app.db.paging import newest_or_oldest_first
from app.extensions import db
from app.models import Call, CallStatus, PhoneNumber
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import find_row, get_row
from app.security.scope import restrict, unscoped
from app.work.phone_numbers.filters import PhoneNumberFilters

SORTS = newest_or_oldest_first("createdAt", PhoneNumber.created_at, PhoneNumber.id)

_NO_DIGIT = re.compile(r"\D")


def phone_number_conditions(filters: PhoneNumberFilters) -> list[ColumnElement[bool]]:
    """Return the conditions that correspond to `filters`."""
    found: list[ColumnElement[bool]] = [PhoneNumber.deleted_at.is_(None)]
    if filters.q:
        digits = _NO_DIGIT.sub("", filters.q)
        called_so = PhoneNumber.display_name.icontains(filters.q, autoescape=True)
        found.append(or_(called_so, PhoneNumber.number.contains(digits)) if digits else called_so)
    if filters.purpose:
        found.append(is_any_of(PhoneNumber.purpose, filters.purpose))
    if filters.provider:
        found.append(is_any_of(PhoneNumber.provider, filters.provider))
    if filters.in_use is not None:
        found.append(PhoneNumber.is_active.is_(filters.in_use))
    return found


def has_numbers(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the organization has a number in use."""
    in_use = PhoneNumber.is_active, PhoneNumber.deleted_at.is_(None)
    return restrict(select(PhoneNumber.id), PhoneNumber, actor).where(*in_use).exists()


def numbers_of(organization_id: UUID) -> frozenset[str]:
    """Return all numbers that an organization has, and those to which it forwards calls."""
    numbers = unscoped(select(PhoneNumber.number, PhoneNumber.forwarding_number), why="used by the job of an import")
    own = numbers.where(PhoneNumber.organization_id == organization_id, PhoneNumber.deleted_at.is_(None))
    return frozenset(number for row in db.session.execute(own) for number in row if number)


def get_number(actor: Actor, phone_number_id: UUID, *, lock: bool = False) -> PhoneNumber:
    """Return the number; raises NotFound."""
    return get_row(actor, PhoneNumber, phone_number_id, named="phone_number", lock=lock)


def find_number(actor: Actor, phone_number_id: UUID) -> PhoneNumber | None:
    """Return the number if it is visible to `actor`, or None."""
    return find_row(actor, PhoneNumber, phone_number_id)


def count_active_calls(number: PhoneNumber) -> int:
    """Return the number of active calls on a phone number.

    The caller checks that the number is visible.
    """
    calls = unscoped(select(func.count()).select_from(Call), why="count only; callers check that the number is visible")
    on_it = calls.where(
        Call.organization_id == number.organization_id,
        Call.phone_number_id == number.id,
        Call.status == CallStatus.ACTIVE,
    )
    return db.session.scalar(on_it) or 0


_ROW = select(
    PhoneNumber.id,
    PhoneNumber.version,
    PhoneNumber.number,
    PhoneNumber.display_name,
    PhoneNumber.provider,
    PhoneNumber.purpose,
    PhoneNumber.forwarding_number,
    PhoneNumber.is_active,
    PhoneNumber.created_at,
)


def _list_conditions(filters: PhoneNumberFilters, _actor: Actor, _now: datetime) -> list[ColumnElement[bool]]:
    return phone_number_conditions(filters)


#: The numbers that match `filters`, newest first.
phone_number_list = ListOf(PhoneNumber, _ROW, narrow=_list_conditions, sorts=SORTS)

#: The same numbers with all their values.
phone_number_records = ListOf(
    PhoneNumber, _ROW.add_columns(PhoneNumber.updated_at), narrow=_list_conditions, sorts=SORTS
)
