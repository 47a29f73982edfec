"""Queries for what missed callers said: their words in the transcripts of their missed calls and voicemails."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, aggregate_order_by

from app.db.paging import Selection
from app.models import Call, CallStatus, CallTranscript, MissedCallEntry
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.recording_access import is_of_entry
from app.security.scope import restrict, unscoped
from app.work.calls.conversation_rules import OURS

#: Number of latest calls of an entry that are counted in a row, and that its page shows.
MAX_COUNTED, MAX_SHOWN = 50, 10
#: Characters that are read for a row, of which it shows fewer, and for a page.
_OF_ROW, _OF_PAGE = 300, 4_000

#: Turns of a transcript that are read from its beginning.
_TURNS = cast(literal_column("'$[0 to 29]'"), JSONPATH)


def last_words(actor: Actor, entry_ids: Collection[UUID]) -> Mapping[UUID, Any]:
    """Return the call that each of these entries is told by, with the number of its missed calls, by entry.

    It is the latest call with words, or else with a recording, or else the latest. Each row has `entry_id`, `call_id`,
    `is_voicemail`, `seconds`, `is_recorded`, `words` and `times`, which stops at MAX_COUNTED.
    """
    return {row.entry_id: row for row in _last_words.rows(actor, entries=list(entry_ids))} if entry_ids else {}


def list_words(actor: Actor, entry_id: UUID) -> Sequence[Any]:
    """Return the latest missed calls of an entry, newest first, at most MAX_SHOWN, with the columns of `last_words`."""
    return _all_words.rows(actor, entry=entry_id)


@compiled_query
def _last_words(actor: Actor) -> Selection:
    latest = _calls_of_entry(_OF_ROW).limit(MAX_COUNTED).subquery("latest")
    told = select(latest, func.count().over().label("times")).order_by(
        latest.c.words.is_(None), latest.c.is_recorded.desc(), latest.c.started_at.desc(), latest.c.call_id.desc()
    )
    one = told.limit(1).lateral("told")
    entries = select(MissedCallEntry.id.label("entry_id"), one).join(one, true())
    return restrict(entries, MissedCallEntry, actor).where(
        MissedCallEntry.id == any_(bindparam("entries", type_=ARRAY(Uuid())))
    )


@compiled_query
def _all_words(actor: Actor) -> Selection:
    calls = _calls_of_entry(_OF_PAGE).limit(MAX_SHOWN).lateral("calls")
    entry = select(MissedCallEntry.id.label("entry_id"), calls).join(calls, true())
    of_entry = restrict(entry, MissedCallEntry, actor).where(MissedCallEntry.id == bindparam("entry", type_=Uuid()))
    return of_entry.order_by(calls.c.started_at.desc(), calls.c.call_id.desc())


def _calls_of_entry(longest: int) -> Any:
    """Select the missed calls and voicemails of `MissedCallEntry`, newest first, with their words."""
    is_recorded = func.starts_with(Call.audio_url, func.concat(Call.organization_id, "/recordings/"))
    rang = cast(func.round(func.extract("epoch", Call.ended_at - Call.started_at)), Integer)
    is_unheard = Call.status != CallStatus.VOICEMAIL
    calls = select(
        Call.id.label("call_id"),
        Call.started_at,
        (Call.status == CallStatus.VOICEMAIL).label("is_voicemail"),
        # A voicemail without a length of its own may have rung for long.
        func.coalesce(
            case((is_unheard, Call.waited_seconds)), func.nullif(Call.duration_seconds, 0), case((is_unheard, rang))
        ).label("seconds"),
        func.coalesce(is_recorded, literal(False)).label("is_recorded"),
        words_said(longest).label("words"),
    ).outerjoin(
        CallTranscript,
        and_(CallTranscript.organization_id == Call.organization_id, CallTranscript.call_id == Call.id),
    )
    theirs = unscoped(calls, why="calls of entries that are scoped; everyone who reads the queue hears them").where(
        Call.organization_id == MissedCallEntry.organization_id, is_of_entry()
    )
    return theirs.correlate(MissedCallEntry).order_by(Call.started_at.desc(), Call.id.desc())


def words_said(longest: int) -> ColumnElement[str | None]:
    """Return the caller's words in `CallTranscript`, from its first turns, cut after `longest` characters.

    They are NULL if there is no transcript or it has only words of our side. A transcript without turns doesn't say who
    speaks, so all of it counts.
    """
    turns = (
        func.jsonb_path_query(CallTranscript.speaker_labels, _TURNS)
        .table_valued(column("turn", JSONB), with_ordinality="place", name="turns")
        .render_derived()
    )
    speaker = func.replace(func.lower(func.btrim(func.coalesce(turns.c.turn["speaker"].astext, ""))), " ", "_")
    text = func.btrim(func.left(turns.c.turn["text"].astext, longest))
    said = (
        unscoped(
            select(func.string_agg(text, aggregate_order_by(literal(" "), turns.c.place))),
            why="reads turns of a transcript that the statement around it selects",
        )
        .where(speaker != all_(literal(sorted(OURS), ARRAY(Text()))), text != "")
        .correlate(CallTranscript)
        .scalar_subquery()
    )
    without_turns = CallTranscript.speaker_labels == cast(literal_column("'[]'"), JSONB)
    words = case((without_turns, CallTranscript.transcript_text), else_=said)
    found: ColumnElement[str | None] = func.nullif(func.left(func.btrim(words), longest), "", type_=Text())
    return found
