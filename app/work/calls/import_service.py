"""Calls of a file, moved from where they wait into the tables: what is new, what has changed, who took them.

The file as a whole says which ids repeat and who its agents are. Then a portion after the other comes in, with one
statement for all its rows. What the file brings nothing new about drops out first, so that the same file twice changes
nothing, whatever has become of its agents and callers since.
"""

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
from app.data.imports.overwrite_service import find_kept, unless_kept
from app.data.imports.staging_service import (
    StagedRecords,
    affected,
    keep_before,
    keep_created,
    turn_away_repeats,
)
from app.db.ids import uuid7
from app.declarations.events import CallsImported, raise_event
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db
from app.models.calls import Call, CallType, Direction, HandledBy
from app.models.contacts import ContactPhone
from app.models.leads import DecidedBy
from app.people.users.import_names_service import NamedPeople, find_people
from app.people.users.queries import match_people
from app.security.permissions import Role
from app.security.scope import unscoped
from app.work.calls.import_callers_service import find_callers
from app.work.calls.import_record_rules import CallRecord
from app.work.calls.import_rules import BY_RULE
from app.work.calls.import_target_rules import CallTarget
from app.work.calls.resource import CALL

CALL_FIELDS = DeclaredFields(CALL, BY_RULE)
# A staged row has the id of the call that it becomes or is, and says whether that is there, and says all of it.
STAGED_CALLS = staged_table("staged_calls", CALL_FIELDS, CallRecord, keeps_earlier=True)
CALLS = StagedRecords(STAGED_CALLS)

_FIND_EARLIER = text("""
    UPDATE staged_calls SET external_id = calls.external_id
    FROM calls
    WHERE calls.organization_id = :organization AND calls.external_source = staged_calls.external_source
      AND calls.external_id = staged_calls.earlier_id AND calls.started_at = staged_calls.started_at
""")
# At once: between two statements another import may bring a call in, which would then be one to change.
_FIND_KNOWN = text("""
    UPDATE staged_calls SET id = calls.id, is_known = true,
      is_unchanged = coalesce(
        calls.external_fingerprint IN (staged_calls.fingerprint, staged_calls.earlier_fingerprint), false
      )
    FROM calls
    WHERE calls.organization_id = :organization AND calls.external_source = staged_calls.external_source
      AND calls.external_id = staged_calls.external_id
""")
_DROP_UNCHANGED = text("DELETE FROM staged_calls WHERE is_unchanged")

_HOW_IT_WENT = (
    "external_fingerprint", "started_at", "answered_at", "is_wait_unknown", "ended_at", "duration_seconds", "status",
    "handled_by",
)  # fmt: skip
#: Columns of a call that a field of the file gives, beyond how the call went, which every file says.
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
    CallTarget.COST: ("cost",),
}
_ALL_COLUMNS = tuple(dict.fromkeys((*_HOW_IT_WENT, *(name for names in _GIVES.values() for name in names))))

# These a staged row does not hold yet: they come from the tables it is joined with.
_RESOLVED = frozenset({"csr_id", "handled_by_user_id", "contact_card_id", "booking_status_source"})
_STAGED_NAMES = (
    "id", "is_known", "external_source", "external_id",
    *(name for name in _ALL_COLUMNS if name not in {*_RESOLVED, "external_fingerprint"}),
)  # fmt: skip

_staged = table("staged_calls", *map(column, (*_STAGED_NAMES, "agent", "fingerprint")), column("kept", ARRAY(Text)))
_agents = table("staged_agents", column("name"), column("user_id"))


def staged_columns(record: CallRecord) -> tuple[object, ...]:
    """A row for `STAGED_CALLS`. Ids follow the time of the call, so that newest first is the order of the key."""
    return (uuid7(record.started_at), False, False, *staged_values(STAGED_CALLS, record))


