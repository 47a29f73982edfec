"""Import of staged calls: new calls, changed calls, and the users who took them.

Repeated IDs and agents are checked for the file as a whole. Rows are then stored in batches, with one statement for all
rows of a batch. Unchanged rows are dropped first, so that importing the same file twice changes nothing, whatever has
happened to its agents and callers since.
"""

from collections.abc import Collection
from collections.abc import Mapping as Fields
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Subquery,
    Text,
    and_,
    case,
    column,
    func,
    insert,
    literal,
    select,
    table,
    text,
    update,
)

from app.data.imports.declared_service import given_columns, staged_table, staged_values
from app.data.imports.mapping_rules import Mapping
from app.data.imports.outcome_rules import Stored
from app.data.imports.overwrite_service import mark_filled, mark_protected, unless_protected
from app.data.imports.staging_service import (
    StagedRecords,
    affected,
    keep_before,
    keep_created,
    turn_away_repeats,
)
from app.db.ids import uuid7
from app.declarations.events import CallsChanged, raise_event
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db
from app.models.calls import Call, CallStatus, CallType, Direction, HandledBy
from app.models.contacts import ContactPhone
from app.models.imports import ImportedRow, ImportEffect
from app.models.leads import DecidedBy
from app.people.users.import_names_service import NamedPeople, find_people
from app.people.users.queries import match_people
from app.security.permissions import Role
from app.security.scope import unscoped
from app.work.calls.import_callers_service import find_callers
from app.work.calls.import_direction_rules import has_direction_question
from app.work.calls.import_notes_service import write_notes
from app.work.calls.import_record_rules import CallRecord
from app.work.calls.import_rules import BY_RULE
from app.work.calls.import_target_rules import DIRECTION, DURATIONS, CallTarget
from app.work.calls.resource import CALL
from app.work.phone_numbers.queries import numbers_of

CALL_FIELDS = DeclaredFields(CALL, BY_RULE)
# A staged row has the ID of its call (existing or to be created), whether the call exists, and all values of the
# record.
STAGED_CALLS = staged_table("staged_calls", CALL_FIELDS, CallRecord, keeps_earlier=True)
CALLS = StagedRecords(STAGED_CALLS)

_FIND_EARLIER = text("""
    UPDATE staged_calls SET external_id = calls.external_id
    FROM staged_calls staged CROSS JOIN unnest(staged.earlier_ids) earlier_id
    JOIN calls ON calls.organization_id = :organization AND calls.external_source = staged.external_source
      AND calls.external_id = earlier_id AND calls.started_at = staged.started_at
    WHERE staged_calls.line = staged.line
""")
# A single statement, because between two statements another import could add a call, which would then have to be
# updated.
_FIND_KNOWN = text("""
    UPDATE staged_calls SET id = calls.id, is_known = true,
      is_unchanged = coalesce(
        calls.external_fingerprint IN (staged_calls.fingerprint, staged_calls.earlier_fingerprint), false
      )
    FROM calls
    WHERE calls.organization_id = :organization AND calls.external_source = staged_calls.external_source
      AND calls.external_id = staged_calls.external_id
""")
# A provider has reported the call: the nearest one of the same conversation. Files often have no seconds.
_FIND_REPORTED = text("""
    UPDATE staged_calls SET id = pairs.call_id, is_known = true
    FROM (
      SELECT near.line, near.call_id,
        row_number() OVER (PARTITION BY near.line ORDER BY near.distance, near.call_id) AS place_of_call,
        row_number() OVER (PARTITION BY near.call_id ORDER BY near.distance, near.line) AS place_of_row
      FROM (
        SELECT staged.line, calls.id AS call_id,
          abs(extract(epoch FROM calls.started_at - staged.started_at)) AS distance
        FROM staged_calls staged
        JOIN calls ON calls.organization_id = :organization AND calls.callrail_call_id IS NOT NULL
          AND calls.external_id IS NULL AND calls.direction = staged.direction
          AND CASE calls.direction WHEN 'inbound' THEN calls.caller_number ELSE calls.called_number END
            = CASE staged.direction WHEN 'inbound' THEN staged.caller_number ELSE staged.called_number END
        WHERE NOT staged.is_known AND (
          abs(extract(epoch FROM calls.started_at - staged.started_at)) <= 30
          OR (
            date_trunc('minute', calls.started_at) = date_trunc('minute', staged.started_at)
            AND 0 IN (extract(second FROM calls.started_at), extract(second FROM staged.started_at))
          )
        ) AND NOT EXISTS (SELECT FROM staged_calls matched WHERE matched.is_known AND matched.id = calls.id)
      ) near
    ) pairs
    WHERE pairs.place_of_call = 1 AND pairs.place_of_row = 1 AND staged_calls.line = pairs.line
""")
_IS_ANY_REPORTED = text("""
    SELECT EXISTS (SELECT FROM calls WHERE organization_id = :organization AND callrail_call_id IS NOT NULL)
""")
_DROP_UNCHANGED = text("DELETE FROM staged_calls WHERE is_unchanged")

