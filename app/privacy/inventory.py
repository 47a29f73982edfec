"""Every place where something about a contact is kept: how it is found, and what erasing does to it.

`PLACES` are the rows about the person themselves, in the order in which they are erased. `app.privacy.columns` says of
every other column what it holds; a test holds the two together against the database, and docs/privacy.md against both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    LargeBinary,
    String,
    Table,
    and_,
    cast,
    column,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB

from app.errors import Sentence
from app.models import Base
from app.privacy.mentions import Mentions
from app.privacy.traces import Traces, among, of_numbers

#: What stands where something stood that may not be empty. The database knows it too (migration 0026).
ERASED = "Erased"


class Way(StrEnum):
    """What becomes of a value. `WORDLESS` keeps of a list of findings what is counted: category and severity."""

    CLEARED = "not known any more"
    EMPTIED = "empty"
    WORD = "the word “Erased”"
    WORDLESS = "without its words"


Condition = Callable[[Any, Traces], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Place:
    """Rows about a person in one table. `found` gets the columns and the traces; `columns` are the personal ones.

    `resource` is the table's name in the audit trail, None where it has no history there. Of rows that are `removed`
    nothing stays. What is `searched` is found by reading through the table, not by an index: it is looked at when a
    person is erased, and neither counted nor exported. `files` is the column that holds the key of a file.
    """

    table: str
    words: Sentence
    found: Condition
    columns: Mapping[str, Way]
    resource: str | None = None
    removed: bool = False
    searched: bool = False
    files: str | None = None
    #: What is not the person's to read, though it goes with them.
    withheld: Callable[[Any], ColumnElement[bool]] | None = None
    how: str = ""

    @property
    def source(self) -> Table:
        """The table itself."""
        return Base.metadata.tables[self.table]

    def condition(self, traces: Traces) -> ColumnElement[bool]:
        """Which rows these are."""
        columns = self.source.c
        return and_(columns.organization_id == traces.organization_id, self.found(columns, traces))

    def new_values(self) -> dict[str, ColumnElement[Any] | BindParameter[Any]]:
        """What is written over the personal columns."""
        return {name: _new_value(self.source.c[name], way) for name, way in self.columns.items()}


def _new_value(kept: ColumnElement[Any], way: Way) -> Any:
    if way is Way.CLEARED:
        return null()
    if way is Way.WORD:
        return literal(ERASED)
    if way is Way.WORDLESS:
        return literal_column(_COUNTED_ONLY)
    if isinstance(kept.type, LargeBinary):
        return literal(b"")
    if isinstance(kept.type, String):
        return literal("")
    default = getattr(kept, "server_default", None)
    return literal_column(str(default.arg)) if default is not None else literal({}, JSONB)


_COUNTED_ONLY = """(
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('category', item -> 'category', 'severity',
      item -> 'severity')) ORDER BY place), '[]')
    FROM jsonb_array_elements(objections) WITH ORDINALITY AS one (item, place)
)"""

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
