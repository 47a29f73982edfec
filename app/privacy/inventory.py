"""Every place where something about a contact is kept: how it is found, and what erasing does to it.

`PLACES` are the rows about the person themselves, in the order in which they are erased. `app.privacy.columns` says of
every other column what it holds; a test holds the two together against the database, and docs/privacy.md against both.
"""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, cast, column, exists, func, or_
from sqlalchemy.dialects.postgresql import JSONB

from app.models import Base
from app.privacy.mentions import Mentions
from app.privacy.places import Place, Way
from app.privacy.traces import Traces, among, of_numbers

_ADDRESS = dict.fromkeys(("address_line_1", "address_line_2", "city", "state", "zip", "country"), Way.CLEARED)


def _of_calls(c: Any, who: Traces) -> ColumnElement[bool]:
    return among(c.call_id, who.calls)


def _work(c: Any, who: Traces) -> ColumnElement[bool]:
    about = (among(c.call_id, who.calls), among(c.appointment_id, who.appointments))
    return or_(c.contact_card_id == who.card_id, *about)


def _cites(c: Any, who: Traces) -> ColumnElement[bool]:
    cited = func.jsonb_array_elements(c.citations).table_valued(column("value", JSONB), name="cited")
    call = cited.c.value.op("->>")("call_id")
    return exists().select_from(cited).where(among(cast(call, String), map(str, who.calls)))


def _delivered(c: Any, who: Traces) -> ColumnElement[bool]:
    effect = func.jsonb_array_elements(c.effects).table_valued(column("value", JSONB), name="effect")
    touched = among(cast(effect.c.value.op("->>")("resource_id"), String), map(str, who.ids))
    return or_(
        among(c.external_id, who.provider_ids),
        exists().select_from(effect).where(touched),
        Mentions.of(who).in_bytes(c.body),
    )


