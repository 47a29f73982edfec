"""Query for the latest analyzed call of a contact."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, select

from app.extensions import db
from app.models import Call, CallAnalysis, CallTranscript
from app.security.actor import Actor
from app.security.recording_access import may_hear_condition
from app.security.scope import restrict


class AnalysedCall(NamedTuple):
    """A call with the stored results of its analysis and the turns of its transcript."""

    id: UUID
    started_at: datetime
    duration_seconds: int | None
    summary: str | None
    evidence: Any
    objections: Any
    missed_opportunities: Any
    speaker_labels: Any


def find_analysed_call(actor: Actor, contact_id: UUID, first: UUID | None) -> AnalysedCall | None:
    """Return the contact's analyzed call with the ID `first`, or else their latest analyzed call, or None.

    Only calls that `actor` can listen to are considered.
    """
    columns = (
        *(Call.id, Call.started_at, Call.duration_seconds),
        *(CallAnalysis.summary, CallAnalysis.evidence, CallAnalysis.objections, CallAnalysis.missed_opportunities),
        CallTranscript.speaker_labels,
    )
    analysed = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    written = and_(CallTranscript.organization_id == Call.organization_id, CallTranscript.call_id == Call.id)
    theirs = (
        restrict(select(*columns), Call, actor)
        .join(CallAnalysis, analysed)
        .outerjoin(CallTranscript, written)
        .where(Call.contact_card_id == contact_id, may_hear_condition(actor))
    )
    newest = (Call.started_at.desc(), Call.id.desc())
    order = newest if first is None else ((Call.id == first).desc(), *newest)
    row = db.session.execute(theirs.order_by(*order).limit(1)).one_or_none()
    return AnalysedCall(*row) if row else None
