"""Queries for what missed callers said: their words in the transcripts of their missed calls and voicemails."""

from sqlalchemy import ColumnElement, Text, case, cast, column, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, aggregate_order_by

from app.models import CallTranscript
from app.security.scope import unscoped
from app.work.calls.conversation_rules import OURS

#: Turns of a transcript that are read from its beginning.
_TURNS = cast(literal_column("'$[0 to 29]'"), JSONPATH)


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
        .where(speaker.not_in(sorted(OURS)), text != "")
        .correlate(CallTranscript)
        .scalar_subquery()
    )
    without_turns = CallTranscript.speaker_labels == cast(literal_column("'[]'"), JSONB)
    words = case((without_turns, CallTranscript.transcript_text), else_=said)
    found: ColumnElement[str | None] = func.nullif(func.left(func.btrim(words), longest), "", type_=Text())
    return found
