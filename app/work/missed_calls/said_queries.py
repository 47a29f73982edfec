"""Name and address that missed callers said, from the analyses of their calls or by rules from the transcripts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, Select, Text, Uuid, and_, bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.db.paging import Selection
from app.declarations.found import Condition
from app.models import Call, CallAnalysis, CallTranscript, MissedCallEntry
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.recording_access import is_of_entry
from app.security.scope import restrict, unscoped
from app.work.missed_calls.said_address_rules import SaidAddress, find_address
from app.work.missed_calls.said_analysis_rules import address_in, name_in
from app.work.missed_calls.said_name_rules import SaidName, find_name
from app.work.missed_calls.said_word_rules import SaidWords, find_words
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
    rows = _told.rows(actor, entry=entry_id)
    calls = rows[0].told if rows else None
    return SaidDetails(
        name=name_told(calls),
        address=_first(calls, lambda call: address_in(call["evidence"]) or find_address(call["words"] or "")),
    )


def name_told(calls: Any) -> SaidName | None:
    """Return the name in what the caller told in their latest calls, as `told_in_calls` selects it, or None."""
    return _first(calls, lambda call: name_in(call["evidence"]) or find_name(call["words"] or ""))


def told_in_calls() -> ColumnElement[Any]:
    """Return what the caller of `MissedCallEntry` told in their latest calls: words and analyses' evidence, as JSON."""
    words = words_said(_MAX_CHARACTERS).label("words")
    latest = (
        _calls(words, CallAnalysis.evidence, Call.started_at, Call.id)
        .order_by(Call.started_at.desc(), Call.id.desc())
        .limit(_MAX_CALLS)
        .correlate(MissedCallEntry)
        .subquery("latest")
    )
    call = func.json_build_object("words", latest.c.words, "evidence", latest.c.evidence)
    ordered = aggregate_order_by(call, latest.c.started_at.desc(), latest.c.id.desc())
    return select(func.json_agg(ordered, type_=JSON)).scalar_subquery()


def sentence_said(calls: Any, words: Sequence[Callable[[str], bool]]) -> SaidWords | None:
    """Return a sentence in which the caller said all these words in their latest calls, or None."""
    return _first(calls, lambda call: find_words(call["words"] or "", words))


def is_said_by_caller(contains: Condition, *, is_nameless: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that the words of the caller of `MissedCallEntry` in one of their calls fulfill `contains`.

    If `is_nameless`, so can an analysis, which has the name.
    """
    text, evidence = CallTranscript.transcript_text, cast(CallAnalysis.evidence, Text)
    # The transcript has our words, too, but rules out most calls at a lower cost.
    by_caller = and_(text.is_not(None), contains(text), contains(words_said(_MAX_CHARACTERS)))
    contains_words = or_(by_caller, and_(is_nameless, evidence.is_not(None), contains(evidence)))
    return _calls(Call.id).where(contains_words).correlate(MissedCallEntry).exists()


def _first(calls: Iterable[Any] | None, find: Callable[[Any], Found | None]) -> Found | None:
    return next((found for call in calls or () if (found := find(call)) is not None), None)


@compiled_query
def _told(actor: Actor) -> Selection:
    """Select what the caller of an entry told."""
    told = select(told_in_calls().label("told")).where(MissedCallEntry.id == bindparam("entry", type_=Uuid()))
    return restrict(told, MissedCallEntry, actor)


def _calls(*columns: Any) -> Select[Any]:
    calls = unscoped(select(*columns), why="everyone who reads an entry reads what its caller said")
    return (
        calls.select_from(Call)
        .outerjoin(CallTranscript, _of_call(CallTranscript))
        .outerjoin(CallAnalysis, _of_call(CallAnalysis))
        .where(Call.organization_id == MissedCallEntry.organization_id, is_of_entry())
    )


def _of_call(model: Any) -> ColumnElement[bool]:
    return and_(model.organization_id == Call.organization_id, model.call_id == Call.id)
