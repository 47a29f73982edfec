"""Deletions of past retention runs, known by the days that counted then."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, text

from app.db.ids import uuid7
from app.models import AuditLog, Organization
from tests.support.factories import Factories

DELETED_BEFORE = import_module("migrations.versions.0145_credit_for_missed_callers").DELETED_BEFORE
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def record(make: Factories, organization: Organization, days_ago: int, action: str, **values: Any) -> None:
    make.add(
        AuditLog(
            organization_id=organization.id,
            id=uuid7(),
            actor_label="Switchboard",
            source="system",
            action=action,
            resource_type="organization",
            resource_id=organization.id,
            operation_id=uuid7(),
            created_at=NOW - timedelta(days=days_ago),
            pos=1,
            payload_hash=b"",
            **values,
        )
    )


def run(make: Factories, organization: Organization, days_ago: int, **deleted: int) -> None:
    record(make, organization, days_ago, "retention.applied", details={"itemsDeleted": deleted})


def test_a_run_deleted_by_the_days_of_its_time(make: Factories, admin_engine: Engine) -> None:
    changed, unchanged = make.organization(retention_days={"calls": 730, "leads": 365}), make.organization()
    for days_ago, before in ((300, {"calls": 400}), (100, {"calls": 90, "leads": 60})):
        values = {"before": {"retention_days": before}, "after": {"retention_days": {}}}
        record(make, changed, days_ago, "organization.updated", **values)
    run(make, changed, 320, calls=9)
    run(make, changed, 200, calls=3, leads=0)
    run(make, changed, 50, calls=0, leads=1)
    run(make, unchanged, 10, calls=1)

    with admin_engine.begin() as connection:
        connection.execute(text(DELETED_BEFORE))
        stored: dict[UUID, dict[str, str]] = dict(
            connection.execute(select(Organization.id, Organization.deleted_before)).all()
        )

    ages = {
        organization: {kind: (NOW - datetime.fromisoformat(before)).days for kind, before in kinds.items()}
        for organization, kinds in stored.items()
    }
    assert ages[changed.id] == {"calls": 200 + 90, "leads": 50 + 365}
    assert ages[unchanged.id] == {"calls": 10 + 730}
