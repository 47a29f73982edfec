"""Queries for the result of a task: the task, its call, and what people have set about the contact's property."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import exists, or_, select, text

from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import Call, ContactCard, Erasure, ErasureStatus, ProviderTask, RecordingSession
from app.security.rows import held
from app.security.scope import unscoped
from app.work.contacts.resource import CONTACT_CARD

_SET_BY_PEOPLE = text("""
    SELECT DISTINCT name FROM audit_logs entry
    CROSS JOIN LATERAL jsonb_object_keys(
      coalesce(entry.before -> 'property_snapshot', '{}') || coalesce(entry.after -> 'property_snapshot', '{}')
    ) name
    WHERE entry.organization_id = :organization AND entry.resource_type = :resource AND entry.resource_id = :card
      AND entry.user_id IS NOT NULL AND entry.after ? 'property_snapshot'
      AND (entry.before -> 'property_snapshot' -> name) IS DISTINCT FROM (entry.after -> 'property_snapshot' -> name)
""")
_IS_LAST_ANALYSED = text("""
    SELECT NOT EXISTS (
      SELECT FROM calls this
      JOIN calls later ON later.organization_id = :organization AND later.contact_card_id = this.contact_card_id
        AND (later.started_at, later.id) > (this.started_at, this.id)
      JOIN call_analyses analysis ON analysis.organization_id = :organization AND analysis.call_id = later.id
      WHERE this.organization_id = :organization AND this.id = :call
    )
""")


def lock_task(organization_id: UUID, task_id: str) -> ProviderTask | None:
    """Return the task with this ID at the provider, locked, or None."""
    tasks = unscoped(select(ProviderTask), why="a provider's result is stored without a signed-in user").where(
        ProviderTask.organization_id == organization_id, ProviderTask.external_task_id == task_id
    )
    task: ProviderTask | None = db.session.scalar(held(tasks))
    return task


def lock_recording(organization_id: UUID, recording_id: UUID) -> RecordingSession | None:
    """Return a recording, deleted or not, locked, or None."""
    recordings = unscoped(select(RecordingSession), why="a provider's result is stored without a signed-in user").where(
        RecordingSession.organization_id == organization_id, RecordingSession.id == recording_id
    )
    recording: RecordingSession | None = db.session.scalar(
        held(recordings).execution_options(**{INCLUDE_DELETED: True})
    )
    return recording


def is_call_left(organization_id: UUID, call_id: UUID) -> bool:
    """Return whether a call exists, and its contact is neither erased nor about to be."""
    erasure = unscoped(
        exists().select_from(Erasure), why="a provider's result is stored without a signed-in user"
    ).where(
        Erasure.organization_id == organization_id,
        Erasure.contact_card_id == Call.contact_card_id,
        or_(Erasure.status != ErasureStatus.FAILED, Erasure.erased_at.is_not(None)),
    )
    calls = unscoped(select(Call.id), why="a provider's result is stored without a signed-in user").where(
        Call.organization_id == organization_id, Call.id == call_id, ~erasure
    )
    return db.session.scalar(held(calls)) is not None


def is_last_analysed(organization_id: UUID, call_id: UUID) -> bool:
    """Return whether no later call of the same contact has an analysis."""
    return bool(db.session.scalar(_IS_LAST_ANALYSED, {"organization": organization_id, "call": call_id}))


def lock_contact(organization_id: UUID, card_id: UUID) -> ContactCard | None:
    """Return a contact, locked, or None if it was deleted."""
    cards = unscoped(select(ContactCard), why="a provider's result is stored without a signed-in user").where(
        ContactCard.organization_id == organization_id, ContactCard.id == card_id
    )
    card: ContactCard | None = db.session.scalar(held(cards))
    return card


def list_facts_of_people(organization_id: UUID, card_id: UUID) -> Collection[str]:
    """Return the names of the facts about the contact's property that a person has set or removed."""
    values = {"organization": organization_id, "resource": CONTACT_CARD.name, "card": card_id}
    return db.session.scalars(_SET_BY_PEOPLE, values).all()
