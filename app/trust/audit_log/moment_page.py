"""Display of a record and its parts as they were at an earlier time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import get_locale

from app.collation import sort_key
from app.declarations.registry import registry
from app.errors import DomainError, NotFound
from app.security.actor import Actor
from app.trust.audit_log.field_kinds import FieldKind, field_kinds
from app.trust.audit_log.filters import AuditFilters
from app.trust.audit_log.moment_queries import MAX_TAKEN_BACK, Moment, can_be_shown, moment_of
from app.trust.audit_log.moment_rules import State, moment_typed
from app.trust.audit_log.name_queries import Named, Reference, names_of, references_in
from app.trust.audit_log.revert_rules import NO_CHANGES
from app.trust.audit_log.value_page import Value, value_of
from app.trust.audit_log.words import field_label, resource_label

_LEFT_OUT = NO_CHANGES | {"organization_id"}
_PLAIN = FieldKind()


@dataclass(frozen=True, slots=True)
class StateShown:
    """A record's kind, and its fields that had a value, as labels and values; an erased value is None."""

    kind: str
    fields: Sequence[tuple[str, Value | None]]
    is_deleted: bool


@dataclass(frozen=True, slots=True)
class MomentPage:
    """The form for a time, and the record as it was then.

    `at` and `moment` are None until a time is chosen, and `state` also if `moment` has none. `typed` is the time in the
    form, in the organization's time zone, and `most` the number of entries that can be taken back.
    """

    kind: str
    record: UUID
    typed: str = ""
    at: datetime | None = None
    moment: Moment | None = None
    state: StateShown | None = None
    parts: Sequence[StateShown] = ()
    most: int = MAX_TAKEN_BACK


def moment_page(actor: Actor, filters: AuditFilters, typed: str | None) -> MomentPage | None:
    """Return the form, and with a time the record that the list is about as it was then.

    None for lists that are not about one record, and for kinds of records that can't be shown to `actor`. With a time,
    raises Forbidden without the permission to read the kind, NotFound for a record that `actor` can't see, and
    ValidationFailed for an invalid time.
    """
    record = filters.record
    if record is None:
        return None
    kind, record_id = record
    if not can_be_shown(actor, kind):
        if typed:
            raise _refusal(actor, kind, record_id)
        return None
    if not typed:
        return MomentPage(kind, record_id)
    at = moment_typed(typed, actor.timezone)
    moment = moment_of(actor, record, at)
    states = {**({record: moment.state} if moment.state else {}), **moment.parts}
    names = names_of(actor, (one for (of, _id), state in states.items() for one in references_in(of, [state.values])))
    parts = sorted(moment.parts.items(), key=lambda part: (resource_label(part[0][0]), part[0][1]))
    return MomentPage(
        kind,
        record_id,
        typed=at.astimezone(ZoneInfo(actor.timezone)).strftime("%Y-%m-%dT%H:%M:%S"),
        at=at,
        moment=moment,
        state=_shown(kind, moment.state, names) if moment.state else None,
        parts=[_shown(of, state, names) for (of, _id), state in parts],
    )


def _refusal(actor: Actor, kind: str, record: UUID) -> DomainError:
    """Return Forbidden if `actor` lacks the permission to read the kind, and NotFound for other kinds."""
    resource = registry().resources.get(kind)
    permissions = resource.scope.permissions if resource and resource.scope else ()
    if permissions and not any(actor.may(permission) for permission in permissions):
        return actor.refusal(permissions[0])
    return NotFound(kind, record)


def _shown(kind: str, state: State, names: Mapping[Reference, Named]) -> StateShown:
    kinds, locale = field_kinds(kind), get_locale()
    fields = [
        (field_label(name), None if name in state.erased else value_of(value, kinds.get(name, _PLAIN), names))
        for name, value in state.values.items()
        if name not in _LEFT_OUT and (name in state.erased or value not in (None, "", [], {}))
    ]
    return StateShown(
        resource_label(kind),
        sorted(fields, key=lambda field: sort_key(field[0], locale)),
        state.values.get("deleted_at") is not None,
    )
