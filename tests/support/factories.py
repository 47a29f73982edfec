"""Rows for tests, valid by default: a test says only what it is about.

Everything is committed at once and as the superuser, so that a factory is bound by the constraints but by no tenant.
Given values win over the defaults; times are aware and default to noon of `DAY`.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

from argon2 import PasswordHasher
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import (
    Appointment,
    Base,
    Call,
    CallAnalysis,
    CallNote,
    CallStatus,
    CallTranscript,
    CallType,
    ContactCard,
    ContactPhone,
    Direction,
    Import,
    ImportKind,
    Lead,
    MissedCallEntry,
    Organization,
    OrganizationUsage,
    Role,
    Task,
    User,
)

DAY = datetime(2026, 3, 18, 16, 0, tzinfo=UTC)  # a Wednesday, noon in New York
PASSWORD = "correct horse battery staple"
# Cheap on purpose: the cost of a real hash, paid at each sign-in, would be most of the run.
_PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


Row = TypeVar("Row", bound=Base)


class Factories:
    """Makes rows. Use it as the fixture `make`: `make.user(organization, role=Role.MANAGER)`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._numbers = count(1)

    def organization(self, **values: Any) -> Organization:
        """An active organization in New York, with its usage row."""
        number = next(self._numbers)
        organization = self.add(
            Organization(
                **{"name": f"Comfort {number}", "slug": f"comfort-{number}", "webhook_key": f"key-{number}", **values}
            )
        )
        self.add(OrganizationUsage(organization_id=organization.id))
        return organization

    def user(self, organization: Organization, role: Role = Role.CSR, **values: Any) -> User:
        """An active person who signs in with `PASSWORD`."""
        number = next(self._numbers)
        defaults = {
            "email": f"{role}{number}@{organization.slug}.example",
            "name": f"{role.title()} Person {number}",
            "password_hash": _PASSWORD_HASH,
        }
        return self.add(User(**{"organization_id": organization.id, "role": role, **defaults, **values}))

    def contact(self, organization: Organization, **values: Any) -> ContactCard:
        """A person with a number that finds them."""
        number = next(self._numbers)
        defaults = {"first_name": "Dana", "last_name": f"Caller {number}", "primary_phone": self.phone()}
        card = self.add(ContactCard(**{"organization_id": organization.id, **defaults, **values}))
        if card.primary_phone is not None:
            self.add(ContactPhone(organization_id=organization.id, phone=card.primary_phone, contact_card_id=card.id))
        return card

    def call(self, organization: Organization, *, csr: User | None = None, **values: Any) -> Call:
        """An inbound call, answered after 10 s and talked through in 5 min; `status="missed"` makes a missed one."""
        started: datetime = values.setdefault("started_at", DAY)
        status = values.setdefault("status", CallStatus.COMPLETED)
        defaults: dict[str, Any] = {
            "organization_id": organization.id,
            "direction": Direction.INBOUND,
            "call_type": CallType.CSR_CALL,
            "caller_number": self.phone(),
            "csr_id": csr.id if csr else None,
            "ended_at": started + timedelta(seconds=30),
        }
        if status == CallStatus.COMPLETED:
            answered = values.setdefault("answered_at", started + timedelta(seconds=10))
            talked = values.setdefault("duration_seconds", 300)
            defaults["ended_at"] = answered + timedelta(seconds=talked)
            defaults["handled_by"] = "human"
            defaults["handled_by_user_id"] = csr.id if csr else None
        return self.add(Call(**{**defaults, **values}))

    def note(self, call: Call, author: User, **values: Any) -> CallNote:
        """A note of `author` about `call`."""
        return self.add(CallNote(**{**_of(call), "user_id": author.id, "body": "Called back, all well.", **values}))

    def transcript(self, call: Call, **values: Any) -> CallTranscript:
        """Two turns: the agent greets, the customer says what is wrong."""
        turns = [
            {"speaker": "agent", "start": 0.0, "end": 2.5, "text": "Comfort Heating, how can I help?"},
            {"speaker": "customer", "start": 2.8, "end": 6.0, "text": "My furnace has stopped."},
        ]
        defaults = {"speaker_labels": turns, "transcript_text": "\n".join(str(turn["text"]) for turn in turns)}
        return self.add(CallTranscript(**{**_of(call), **defaults, **values}))

    def analysis(self, call: Call, **values: Any) -> CallAnalysis:
        """An analysis that found nothing but its summary."""
        return self.add(CallAnalysis(**{**_of(call), "summary": "The furnace has stopped.", **values}))

    def lead(self, organization: Organization, *, contact: ContactCard | None = None, **values: Any) -> Lead:
        """An open lead; of a new contact unless one is given."""
        contact = contact or self.contact(organization)
        return self.add(Lead(**{"organization_id": organization.id, "contact_card_id": contact.id, **values}))

    def appointment(
        self, organization: Organization, *, contact: ContactCard | None = None, **values: Any
    ) -> Appointment:
        """A scheduled visit of two hours, booked the day before; of a new contact unless one is given."""
        contact = contact or self.contact(organization)
        start: datetime = values.setdefault("scheduled_start_at", DAY)
        defaults = {
            "organization_id": organization.id,
            "contact_card_id": contact.id,
            "service_type": "Furnace repair",
            "scheduled_end_at": start + timedelta(hours=2),
            "booked_at": start - timedelta(days=1),
            "timezone": organization.timezone,
        }
        return self.add(Appointment(**{**defaults, **values}))

    def missed_entry(self, organization: Organization, *, call: Call | None = None, **values: Any) -> MissedCallEntry:
        """An open entry of the missed-call queue, due 15 minutes after the call; of a new call unless one is given."""
        call = call or self.call(organization, status=CallStatus.MISSED)
        defaults = {"first_missed_at": call.started_at, "sla_due_at": call.started_at + timedelta(minutes=15)}
        return self.add(MissedCallEntry(**{**_of(call), "contact_card_id": call.contact_card_id, **defaults, **values}))

    def task(self, organization: Organization, *, assignee: User | None = None, **values: Any) -> Task:
        """A pending task, due at `DAY`."""
        defaults = {"title": "Call back about the quote", "due_at": DAY}
        assigned = {"assigned_to_user_id": assignee.id if assignee else None}
        return self.add(Task(**{"organization_id": organization.id, **defaults, **assigned, **values}))

    def import_of_calls(self, organization: Organization, **values: Any) -> Import:
        """A file of calls that waits for its mapping; the file itself is not there."""
        defaults = {"kind": ImportKind.CALLS, "file_name": "calls.csv", "file_bytes": 100}
        key = f"{organization.id}/imports/{uuid7()}"
        return self.add(Import(**{"organization_id": organization.id, "storage_key": key, **defaults, **values}))

    def phone(self) -> str:
        """A number that nobody has yet, in E.164."""
        return f"+1212555{next(self._numbers):04d}"

    def add(self, row: Row) -> Row:
        """Store any row, committed, with what the database filled in."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            session.add(row)
        return row


def _of(call: Call) -> dict[str, Any]:
    return {"organization_id": call.organization_id, "call_id": call.id}
