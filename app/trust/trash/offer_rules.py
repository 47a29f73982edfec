"""Offers of a restore: records in the trash that the restored rows belong to, and can do without."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import Sentence
from app.trust.trash.rules import PARENT_REFUSED, Outcome


@dataclass(frozen=True, slots=True)
class Offer:
    """One row that comes back as well where `is_ticked`, with what it needs itself, or stays for the reason `why_not`.

    `label` is empty where it is not for this person to know.
    """

    row_id: UUID
    resource: str
    label: str
    deleted_by: str
    deleted_at: datetime
    is_ticked: bool
    why_not: Sentence | None = None
    #: By kind and label.
    needs: Sequence[tuple[str, str]] = ()


def offers_of(outcomes: Sequence[Outcome], unticked: Collection[UUID] = ()) -> list[Offer]:
    """The offers among the outcomes of a trial, those that are ticked last."""
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
            is_ticked=one.problem is None and one.row_id not in unticked,
            why_not=one.problem.sentence if one.problem else None,
            needs=needs.get(one.row_id, ()),
        )
        for one in outcomes
        if one.as_well and one.as_well.needed_by is None
    ]
    return sorted(offers, key=lambda offer: offer.is_ticked)
