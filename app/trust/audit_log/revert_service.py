"""Setting a record back to what it was before one entry of the trail: what would be done, and doing it.

Only while nobody has set its fields since, though they may look as that change left them. What was written since is
never lost: it is shown, and nothing is done.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, column, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB

from app.audit.record import name_action
from app.db.paging import Count, count_rows
from app.db.transaction import translated_integrity_errors
from app.declarations.input import refuse_to_put_back
from app.declarations.registry import registry
from app.declarations.revertible import Revertible
from app.errors import Conflict, Sentence, VersionConflict
from app.extensions import db
from app.models import AuditLog, User, UserStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.trust.audit_log.detail_queries import get_entry
from app.trust.audit_log.field_state_queries import FieldState, States, find_in_trash, find_states, record_of
from app.trust.audit_log.name_queries import Reference
from app.trust.audit_log.revert_rules import (
    CREATED,
    NOT_A_CHANGE,
    REMOVED,
    changed_fields,
    missing_permission,
    revertible,
    who_may,
    why_never,
)

IN_TRASH = _l("The record is in the trash. Restore it first.")
_NO_OTHERS = Count(0, exact=True)

GONE = _l("The record is not there any more, or not yours to see.")
MOVED_ON = _l("This can’t be set back: the record was changed again since. The newer values stay.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What reverting an entry would do. `refusal` says why it cannot be done, `missing` what the person lacks.

    `is_done`: the record has the values of before already. `others` are the further entries of the same operation,
    which stay as they are.
    """

    entry: AuditLog
    fields: Sequence[FieldState]
    refusal: Sentence | None
    missing: Permission | None
    is_done: bool
    others: Count = _NO_OTHERS

    @property
    def is_possible(self) -> bool:
        """Whether something would be done."""
        return self.refusal is None and self.missing is None and not self.is_done


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether an entry can be reverted as far as the entry itself tells: `refusal` says why not."""

    entry_id: UUID
    refusal: Sentence | None


def offer_revert(actor: Actor, entry: AuditLog) -> Offer | None:
    """What to show beside an entry; None where nothing was changed."""
    never = _why_never(entry)
    if never in (NOT_A_CHANGE, CREATED, REMOVED):
        return None
    missing = None if never else missing_permission(actor, entry.resource_type, _names(entry))
    return Offer(entry.id, never or (who_may(missing) if missing else None))


def propose_revert(actor: Actor, entry_id: UUID) -> Proposal:
    """What reverting the entry would do now; raises NotFound."""
    entry, is_withheld = get_entry(actor, entry_id)
    return replace(propose(actor, entry, is_withheld=is_withheld), others=_others(entry))


def propose(actor: Actor, entry: AuditLog, *, is_withheld: bool) -> Proposal:
    """What reverting a change would do now. It may be one that several entries make up."""
    return propose_each(actor, [(entry, is_withheld)])[0]


def propose_each(actor: Actor, changes: Sequence[tuple[AuditLog, bool]]) -> list[Proposal]:
    """As `propose`, of changes of as many records, each with whether it is withheld: asked for all at once."""
    never = [GONE if is_withheld else _why_never(entry) for entry, is_withheld in changes]
    able = [entry for (entry, _), refusal in zip(changes, never, strict=True) if refusal is None]
    states = find_states(actor, able)
    in_trash = find_in_trash(actor, [entry for entry in able if record_of(entry) not in states])
    return [
        Proposal(entry, (), refusal, None, is_done=False) if refusal else _proposal(actor, entry, states, in_trash)
        for (entry, _), refusal in zip(changes, never, strict=True)
    ]


def _proposal(actor: Actor, entry: AuditLog, found: States, in_trash: Collection[Reference]) -> Proposal:
    missing = missing_permission(actor, entry.resource_type, _names(entry))
    states = found.get(record_of(entry))
    if states is None:
        refusal = IN_TRASH if record_of(entry) in in_trash else GONE
        return Proposal(entry, _states_without_row(entry), refusal, missing, is_done=False)
    is_done = _is_done(states)
    return Proposal(entry, states, MOVED_ON if not is_done and _has_moved(states) else None, missing, is_done)


def revert(actor: Actor, entry_id: UUID) -> None:
    """Set the fields of a change back to what they were before it.

    What is so already is left alone, so that asking twice is asking once. Raises NotFound, Forbidden; Conflict for an
    entry or a record that cannot be reverted, and what the database says of values that do not fit any more;
    VersionConflict with the newer values when the record has moved on.
    """
    entry, is_withheld = get_entry(actor, entry_id)
    revert_change(actor, entry, is_withheld=is_withheld)


def revert_change(
    actor: Actor, entry: AuditLog, *, is_withheld: bool, metadata: Mapping[str, Any] | None = None
) -> bool:
    """As `revert`, of a change that may be one that several entries make up; the new entry says `metadata` too. Whether
    anything was to be done."""
    never = GONE if is_withheld else _why_never(entry)
    if never is not None:
        raise Conflict(None, never)
    kind = revertible(entry.resource_type)
    missing = missing_permission(actor, entry.resource_type, _names(entry))
    if missing is not None:
        raise actor.refusal(missing)
    row = _find_row(actor, entry, lock=True)
    if row is None:
        raise Conflict(None, IN_TRASH if find_in_trash(actor, [entry]) else GONE)
    states = find_states(actor, [entry])[record_of(entry)]
    if _is_done(states):
        return False
    if _has_moved(states):
        raise VersionConflict(row.version, {state.name: state.now for state in states if state.has_moved}, MOVED_ON)
    _set_back(actor, row, kind, entry, {"entry": str(entry.id), **(metadata or {})})
    return True


def _set_back(actor: Actor, row: Any, kind: Revertible, entry: AuditLog, metadata: Mapping[str, Any]) -> None:
    wanted = _typed(entry.resource_type, {name: (entry.before or {}).get(name) for name in _names(entry)})
    refuse_to_put_back(wanted, kind.inputs)
    for name in kind.able & wanted.keys():
        _refuse_who_left(actor, name, wanted[name])
    with translated_integrity_errors():
        for name, value in wanted.items():
            setattr(row, name, value)
        kind.then(row)
        name_action(kind.action, row, resource_type=entry.resource_type, metadata=metadata)


def _refuse_who_left(actor: Actor, field: str, user_id: UUID | None) -> None:
    if user_id is None:
        return
    able = visible(User, actor).where(User.id == user_id, User.status == UserStatus.ACTIVE)
    if db.session.scalar(able) is None:
        raise Conflict(field, _l("Whoever had it before is not active any more. Give it to somebody else instead."))


def _why_never(entry: AuditLog) -> Sentence | None:
    return why_never(entry.resource_type, entry.before, entry.after, is_erased=entry.redacted_at is not None)


def _names(entry: AuditLog) -> list[str]:
    return changed_fields(entry.before, entry.after)


def _find_row(actor: Actor, entry: AuditLog, *, lock: bool = False) -> Any:
    model = registry().resources[entry.resource_type].model
    statement = visible(model, actor).where(model.id == entry.resource_id)
    if lock:
        # FOR NO KEY UPDATE: rows that refer to it may come meanwhile.
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalar(statement)


def _states_without_row(entry: AuditLog) -> list[FieldState]:
    before, after = entry.before or {}, entry.after or {}
    return [FieldState(name, before.get(name), after.get(name), None, has_moved=False) for name in _names(entry)]


def _is_done(states: Sequence[FieldState]) -> bool:
    return all(state.now == state.wanted for state in states)


def _has_moved(states: Sequence[FieldState]) -> bool:
    return any(state.has_moved for state in states)


def _typed(resource_type: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values of JSON as the row's columns hold them; the database made the one of the other."""
    table = registry().resources[resource_type].model.__table__
    columns = [column(name, table.c[name].type) for name in values]
    empty: Any = literal_column(f"NULL::{table.name}")
    record = func.jsonb_populate_record(empty, bindparam(None, dict(values), type_=JSONB)).table_valued(*columns)
    return dict(db.session.execute(select(*record.c)).mappings().one())


def _others(entry: AuditLog) -> Count:
    same = select(AuditLog.id).where(
        AuditLog.organization_id == entry.organization_id,
        AuditLog.operation_id == entry.operation_id,
        AuditLog.id != entry.id,
        AuditLog.before.is_not(None),
        AuditLog.after.is_not(None),
    )
    return count_rows(db.session, same)
