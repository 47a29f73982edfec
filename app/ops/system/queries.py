"""Queries for the database as a whole: figures only, no data of organizations."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.extensions import db
from app.models import AuditEpoch, BackupCheck, RateLimit, SystemSettings


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """Facts about the database.

    `size_bytes` is the size of the whole database; `rate_windows` counts the unexpired counters of rate limits.
    `backup_checked_at` is when a backup was last verified, None if never, and `is_backup_fine` is the result.
    """

    server_version: str
    schema_version: str
    size_bytes: int
    rate_windows: int
    sealed_at: datetime | None
    backup_checked_at: datetime | None
    is_backup_fine: bool | None
    now: datetime


def database_facts() -> DatabaseFacts:
    """Return the facts, in one round trip."""
    newest = select(BackupCheck.checked_at, BackupCheck.succeeded).order_by(BackupCheck.checked_at.desc()).limit(1)
    check = newest.subquery()
    row = db.session.execute(
        select(
            func.current_setting("server_version"),
            select(SystemSettings.schema_version).scalar_subquery(),
            func.pg_database_size(func.current_database()),
            select(func.count()).select_from(RateLimit).where(RateLimit.expires_at > func.now()).scalar_subquery(),
            select(AuditEpoch.sealed_at).scalar_subquery(),
            select(check.c.checked_at).scalar_subquery(),
            select(check.c.succeeded).scalar_subquery(),
            func.now(),
        )
    ).one()
    return DatabaseFacts(*row)
