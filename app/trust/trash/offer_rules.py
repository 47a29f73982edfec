"""Offers in a restore: records in the trash that the restored rows belong to but don't require (optional parents)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import LazyText
from app.trust.trash.rules import PARENT_REFUSED, Outcome


@dataclass(frozen=True, slots=True)
class Offer:
    """An optional parent in the trash.

    It is restored as well if `is_selected`, together with what it needs itself, or stays for the reason `why_not`.
    `label` is empty if this user cannot see it.
    """

    row_id: UUID
    resource: str
    label: str
    deleted_by: str
    deleted_at: datetime
    is_selected: bool
    why_not: LazyText | None = None
    #: Kind and label of each.
    needs: Sequence[tuple[str, str]] = ()


def offers_of(outcomes: Sequence[Outcome], unselected: Collection[UUID] = ()) -> list[Offer]:
    """Return the offers among the outcomes of a trial, selected ones last."""
    needs: dict[UUID, list[tuple[str, str]]] = {}
    for one in outcomes:
        if one.as_well and one.as_well.needed_by:
            needs.setdefault(one.as_well.needed_by, []).append((one.resource, one.label))
    offers = [
        Offer(
            one.row_id,
            one.resource,
            "" if one.problem and one.problem.code == PARENT_REFUSED else one.label,
            one.as_well.deleted_by,
            one.as_well.deleted_at,
            is_selected=one.problem is None and one.row_id not in unselected,
            why_not=one.problem.sentence if one.problem else None,
            needs=needs.get(one.row_id, ()),
        )
        for one in outcomes
        if one.as_well and one.as_well.needed_by is None
    ]
    return sorted(offers, key=lambda offer: offer.is_selected)
