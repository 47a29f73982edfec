"""Content of the board of leads: stages with their cards, and the actions available on each card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.caches import HashableDict, memoize
from app.db import paging
from app.lists.listing import ChipText, Frame, address, chips_of
from app.models import LeadStage
from app.web import formatting
from app.web.render_context import current_render_context
from app.work.leads import rules
from app.work.leads.board_queries import Board, Stage, Step
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import SORTS
from app.work.leads.rules import Visits

#: Number of cached results of `_ways_of`.
_MAX_CACHED = 1_000


@dataclass(frozen=True, slots=True)
class Card:
    """A lead on the board.

    Rendered cards are cached by the values of `lead`. `moves` are the stages that the user can move it to.
    """

    lead: Any
    topic: str | None
    step: Step | None
    moves: tuple[LeadStage, ...]
    may_reopen: bool


@dataclass(frozen=True, slots=True)
class StageColumn:
    """A stage with the total number of leads, those shown, and a link to the list of all of them."""

    stage: LeadStage
    count: str
    cards: Sequence[Card]
    all_href: str
    has_more: bool


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Values for the templates of the board."""

    frame: Frame
    columns: Sequence[StageColumn]
    #: URL of the filtered board, to which its forms return.
    here: str
    list_href: str


def board_page(filters: LeadFilters, board: Board, words: Mapping[str, ChipText]) -> BoardPage:
    """Build the context of the board's page; `words` are the labels of the filters."""
    given = filters.parameters()
    frame = Frame(
        action=(bare := address("leads.board", {})),
        clear_href=bare,
        filters=filters,
        chips=tuple(chips_of(filters, "leads.board", words)),
        labels=HashableDict({name: str(named) for name, (named, _value) in words.items()}),
        sort=SORTS[0].name,
        chosen_sort=None,
    )
    columns = [_column(stage, board) for stage in board.stages]
    return BoardPage(frame, columns, address("leads.board", given), address("leads.index", given))


def _column(stage: Stage, board: Board) -> StageColumn:
    locale = current_render_context().locale
    count = formatting.number(stage.count.number if stage.count.exact else paging.MAX_COUNTED, locale)
    return StageColumn(
        stage.stage,
        count if stage.count.exact else f"{count}+",
        [_card(row, board, is_own=board.own is None or row.id in board.own) for row in stage.rows],
        address("leads.index", stage.filters.parameters()),
        has_more=stage.count.number > len(stage.rows),
    )


def _card(row: Any, board: Board, *, is_own: bool) -> Card:
    lead = _Staged(row.stage, row.closed_at, row.won_at)
    moves, may_reopen = _moves_of(lead, board.visits.get(row.id, Visits())) if is_own else ((), False)
    return Card(row, board.topics.get(row.id), board.steps.get(row.id), moves, may_reopen)


@dataclass(unsafe_hash=True, slots=True)
class _Staged:
    """Values of a lead that the rules need, as a hashable cache key. Never modified.

    All open leads in a stage have the same values, and so share a cache entry.
    """

    stage: str
    closed_at: datetime | None
    won_at: datetime | None


@memoize(_MAX_CACHED)
def _moves_of(lead: _Staged, visits: Visits) -> tuple[tuple[LeadStage, ...], bool]:
    return tuple(rules.stages_by_hand(lead, visits)), rules.refusal_of_reopening(lead) is None
