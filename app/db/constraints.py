"""Error messages for database constraints: each constraint by name, with its field and its message.

The app does not check beforehand whether a value is free or a reference exists, because two concurrent requests would
both pass the check. The database refuses the write, and this module translates the error. Lengths, choices, phone
formats and references are declared together with what their message needs (see `app.models.base`); all others are
listed in `app.db.sentences` and `app.db.work_sentences`. A test ensures that each constraint of the database has a
message.
"""

import json
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import psycopg
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.exc import DBAPIError

from app.db.moments import in_utc
from app.db.refusal import Key, Refusal
from app.db.sentences import ONE_OF_ITS_KIND, SENTENCES
from app.db.work_sentences import WORK_SENTENCES
from app.errors import (
    INVALID_INPUT,
    MISSING_REQUIRED_FIELD,
    ActiveCalls,
    Conflict,
    DomainError,
    EventTimeConflict,
    FieldError,
    LastOwner,
    UserNotAvailable,
    ValidationFailed,
)
from app.errors import LazyText as Text
from app.models import Base, BusyTime

_BUSY, _AWAY = "event_time_conflict", "user_not_available"
_REFUSED_DELETE = "update or delete on table"  # start of PostgreSQL's message if other rows still refer to a row


def translate(error: DBAPIError) -> DomainError | None:
    """Return the domain error for a constraint violation; None for any other database error."""
    cause = error.orig
    if not isinstance(cause, psycopg.errors.IntegrityError):
        return None
    if isinstance(cause, psycopg.errors.NotNullViolation):
        field = cause.diag.column_name or ""
        return ValidationFailed([FieldError(field, _l("Fill this in."), MISSING_REQUIRED_FIELD)])
    if cause.diag.constraint_name == "last_owner":
        return LastOwner(count=1)
    if cause.diag.table_name == BusyTime.__tablename__ and isinstance(cause, psycopg.errors.ExclusionViolation):
        return _time_is_taken(cause)
    if cause.diag.constraint_name == "active_calls":
        return ActiveCalls(count=int(cause.diag.message_detail or 0))
    refusal = find_refusal(cause.diag.table_name or "", cause.diag.constraint_name or "")
    return Conflict() if refusal is None else _in_words(cause, refusal)


def _time_is_taken(cause: psycopg.errors.ExclusionViolation) -> DomainError:
    """Return the error for an overlapping time, with the person and appointment that the trigger reports.

    The exclusion constraint that backs up the trigger can report neither.
    """
    if cause.diag.constraint_name not in (_BUSY, _AWAY):
        return EventTimeConflict({})
    other: dict[str, Any] = json.loads(cause.diag.message_detail or "{}")
    for end in ("start", "end"):
        other[end] = in_utc(datetime.fromisoformat(other[end]))
    person, name = other["person"]["name"], other["name"]
    if cause.diag.constraint_name == _AWAY:
        return UserNotAvailable(other, _l("%(person)s has time off then: %(name)s.", person=person, name=name))
    return EventTimeConflict(other, _l("%(person)s isn’t available then: %(name)s.", person=person, name=name))


def _in_words(cause: psycopg.errors.IntegrityError, refusal: Refusal) -> DomainError:
    """Return Conflict for a duplicate, an overlap or a refused delete, otherwise ValidationFailed for the field."""
    if isinstance(cause, (psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation)):
        return Conflict(refusal.field, refusal.sentence)
    if _refuses_delete(cause):
        return Conflict(None, _refused_delete_sentence(refusal))
    return ValidationFailed([FieldError(refusal.field or "", refusal.sentence, INVALID_INPUT)], refusal.sentence)


def find_refusal(table: str, constraint: str) -> Refusal | None:
    """Return the field and message of a constraint; None for an unknown one."""
    key = (table, constraint)
    return SENTENCES.get(key) or WORK_SENTENCES.get(key) or _declared().get(key)


def _refuses_delete(cause: psycopg.errors.IntegrityError) -> bool:
    if isinstance(cause, psycopg.errors.RestrictViolation) or cause.diag.constraint_name == "contact_card_in_use":
        return True
    message = cause.diag.message_primary or ""
    return isinstance(cause, psycopg.errors.ForeignKeyViolation) and message.startswith(_REFUSED_DELETE)


def _refused_delete_sentence(refusal: Refusal) -> Text:
    """Return the message for a refused delete.

    The constraint's own message is about a missing record, but a refused delete is about one that still exists.
    """
    return refusal.sentence if refusal.field is None else _l("Other records still refer to this. Change them first.")


def _length(info: tuple[str, int, int]) -> Refusal:
    column, least, most = info
    if least < 2:
        return Refusal(column, _l("Use up to %(most)s characters.", most=most))
    return Refusal(column, _l("Use %(least)s to %(most)s characters.", least=least, most=most))


def _choice(declared: tuple[str, type[StrEnum]]) -> Refusal:
    column, _values = declared
    return Refusal(column, _l("Choose one of the options."))


def _name(column: str) -> Refusal:
    return Refusal(column, _l("Choose one of the options."))


def _phone(column: str) -> Refusal:
    return Refusal(column, _l("Enter a phone number with its country code, such as +1 512 555 0142."))


def _once(_info: Any) -> Refusal:
    return ONE_OF_ITS_KIND


_FAMILIES: dict[str, Callable[[Any], Refusal]] = {
    "length": _length,
    "choice": _choice,
    "declared": _name,
    "phone": _phone,
    "once": _once,
}


@cache  # not at import, because a feature can add its own models
def _declared() -> dict[Key, Refusal]:
    """Return the messages of the constraints that describe themselves in `info`, and of all foreign keys."""
    found: dict[Key, Refusal] = {}
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            key = (table.name, str(constraint.name))
            if isinstance(constraint, ForeignKeyConstraint):
                column = list(constraint.column_keys)[-1]
                found[key] = Refusal(column, _l("The record this refers to doesn’t exist. Choose another."))
            elif isinstance(constraint, (CheckConstraint, UniqueConstraint)):
                for family, info in constraint.info.items():
                    found[key] = _FAMILIES[family](info)
    return found
