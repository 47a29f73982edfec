"""Results of verifying the seal chain.

They are stored in the trail itself, in the entry that records the verification, so they are retained and can't be
changed undetected. They are not cached between requests: the page shows what the trail contains.
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
from app.audit.chain_faults import FAULT_SENTENCES, ChainFault
from app.db.paging import Selection
from app.errors import LazyText
from app.extensions import db
from app.models import AuditLog
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.scope import unscoped

_SENTENCES: Mapping[str, LazyText] = {damage.value: sentence for damage, sentence in FAULT_SENTENCES.items()}
_UNKNOWN_DAMAGE = _l("Unknown problem: this version of Switchboard can’t describe it.")


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of a verification, with who started it and when.

    With a `finding`, the numbers show how far the verification got, unless it is a backdated entry. `seal` is the
    number of the seal that reveals the damage, `row_id` the id of the first entry that is wrong; `is_row_there` is True
    if that entry can be opened.
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
    def sentence(self) -> LazyText | None:
        """The finding as a sentence, or None if nothing is wrong."""
        return _SENTENCES.get(self.finding, _UNKNOWN_DAMAGE) if self.finding else None

    @property
    def has_stopped(self) -> bool:
        """True if verification ended at the finding, which a backdated entry doesn't make it do."""
        return self.finding not in (None, ChainFault.ROW_BACKDATED.value)


@dataclass(frozen=True, slots=True)
class Verified:
    """Time of the last verification, and its finding, or None if nothing was wrong."""

    at: datetime
    finding: str | None


def find_verification(actor: Actor) -> Verification | None:
    """Return the last verification, or None if this chain was never verified."""
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
    """Return the last verification as a column, so that a page gets it with its rows.

    `verified_by` reads it.
    """
    last = _last(actor).subquery("last")
    told = func.jsonb_build_array(last.c.created_at, last.c.details.op("->>")("finding"))
    last_told = unscoped(select(cast(told, Text)), why="the last verification in the actor's own organization")
    return last_told.scalar_subquery().label("verified")


def verified_by(actor: Actor, rows: Sequence[Any]) -> Verified | None:
    """Return the last verification from the rows of a page, or by a separate query if there are none."""
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