_HOW_IT_WENT = (
    "external_fingerprint", "started_at", "answered_at", "is_wait_unknown", "ended_at", "duration_seconds", "status",
    "handled_by",
)  # fmt: skip
#: Columns of a call that a target of the file provides, except for its course, which every file has.
_GIVES: Fields[str, tuple[str, ...]] = {
    **{name: (name,) for name in BY_RULE},
    **given_columns(CALL_FIELDS),
    "booking_status": ("booking_status", "booking_status_source"),
    **dict.fromkeys(
        (CallTarget.AGENT, CallTarget.AGENT_FIRST_NAME, CallTarget.AGENT_LAST_NAME), ("csr_id", "handled_by_user_id")
    ),
    CallTarget.RESOLVED: ("outcome",),
    CallTarget.SATISFACTION: ("call_quality",),
    CallTarget.CALLER_NUMBER: ("caller_number", "contact_card_id"),
    CallTarget.CALLED_NUMBER: ("called_number", "contact_card_id"),
    CallTarget.CUSTOMER_NUMBER: ("caller_number", "called_number", "contact_card_id"),
    CallTarget.OWN_NUMBER: ("caller_number", "called_number", "contact_card_id"),
    **{name: (name,) for name in (CallTarget.COST, CallTarget.VALUE, CallTarget.TAGS)},
    **dict.fromkeys((*DURATIONS, CallTarget.ENDED_AT), ("waited_seconds",)),
}
_ALL_COLUMNS = tuple(dict.fromkeys((*_HOW_IT_WENT, *(name for names in _GIVES.values() for name in names))))

# Not in the staged rows: these come from joined tables.
_RESOLVED = frozenset({"csr_id", "handled_by_user_id", "contact_card_id", "booking_status_source"})
_STAGED_NAMES = (
    "id", "is_known", "external_source", "external_id",
    *(name for name in _ALL_COLUMNS if name not in {*_RESOLVED, "external_fingerprint"}),
)  # fmt: skip

_staged = table("staged_calls", *map(column, (*_STAGED_NAMES, "agent", "fingerprint")), column("kept", ARRAY(Text)))
_agents = table("staged_agents", column("name"), column("user_id"))


def staged_columns(record: CallRecord) -> tuple[object, ...]:
    """Return a row for `STAGED_CALLS`.

    IDs are generated from the time of the call, so that the order of the primary key is chronological.
    """
    return (uuid7(record.started_at), False, False, *staged_values(STAGED_CALLS, record))


def check_calls(organization_id: UUID, import_id: UUID, mapping: Mapping, create_users: bool) -> None:
    """Reject staged calls that repeat an ID or name unknown agents, across the whole file.

    With `create_users`, unknown agents become users instead of being rejected.
    """
    db.session.execute(_FIND_EARLIER, {"organization": organization_id})
    turn_away_repeats(STAGED_CALLS, mapping.column_of(CallTarget.EXTERNAL_ID))
    _find_known(organization_id)
    agent_column = mapping.column_of(CallTarget.AGENT) or mapping.column_of(CallTarget.AGENT_LAST_NAME)
    named = NamedPeople(STAGED_CALLS, CallTarget.AGENT, agent_column, Role.CSR, match_people)
    find_people(organization_id, import_id, named, create=create_users)


def settle_calls(organization_id: UUID, _import_id: UUID, _mapping: Mapping) -> int:
    """Find existing calls and drop rows without changes. Returns the number of dropped rows."""
    _find_known(organization_id)
    return affected(_DROP_UNCHANGED)


