"""What a person reads when the database refuses: every constraint by name, with its field and its sentence.

Nobody asks the database beforehand whether a value is free or a reference exists: two who ask at once are both told
yes. The database refuses, and this module says it in words. Lengths, choices, phone formats and references are
declared with what their sentence needs (see `app.models.base`); all others stand in `app.db.sentences` and
`app.db.work_sentences`. A test holds that each constraint of the database has a sentence.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

import psycopg
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.exc import DBAPIError

from app.db.refusal import Key, Refusal
from app.db.sentences import SENTENCES
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
from app.errors import Sentence as Text
from app.models import Base, BusyTime

_BUSY, _AWAY = "event_time_conflict", "user_not_available"
_REFUSED_DELETE = "update or delete on table"  # how PostgreSQL begins the message when others still refer to a row


def translate(error: DBAPIError) -> DomainError | None:
    """The domain error for a refusal of the database; None when it refused for another reason than a constraint."""
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
    """Who is in what at that time, as the trigger tells it; the constraint behind it can name neither."""
    if cause.diag.constraint_name not in (_BUSY, _AWAY):
        return EventTimeConflict({})
    other: dict[str, Any] = json.loads(cause.diag.message_detail or "{}")
    for end in ("start", "end"):
        other[end] = datetime.fromisoformat(other[end]).astimezone(UTC).isoformat().replace("+00:00", "Z")
    person, name = other["person"]["name"], other["name"]
    if cause.diag.constraint_name == _AWAY:
        return UserNotAvailable(other, _l("%(person)s has time off then: %(name)s.", person=person, name=name))
    return EventTimeConflict(
        other, _l("%(person)s has something else at that time: %(name)s.", person=person, name=name)
    )


def _in_words(cause: psycopg.errors.IntegrityError, refusal: Refusal) -> DomainError:
    """A duplicate, an overlap and a refused delete clash with what is there; everything else is a wrong field."""
    if isinstance(cause, (psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation)):
        return Conflict(refusal.field, refusal.sentence)
    if _refuses_delete(cause):
        return Conflict(None, _refused_delete_sentence(refusal))
    return ValidationFailed([FieldError(refusal.field or "", refusal.sentence, INVALID_INPUT)], refusal.sentence)


def find_refusal(table: str, constraint: str) -> Refusal | None:
    """Field and sentence of a constraint, or None for an unknown one."""
    key = (table, constraint)
    return SENTENCES.get(key) or WORK_SENTENCES.get(key) or _declared().get(key)


def _refuses_delete(cause: psycopg.errors.IntegrityError) -> bool:
    if isinstance(cause, psycopg.errors.RestrictViolation) or cause.diag.constraint_name == "contact_card_in_use":
        return True
    message = cause.diag.message_primary or ""
    return isinstance(cause, psycopg.errors.ForeignKeyViolation) and message.startswith(_REFUSED_DELETE)


def _refused_delete_sentence(refusal: Refusal) -> Text:
    """The sentence of a reference speaks of what is missing; a refused delete is about what is still there."""
    return refusal.sentence if refusal.field is None else _l("Other records still refer to this. Change them first.")


def _length(info: tuple[str, int, int]) -> Refusal:
    column, least, most = info
    if least < 2:
        return Refusal(column, _l("Use %(most)s characters at most.", most=most))
    return Refusal(column, _l("Use %(least)s to %(most)s characters.", least=least, most=most))


def _choice(declared: tuple[str, type[StrEnum]]) -> Refusal:
    column, _values = declared
    return Refusal(column, _l("Choose one of the values offered."))


def _name(column: str) -> Refusal:
    return Refusal(column, _l("Choose one of the values offered."))


def _phone(column: str) -> Refusal:
    return Refusal(column, _l("Enter a phone number with its country, such as +1 512 555 0142."))


_FAMILIES: dict[str, Callable[[Any], Refusal]] = {
    "length": _length,
    "choice": _choice,
    "declared": _name,
    "phone": _phone,
}


@cache  # not at import: a feature may bring models of its own
def _declared() -> dict[Key, Refusal]:
    """Sentences of the constraints that say in their `info` what they hold, and of all references."""
    found: dict[Key, Refusal] = {}
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            key = (table.name, str(constraint.name))
            if isinstance(constraint, ForeignKeyConstraint):
                column = list(constraint.column_keys)[-1]
                found[key] = Refusal(column, _l("What this refers to is not here. Choose another."))
            elif isinstance(constraint, CheckConstraint):
                for family, info in constraint.info.items():
                    found[key] = _FAMILIES[family](info)
    return found