def _linked(c: Any, who: Traces) -> ColumnElement[bool]:
    return among(func.substring(c.link, "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), map(str, who.ids))


PLACES: tuple[Place, ...] = (
    Place(
        "contact_phones",
        _l("Numbers"),
        lambda c, who: c.contact_card_id == who.card_id,
        {"phone": Way.CLEARED},
        "contact_phone",
        removed=True,
        how="contact_card_id",
    ),
    Place(
        "calls",
        _l("Calls"),
        lambda c, who: among(c.id, who.calls),
        {
            "caller_number": Way.CLEARED,
            "called_number": Way.CLEARED,
            "booking_status_reason": Way.CLEARED,
            "audio_url": Way.CLEARED,
        },
        "call",
        files="audio_url",
        how="contact_card_id; their numbers, where the call has no card; call_id of their visits’ recordings",
    ),
    Place(
        "calls",
        _l("Calls of others from or to their numbers"),
        lambda c, who: of_numbers(Base.metadata.tables["calls"], who.numbers) & ~among(c.id, who.calls),
        {"caller_number": Way.CLEARED, "called_number": Way.CLEARED},
        "call",
        withheld=lambda c: c.id.is_not(None),
        how="caller_number and called_number",
    ),
    Place(
        "call_transcripts",
        _l("Transcripts"),
        _of_calls,
        {"transcript_text": Way.EMPTIED, "speaker_labels": Way.EMPTIED},
        "call_transcript",
        how="call_id",
    ),
    Place(
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
    Place(
        "call_notes",
        _l("Notes about calls"),
        _of_calls,
        {"body": Way.WORD},
        "call_note",
        withheld=lambda c: c.kind == "coaching",
        how="call_id",
    ),
    Place("booking_disputes", _l("Disputes"), _of_calls, {"reason": Way.WORD}, "booking_dispute", how="call_id"),
    Place(
        "missed_call_entries",
        _l("Missed calls"),
        lambda c, who: among(c.id, who.entries),
        {"evidence": Way.EMPTIED, "outcome_note": Way.CLEARED},
        "missed_call_entry",
        how="contact_card_id, call_id",
    ),
    Place(
        "leads",
        _l("Leads"),
        lambda c, who: among(c.id, who.leads),
        {"dead_reason": Way.CLEARED},
        "lead",
        how="contact_card_id",
    ),
    Place(
        "appointments",
        _l("Appointments"),
        lambda c, who: among(c.id, who.appointments),
        {**_ADDRESS, "lost_reason": Way.CLEARED, "notes": Way.CLEARED, "cancelled_reason": Way.CLEARED},
        "appointment",
        how="contact_card_id",
    ),
    Place(
        "recording_sessions",
        _l("Recordings"),
        lambda c, who: among(c.id, who.recordings),
        {"storage_key": Way.CLEARED},
        "recording_session",
        files="storage_key",
        how="appointment_id",
    ),
    Place(
        "tasks",
        _l("Tasks"),
        _work,
        {"title": Way.WORD, "description": Way.CLEARED},
        "task",
        how="contact_card_id, call_id, appointment_id",
    ),
    Place(
        "pending_actions",
        _l("Pending actions"),
        _work,
        {"raw_text": Way.WORD},
        "pending_action",
        how="contact_card_id, call_id, appointment_id",
    ),
    Place(
        "messages",
        _l("Messages"),
        lambda c, who: among(c.id, who.messages),
        {
            "to_address": Way.WORD,
            "from_address": Way.CLEARED,
            "subject": Way.CLEARED,
            "body": Way.EMPTIED,
            "link_secret": Way.CLEARED,
        },
        "message",
        how="contact_card_id, appointment_id, to_address, from_address",
    ),
    Place(
        "blocked_numbers",
        _l("Blocked numbers"),
        lambda c, who: among(c.number, who.numbers),
        {"number": Way.CLEARED, "reason": Way.CLEARED},
        "blocked_number",
        removed=True,
        how="number",
    ),
    Place(
        "webhook_deliveries",
        _l("What providers sent"),
        _delivered,
        {"headers": Way.EMPTIED, "body": Way.EMPTIED, "error": Way.CLEARED},
        "webhook_delivery",
        searched=True,
        how="external_id of their calls; what it changed; its body",
    ),
    Place(
        "idempotency_keys",
        _l("Answers kept for programs"),
        lambda c, who: Mentions.of(who).in_bytes(c.body) | Mentions.of(who).in_text(c.path),
        {"path": Way.EMPTIED, "headers": Way.CLEARED, "body": Way.EMPTIED},
        searched=True,
        how="body and path",
    ),
    Place(
        "ask_questions",
        _l("Questions about their calls"),
        _cites,
        {"question": Way.WORD, "answer": Way.CLEARED, "citations": Way.EMPTIED},
        searched=True,
        how="calls that are cited",
    ),
    Place(
        "notifications",
        _l("Notifications"),
        _linked,
        {"text": Way.WORD},
        searched=True,
        how="link",
    ),
    Place(
        "deletion_batches",
        _l("Deletions"),
        lambda c, who: among(c.root_id, who.ids),
        {"root_label": Way.WORD, "reason": Way.CLEARED},
        "deletion_batch",
        searched=True,
        how="root_id",
    ),
    # Last, because everything else is found through it.
    Place(
        "contact_cards",
        _l("Contact card"),
        lambda c, who: c.id == who.card_id,
        {
            "primary_phone": Way.CLEARED,
            "email": Way.CLEARED,
            "company_name": Way.CLEARED,
            "first_name": Way.WORD,
            "last_name": Way.CLEARED,
            **_ADDRESS,
            "property_snapshot": Way.EMPTIED,
            "last_call_summary": Way.CLEARED,
            "primary_intent": Way.CLEARED,
            "risks": Way.EMPTIED,
            "tags": Way.EMPTIED,
            "custom_metadata": Way.EMPTIED,
            "timezone": Way.CLEARED,
            "external_source": Way.CLEARED,
            "external_id": Way.CLEARED,
            "external_fingerprint": Way.CLEARED,
        },
        "contact_card",
        how="the card",
    ),
)
