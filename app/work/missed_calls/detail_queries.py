"""Queries for single entries of the missed-call queue, their attempts and texts, and for blocked numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.db.joins import refers_to
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Appointment,
    BlockedNumber,
    Call,
    ContactCard,
    Message,
    MessageStatus,
    MissedCallAttempt,
    MissedCallEntry,
    User,
)
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.permissions import Permission
from app.security.rows import find_row, get_row
from app.security.scope import restrict, unscoped, visible, visible_id
from app.work.calls.queries import find_name_of_person
from app.work.missed_calls.queries import entry_rows
from app.work.missed_calls.said_queries import SaidDetails, find_said
from app.work.missed_calls.words_queries import list_words

MAX_TRIES = 50
MAX_BLOCKED = 500


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """An entry as a row of the list (`entry`) and as stored, with its attempts, oldest first.

    `rescuer` is the name of the person credited; `card` and `appointment` are None if the user can't see them.
    """

    entry: Any
    stored: MissedCallEntry
    rescuer: str | None
    tries: Sequence[Any]
    #: The latest missed calls and voicemails, newest first, and what the caller said in them.
    heard: Sequence[Any]
    said: SaidDetails
    card: ContactCard | None
    appointment: Appointment | None


def get_entry_detail(actor: Actor, entry_id: UUID) -> EntryDetail:
    """Return the entry with its attempts and related records; raises NotFound."""
    found = entry_rows(actor, [MissedCallEntry.id == entry_id])
    if not found:
        raise NotFound("missed_call_entry", entry_id)
    [entry] = found
    stored = get_row(actor, MissedCallEntry, entry_id, named="missed_call_entry")
    card = db.session.scalar(visible(ContactCard, actor).where(ContactCard.id == entry.contact_card_id))
    rescuer = find_name_of_person(actor, stored.rescued_by_user_id) if stored.rescued_by_user_id else None
    return EntryDetail(
        entry=entry,
        stored=stored,
        rescuer=rescuer,
        tries=list_tries(actor, entry_id),
        heard=list_words(actor, entry_id),
        said=find_said(actor, entry_id),
        card=card,
        appointment=_appointment_of(actor, stored),
    )


def _appointment_of(actor: Actor, entry: MissedCallEntry) -> Appointment | None:
    if entry.rescue_appointment_id is None or not actor.may(Permission.APPOINTMENTS_READ):
        return None
    return find_row(actor, Appointment, entry.rescue_appointment_id, Appointment.deleted_at.is_(None))


def list_tries(actor: Actor, entry_id: UUID) -> Sequence[Any]:
    """Return the latest attempts of an entry, oldest first."""
    return list(reversed(_tries.rows(actor, entry=entry_id)))


@compiled_query
def _tries(actor: Actor) -> Selection:
    tries = (
        select(
            MissedCallAttempt.id,
            MissedCallAttempt.at,
            MissedCallAttempt.created_at,
            MissedCallAttempt.kind,
            MissedCallAttempt.by,
            MissedCallAttempt.result,
            MissedCallAttempt.user_id,
            User.name.label("user_name"),
            visible_id(MissedCallAttempt.call_id, Call, actor),
        )
        .outerjoin(User, refers_to(User, MissedCallAttempt, MissedCallAttempt.user_id))
        .execution_options(**{INCLUDE_DELETED: True})
    )
    of_entry = restrict(tries, MissedCallAttempt, actor).where(
        MissedCallAttempt.entry_id == bindparam("entry", type_=Uuid())
    )
    return of_entry.order_by(MissedCallAttempt.at.desc(), MissedCallAttempt.id.desc()).limit(MAX_TRIES)


def last_tries(actor: Actor, entry_ids: Collection[UUID]) -> Mapping[UUID, Any]:
    """Return the last attempt of each of these entries, by entry."""
    return {row.entry_id: row for row in _last_tries.rows(actor, entries=list(entry_ids))} if entry_ids else {}


@compiled_query
def _last_tries(actor: Actor) -> Selection:
    tries = (
        select(
            MissedCallAttempt.entry_id,
            MissedCallAttempt.at,
            MissedCallAttempt.kind,
            MissedCallAttempt.by,
            MissedCallAttempt.result,
            MissedCallAttempt.user_id,
            User.name.label("user_name"),
        )
        .ext(distinct_on(MissedCallAttempt.entry_id))
        .outerjoin(User, refers_to(User, MissedCallAttempt, MissedCallAttempt.user_id))
        .execution_options(**{INCLUDE_DELETED: True})
    )
    return (
        restrict(tries, MissedCallAttempt, actor)
        .where(MissedCallAttempt.entry_id == any_(bindparam("entries", type_=ARRAY(Uuid()))))
        .order_by(MissedCallAttempt.entry_id, MissedCallAttempt.at.desc(), MissedCallAttempt.id.desc())
    )


def waiting_texts(actor: Actor, entry_ids: Collection[UUID]) -> Mapping[UUID, Any]:
    """Return the oldest queued text message of each of these entries, by entry."""
    return {row.entry_id: row for row in _waiting_texts.rows(actor, entries=list(entry_ids))} if entry_ids else {}


@compiled_query
def _waiting_texts(actor: Actor) -> Selection:
    texts = unscoped(
        select(Message.missed_entry_id.label("entry_id"), Message.id, Message.body, Message.created_at),
        why="the entries are scoped; texts to their callers are shared like the queue",
    ).ext(distinct_on(Message.missed_entry_id))
    waiting = texts.where(
        Message.organization_id == actor.organization_id,
        Message.missed_entry_id == any_(bindparam("entries", type_=ARRAY(Uuid()))),
        Message.status == MessageStatus.QUEUED,
    )
    return waiting.order_by(Message.missed_entry_id, Message.created_at, Message.id)


def list_blocked(actor: Actor) -> Sequence[BlockedNumber]:
    """Return the blocked numbers, newest first, at most MAX_BLOCKED."""
    blocked = restrict(select(BlockedNumber), BlockedNumber, actor)
    return db.session.scalars(
        blocked.order_by(BlockedNumber.created_at.desc(), BlockedNumber.id).limit(MAX_BLOCKED)
    ).all()
