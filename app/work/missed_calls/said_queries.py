"""Name and address that missed callers said, from the analyses of their calls or by rules from the transcripts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, select

from app.db.paging import Selection
from app.models import Call, CallAnalysis, CallTranscript, MissedCallEntry
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.recording_access import is_of_entry
from app.security.scope import restrict
from app.work.missed_calls.said_address_rules import SaidAddress, find_address
from app.work.missed_calls.said_analysis_rules import address_in, name_in
from app.work.missed_calls.said_name_rules import SaidName, find_name
from app.work.missed_calls.words_queries import words_said

#: Number of latest calls of an entry that are read, and of characters of each.
_MAX_CALLS, _MAX_CHARACTERS = 10, 4_000

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class SaidDetails:
    """Name and address that a missed caller said, each with the words it was said in, or None."""

    name: SaidName | None = None
    address: SaidAddress | None = None


def find_said(actor: Actor, entry_id: UUID) -> SaidDetails:
    """Return the name and address that the caller of an entry said in their latest missed calls and voicemails.

    Nothing is found if `actor` can't read the entry.
    """
    calls = _calls.rows(actor, entry=entry_id)
    return SaidDetails(
        name=_first(calls, lambda call: name_in(call.evidence) or find_name(call.words or "")),
        address=_first(calls, lambda call: address_in(call.evidence) or find_address(call.words or "")),
    )


def _first(calls: Iterable[Any], find: Callable[[Any], Found | None]) -> Found | None:
    return next((found for call in calls if (found := find(call)) is not None), None)


@compiled_query
def _calls(actor: Actor) -> Selection:
    """Select the caller's words in the latest calls of an entry, and the evidence of their analyses."""
    joined = (
        select(words_said(_MAX_CHARACTERS).label("words"), CallAnalysis.evidence)
        .select_from(MissedCallEntry)
        .join(Call, and_(Call.organization_id == MissedCallEntry.organization_id, is_of_entry()))
        .outerjoin(CallTranscript, _of_call(CallTranscript))
        .outerjoin(CallAnalysis, _of_call(CallAnalysis))
        .where(MissedCallEntry.id == bindparam("entry", type_=Uuid()))
    )
    latest = joined.order_by(Call.started_at.desc(), Call.id.desc()).limit(_MAX_CALLS)
    return restrict(latest, MissedCallEntry, actor)


def _of_call(model: Any) -> ColumnElement[bool]:
    return and_(model.organization_id == Call.organization_id, model.call_id == Call.id)
