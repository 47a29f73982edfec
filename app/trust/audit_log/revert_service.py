"""Reverting a record to its state before one entry of the trail: the preview and the change.

Reverting is possible only if the fields were not set since the entry, even if they have the values of that entry again.
Newer values are never overwritten: they are shown, and nothing is changed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.record import name_action
from app.db.paging import Count, count_rows
from app.db.transaction import translated_integrity_errors
from app.declarations.input import refuse_to_put_back
from app.declarations.registry import registry
from app.errors import Conflict, DomainError, LazyText, VersionConflict
from app.extensions import db
from app.models import AuditLog, User, UserStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import held
from app.security.scope import visible
from app.trust.audit_log.detail_queries import get_entry
from app.trust.audit_log.field_state_queries import (
    FieldState,
    States,
    find_in_trash,
    find_states,
    record_of,
    typed_before,
)
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of reverting a change among others: the reason if it was skipped, and whether the record changed."""

    entry: AuditLog
    refusal: LazyText | None
    is_changed: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Values to restore, by record and column, and the ids of the users among them who are active."""

    values: Mapping[Reference, Mapping[str, Any]]
    active: Collection[UUID]


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

    Each change is given with a flag for whether it is withheld. The number of queries depends on the number of kinds of
    records, not on that of the changes.
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
    """Revert the fields of a change to their values before it.

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
    missing = missing_permission(actor, entry.resource_type, _names(entry))
    if missing is not None:
        raise actor.refusal(missing)
    row = _lock_rows(actor, [entry]).get(record_of(entry))
    if row is None:
        raise Conflict(None, IN_TRASH if find_in_trash(actor, [entry]) else GONE)
    states = find_states(actor, [entry])[record_of(entry)]
    if _is_done(states):
        return False
    if _has_moved(states):
        raise VersionConflict(row.version, {state.name: state.now for state in states if state.has_moved}, MOVED_ON)
    _set_back(row, entry, states, _wanted_of(actor, [entry]), metadata or {})
    return True


def revert_each(
    actor: Actor, changes: Sequence[tuple[AuditLog, bool]], *, metadata: Mapping[str, Any]
) -> list[Outcome]:
    """Revert each of `changes` that can be reverted, and return the outcomes in their order.

    The changes are as for `propose_each`. The records stay locked until the transaction ends. The number of reads
    depends on the number of kinds of records, not on that of the changes.
    """
    rows = _lock_rows(actor, [entry for entry, is_withheld in changes if not (is_withheld or _why_never(entry))])
    proposals = propose_each(actor, changes)
    wanted = _wanted_of(actor, [one.entry for one in proposals if one.is_possible])
    return [_outcome(one, rows, wanted, metadata) for one in proposals]


def _outcome(
    proposal: Proposal, rows: Mapping[Reference, Any], wanted: _Wanted, metadata: Mapping[str, Any]
) -> Outcome:
    entry, refusal = proposal.entry, proposal.refusal
    if refusal is None and proposal.missing is not None:
        refusal = who_may(proposal.missing)
    row = rows.get(record_of(entry))
    if refusal is not None or proposal.is_done or row is None:
        return Outcome(entry, refusal or (None if proposal.is_done else GONE), is_changed=False)
    try:
        _set_back(row, entry, proposal.fields, wanted, metadata)
    except DomainError as error:
        return Outcome(entry, error.sentence, is_changed=False)
    return Outcome(entry, None, is_changed=True)


def _lock_rows(actor: Actor, entries: Iterable[AuditLog]) -> dict[Reference, Any]:
    """Lock the records of these entries, with one query per kind, and return those that `actor` can see."""
    kinds: dict[str, list[Any]] = {}
    for entry in entries:
        kinds.setdefault(entry.resource_type, []).append(entry.resource_id)
    found: dict[Reference, Any] = {}
    for kind, ids in sorted(kinds.items()):
        model = registry().resources[kind].model
        rows = held(visible(model, actor).where(model.id.in_(ids)).order_by(model.id))
        found |= {(kind, row.id): row for row in db.session.scalars(rows)}
    return found


def _set_back(
    row: Any, entry: AuditLog, states: Sequence[FieldState], wanted: _Wanted, metadata: Mapping[str, Any]
) -> None:
    kind, before = revertible(entry.resource_type), wanted.values[record_of(entry)]
    values = {state.name: before[state.name] for state in states}
    refuse_to_put_back(values, kind.inputs)
    for name in sorted(kind.able & values.keys()):
        if values[name] is not None and values[name] not in wanted.active:
            raise Conflict(name, _l("The record’s previous owner is no longer active. Reassign the record instead."))
    with translated_integrity_errors():
        for name, value in values.items():
            setattr(row, name, value)
        told = {"entry": str(entry.id), **metadata}
        name_action(kind.action, row, resource_type=entry.resource_type, metadata=told)


def _wanted_of(actor: Actor, entries: Sequence[AuditLog]) -> _Wanted:
    kinds: dict[str, list[AuditLog]] = {}
    for entry in entries:
        kinds.setdefault(entry.resource_type, []).append(entry)
    values = {
        (kind, record): typed for kind, theirs in kinds.items() for record, typed in typed_before(kind, theirs).items()
    }
    people = {values[one].get(name) for one in values for name in revertible(one[0]).able} - {None}
    if not people:
        return _Wanted(values, frozenset())
    active = visible(User, actor).with_only_columns(User.id).where(User.id.in_(people))
    return _Wanted(values, frozenset(db.session.scalars(active.where(User.status == UserStatus.ACTIVE))))


def _why_never(entry: AuditLog) -> LazyText | None:
    return why_never(entry.resource_type, entry.before, entry.after, is_erased=entry.redacted_at is not None)


def _names(entry: AuditLog) -> list[str]:
    return changed_fields(entry.before, entry.after)


def _states_without_row(entry: AuditLog) -> list[FieldState]:
    before, after = entry.before or {}, entry.after or {}
    return [FieldState(name, before.get(name), after.get(name), None, has_moved=False) for name in _names(entry)]


def _is_done(states: Sequence[FieldState]) -> bool:
    return all(state.now == state.wanted for state in states if not state.is_accompanying)


def _has_moved(states: Sequence[FieldState]) -> bool:
    return any(state.has_moved for state in states)


def _others(entry: AuditLog) -> Count:
    same = select(AuditLog.id).where(
        AuditLog.organization_id == entry.organization_id,
        AuditLog.operation_id == entry.operation_id,
        AuditLog.id != entry.id,
        AuditLog.before.is_not(None),
        AuditLog.after.is_not(None),
    )
    return count_rows(db.session, same)
