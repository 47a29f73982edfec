"""What erasing a person would touch, and the erasures there were."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.db.lists import ListQuery
from app.db.paging import MOST_COUNTED, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound, Sentence
from app.extensions import db
from app.models import ContactCard, Erasure, ErasureStatus, Organization
from app.privacy.files import sound_keys
from app.privacy.filters import ErasureFilters
from app.privacy.inventory import PLACES
from app.privacy.open_work import ENDINGS
from app.privacy.traces import Traces, find_traces
from app.security.actor import Actor
from app.security.scope import restrict, visible

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
    """How much there is at each place, of what is open how much ends, and how many files of sound go. Counting stops at
    10,000. `searched` are the places that are only looked through when the person is erased.
    """

    places: Sequence[tuple[Sentence, int]]
    ended: Sequence[tuple[Sentence, int]]
    sound: int
    searched: Sequence[Sentence]


def get_person(actor: Actor, contact_id: UUID) -> ContactCard:
    """The card, deleted or not; raises NotFound."""
    wanted = visible(ContactCard, actor).where(ContactCard.id == contact_id)
    card = db.session.scalar(wanted.execution_options(**{INCLUDE_DELETED: True}))
    if card is None:
        raise NotFound("contact", contact_id)
    return card


def traces_of(actor: Actor, card: ContactCard) -> Traces:
    """What is theirs, of each kind as much as is counted."""
    return find_traces(db.session, actor.organization_id, card.id, limit=MOST_COUNTED)


def preview(traces: Traces) -> Preview:
    """What erasing touches; one question for all counts."""
    shown = [place for place in PLACES if not place.searched]
    counted = [_counted(place.source.c.id, place.condition(traces)) for place in shown]
    open_work = [
        _counted(next(place for place in PLACES if place.table == ending.table).source.c.id, ending.condition(traces))
        for ending in ENDINGS
    ]
    counts = db.session.execute(select(*counted, *open_work)).one()
    return Preview(
        places=[(place.words, number) for place, number in zip(shown, counts, strict=False)],
        ended=[(ending.words, number) for ending, number in zip(ENDINGS, counts[len(shown) :], strict=True) if number],
        sound=len(sound_keys(db.session, traces)),
        searched=[place.words for place in PLACES if place.searched],
    )


def hold_reason(actor: Actor) -> str | None:
    """Why nothing may be erased now; None while the organization’s data is not held, "" where nobody said why."""
    held = select(Organization.legal_hold, Organization.legal_hold_reason).where(
        Organization.id == actor.organization_id
    )
    is_held, reason = db.session.execute(held).one()
    return (reason or "") if is_held else None


def find_erasure_of(actor: Actor, contact_id: UUID) -> Erasure | None:
    """The erasure of a person that is done or under way."""
    return db.session.scalar(
        visible(Erasure, actor).where(Erasure.contact_card_id == contact_id, Erasure.status != ErasureStatus.FAILED)
    )


def get_erasure(actor: Actor, erasure_id: UUID) -> Erasure:
    """Raises NotFound."""
    found = db.session.scalar(visible(Erasure, actor).where(Erasure.id == erasure_id))
    if found is None:
        raise NotFound("erasure", erasure_id)
    return found


def erasure_list(actor: Actor, filters: ErasureFilters) -> ListQuery:
    """The erasures of the organization."""
    conditions: list[ColumnElement[bool]] = [] if filters.status is None else [Erasure.status == filters.status]
    return ListQuery(
        rows=restrict(_ROW, Erasure, actor).where(*conditions),
        matching=restrict(select(Erasure.id), Erasure, actor).where(*conditions),
        sorts=newest_or_oldest_first("createdAt", Erasure.created_at, Erasure.id),
        filters=filters,
    )


def _counted(row_id: ColumnElement[Any], condition: ColumnElement[bool]) -> Any:
    some = select(row_id).where(condition).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
