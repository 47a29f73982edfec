"""Factories of rows that are valid by default, so that a test only specifies what it is about.

Everything is committed immediately (see `batch`) and as the superuser, so that constraints apply but row-level security
doesn't. Passed values override the defaults. Times are aware; most of them default to `DAY`, a noon in New York, and
those that must be recent to the current time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import count
from typing import Any, TypeVar

from argon2 import PasswordHasher
from sqlalchemy import Engine, cast, func, null, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.db.ids import uuid7
from app.models import (
    AiConfig,
    ApiKey,
    Appointment,
    AuditLog,
    Base,
    BlockedNumber,
    BookingDispute,
    BulkOperation,
    BulkStatus,
    Calendar,
    Call,
    CallAnalysis,
    CallNote,
    CallStatus,
    CallTranscript,
    CallType,
    ContactCard,
    ContactMerge,
    ContactNote,
    ContactPhone,
    DeletionBatch,
    Direction,
    Erasure,
    Event,
    EventAttendee,
    Export,
    ExportStatus,
    Import,
    ImportKind,
    Integration,
    Invitation,
    Invoice,
    Job,
    KnowledgeItem,
    Lead,
    ListRead,
    ListSettings,
    ListVisit,
    Message,
    MissedCallAttempt,
    MissedCallEntry,
    NoteTemplate,
    Notification,
    OperationRevert,
    Organization,
    OrganizationUsage,
    OutboundStream,
    PendingAction,
    PhoneNumber,
    PlanCode,
    PlatformStaff,
    ProviderTask,
    RecordingPart,
    RecordingSession,
    RefreshToken,
    Report,
    ReportSubscription,
    ReportView,
    Role,
    SavedView,
    ServiceType,
    SkippedRecord,
    StaffRole,
    Subscription,
    SystemSettings,
    Target,
    Task,
    User,
    UserPermission,
    UserSession,
    WebhookDelivery,
)
from app.ops.jobs.jobs import clean_up_jobs
from app.security.permissions import Permission
from tests.support.database import Cleaner, without_rules

DAY = datetime(2026, 3, 18, 16, 0, tzinfo=UTC)  # a Wednesday, noon in New York
PASSWORD = "correct horse battery staple"
#: Also the app's hasher in tests (tests/conftest.py), since each sign-in would pay the cost of a real hash.
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_PASSWORD_HASH = CHEAP_HASHER.hash(PASSWORD)


Row = TypeVar("Row", bound=Base)


class Factories:
    """Creator of rows. Use it as the fixture `make`: `make.user(organization, role=Role.MANAGER)`."""

    def __init__(self, engine: Engine, cleaner: Cleaner | None = None) -> None:
        self.engine = engine
        #: The cleaner of the database, which restores rows fastest (tests/support/cached_rows.py).
        self.cleaner = cleaner
        # A single row is a single statement, so a transaction around it would only take longer.
        self._single = engine.execution_options(isolation_level="AUTOCOMMIT")
        #: True until the first row is created.
        self.is_unused = True
        self._numbers = count(1)
        self._batch: Session | None = None

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Create all rows inside the block in one transaction, which is faster for dozens of them.

        No other connection sees them before the block ends. Organizations are still committed immediately.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            self._batch = session
            try:
                yield
            finally:
                self._batch = None

    def organization(self, **values: Any) -> Organization:
        """Create an active organization in New York with its usage row, and without people."""
        number = next(self._numbers)
        organization = self._add_without_rules(
            Organization(
                **{"name": f"Comfort {number}", "slug": f"comfort-{number}", "webhook_key": f"key-{number}", **values}
            )
        )
        self.add(OrganizationUsage(organization_id=organization.id))
        return organization

    def user(self, organization: Organization, role: Role = Role.CSR, **values: Any) -> User:
        """Create an active person who can sign in with `PASSWORD`."""
        number = next(self._numbers)
        defaults = {
            "email": f"{role}{number}@{organization.slug}.example",
            "name": f"{role.title()} Person {number}",
            "password_hash": _PASSWORD_HASH,
        }
        return self.add(User(**{"organization_id": organization.id, "role": role, **defaults, **values}))

    def session_of(self, user: User, **values: Any) -> UserSession:
        """Create a session in Chrome on Windows; its token is unknown."""
        now = datetime.now(UTC)
        defaults = {
            "token_hash": sha256(str(uuid7()).encode()).digest(),
            "ip_address": "203.0.113.7",
            "user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
            "last_seen_at": now,
            "expires_at": now + timedelta(days=30),
        }
        of = {"organization_id": user.organization_id, "user_id": user.id}
        return self.add(UserSession(**{**of, **defaults, **values}))

    def refresh_token(self, session: UserSession, **values: Any) -> RefreshToken:
        """Create an unused refresh token of an API client's session; its text is unknown."""
        defaults = {
            "family_id": uuid7(),
            "token_hash": sha256(str(uuid7()).encode()).digest(),
            "expires_at": datetime.now(UTC) + timedelta(days=30),
        }
        of = {"organization_id": session.organization_id, "user_id": session.user_id, "session_id": session.id}
        return self.add(RefreshToken(**{**of, **defaults, **values}))

    def grant(self, user: User, permission: Permission, **values: Any) -> UserPermission:
        """Grant a permission in addition to the role, without a known grantor."""
        of = {"organization_id": user.organization_id, "user_id": user.id}
        return self.add(UserPermission(**{**of, "permission": permission.value, **values}))

    def contact(self, organization: Organization, **values: Any) -> ContactCard:
        """Create a contact with a phone number by which it can be found."""
        number = next(self._numbers)
        defaults = {"first_name": "Dana", "last_name": f"Caller {number}", "primary_phone": self.phone()}
        card = self.add(ContactCard(**{"organization_id": organization.id, **defaults, **values}))
        if card.primary_phone is not None:
            of = {"organization_id": organization.id, "contact_card_id": card.id, "deleted_at": card.deleted_at}
            self.add(ContactPhone(phone=card.primary_phone, **of))
        return card

    def contact_note(self, contact: ContactCard, author: User, **values: Any) -> ContactNote:
        """Create a note about a contact."""
        of = {"organization_id": contact.organization_id, "contact_card_id": contact.id, "user_id": author.id}
        return self.add(ContactNote(**{**of, "author_label": author.name, "body": "Ring twice.", **values}))

    def contact_merge(self, kept: ContactCard, merged: ContactCard, **values: Any) -> ContactMerge:
        """Create a failed merge, which leaves both contacts unchanged."""
        defaults = {
            "organization_id": kept.organization_id,
            "kept_card_id": kept.id,
            "merged_card_id": merged.id,
            "kept_version": 1,
            "merged_version": 1,
            "operation_id": uuid7(),
            "status": "failed",
            "failure": "Somebody changed one of the two.",
            "finished_at": datetime.now(UTC),
        }
        return self.add(ContactMerge(**{**defaults, **values}))

    def call(self, organization: Organization, *, csr: User | None = None, **values: Any) -> Call:
        """Create a completed inbound call, answered after 10 s and then lasting 5 min.

        With another status, such as `status="missed"`, the call is unanswered and ends after 30 s.
        """
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
        """Create a note by `author` about `call`."""
        return self.add(CallNote(**{**_of(call), "user_id": author.id, "body": "Called back, all well.", **values}))

    def transcript(self, call: Call, **values: Any) -> CallTranscript:
        """Create a transcript of two turns: the agent's greeting and the customer's problem."""
        turns = [
            {"speaker": "agent", "start": 0.0, "end": 2.5, "text": "Comfort Heating, how can I help?"},
            {"speaker": "customer", "start": 2.8, "end": 6.0, "text": "My furnace has stopped."},
        ]
        defaults = {"speaker_labels": turns, "transcript_text": "\n".join(str(turn["text"]) for turn in turns)}
        return self.add(CallTranscript(**{**_of(call), **defaults, **values}))

    def analysis(self, call: Call, **values: Any) -> CallAnalysis:
        """Create an analysis that has only a summary."""
        return self.add(CallAnalysis(**{**_of(call), "summary": "The furnace has stopped.", **values}))

    def lead(self, organization: Organization, *, contact: ContactCard | None = None, **values: Any) -> Lead:
        """Create an open lead of `contact`, by default a new one.

        With `contact_card_id=None`, the lead has no contact.
        """
        if "contact_card_id" not in values:
            values["contact_card_id"] = (contact or self.contact(organization)).id
        return self.add(Lead(**{"organization_id": organization.id, **values}))

    def appointment(
        self, organization: Organization, *, contact: ContactCard | None = None, **values: Any
    ) -> Appointment:
        """Create a scheduled appointment of two hours, booked the day before.

        By default, the contact is a new one.
        """
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
        """Create an open missed call entry, due 15 minutes after its call.

        By default, the call is a new one.
        """
        call = call or self.call(organization, status=CallStatus.MISSED)
        defaults: dict[str, Any] = {
            "first_missed_at": call.started_at,
            "sla_due_at": call.started_at + timedelta(minutes=15),
        }
        if values.get("attempts"):
            defaults["first_attempt_seconds"] = 600
        return self.add(MissedCallEntry(**{**_of(call), "contact_card_id": call.contact_card_id, **defaults, **values}))

    def task(self, organization: Organization, *, assignee: User | None = None, **values: Any) -> Task:
        """Create a pending task that is due at `DAY`."""
        defaults = {"title": "Call back about the quote", "due_at": DAY}
        assigned = {"assigned_to_user_id": assignee.id if assignee else None}
        return self.add(Task(**{"organization_id": organization.id, **defaults, **assigned, **values}))

    def notification(self, user: User, **values: Any) -> Notification:
        """Create an unread notification for `user` about a task assigned to them."""
        defaults = {"kind": "task_assigned", "text": "A task was assigned to you", "link": "/tasks"}
        told = {"organization_id": user.organization_id, "user_id": user.id}
        return self.add(Notification(**{**told, **defaults, **values}))

    def pending_action(
        self, organization: Organization, *, contact: ContactCard | None = None, **values: Any
    ) -> PendingAction:
        """Create a suggested task from an analysis, due at `DAY`; by default for a new contact."""
        contact = contact or self.contact(organization)
        defaults = {"category": "call_back", "raw_text": "Call back about the quote.", "due_at": DAY}
        return self.add(
            PendingAction(**{"organization_id": organization.id, "contact_card_id": contact.id, **defaults, **values})
        )

    def calendar(self, organization: Organization, **values: Any) -> Calendar:
        """Create a calendar shared by all users."""
        return self.add(Calendar(**{"organization_id": organization.id, "name": "Team", **values}))

    def event(self, organization: Organization, organizer: User, **values: Any) -> Event:
        """Create a confirmed one-hour meeting at `DAY`; by default in a new calendar."""
        start: datetime = values.setdefault("start_at", DAY)
        if "calendar_id" not in values:
            values["calendar_id"] = self.calendar(organization).id
        defaults = {
            "organization_id": organization.id,
            "organizer_id": organizer.id,
            "type": "meeting",
            "title": "Weekly review",
            "end_at": start + timedelta(hours=1),
            "timezone": organization.timezone,
        }
        return self.add(Event(**{**defaults, **values}))

    def attendee(self, event: Event, user: User) -> EventAttendee:
        """Add an attendee to the event."""
        return self.add(EventAttendee(organization_id=event.organization_id, event_id=event.id, user_id=user.id))

    def knowledge_item(self, organization: Organization, **values: Any) -> KnowledgeItem:
        """Create an active knowledge item."""
        defaults = {
            "question": "What does a repair visit cost?",
            "answer": "The visit is 89 dollars, which the repair then includes.",
            "category": "prices",
        }
        return self.add(KnowledgeItem(**{"organization_id": organization.id, **defaults, **values}))

    def note_template(self, organization: Organization, **values: Any) -> NoteTemplate:
        """Create a template for notes about callbacks."""
        defaults = {"name": f"Call back {self.next_number()}", "body": "Asked to be called back about: "}
        return self.add(NoteTemplate(**{"organization_id": organization.id, **defaults, **values}))

    def service_type(self, organization: Organization, **values: Any) -> ServiceType:
        """Create a service type for one-hour appointments."""
        defaults = {"name": f"Furnace check {self.next_number()}", "minutes": 60}
        return self.add(ServiceType(**{"organization_id": organization.id, **defaults, **values}))

    def target(self, organization: Organization, **values: Any) -> Target:
        """Create a company target: book three out of four qualified leads in the month of `DAY`."""
        defaults = {"metric": "booking_rate", "month": DAY.date().replace(day=1), "value": Decimal("0.75")}
        return self.add(Target(**{"organization_id": organization.id, **defaults, **values}))

    def report(self, organization: Organization, **values: Any) -> Report:
        """Create a report about the week before that of `DAY`.

        In its numbers, one of two qualified leads was booked, by no one in particular.
        """
        numbers = {"booking_rate": [["0.5", 1, 2], ["0.25", 1, 4]], "appointments_booked": [[1, None, None], None]}
        team = {"together": numbers, "people": [[None, numbers]]}
        first = DAY.date() - timedelta(days=DAY.weekday() + 7)
        defaults = {
            "first_day": first,
            "last_day": first + timedelta(days=6),
            "numbers": {"csr": team, "sales": team, "missed_calls": {"missed_entries_total": [[3, None, None], None]}},
        }
        return self.add(Report(**{"organization_id": organization.id, **defaults, **values}))

    def subscription(self, organization: Organization, **values: Any) -> Subscription:
        """Create an active starter subscription for the month that begins at `DAY`."""
        defaults = {
            "plan": PlanCode.STARTER,
            "current_period_start": DAY,
            "current_period_end": DAY + timedelta(days=31),
        }
        return self.add(Subscription(**{"organization_id": organization.id, **defaults, **values}))

    def invoice(self, organization: Organization, **values: Any) -> Invoice:
        """Create an unpaid invoice of the starter plan for the month from `DAY`."""
        defaults = {
            "number": f"SB-{next(self._numbers):06d}",
            "amount": Decimal(149),
            "currency": "USD",
            "period_start": DAY,
            "period_end": DAY + timedelta(days=31),
            "issued_at": DAY,
        }
        return self.add(Invoice(**{"organization_id": organization.id, **defaults, **values}))

    def import_of_calls(self, organization: Organization, **values: Any) -> Import:
        """Create an import of calls that waits for its mapping; its file doesn't exist."""
        defaults = {"kind": ImportKind.CALLS, "file_name": "calls.csv", "file_bytes": 100}
        key = f"{organization.id}/imports/{uuid7()}"
        return self.add(Import(**{"organization_id": organization.id, "storage_key": key, **defaults, **values}))

    def phone_number(self, organization: Organization, **values: Any) -> PhoneNumber:
        """Create a phone number on which the organization receives calls."""
        defaults = {"number": self.phone(), "provider": "twilio", "display_name": "Front desk"}
        return self.add(PhoneNumber(**{"organization_id": organization.id, **defaults, **values}))

    def blocked_number(self, organization: Organization, **values: Any) -> BlockedNumber:
        """Create a blocked phone number."""
        defaults = {"number": self.phone(), "reason": "Sells advertising"}
        return self.add(BlockedNumber(**{"organization_id": organization.id, **defaults, **values}))

    def attempt(self, entry: MissedCallEntry, by: User | None = None, **values: Any) -> MissedCallAttempt:
        """Create an unanswered callback, an hour after `DAY`."""
        defaults = {"kind": "call", "by": "human", "at": DAY + timedelta(hours=1), "result": "no_answer"}
        of = {"organization_id": entry.organization_id, "entry_id": entry.id, "user_id": by.id if by else None}
        return self.add(MissedCallAttempt(**{**of, **defaults, **values}))

    def dispute(self, call: Call, by: User, **values: Any) -> BookingDispute:
        """Create an open dispute which claims that the call was booked after all."""
        raised = {"raised_by": by.id, "raised_by_label": by.name}
        claim = {"from_status": "not_booked", "to_status": "booked", "reason": "They booked by text afterwards"}
        return self.add(BookingDispute(**{**_of(call), **raised, **claim, **values}))

    def booker_dispute(self, appointment: Appointment, by: User, **values: Any) -> BookingDispute:
        """Create an open dispute which claims that `by` booked the appointment."""
        raised = {"raised_by": by.id, "raised_by_label": by.name}
        people = {"from_csr_id": appointment.csr_id, "to_csr_id": by.id}
        claim = {"kind": "booked_by", "appointment_id": appointment.id, "reason": "I agreed the time with the caller"}
        of = {"organization_id": appointment.organization_id}
        return self.add(BookingDispute(**{**of, **raised, **people, **claim, **values}))

    def recording(self, appointment: Appointment, rep: User, **values: Any) -> RecordingSession:
        """Create a finished one-hour recording, without its audio."""
        started: datetime = values.setdefault("started_at", DAY)
        defaults = {
            "organization_id": appointment.organization_id,
            "appointment_id": appointment.id,
            "sales_rep_id": rep.id,
            "status": "ready",
            "consent": "given",
            "ended_at": started + timedelta(hours=1),
            "duration_seconds": 3600,
        }
        return self.add(RecordingSession(**{**defaults, **values}))

    def recording_part(self, recording: RecordingSession, **values: Any) -> RecordingPart:
        """Create the first part of a recording's upload."""
        of = {"organization_id": recording.organization_id, "session_id": recording.id}
        part = {"number": 1, "sha256": sha256(b"sound").digest(), "bytes": 5}
        return self.add(RecordingPart(**{**of, **part, **values}))

    def delivery(self, organization: Organization, **values: Any) -> WebhookDelivery:
        """Create a correctly signed, unprocessed webhook delivery from Twilio."""
        body = b'{"CallSid": "CA1"}'
        defaults = {
            "organization_id": organization.id,
            "provider": "twilio",
            "event_type": "voice",
            "external_id": f"CA{next(self._numbers)}",
            "body": body,
            "body_sha256": sha256(body).digest(),
            "signature_ok": True,
        }
        if values.get("status", "received") not in ("received", "failed"):
            defaults["next_attempt_at"] = null()  # None would be the default of the column
        if values.get("status") == "ignored":
            defaults["ignored_because"] = "unused_event"
        return self.add(WebhookDelivery(**{**defaults, **values}))

    def integration(self, organization: Organization, **values: Any) -> Integration:
        """Create the organization's own account with Twilio."""
        defaults = {"provider": "twilio", "account_id": "AC1", "secrets": b"encrypted"}
        return self.add(Integration(**{"organization_id": organization.id, **defaults, **values}))

    def api_key(self, creator: User, **values: Any) -> ApiKey:
        """Create an API key of `creator` that can read calls; the key itself is unknown."""
        number = next(self._numbers)
        defaults = {
            "created_by": creator.id,
            "created_by_label": creator.name,
            "name": f"Program {number}",
            "prefix": f"abc.{number}",
            "key_hash": sha256(f"key {number}".encode()).digest(),
            "permissions": ["calls:read"],
        }
        return self.add(ApiKey(**{"organization_id": creator.organization_id, **defaults, **values}))

    def list_read(self, reader: User | ApiKey, **values: Any) -> ListRead:
        """Count a hundred calls that lists of the API handed out to a person or a key in the hour of `DAY`."""
        caller = {"api_key_id": reader.id} if isinstance(reader, ApiKey) else {"user_id": reader.id}
        defaults = {"resource_type": "call", "hour": DAY, "rows_read": 100}
        return self.add(ListRead(**{"organization_id": reader.organization_id, **caller, **defaults, **values}))

    def assistant(self, organization: Organization, **values: Any) -> AiConfig:
        """Create an assistant that answers calls."""
        defaults = {"assistant_name": "Ava", "greeting": "Thanks for calling, this is Ava.", "enabled": True}
        return self.add(AiConfig(**{"organization_id": organization.id, **defaults, **values}))

    def provider_task(self, call: Call, **values: Any) -> ProviderTask:
        """Create a request for the analysis of a call."""
        defaults = {"subject_type": "call", "subject_id": call.id, "kind": "csr_analysis"}
        return self.add(ProviderTask(**{"organization_id": call.organization_id, **defaults, **values}))

    def entry(self, organization: Organization, user: User | None = None, **values: Any) -> AuditLog:
        """Create an audit trail entry for a changed booking status of a call.

        The change was made by `user` or, by default, by the system.
        """
        values.setdefault("before", {"booking_status": "booked"})
        values.setdefault("after", {"booking_status": "not_booked"})
        salt = b"salt"
        defaults: dict[str, Any] = {
            "id": uuid7(),
            "user_id": user.id if user else None,
            "actor_label": user.name if user else "Switchboard",
            "actor_role": user.role if user else None,
            "source": "user" if user else "system",
            "action": "call.updated",
            "resource_type": "call",
            "resource_id": uuid7(),
            "details": {},
            "ip_address": "203.0.113.7",
            "operation_id": uuid7(),
            "created_at": DAY,
            "pos": func.audit_position(),
            "salt": salt,
        }
        # None as an attribute would be stored as JSON null.
        sides = {side: null() if values[side] is None else values[side] for side in ("before", "after")}
        payload = (*(cast(side, JSONB) for side in sides.values()), values.get("resource_label"))
        defaults["payload_hash"] = func.audit_payload_hash(salt, *payload)
        values |= sides
        return self.add(AuditLog(**{"organization_id": organization.id, **defaults, **values}))

    def stream(self, organization: Organization, **values: Any) -> OutboundStream:
        """Create an outbound stream of the audit trail to a SIEM."""
        defaults = {"name": "Security team", "url": "https://siem.example/collect", "secret": b"encrypted"}
        return self.add(OutboundStream(**{"organization_id": organization.id, **defaults, **values}))

    def job(self, organization: Organization, **values: Any) -> Job:
        """Create a job that has failed permanently, of a kind that can be retried."""
        defaults: dict[str, Any] = {"name": clean_up_jobs.name, "status": "failed", "tries": 5}
        if values.get("status", "failed") in ("done", "failed", "dismissed"):
            defaults["finished_at"] = DAY
        return self.add(Job(**{"organization_id": organization.id, "asked_at": DAY, **defaults, **values}))

    def export_of_calls(self, owner: User, **values: Any) -> Export:
        """Create a finished export by `owner` that expires in a week; its file doesn't exist."""
        now = datetime.now(UTC)
        done = {"status": ExportStatus.COMPLETED, "finished_at": now, "expires_at": now + timedelta(days=7)}
        path = f"{owner.organization_id}/exports/{uuid7()}.csv"
        whose = {"organization_id": owner.organization_id, "requested_by": owner.id, "requested_by_label": owner.name}
        return self.add(Export(**{**whose, "kind": "calls", "file_path": path, "file_bytes": 100, **done, **values}))

    def erasure(self, owner: User, **values: Any) -> Erasure:
        """Create a finished erasure of a person, requested by `owner`, whose contact has been deleted."""
        now = datetime.now(UTC)
        defaults = {
            "requested_by": owner.id,
            "requested_by_label": owner.name,
            "reason": "Asked for by letter",
            "status": "completed",
            "erased_at": now,
            "finished_at": now,
        }
        return self.add(Erasure(**{"organization_id": owner.organization_id, **defaults, **values}))

    def bulk_operation(self, owner: User, **values: Any) -> BulkOperation:
        """Create a finished bulk change of one call's outcome by `owner`."""
        now = datetime.now(UTC)
        defaults = {
            "organization_id": owner.organization_id,
            "created_by": owner.id,
            "created_by_label": owner.name,
            "action": "set_outcome",
            "status": BulkStatus.COMPLETED,
            "settings": {"outcome": "resolved", "words": {"Outcome": "Resolved"}},
            "rows_until": now,
            "rows_total": 1,
            "rows_changed": 1,
            "started_at": now,
            "finished_at": now,
            "operation_id": uuid7(),
        }
        return self.add(BulkOperation(**{**defaults, **values}))

    def operation_revert(self, owner: User, **values: Any) -> OperationRevert:
        """Create a queued revert, by `owner`, of an operation that changed one record."""
        defaults = {
            "organization_id": owner.organization_id,
            "created_by": owner.id,
            "created_by_label": owner.name,
            "target_id": uuid7(),
            "operation_id": uuid7(),
            "records_total": 1,
        }
        return self.add(OperationRevert(**{**defaults, **values}))

    def skipped_record(self, revert: OperationRevert, **values: Any) -> SkippedRecord:
        """Create the record of a call that a revert skipped because the call had changed."""
        defaults = {
            "organization_id": revert.organization_id,
            "revert_id": revert.id,
            "place": next(self._numbers),
            "entry_id": uuid7(),
            "resource": "call",
            "record_id": uuid7(),
            "reason": "The record has changed since.",
        }
        return self.add(SkippedRecord(**{**defaults, **values}))

    def saved_view(self, owner: User, **values: Any) -> SavedView:
        """Create a saved view of the missed calls that belongs to `owner`."""
        defaults = {"page": "calls", "name": f"Missed {next(self._numbers)}", "query": "status=missed"}
        return self.add(
            SavedView(**{"organization_id": owner.organization_id, "user_id": owner.id, **defaults, **values})
        )

    def list_settings(self, owner: User, **values: Any) -> ListSettings:
        """Create list settings of `owner` with two columns for the list of calls."""
        defaults = {"page": "calls", "columns": ["caller", "status"]}
        return self.add(
            ListSettings(**{"organization_id": owner.organization_id, "user_id": owner.id, **defaults, **values})
        )

    def report_subscription(self, reader: User, **values: Any) -> ReportSubscription:
        """Subscribe `reader` to the weekly report by email."""
        defaults = {"kind": "weekly", "channel": "email", "is_on": True}
        return self.add(
            ReportSubscription(
                **{"organization_id": reader.organization_id, "user_id": reader.id, **defaults, **values}
            )
        )

    def report_view(self, reader: User, view: SavedView | None = None, **values: Any) -> ReportView:
        """Add a view of the team to the top of the report email of `reader`."""
        view = view or self.saved_view(reader, page="csr", query="")
        defaults = {"user_id": reader.id, "saved_view_id": view.id, "position": 1}
        return self.add(ReportView(**{"organization_id": reader.organization_id, **defaults, **values}))

    def list_visit(self, owner: User, **values: Any) -> ListVisit:
        """Record that `owner` visited the list of calls at `DAY`."""
        defaults = {"page": "calls", "last_at": DAY, "looked_at": DAY}
        return self.add(
            ListVisit(**{"organization_id": owner.organization_id, "user_id": owner.id, **defaults, **values})
        )

    def invitation(self, organization: Organization, **values: Any) -> Invitation:
        """Create an open invitation for a CSR; its link is unknown."""
        number = next(self._numbers)
        defaults = {
            "email": f"new{number}@{organization.slug}.example",
            "name": f"New Person {number}",
            "role": Role.CSR,
            "token_hash": sha256(str(number).encode()).digest(),
            "expires_at": datetime.now(UTC) + timedelta(days=7),
        }
        return self.add(Invitation(**{"organization_id": organization.id, **defaults, **values}))

    def message(self, organization: Organization, **values: Any) -> Message:
        """Create a queued email."""
        defaults = {"channel": "email", "to_address": "dana@example.com", "subject": "Hello", "body": "Hello Dana."}
        return self.add(Message(**{"organization_id": organization.id, **defaults, **values}))

    def staff(self, role: StaffRole = StaffRole.SUPPORT, **values: Any) -> User:
        """Create a member of the platform's staff, whose role in the platform's organization is CSR.

        The first call also creates the platform's organization.
        """
        user = self.user(self._platform(), **values)
        self.platform_staff(user, role)
        return user

    def platform_staff(self, user: User | None = None, role: StaffRole = StaffRole.SUPPORT) -> PlatformStaff:
        """Make a user of the platform's organization, by default a new one, a member of its staff."""
        user = user or self.user(self._platform())
        return self.add(PlatformStaff(organization_id=user.organization_id, user_id=user.id, role=role))

    def _platform(self) -> Organization:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            settings = session.get_one(SystemSettings, True)
            if settings.platform_organization_id is None:
                settings.platform_organization_id = self.organization(name="The platform").id
            return session.get_one(Organization, settings.platform_organization_id)

    def next_number(self) -> int:
        """Return a number that no row uses yet."""
        return next(self._numbers)

    def skip_numbers(self, until: int) -> None:
        """Continue numbering from `until`, since existing rows use lower numbers."""
        self._numbers = count(until)

    def phone(self) -> str:
        """Return an unused phone number in E.164 format."""
        return f"+1212555{next(self._numbers):04d}"

    def _add_without_rules(self, row: Row) -> Row:
        """Store an organization without firing triggers, which would refuse it without an owner."""
        self.is_unused = False
        with Session(without_rules(self.engine), expire_on_commit=False) as session, session.begin():
            session.add(row)
        return row

    def deletion(self, row: Any, **values: Any) -> DeletionBatch:
        """Move `row` to the trash, and return its deletion."""
        defaults = {
            "root_type": "task",
            "root_label": "Call back",
            "purge_after": datetime.now(UTC) + timedelta(days=30),
        }
        batch = self.add(DeletionBatch(organization_id=row.organization_id, root_id=row.id, **{**defaults, **values}))
        with self._transaction() as session:
            session.execute(
                update(type(row))
                .where(type(row).organization_id == row.organization_id, type(row).id == row.id)
                .values(deleted_at=func.now(), deletion_batch_id=batch.id)
            )
        return batch

    def add(self, row: Row) -> Row:
        """Store any row, and commit it unless inside a batch."""
        self.is_unused = False
        with self._transaction() as session:
            session.add(row)
        return row

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        if self._batch is None:
            with Session(self._single, expire_on_commit=False) as session, session.begin():
                yield session
        else:
            yield self._batch
            self._batch.flush()


def _of(call: Call) -> dict[str, Any]:
    return {"organization_id": call.organization_id, "call_id": call.id}