def check_calls(organization_id: UUID, import_id: UUID, mapping: Mapping, create_users: bool) -> None:
    """Turn rows of the whole file away whose id repeats, or whose agent is nobody; agents may become users."""
    db.session.execute(_FIND_EARLIER, {"organization": organization_id})
    turn_away_repeats(STAGED_CALLS, mapping.column_of(CallTarget.EXTERNAL_ID))
    db.session.execute(_FIND_KNOWN, {"organization": organization_id})
    agent_column = mapping.column_of(CallTarget.AGENT) or mapping.column_of(CallTarget.AGENT_LAST_NAME)
    named = NamedPeople(STAGED_CALLS, CallTarget.AGENT, agent_column, Role.CSR, match_people)
    find_people(organization_id, import_id, named, create=create_users)


def settle_calls(organization_id: UUID, _import_id: UUID, _mapping: Mapping) -> int:
    """Find the calls that are there already, and drop the rows that say nothing new of them; how many those are."""
    db.session.execute(_FIND_KNOWN, {"organization": organization_id})
    return affected(_DROP_UNCHANGED)


def store_calls(organization_id: UUID, import_id: UUID, mapping: Mapping) -> Stored:
    """Bring the staged calls in."""
    find_callers(organization_id, import_id)
    updated = _update(organization_id, import_id, mapping)
    created = _insert(organization_id)
    keep_created(organization_id, import_id, CALL.name, CALLS)
    return Stored(created, updated)


def finish_calls(organization_id: UUID, import_id: UUID) -> None:
    """Let others know of the calls that an import has made."""
    raise_event(CallsImported(organization_id, import_id))


def _update(organization_id: UUID, import_id: UUID, mapping: Mapping) -> int:
    """Bring changed calls up to date: what the mapping does not give stays, and so does what a person has decided."""
    resolved = _resolved(organization_id)
    names = {*_HOW_IT_WENT, *(name for field in mapping.given for name in _GIVES.get(field, ()))}
    values: dict[str, ColumnElement[Any]] = {name: resolved.c[name] for name in names}
    values["csr_id"] = _credited(
        values.get("call_type", Call.call_type.expression), values.get("csr_id", Call.csr_id.expression)
    )
    if "handled_by_user_id" not in names:
        values["handled_by_user_id"] = case((resolved.c.handled_by == HandledBy.HUMAN, Call.handled_by_user_id))
    if "contact_card_id" in names:
        values["contact_card_id"] = func.coalesce(resolved.c.contact_card_id, Call.contact_card_id)
    if "booking_status" in names:
        by_person = Call.booking_status_source == DecidedBy.USER
        values["booking_status"] = case((by_person, Call.booking_status), else_=resolved.c.booking_status)
        values["booking_status_source"] = case(
            (by_person, Call.booking_status_source), else_=resolved.c.booking_status_source
        )
    together = tuple(name for name in _HOW_IT_WENT if name != "external_fingerprint")
    find_kept(organization_id, CALL.name, CALLS, "calls", mapping.overwrite, [together])
    fingerprint = values.pop("external_fingerprint")
    values = {**unless_kept(resolved.c.kept, values, Call), "external_fingerprint": fingerprint}
    keep_before(organization_id, import_id, CALL.name, CALLS, "calls", values)
    values["version"] = Call.version + 1
    is_same = (Call.organization_id == organization_id, Call.id == resolved.c.id, resolved.c.is_known)
    return affected(update(Call).values(values).where(*is_same))


def _insert(organization_id: UUID) -> int:
    """Add the calls that are not there yet, oldest first."""
    resolved = _resolved(organization_id)
    names = ("id", "external_source", "external_id", *_ALL_COLUMNS)
    columns = {**resolved.c, "csr_id": _credited(resolved.c.call_type, resolved.c.csr_id)}
    rows = select(literal(organization_id), *(columns[name] for name in names)).where(~resolved.c.is_known)
    return affected(insert(Call).from_select(["organization_id", *names], rows.order_by(resolved.c.id)))


def _credited(call_type: ColumnElement[Any], csr_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """A visit is credited to no CSR, whoever the file names beside it."""
    return case((call_type != CallType.VISIT_CALL, csr_id))


def _resolved(organization_id: UUID) -> Subquery:
    """The staged calls with the people in them."""
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
            ),
        )
    )
    return unscoped(staged, why="the import looks for callers in the whole organization").subquery("resolved")
