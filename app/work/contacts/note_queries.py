"""Notes about an appointment, for the queries that read the appointment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Label, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.models import Appointment, ContactNote, User
from app.security.actor import Actor
from app.security.scope import restrict

#: Number of notes that are shown, the latest.
MAX_NOTES = 20

_Author = aliased(User, name="author_of_note")


@dataclass(frozen=True, slots=True)
class AppointmentNote:
    """A note that was written about an appointment, with its author's name."""

    id: UUID
    body: str
    author: str
    at: datetime


def notes_column(actor: Actor) -> Label[Any]:
    """Return the column with the notes about each selected appointment that `actor` can see, the latest first.

    As a column it costs no statement of its own. `read_notes` reads its values.
    """
    facts = {
        "id": ContactNote.id,
        "body": ContactNote.body,
        "author": func.coalesce(_Author.name, ContactNote.author_label),
        "at": ContactNote.created_at,
    }
    pairs = [part for name, column in facts.items() for part in (literal(name), column)]
    notes = (
        restrict(select(func.jsonb_build_object(*pairs, type_=JSONB())), ContactNote, actor)
        .outerjoin(_Author, refers_to(_Author, ContactNote, ContactNote.user_id))
        .where(
            ContactNote.appointment_id == Appointment.id,
            ContactNote.contact_card_id == Appointment.contact_card_id,
            ContactNote.deleted_at.is_(None),
        )
        .order_by(ContactNote.created_at.desc(), ContactNote.id.desc())
        .limit(MAX_NOTES)
    )
    of_each = notes.correlate_except(ContactNote, _Author).scalar_subquery()
    return func.array(of_each, type_=ARRAY(JSONB())).label("notes")


def read_notes(values: Sequence[Mapping[str, Any]]) -> Sequence[AppointmentNote]:
    """Return the notes of a value of `notes_column`."""
    return [
        AppointmentNote(UUID(value["id"]), value["body"], value["author"], datetime.fromisoformat(value["at"]))
        for value in values
    ]
