"""Loading of demonstration companies into the database: staged row by row, then moved table by table.

Works as the owner of the tables, on its own connection; see `trigger_effects` for the reason.
"""

import io
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
from psycopg import sql

from app.config import Settings
from app.db.server import addresses
from app.security.passwords import hash_password
from app.storage import storage
from demo import audio
from demo.companies import PASSWORD
from demo.generator import generate
from demo.office import Office
from demo.platform import platform_rows
from demo.rows import (
    AnalysisRow,
    AppointmentRow,
    AssistantRow,
    AttemptRow,
    AttendeeRow,
    AuditRow,
    BatchRow,
    BlockedRow,
    BudgetRow,
    CalendarRow,
    CallRow,
    ContactNoteRow,
    ContactRow,
    CostRow,
    DisputeRow,
    EntryRow,
    EventRow,
    ExportRow,
    InvitationRow,
    InvoiceRow,
    KnowledgeRow,
    LeadRow,
    MessageRow,
    NoteRow,
    NoteTemplateRow,
    NotificationRow,
    NumberRow,
    OrganizationRow,
    PendingActionRow,
    PhoneRow,
    RecordingRow,
    Row,
    ServiceTypeRow,
    SignInRow,
    StaffRow,
    SubscriptionRow,
    TargetRow,
    TaskRow,
    TranscriptRow,
    UsageRow,
    UserRow,
    ViewRow,
)
from demo.staging import Staged
from demo.trigger_effects import SEALABLE, triggers_of_single_rows_off, write_trigger_effects

_MAX_RECORDING_BYTES = 20_000_000
# Referenced tables come first, except for `_LATER`, where two tables refer to each other.
ORDER: tuple[type[Row], ...] = (
    OrganizationRow,
    UsageRow,
    UserRow,
    StaffRow,
    BatchRow,
    InvitationRow,
    NumberRow,
    BlockedRow,
    NoteTemplateRow,
    ServiceTypeRow,
    TargetRow,
    KnowledgeRow,
    CalendarRow,
    EventRow,
    AttendeeRow,
    SubscriptionRow,
    InvoiceRow,
    BudgetRow,
    AssistantRow,
    ViewRow,
    ExportRow,
    ContactRow,
    PhoneRow,
    ContactNoteRow,
    LeadRow,
    CallRow,
    TranscriptRow,
    AnalysisRow,
    NoteRow,
    AppointmentRow,
    DisputeRow,
    EntryRow,
    RecordingRow,
    PendingActionRow,
    TaskRow,
    MessageRow,
    AttemptRow,
    NotificationRow,
    CostRow,
    AuditRow,
    SignInRow,
)
_LATER = {"calls": "missed_entry_id", "users": "deletion_batch_id"}
# The token is unknown to everyone: the link of a generated invitation must not work.
_UNKNOWN_TOKEN = {"token_hash": sql.SQL("sha256(uuid_send(gen_random_uuid()))")}
_ACTOR = "flask demo load"
_SET_CONTEXT = "SELECT set_context(%s, NULL, %s, NULL, 'system', NULL, NULL, NULL, NULL, NULL, false)"
_PLATFORM = "UPDATE system_settings SET platform_organization_id = %s"
_HAS_PLATFORM = "SELECT platform_organization_id IS NOT NULL FROM system_settings"
# Another company is being moved at the same time, and locks the tables until it is done.
_PATIENCE = "SET LOCAL lock_timeout = '5min'"


def load_companies(
    settings: Settings, companies: Iterable[tuple[Office, int]], platform: Office, tell: Callable[[int], None]
) -> dict[str, Counter[str]]:
    """Store each company with its number of calls; return the row counts of each table, by slug.

    Also stores the platform's own organization if there is none. Each company is stored completely or not at all. While
    PostgreSQL moves one company, the next one is generated. `tell` is called with 1 for every call.
    """
    url = addresses(settings).owner.get_secret_value()
    moved: list[tuple[str, Future[Counter[str]]]] = []
    with ThreadPoolExecutor(max_workers=1) as mover:
        if not _has_platform(url):
            load = _Load(url, platform)
            load.stage(platform_rows(platform), tell)
            moved.append((platform.company.slug, mover.submit(load.move)))
        for office, calls in companies:
            load = _Load(url, office)
            load.stage(generate(office, calls), tell)
            _save_recordings(office)
            moved.append((office.company.slug, mover.submit(load.move)))
    stored = {slug: future.result() for slug, future in moved}
    _take_stock(url)
    return stored


def _take_stock(url: str) -> None:
    """Have PostgreSQL analyze the loaded tables.

    Autovacuum would do so only after a minute; until then, the planner assumes that the tables are small and scans one
    completely for each row of another.
    """
    names = sql.SQL(", ").join(sql.Identifier(kind.table) for kind in ORDER)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("ANALYZE {}").format(names))


def _has_platform(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute(_HAS_PLATFORM).fetchone() == (True,)


class _Load:
    """A company being loaded, in temporary tables of a transaction that stays open until `move`."""

    def __init__(self, url: str, office: Office) -> None:
        self._office = office
        self._stored: Counter[str] = Counter()
        self._connection: psycopg.Connection[Any] = psycopg.connect(url)
        self._connection.execute(_SET_CONTEXT, [office.organization_id, _ACTOR])
        self._tables = {kind.table: _staged(self._connection, kind) for kind in ORDER}

    def stage(self, rows: Iterable[Row], tell: Callable[[int], None]) -> None:
        """Copy `rows` into temporary tables."""
        try:
            for row in rows:
                self._stored[row.table] += 1
                self._tables[row.table].add(row)
                if isinstance(row, CallRow):
                    tell(1)
            for table in self._tables.values():
                table.flush()
        except BaseException:
            self._connection.close()
            raise

    def move(self) -> Counter[str]:
        """Move all rows to their tables and commit; return the number of rows per table."""
        organization_id, names = self._office.organization_id, list(self._tables)
        with self._connection as connection:
            connection.execute(_PATIENCE)
            with triggers_of_single_rows_off(connection, names):
                for name, table in self._tables.items():
                    if name == StaffRow.table and self._stored[name]:
                        connection.execute(_PLATFORM, [organization_id])
                    if self._stored[name]:
                        table.move()
                for table in self._tables.values():
                    table.fill_in()
            write_trigger_effects(connection, organization_id, names, self._office.now, dict(self._stored))
        return self._stored


def _staged(connection: psycopg.Connection[Any], kind: type[Row]) -> Staged:
    computed = SEALABLE if kind is AuditRow else _UNKNOWN_TOKEN if kind is InvitationRow else None
    return Staged(connection, kind, secrets=_secrets_of(kind), later=_LATER.get(kind.table), computed=computed)


def _secrets_of(kind: type[Row]) -> dict[str, Any]:
    """Return column values that must not follow from the seed; all rows of a company share them."""
    if kind is UserRow:
        return {"password_hash": hash_password(PASSWORD)}
    if kind is OrganizationRow:
        return {"webhook_key": secrets.token_urlsafe(32)}
    return {"salt": secrets.token_bytes(16)} if kind is AuditRow else {}


def _save_recordings(office: Office) -> None:
    for take, wav in audio.recordings(office.seed, office.takes):
        _save(audio.storage_key(office.organization_id, take), wav)
    for key, wav in audio.visits(office.seed, office.sounds):
        _save(key, wav)


def _save(key: str, wav: bytes) -> None:
    storage().save(key, io.BytesIO(wav), max_bytes=_MAX_RECORDING_BYTES)
