"""What verifying the chain of seals has shown.

It stands in the trail itself, as the entry that says who verified; so that it is kept, and nobody changes it afterwards
without being found. Nor is it kept between requests: what is shown is what stands there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Text, cast, func, literal, select

from app.audit.actions import Action
from app.audit.chain_faults import FAULT_SENTENCES
from app.db.paging import Selection
from app.errors import Sentence
from app.extensions import db
from app.models import AuditLog
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.scope import unscoped

_SENTENCES: Mapping[str, Sentence] = {damage.value: sentence for damage, sentence in FAULT_SENTENCES.items()}
_UNKNOWN_DAMAGE = _l("Something is wrong that this version has no words for.")


@dataclass(frozen=True, slots=True)
class Verification:
    """What a verification has shown, and who had it done when. With a `finding`, the numbers say how far it got.

    `seal` is the number of the seal that shows the damage, `row_id` the first entry that is wrong; `is_row_there` tells
    whether it can be looked at.
    """

    entry_id: UUID
    at: datetime
    by: str
    seals: int
    rows: int
    dropped: int
    unsealed: int
    heads: int
    finding: str | None
    seal: int | None
    row_id: UUID | None
    is_row_there: bool

    @property
    def sentence(self) -> Sentence | None:
        """What is wrong, in words; None when nothing is."""
        return _SENTENCES.get(self.finding, _UNKNOWN_DAMAGE) if self.finding else None


@dataclass(frozen=True, slots=True)
class Verified:
    """When the chain was verified last, and what is wrong with it, if anything."""

    at: datetime
    finding: str | None


def find_verification(actor: Actor) -> Verification | None:
    """The last one; None when nobody has ever verified this chain."""
    found = _last_verification.rows(actor)
    return _verification(actor, found[0]) if found else None


@compiled_query
def _last_verification(actor: Actor) -> Selection:
    return _last(actor)


def _last(actor: Actor) -> Selection:
    return (
        select(AuditLog.id, AuditLog.created_at, AuditLog.actor_label, AuditLog.details.label("details"))
        .where(AuditLog.organization_id == actor.organization_id, AuditLog.action == Action.AUDIT_VERIFIED.value)
        .order_by(AuditLog.created_at.desc(), AuditLog.id.desc())
        .limit(1)
    )


def verified_column(actor: Actor) -> Any:
    """The last verification as a column of each row of a page: asked for once, with them. `verified_by` reads it."""
    last = _last(actor).subquery("last")
    told = func.jsonb_build_array(last.c.created_at, last.c.details.op("->>")("finding"))
    last_told = unscoped(select(cast(told, Text)), why="the last verification of the reader's own chain")
    return last_told.scalar_subquery().label("verified")


def verified_by(actor: Actor, rows: Sequence[Any]) -> Verified | None:
    """What verifying has shown last, as the rows of a page tell it; where there are none it is asked for."""
    if not rows:
        found = find_verification(actor)
        return Verified(found.at, found.finding) if found else None
    if rows[0].verified is None:
        return None
    at, finding = json.loads(rows[0].verified)
    return Verified(datetime.fromisoformat(at), finding)


def _verification(actor: Actor, row: Row[Any]) -> Verification:
    facts: Mapping[str, Any] = row.details
    row_id = UUID(facts["row"]) if facts.get("row") else None
    return Verification(
        entry_id=row.id,
        at=row.created_at,
        by=row.actor_label,
        **{name: facts.get(name) or 0 for name in ("seals", "rows", "dropped", "unsealed", "heads")},
        finding=facts.get("finding"),
        seal=facts.get("seal"),
        row_id=row_id,
        is_row_there=row_id is not None and _is_there(actor, row_id),
    )


def _is_there(actor: Actor, row_id: UUID) -> bool:
    there = select(literal(1)).where(AuditLog.organization_id == actor.organization_id, AuditLog.id == row_id)
    return db.session.scalar(there) is not None
