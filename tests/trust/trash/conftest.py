"""A company with records to delete, another company, and direct access to the rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.orm import Session

from app.db.transaction import dry_run
from app.extensions import db
from app.models import AuditLog, ContactCard, DeletionBatch, Organization, Role, User
from app.ops.jobs.worker import run_worker
from app.trust.trash import background_service, delete_portion_service, delete_service, portion_service
from app.trust.trash.delete_service import delete
from app.trust.trash.restore_service import Outcome, Restored, preview, restore
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import at_work

Stored = Callable[[Any], dict[str, Any]]
Trail = Callable[[str], list[AuditLog]]
Delete = Callable[..., UUID]
Restore = Callable[..., Restored]
BatchOf = Callable[[UUID], DeletionBatch]
Work = Callable[[], None]
Preview = Callable[..., Sequence[Outcome]]

#: Number of tasks of the contact that has more than a request deletes.
TASKS = 10

#: Columns that deleting and restoring change, including the time of the last change.
TRASH = {"deleted_at", "deleted_by", "deletion_batch_id", "is_deleted", "updated_at"}


@pytest.fixture
def organization(make: Factories) -> Organization:
    """The company, alongside another one whose rows must remain unchanged."""
    neighbour = make.organization()
    make.user(neighbour, Role.OWNER)
    make.task(neighbour)
    return make.organization(slug="blue-ridge", name="Blue Ridge Air")


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.OWNER)


@pytest.fixture
def admin(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.ADMIN, name="Ada Byrne")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.MANAGER, name="Marcus Bell")


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Maya Torres")


@pytest.fixture
def expire(admin_engine: Engine) -> Callable[[], None]:
    """Function that makes everything in the trash due for purging."""

    def run() -> None:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE deletion_batches SET purge_after = now() - interval '1 day'"))

    return run


@pytest.fixture
def soft_delete(app: Flask) -> Delete:
    """Function that moves rows to the trash and returns the ID of the deletion.

    For example: `soft_delete(admin, "task", task)`.
    """

    def run(who: User, resource: str, *rows: Any, **options: Any) -> UUID:
        with at_work(app, who.organization_id):
            return delete(acting(who), resource, [row.id for row in rows], **options).id

    return run


@pytest.fixture
def stored(admin_engine: Engine) -> Stored:
    """Function that returns a row's current column values, whether or not it is deleted, or {} if it was purged."""

    def read(row: Any) -> dict[str, Any]:
        key = ("id", "organization_id")[: len(inspect(type(row)).primary_key)]
        where = " AND ".join(f"{name} = :{name}" for name in key)
        with admin_engine.connect() as connection:
            found = connection.execute(
                text(f"SELECT * FROM {row.__tablename__} WHERE {where}"), {name: getattr(row, name) for name in key}
            ).one_or_none()
        return dict(found._mapping) if found else {}

    return read


def kept(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that must be unchanged after a restore."""
    return {name: value for name, value in values.items() if name not in TRASH}


@pytest.fixture
def batch_of(admin_engine: Engine) -> Callable[[UUID], DeletionBatch]:
    """Function that returns the deletion with this ID as currently stored."""

    def read(batch_id: UUID) -> DeletionBatch:
        with Session(admin_engine) as session:
            return session.scalars(select(DeletionBatch).where(DeletionBatch.id == batch_id)).one()

    return read


@pytest.fixture
def trail(admin_engine: Engine, organization: Organization) -> Trail:
    """Function that returns the audit entries of an action, oldest first: `trail("task.deleted")`."""

    def read(action: str) -> list[AuditLog]:
        rows = select(AuditLog).where(AuditLog.organization_id == organization.id, AuditLog.action == action)
        with Session(admin_engine) as session:
            return list(session.scalars(rows.order_by(AuditLog.created_at, AuditLog.id)))

    return read


@pytest.fixture
def touch(app: Flask) -> Callable[..., None]:
    """Function that executes and commits a statement with the app's role.

    For example: `touch(organization, "UPDATE …", id=…)`.
    """

    def run(organization: Organization, statement: str, **values: Any) -> None:
        with at_work(app, organization.id):
            db.session.execute(text(statement), values)

    return run


@pytest.fixture
def bring_back(app: Flask) -> Restore:
    """Function that restores a deletion: `bring_back(admin, batch_id, only=…, choices=…)`."""

    def run(who: User, batch_id: UUID, **options: Any) -> Restored:
        with at_work(app, who.organization_id):
            return restore(acting(who), batch_id, **options)

    return run


@pytest.fixture
def preview_restore(app: Flask) -> Preview:
    """Function that returns the outcomes of a restore without performing it.

    For example: `preview_restore(admin, batch_id)`.
    """

    def run(who: User, batch_id: UUID, **options: Any) -> Sequence[Outcome]:
        with at_work(app, who.organization_id), dry_run():
            return preview(acting(who), batch_id, **options)

    return run


def problems(outcomes: Sequence[Outcome]) -> dict[str, str | None]:
    """Return the reason why each resource can't be restored, or None if it can."""
    return {one.resource: one.problem.code if one.problem else None for one in outcomes}


@dataclass(frozen=True)
class Pair:
    """An appointment and its lead in the trash, deleted separately."""

    visit: Any
    lead: Any
    visits: UUID
    leads: UUID


@pytest.fixture
def pair(make: Factories, organization: Organization, admin: User, manager: User, soft_delete: Delete) -> Pair:
    """An appointment deleted by the manager, and its lead deleted by an admin."""
    card = make.contact(organization, first_name="Hollis", last_name="Park")
    lead = make.lead(organization, contact=card)
    visit = make.appointment(organization, contact=card, lead_id=lead.id)
    visits = soft_delete(manager, "appointment", visit)
    return Pair(visit, lead, visits, soft_delete(admin, "lead", lead))


def gone(stored: Stored, *rows: Any) -> list[bool]:
    """Return whether each row is in the trash."""
    return [stored(row)["is_deleted"] for row in rows]


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit of three rows for a request and for each portion of a job."""
    for module, name in (
        (delete_service, "MAX_IN_A_REQUEST"),
        (background_service, "MAX_IN_A_REQUEST"),
        (portion_service, "ROWS_A_STEP"),
    ):
        monkeypatch.setattr(module, name, 3)


@pytest.fixture
def work(app: Flask) -> Work:
    """Function that has a worker run all pending jobs."""
    return lambda: run_worker(app, schedule=(), until_idle=True)


@pytest.fixture
def portion(app: Flask, organization: Organization) -> Callable[[UUID], bool]:
    """Function that deletes one portion of a deletion's rows, and returns whether more might remain."""

    def run(batch_id: UUID) -> bool:
        with at_work(app, organization.id):
            return delete_portion_service.delete_some(batch_id)

    return run


@pytest.fixture
def card(make: Factories, organization: Organization) -> ContactCard:
    """A contact with more tasks than a request can delete, alongside another contact with a task."""
    with make.batch():
        card = make.contact(organization)
        for number in range(TASKS):
            make.task(organization, title=f"Task {number}", contact_card_id=card.id)
        make.task(organization, title="Another's", contact_card_id=make.contact(organization).id)
    return card


@pytest.fixture
def live(admin_engine: Engine, organization: Organization) -> Callable[[], int]:
    """Function that returns the number of tasks of the organization that are not deleted."""
    counted = text("SELECT count(*) FROM tasks WHERE organization_id = :id AND deleted_at IS NULL")

    def count() -> int:
        with admin_engine.connect() as connection:
            return int(connection.scalar(counted, {"id": organization.id}) or 0)

    return count
