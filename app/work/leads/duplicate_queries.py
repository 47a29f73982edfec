"""Queries for open leads that two contacts have from the same source, of which one remains after a merge."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.declarations.merging import Duplicate, Furthest, MergePair
from app.declarations.registry import registry
from app.extensions import db
from app.models import Call, CallStatus, CallType, Lead, User
from app.security.scope import unscoped
from app.work.leads.duplicate_rules import QUALIFIED, merged_lead_values

_Other = aliased(Lead, name="other")


def find_duplicates(pair: MergePair) -> Sequence[Duplicate]:
    """Return the pairs of open leads that the kept and the merged contact have from the same source."""
    both = unscoped(select(Lead, _Other), why="users who can merge two contacts can see all records of both").join(
        _Other, _Other.source == Lead.source
    )
    rows = both.where(*_is_open(Lead, pair, pair.kept_id), *_is_open(_Other, pair, pair.merged_id)).order_by(Lead.id)
    return [_duplicate(kept, other) for kept, other in db.session.execute(rows)]


def _is_open(lead: Any, pair: MergePair, card_id: Any) -> tuple[Any, ...]:
    """Return the conditions for open leads of a contact, of which it can have one per source.

    Leads imported from another system are excluded, as that rule doesn't apply to them.
    """
    return (
        lead.organization_id == pair.organization_id,
        lead.contact_card_id == card_id,
        lead.closed_at.is_(None),
        lead.deleted_at.is_(None),
        lead.external_id.is_(None),
    )


def _duplicate(kept: Lead, other: Lead) -> Duplicate:
    values = merged_lead_values(_rules(), kept, other)
    facts = {
        "source": kept.source,
        "stage": values.get("stage", kept.stage),
        "rep": _name(kept, values.get("assigned_rep_id", kept.assigned_rep_id)),
        "both_qualified": all(
            lead.qualification_status in QUALIFIED and _was_spoken_about(lead) for lead in (kept, other)
        ),
    }
    return Duplicate(other.id, kept.id, values, facts)


def _rules() -> dict[str, Furthest]:
    rules = registry().resources["lead"].merged
    return {name: rule for name, rule in rules.items() if isinstance(rule, Furthest)}


def _was_spoken_about(lead: Lead) -> bool:
    """Return whether the lead has a completed CSR call, without which qualified leads aren't counted."""
    spoken = unscoped(select(Call.id), why="users who can merge two contacts can see all records of both").where(
        Call.organization_id == lead.organization_id,
        Call.lead_id == lead.id,
        Call.call_type == CallType.CSR_CALL,
        Call.status == CallStatus.COMPLETED,
    )
    return db.session.scalar(spoken.limit(1)) is not None


def _name(lead: Lead, user_id: Any) -> str | None:
    if user_id is None:
        return None
    named = unscoped(select(User.name), why="a lead's assignee is visible to everyone who can see the lead")
    return db.session.scalar(named.where(User.organization_id == lead.organization_id, User.id == user_id))
