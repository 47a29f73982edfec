"""What the trail does not tell everybody who reads it: coaching, and what was said at visits.

That something changed, when and by whom is told. The values are not, nor does a search for words find them.
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

#: All that an entry says, as files and streams carry it; the rest of its columns seal it.
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
#: What is made of the sound of a call.
_HEARD = {"call_transcript": CallTranscript, "call_analysis": CallAnalysis}

#: Entries of a row that came or went tell all of it; those of a change what changed.
_TOLD: Any = func.coalesce(AuditLog.after, AuditLog.before)


def kinds_withheld(actor: Actor) -> list[str]:
    """The kinds of records of which some entries are closed to `actor`; looking for words leaves out all of them."""
    notes = [] if sees_all_rows(CallNote, actor) else [_NOTE]
    return notes if actor.sees_all(Permission.RECORDINGS_READ) else [*notes, *_HEARD]


def is_withheld(actor: Actor) -> ColumnElement[bool] | None:
    """The condition on an entry that its values are closed to `actor`; None where none are.

    What cannot be told any more, such as of which kind a note was that is gone, is closed.
    """
    found = list(_conditions(actor))
    return or_(*found) if found else None


def told_columns(actor: Actor) -> list[Any]:
    """COLUMNS; before and after are empty where they are closed to `actor`, and names that they may not know."""
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
        is_plain = func.coalesce(_TOLD["kind"].astext == NoteKind.NOTE, False)
        yield and_(AuditLog.resource_type == _NOTE, not_(is_plain), not_(mine.correlate(AuditLog).exists()))
    for kind, model in _HEARD.items():
        if kind in kinds:
            yield and_(AuditLog.resource_type == kind, not_(_is_of_call_heard(model, actor)))


def _is_of_call_heard(model: Any, actor: Actor) -> ColumnElement[bool]:
    row = unscoped(select(model.call_id), why="looks up the call of an entry that did not tell it").where(
        model.organization_id == actor.organization_id, model.id == AuditLog.resource_id
    )
    call_id = func.coalesce(cast(_TOLD["call_id"].astext, Uuid), row.correlate(AuditLog).scalar_subquery())
    calls = unscoped(select(Call.id), why="the trail tells of all calls; who may hear them is asked here").where(
        Call.organization_id == actor.organization_id, Call.id == call_id, may_hear_condition(actor)
    )
    return calls.correlate(AuditLog).exists()