def store_calls(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Update the existing calls and insert the new ones, and return the number of each.

    Contacts are first created for the numbers that no contact has.
    """
    own = numbers_of(organization_id) | {*mapping.own_numbers}
    find_callers(organization_id, import_id, own)
    updated = _update(organization_id, import_id, mapping, own)
    created = _insert(organization_id, own)
    write_notes(organization_id, import_id)
    keep_created(organization_id, import_id, CALL.name, CALLS)
    return Stored(created, updated)


def finish_calls(organization_id: UUID, import_id: UUID) -> None:
    """Raise `CallsChanged` for the calls that an import has created."""
    created = unscoped(select(ImportedRow.record_id), why="the calls that the import created").where(
        ImportedRow.organization_id == organization_id,
        ImportedRow.import_id == import_id,
        ImportedRow.resource == CALL.name,
        ImportedRow.effect == ImportEffect.CREATED,
    )
    raise_event(CallsChanged(organization_id, created))


def _find_known(organization_id: UUID) -> None:
    """Find the calls that the source or a provider has reported before."""
    here = {"organization": organization_id}
    db.session.execute(_FIND_KNOWN, here)
    if db.session.scalar(_IS_ANY_REPORTED, here):
        # Of several calls of a person within a minute, the nearest are matched first.
        while affected(_FIND_REPORTED, organization=organization_id):
            pass


def _update(organization_id: UUID, import_id: UUID, mapping: Mapping, own: Collection[str]) -> int:
    """Update changed calls, and return their number.

    Columns that the mapping doesn't provide are unchanged, and so are decisions made by users.
    """
    resolved = _resolved(organization_id, own)
    targets = mapping.given | ({DIRECTION} if has_direction_question(mapping) else frozenset())
    names = {*_HOW_IT_WENT, *(name for field in targets for name in _GIVES.get(field, ()))}
    values: dict[str, ColumnElement[Any]] = {name: resolved.c[name] for name in names}
    values["csr_id"] = _credited(
        values.get("call_type", Call.call_type.expression), values.get("csr_id", Call.csr_id.expression)
    )
    if "handled_by_user_id" not in names:
        values["handled_by_user_id"] = case((resolved.c.handled_by == HandledBy.HUMAN, Call.handled_by_user_id))
    if "waited_seconds" not in names:
        values["waited_seconds"] = case((resolved.c.status != CallStatus.COMPLETED, Call.waited_seconds))
    if "contact_card_id" in names:
        values["contact_card_id"] = func.coalesce(resolved.c.contact_card_id, Call.contact_card_id)
    if "booking_status" in names:
        by_person = Call.booking_status_source == DecidedBy.USER
        values["booking_status"] = case((by_person, Call.booking_status), else_=resolved.c.booking_status)
        values["booking_status_source"] = case(
            (by_person, Call.booking_status_source), else_=resolved.c.booking_status_source
        )
    together = (*(name for name in _HOW_IT_WENT if name != "external_fingerprint"), "waited_seconds")
    mark_protected(organization_id, CALL.name, CALLS, "calls", mapping.overwrite, [together])
    mark_filled(organization_id, CALLS, "calls", "record.callrail_call_id IS NOT NULL", [together])
    fingerprint = values.pop("external_fingerprint")
    values = {
        **unless_protected(resolved.c.kept, values, Call),
        "external_fingerprint": fingerprint,
        "external_source": func.coalesce(Call.external_source, resolved.c.external_source),
        "external_id": func.coalesce(Call.external_id, resolved.c.external_id),
    }
    keep_before(organization_id, import_id, CALL.name, CALLS, "calls", values)
    values["version"] = Call.version + 1
    is_same = (Call.organization_id == organization_id, Call.id == resolved.c.id, resolved.c.is_known)
    return affected(update(Call).values(values).where(*is_same))


def _insert(organization_id: UUID, own: Collection[str]) -> int:
    """Insert the new calls, oldest first, and return their number."""
    resolved = _resolved(organization_id, own)
    names = ("id", "external_source", "external_id", *_ALL_COLUMNS)
    columns = {**resolved.c, "csr_id": _credited(resolved.c.call_type, resolved.c.csr_id)}
    rows = select(literal(organization_id), *(columns[name] for name in names)).where(~resolved.c.is_known)
    return affected(insert(Call).from_select(["organization_id", *names], rows.order_by(resolved.c.id)))


def _credited(call_type: ColumnElement[Any], csr_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the CSR to credit, which is None for a visit call even if the file names one."""
    return case((call_type != CallType.VISIT_CALL, csr_id))


def _resolved(organization_id: UUID, own: Collection[str]) -> Subquery:
    """Select the staged calls with their agents and contacts; the organization's `own` numbers have none."""
    inbound = _staged.c.direction == Direction.INBOUND
    person = case((inbound, _staged.c.caller_number), else_=_staged.c.called_number)
    staged = (
        select(
            *(_staged.c[name] for name in _STAGED_NAMES),
            _staged.c.kept,
            _staged.c.fingerprint.label("external_fingerprint"),
            _agents.c.user_id.label("csr_id"),
            case((_staged.c.handled_by == HandledBy.HUMAN, _agents.c.user_id)).label("handled_by_user_id"),
            case((_staged.c.booking_status.is_not(None), DecidedBy.IMPORT)).label("booking_status_source"),
            ContactPhone.contact_card_id,
        )
        .select_from(_staged)
        .outerjoin(_agents, _agents.c.name == _staged.c.agent)
        .outerjoin(
            ContactPhone,
            and_(
                ContactPhone.organization_id == organization_id,
                ContactPhone.deleted_at.is_(None),
                ContactPhone.phone == person,
                person.not_in(own),
            ),
        )
    )
    return unscoped(staged, why="the import matches people and contacts of the whole organization").subquery("resolved")
