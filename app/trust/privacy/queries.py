"""What erasing a person would touch, and the erasures there were."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from app.db.paging import MAX_COUNTED, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.declarations.personal import Traces
from app.errors import NotFound, Sentence
from app.extensions import db
from app.models import ContactCard, Erasure, ErasureStatus
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.rows import get_row
from app.security.scope import unscoped, visible
from app.trust.privacy.filters import ErasureFilters
from app.trust.privacy.inventory import endings, is_open, places
from app.trust.privacy.trace_queries import find_traces, sound_keys

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
    return find_traces(db.session, actor.organization_id, card.id, limit=MAX_COUNTED)


def preview(traces: Traces) -> Preview:
    """What erasing touches; one question for all counts."""
    shown, ending = [place for place in places() if not place.searched], endings()
    counted = [_counted(place.source.c.id, place.condition(traces)) for place in shown]
    open_work = [_counted(place.source.c.id, is_open(place, end, traces)) for place, end in ending]
    counts = db.session.execute(select(*counted, *open_work)).one()
    return Preview(
        places=[(place.words, number) for place, number in zip(shown, counts, strict=False)],
        ended=[(end.words, number) for (_, end), number in zip(ending, counts[len(shown) :], strict=True) if number],
        sound=len(sound_keys(db.session, traces)),
        searched=[place.words for place in places() if place.searched],
    )


def find_erasure_of(actor: Actor, contact_id: UUID) -> Erasure | None:
    """The erasure of a person that is done or under way."""
    return db.session.scalar(
        visible(Erasure, actor).where(Erasure.contact_card_id == contact_id, Erasure.status != ErasureStatus.FAILED)
    )


def get_erasure(actor: Actor, erasure_id: UUID) -> Erasure:
    """An erasure of the actor's organization; raises NotFound."""
    return get_row(actor, Erasure, erasure_id, named="erasure")


SORTS = newest_or_oldest_first("createdAt", Erasure.created_at, Erasure.id)


#: The erasures of the organization.
erasure_list = ListOf(
    Erasure,
    _ROW,
    narrow=lambda filters, _actor, _now: _conditions(filters),
    sorts=SORTS,
)


def _conditions(filters: ErasureFilters) -> list[ColumnElement[bool]]:
    """What `filters` mean in SQL."""
    found: list[ColumnElement[bool]] = []
    if filters.status is not None:
        found.append(Erasure.status == filters.status)
    return found


def _counted(row_id: ColumnElement[Any], condition: ColumnElement[bool]) -> Any:
    some = select(row_id).where(condition).limit(MAX_COUNTED).subquery()
    number = unscoped(
        select(func.count()).select_from(some), why="counts what an erasure reaches, which is all there is"
    )
    return number.scalar_subquery()
