"""Reverting a record to its state before one entry of the trail: the preview and the change.

Reverting is possible only if the fields were not set since the entry, even if they have the values of that entry again.
Newer values are never overwritten: they are shown, and nothing is changed.
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
from app.errors import Conflict, LazyText, VersionConflict
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

GONE = _l("The record no longer exists, or you can’t see it.")
MOVED_ON = _l("Can’t revert: the record has changed since. The newer values are kept.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Effect of reverting an entry.

    `refusal` is the reason if it can't be reverted, `missing` the permission that the user lacks. `is_done` means that
    the record already has its earlier values. `others` counts the other changes of the same operation, which are left
    as they are.
    """

    entry: AuditLog
    fields: Sequence[FieldState]
    refusal: LazyText | None
    missing: Permission | None
    is_done: bool
    others: Count = _NO_OTHERS

    @property
    def is_possible(self) -> bool:
        """True if reverting would change anything."""
        return self.refusal is None and self.missing is None and not self.is_done


@dataclass(frozen=True, slots=True)
class Offer:
    """The offer to revert an entry, judging by the entry alone.

    `refusal` is the reason if the entry can't be reverted.
    """

    entry_id: UUID
    refusal: LazyText | None


def offer_revert(actor: Actor, entry: AuditLog) -> Offer | None:
    """Return what to show next to an entry, or None if the entry is not a change that could be reverted."""
    never = _why_never(entry)
    if never in (NOT_A_CHANGE, CREATED, REMOVED):
        return None
    missing = None if never else missing_permission(actor, entry.resource_type, _names(entry))
    return Offer(entry.id, never or (who_may(missing) if missing else None))


def propose_revert(actor: Actor, entry_id: UUID) -> Proposal:
    """Return what reverting the entry would do now.

    Raises NotFound.
    """
    entry, is_withheld = get_entry(actor, entry_id)
    return replace(propose(actor, entry, is_withheld=is_withheld), others=_others(entry))


def propose(actor: Actor, entry: AuditLog, *, is_withheld: bool) -> Proposal:
    """Return what reverting a change, which can be merged from several entries, would do now."""
    return propose_each(actor, [(entry, is_withheld)])[0]


def propose_each(actor: Actor, changes: Sequence[tuple[AuditLog, bool]]) -> list[Proposal]:
    """Return the result of `propose` for each of `changes`, which are about different records.

    Each change is given with a flag for whether it is withheld. Uses one query per kind of record for all of them.
    """
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
    """Set the fields of a change back to their values before it.

    Does nothing if they have those values already, so repeating the request is safe. Raises NotFound and Forbidden;
    Conflict for an entry or a record that can't be reverted, and for values that database constraints no longer allow;
    VersionConflict with the newer values if the record has changed since.
    """
    entry, is_withheld = get_entry(actor, entry_id)
    revert_change(actor, entry, is_withheld=is_withheld)


def revert_change(
    actor: Actor, entry: AuditLog, *, is_withheld: bool, metadata: Mapping[str, Any] | None = None
) -> bool:
    """Revert a change, which can be merged from several entries, and return whether anything changed.

    The new entry also contains `metadata`. Raises the same errors as `revert`.
    """
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
        raise Conflict(field, _l("The record’s previous owner is no longer active. Reassign the record instead."))


def _why_never(entry: AuditLog) -> LazyText | None:
    return why_never(entry.resource_type, entry.before, entry.after, is_erased=entry.redacted_at is not None)


def _names(entry: AuditLog) -> list[str]:
    return changed_fields(entry.before, entry.after)


def _find_row(actor: Actor, entry: AuditLog, *, lock: bool = False) -> Any:
    model = registry().resources[entry.resource_type].model
    statement = visible(model, actor).where(model.id == entry.resource_id)
    if lock:
        # FOR NO KEY UPDATE: rows that refer to it can still be inserted in the meantime.
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
    """Convert JSON values to the types of the row's columns, using the database that produced the JSON."""
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
