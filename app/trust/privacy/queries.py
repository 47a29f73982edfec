"""Queries for the effect of erasing a person, and for past erasures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.db.paging import MAX_COUNTED, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.declarations.personal import PersonalDataMatches
from app.errors import LazyText, NotFound
from app.extensions import db
from app.models import ContactCard, Erasure, ErasureStatus
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import get_row
from app.security.scope import unscoped, visible
from app.trust.privacy.filters import ErasureFilters
from app.trust.privacy.inventory import endings, is_open, places
from app.trust.privacy.match_queries import audio_keys, find_matches

UNFINISHED = (ErasureStatus.QUEUED, ErasureStatus.RUNNING)

_ROW = select(
    Erasure.id,
    Erasure.contact_card_id,
    Erasure.requested_by_label,
    Erasure.reason,
    Erasure.status,
    Erasure.created_at,
    Erasure.finished_at,
)


@dataclass(frozen=True, slots=True)
class Preview:
    """Number of rows at each place, of open rows that would be closed, and of audio files to delete.

    Counting stops at 10,000. `searched` are the places that are searched only during the erasure.
    """

    places: Sequence[tuple[LazyText, int]]
    ended: Sequence[tuple[LazyText, int]]
    sound: int
    searched: Sequence[LazyText]


def get_person(actor: Actor, contact_id: UUID) -> ContactCard:
    """Return the contact of a person, deleted or not.

    Raises NotFound.
    """
    wanted = visible(ContactCard, actor).where(ContactCard.id == contact_id)
    card = db.session.scalar(wanted.execution_options(**{INCLUDE_DELETED: True}))
    if card is None:
        raise NotFound("contact", contact_id)
    return card


def matches_of(actor: Actor, card: ContactCard) -> PersonalDataMatches:
    """Return the person's traces, of each kind up to the counting limit."""
    return find_matches(db.session, actor.organization_id, card.id, limit=MAX_COUNTED)


def preview(traces: PersonalDataMatches) -> Preview:
    """Return what an erasure affects; a single query counts all rows."""
    shown, ending = [place for place in places() if not place.searched], endings()
    counted = [_counted(place.source.c.id, place.condition(traces)) for place in shown]
    open_work = [_counted(place.source.c.id, is_open(place, end, traces)) for place, end in ending]
    counts = db.session.execute(select(*counted, *open_work)).one()
    return Preview(
        places=[(place.words, number) for place, number in zip(shown, counts, strict=False)],
        ended=[(end.words, number) for (_, end), number in zip(ending, counts[len(shown) :], strict=True) if number],
        sound=len(audio_keys(db.session, traces)),
        searched=[place.words for place in places() if place.searched],
    )


def find_erasure_of(actor: Actor, contact_id: UUID) -> Erasure | None:
    """Return the completed or unfinished erasure of a person, or None."""
    return db.session.scalar(
        visible(Erasure, actor).where(Erasure.contact_card_id == contact_id, Erasure.status != ErasureStatus.FAILED)
    )


def get_erasure(actor: Actor, erasure_id: UUID) -> Erasure:
    """Return an erasure of the actor's organization.

    Raises NotFound.
    """
    return get_row(actor, Erasure, erasure_id, named="erasure")


SORTS = newest_or_oldest_first("createdAt", Erasure.created_at, Erasure.id)


#: List of the organization's erasures.
erasure_list = ListOf(
    Erasure,
    _ROW,
    narrow=lambda filters, _actor, _now: _conditions(filters),
    sorts=SORTS,
)


def _conditions(filters: ErasureFilters) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of `filters`."""
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(Erasure.status == filters.status)
    return found


def _counted(row_id: ColumnElement[Any], condition: ColumnElement[bool]) -> Any:
    some = select(row_id).where(condition).limit(MAX_COUNTED).subquery()
    number = unscoped(
        select(func.count()).select_from(some), why="count only; an erasure covers all data about the person"
    )
    return number.scalar_subquery()
