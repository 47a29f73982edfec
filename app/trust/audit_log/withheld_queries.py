"""Entries whose values are withheld from some readers of the trail: coaching notes and recorded conversations.

Everyone can see that something changed, when and by whom. The values are hidden, and a word search does not find them.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, case, cast, func, not_, null, or_, select
from sqlalchemy.types import Uuid

from app.models import AuditLog, Call, CallAnalysis, CallNote, CallTranscript, NoteKind
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.recording_access import may_hear_condition
from app.security.scope import restrict, sees_all_rows, unscoped
from app.trust.audit_log.name_queries import kinds_unnamed

#: All content of an entry, as in files and streams; the remaining columns serve to seal it.
COLUMNS = (
    AuditLog.id,
    AuditLog.created_at,
    AuditLog.user_id,
    AuditLog.actor_label,
    AuditLog.actor_role,
    AuditLog.source,
    AuditLog.action,
    AuditLog.resource_type,
    AuditLog.resource_id,
    AuditLog.resource_label,
    AuditLog.before,
    AuditLog.after,
    AuditLog.details,
    AuditLog.ip_address,
    AuditLog.user_agent,
    AuditLog.request_id,
    AuditLog.correlation_id,
    AuditLog.operation_id,
    AuditLog.redacted_at,
)

_NOTE = "call_note"
#: Records derived from the audio of a call.
_HEARD = {"call_transcript": CallTranscript, "call_analysis": CallAnalysis}

#: Entries of a created or deleted row contain all of it; those of a change only what changed.
_VALUES: Any = func.coalesce(AuditLog.after, AuditLog.before)


def kinds_withheld(actor: Actor) -> list[str]:
    """Return the kinds of records for which the values of some entries are withheld from `actor`.

    A word search excludes these kinds entirely.
    """
    notes = [] if sees_all_rows(CallNote, actor) else [_NOTE]
    return notes if actor.sees_all(Permission.RECORDINGS_READ) else [*notes, *_HEARD]


def is_withheld(actor: Actor) -> ColumnElement[bool] | None:
    """Return the condition for entries whose values are withheld from `actor`, or None if there are none.

    If the trail doesn't say what decides this, such as the kind of a note that was purged, the values are withheld.
    """
    found = list(_conditions(actor))
    return or_(*found) if found else None


def visible_columns(actor: Actor) -> list[Any]:
    """Return COLUMNS, with values and names that are withheld from `actor` replaced by NULL."""
    closed = is_withheld(actor)
    told: dict[Any, Any] = {}
    if closed is not None:
        told = {one: case((closed, null()), else_=one).label(one.key) for one in (AuditLog.before, AuditLog.after)}
    name = case((AuditLog.resource_type.not_in(kinds_unnamed(actor)), AuditLog.resource_label))
    told[AuditLog.resource_label] = name.label("resource_label")
    return [told.get(one, one) for one in COLUMNS]


def _conditions(actor: Actor) -> Iterator[ColumnElement[bool]]:
    kinds = kinds_withheld(actor)
    if _NOTE in kinds:
        mine = restrict(select(CallNote.id).where(CallNote.id == AuditLog.resource_id), CallNote, actor)
        is_plain = func.coalesce(_VALUES["kind"].astext == NoteKind.NOTE, False)
        yield and_(AuditLog.resource_type == _NOTE, not_(is_plain), not_(mine.correlate(AuditLog).exists()))
    for kind, model in _HEARD.items():
        if kind in kinds:
            yield and_(AuditLog.resource_type == kind, not_(_is_of_call_heard(model, actor)))


def _is_of_call_heard(model: Any, actor: Actor) -> ColumnElement[bool]:
    row = unscoped(select(model.call_id), why="looks up the call of an entry that does not contain its ID").where(
        model.organization_id == actor.organization_id, model.id == AuditLog.resource_id
    )
    call_id = func.coalesce(cast(_VALUES["call_id"].astext, Uuid), row.correlate(AuditLog).scalar_subquery())
    calls = unscoped(select(Call.id), why="the trail covers all calls; `may_hear_condition` restricts them").where(
        Call.organization_id == actor.organization_id, Call.id == call_id, may_hear_condition(actor)
    )
    return calls.correlate(AuditLog).exists()
