"""Acts with what takes them back, in a company of their own: those that follow from declarations."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.data.bulk import run_service as bulk_run_service
from app.data.bulk import service as bulk_service
from app.data.bulk.selection_queries import Selection
from app.db.context import Context
from app.db.ids import uuid7
from app.db.session import organization_scope
from app.declarations.bulk import BulkChange
from app.declarations.registry import registry_of
from app.declarations.revertible import Revertible
from app.extensions import db
from app.models import AuditLog, Role, User
from app.security.actor import Actor
from app.trust.audit_log import revert_service
from app.trust.trash.delete_service import delete
from app.trust.trash.undo_service import undo as undo_deletion
from tests.support.company import Company
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.sample_records import OneMore

Act = Callable[[Actor], Any]
TakeBack = Callable[[Actor, Any], object]
#: Creates what a case needs, and returns its steps.
Case = Callable[["Scene"], "Step | list[Step]"]

TOMORROW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
#: A week of a company that is always open.
ALWAYS = {
    day: [["00:00", "24:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}


@dataclass(frozen=True)
class Step:
    """An act, and what takes it back: it gets what the act returned. Both are transactions of a person of `role`."""

    act: Act
    take_back: TakeBack
    role: Role = Role.OWNER


@dataclass(frozen=True)
class Scene:
    """The company in which everything is done and undone."""

    app: Flask
    company: Company
    make: Factories

    @property
    def rep(self) -> User:
        return self.company.people[Role.SALES_REP]

    def lead(self, **values: Any) -> Any:
        """Create a lead that no one has worked with lately."""
        return self.make.lead(self.company.organization, **{"last_activity_at": DAY, **values})

    def sample(self, model: type[Any]) -> Any:
        """Return a new record of `model`."""
        return OneMore(self.make, self.company)(model)

    @contextmanager
    def _acting(self, role: Role, operation_id: UUID) -> Iterator[Actor]:
        """Run the block in a transaction of the company's person with this role."""
        person = self.company.people[role]
        context = Context(
            organization_id=person.organization_id,
            actor_id=person.id,
            actor_label=person.name,
            actor_role=role,
            source="user",
            operation_id=operation_id,
        )
        with self.app.test_request_context(), organization_scope(context, db.session):
            yield acting(person)
            db.session.commit()

    def run(self, steps: "Step | list[Step]") -> list[UUID]:
        """Do all steps, then take them back in reverse order. Returns the operation of each act."""
        done: list[tuple[Step, UUID, Any]] = []
        for step in [steps] if isinstance(steps, Step) else steps:
            operation_id = uuid7()
            with self._acting(step.role, operation_id) as actor:
                done.append((step, operation_id, step.act(actor)))
        for step, _operation_id, result in reversed(done):
            with self._acting(step.role, uuid7()) as actor:
                step.take_back(actor, result)
        return [operation_id for _step, operation_id, _result in done]


def declared_cases(app: Flask) -> dict[str, Case]:
    """Return a case for each bulk change, each kind that people delete, and each kind that can be reverted, by name."""
    registry = registry_of(app)
    found: dict[str, Case] = {f"bulk.undo {name}": _in_bulk(change) for name, change in registry.bulk.items()}
    for name, kind in registry.deletes.items():
        if kind.permission is not None:
            found[f"trash.undo {name}"] = deleted(name, kind.model, undo_deletion)
    for name, resource in registry.resources.items():
        if isinstance(resource.revert, Revertible):
            found[f"audit_log.revert {name}"] = _reverted(resource.model, CHANGES[name])
    return found


def deleted(name: str, model: type[Any], take_back: TakeBack) -> Case:
    """Return the case of a record of a kind that is deleted alone."""

    def prepare(scene: Scene) -> Step:
        row = scene.sample(model)
        return Step(lambda actor: delete(actor, name, [row.id], reason="A mistake").id, take_back)

    return prepare


#: What people change in a record of each kind that can be reverted.
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "call": {"outcome": "spam"},
    "call_note": {"body": "Another text"},
    "contact_card": {"first_name": "Another", "tags": ["vip"], "custom_metadata": {"gate": [1, None]}, "zip": "78701"},
    "contact_note": {"body": "Another text"},
    "appointment": {"deal_value": "12.50", "notes": "Ring twice"},
    "lead": {"source": "import", "last_activity_at": TOMORROW},
    "task": {"title": "Another title", "due_at": TOMORROW},
    "event": {"title": "Another title", "location": "Upstairs"},
    "knowledge_item": {"category": "hours", "confirmed_at": TOMORROW},
}


def _reverted(model: type[Any], values: Mapping[str, Any]) -> Case:
    def prepare(scene: Scene) -> Step:
        row = scene.sample(model)

        def change(_actor: Actor) -> None:
            stored = db.session.get_one(model, (row.organization_id, row.id))
            for name, value in values.items():
                setattr(stored, name, value)

        return Step(change, lambda actor, _done: revert_last(actor, row.id))

    return prepare


def revert_last(actor: Actor, record_id: UUID) -> None:
    """Revert the last change of a record."""
    revert_service.revert(actor, last_entry(record_id).id)


def last_entry(record_id: UUID) -> AuditLog:
    """Return the entry of the last change of a record."""
    entries = select(AuditLog).where(AuditLog.resource_id == record_id, AuditLog.before.is_not(None))
    return db.session.scalars(entries.order_by(AuditLog.created_at.desc(), AuditLog.id.desc()).limit(1)).one()


def _settings(scene: Scene) -> Mapping[str, Mapping[str, Any]]:
    """Return the settings of each bulk change that has any."""
    csr, rep, day = str(scene.company.rows["user"].id), str(scene.rep.id), TOMORROW.isoformat()
    return {
        "snooze_tasks": {"until": day},
        "move_tasks": {"due_at": day},
        "assign_tasks": {"assignee_id": csr, "assigned_to_type": "csr"},
        "assign_csr": {"csr_id": csr},
        "set_outcome": {"outcome": "spam"},
        "set_booking_status": {"booking_status": "booked", "reason": "A mistake"},
        "assign_leads": {"rep_id": rep},
        "share_out_leads": {"reps": [rep]},
        "close_leads": {"reason": "Too far away"},
        "credit_appointments": {"csr_id": csr, "reason": "A mistake"},
    }


def _in_bulk(change: BulkChange) -> Case:
    def prepare(scene: Scene) -> Step:
        of_lead = change.target.resource == "lead"
        rows = [scene.lead() if of_lead else scene.sample(change.target.model) for _ in range(2)]
        selection = Selection(change, change.target.listed.filters.parse({}), tuple(row.id for row in rows))
        settings = _settings(scene).get(change.action, {})

        def act(actor: Actor) -> UUID:
            started = bulk_service.start(actor, uuid7(), selection, settings, until=datetime.now(UTC), count=2)
            while bulk_run_service.change_some(actor, started.id):
                pass
            assert started.rows_changed == len(rows), change.action
            return started.id

        def take_back(actor: Actor, operation_id: UUID) -> None:
            bulk_service.undo(actor, operation_id)
            while bulk_run_service.undo_some(actor, operation_id):
                pass

        return Step(act, take_back)

    return prepare
