"""Personal data in calls, and how it is erased (docs/privacy.md)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_

from app.declarations.personal import Personal, PersonalDataMatches, Way, among
from app.models import Base
from app.trust.privacy.match_queries import of_numbers


def _of_calls(c: Any, who: PersonalDataMatches) -> ColumnElement[bool]:
    return among(c.call_id, who.calls)


PERSONAL = (
    Personal(
        "calls",
        _l("Calls"),
        lambda c, who: among(c.id, who.calls),
        {
            "caller_number": Way.CLEARED,
            "called_number": Way.CLEARED,
            "booking_status_reason": Way.CLEARED,
            "audio_url": Way.CLEARED,
            "tags": Way.EMPTIED,
        },
        "call",
        files="audio_url",
        how="contact_card_id; their numbers, if the call has no contact; call_id of recordings of their appointments",
    ),
    Personal(
        "calls",
        _l("Other calls to or from their numbers"),
        lambda c, who: of_numbers(Base.metadata.tables["calls"], who.numbers) & ~among(c.id, who.calls),
        {"caller_number": Way.CLEARED, "called_number": Way.CLEARED},
        "call",
        withheld=lambda c: c.id.is_not(None),
        how="caller_number and called_number",
    ),
    Personal(
        "call_transcripts",
        _l("Transcripts"),
        _of_calls,
        {"transcript_text": Way.EMPTIED, "speaker_labels": Way.EMPTIED},
        "call_transcript",
        how="call_id",
    ),
    Personal(
        "call_analyses",
        _l("Analyses"),
        _of_calls,
        {
            "objections": Way.WORDLESS,
            "pending_actions": Way.EMPTIED,
            "summary": Way.CLEARED,
            "missed_opportunities": Way.EMPTIED,
            "evidence": Way.EMPTIED,
        },
        "call_analysis",
        how="call_id",
    ),
    Personal(
        "call_notes",
        _l("Call notes"),
        _of_calls,
        {"body": Way.WORD},
        "call_note",
        withheld=lambda c: c.kind == "coaching",
        how="call_id",
    ),
    Personal(
        "booking_disputes",
        _l("Disputes"),
        lambda c, who: or_(_of_calls(c, who), among(c.appointment_id, who.appointments)),
        {"reason": Way.WORD, "decision_note": Way.CLEARED},
        "booking_dispute",
        how="call_id; appointment_id",
    ),
)
