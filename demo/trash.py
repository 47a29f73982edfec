"""Records deleted in the last weeks, each with the deletion that the product would create."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from app.models.appointments import AppointmentStatus
from app.models.calls import NoteKind, RecordSource
from app.models.contacts import ContactSource
from app.models.leads import LeadStage
from app.models.phone_numbers import NumberProvider, NumberPurpose
from app.models.tasks import AssignedTo, TaskPriority, TaskStatus
from app.security.permissions import Role
from demo.office import Office
from demo.people import Employee, of_role
from demo.rows import (
    AppointmentRow,
    AuditRow,
    BatchRow,
    CallRow,
    ContactRow,
    Deletable,
    KnowledgeRow,
    LeadRow,
    NoteRow,
    NumberRow,
    PhoneRow,
    Row,
    TaskRow,
    UserRow,
)

_KEPT = timedelta(days=30)
_LIVED = timedelta(days=40)
_NOTE = "Wrong household, this belongs to the call before."
_RESOURCES = {
    "users": "user",
    "knowledge_items": "knowledge_item",
    "phone_numbers": "phone_number",
    "contact_cards": "contact_card",
    "contact_phones": "contact_phone",
    "leads": "lead",
    "appointments": "appointment",
    "tasks": "task",
    "call_notes": "call_note",
}

D = TypeVar("D", bound=Deletable)


class Trash:
    """The trash of one company.

    It sees the calls as they are generated, because a deleted note belongs to one.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._admin = of_role(office.staff, Role.ADMIN)[0]
        self._owner = of_role(office.staff, Role.OWNER)[0]
        self._manager = of_role(office.staff, Role.MANAGER)[0]
        self._call: CallRow | None = None

    def see(self, row: Row) -> None:
        """Remember the last row seen of a call that a CSR handled and that ended over four days ago."""
        if isinstance(row, CallRow) and row.csr_id and row.ended_at and row.ended_at < self._office.now - timedelta(4):
            self._call = row

    def rows(self) -> Iterator[Row]:
        """Yield all deletions, with their audit trail entries."""
        yield from self._delete(26, self._owner, "The number moved to another company.", "Radio spot", [self._number()])
        yield from self._delete(19, self._admin, "Left the company.", "Dana Whitlock", [self._colleague()])
        yield from self._knowledge()
        card = self._card("Terry", "Okonkwo", 3)
        phone, task = self._phone(card), self._task(card)
        yield from self._delete(9, self._manager, "Entered twice.", "Terry Okonkwo", [card, phone, task])
        yield from self._of_a_walk_in()
        yield from self._note()

    def _knowledge(self) -> Iterator[Row]:
        at = self._office.now - _LIVED
        item = KnowledgeRow(
            organization_id=self._office.organization_id,
            id=self._office.ids.at(at),
            question="Do you clean gutters in the fall?",
            answer="No. Two people asked, so this was here; it only confused the others.",
            category="Company",
            usage_count=2,
            last_used_at=at + timedelta(days=2),
            confirmed_at=at,
            created_at=at,
        )
        yield from self._delete(13, self._manager, None, item.question, [item])

    def _of_a_walk_in(self) -> Iterator[Row]:
        """Yield the deletions of a walk-in customer's lead, appointment and task; the contact remains."""
        card = self._card("Paula", "Renner", 4)
        yield card
        yield self._phone(card)
        yield from self._delete(6, self._admin, "Made by mistake.", "Paula Renner", [self._lead(card)])
        yield from self._delete(6, self._admin, None, "Drain, Paula Renner", [self._visit(card)])
        task = self._task(card)
        yield from self._delete(2, self._manager, None, task.title, [task])

    def _note(self) -> Iterator[Row]:
        csr = self._office.person(self._call.csr_id) if self._call else None
        if self._call is None or self._call.ended_at is None or csr is None:
            return
        at = self._call.ended_at + timedelta(minutes=2)
        note = NoteRow(
            organization_id=self._office.organization_id,
            id=self._office.ids.at(at),
            call_id=self._call.id,
            user_id=csr.id,
            kind=NoteKind.NOTE,
            body=_NOTE,
            created_at=at,
        )
        yield from self._delete(1, csr, None, _NOTE, [note])

    def _delete(
        self, days_ago: int, who: Employee, reason: str | None, label: str, rows: Sequence[Deletable]
    ) -> Iterator[Row]:
        """Yield a deletion, the rows deleted by it, and their audit trail entries; the first row is the root."""
        office = self._office
        local = datetime.combine(office.local(office.now).date(), time(10, 12), office.company.timezone)
        at = local.astimezone(UTC) - timedelta(days=days_ago)
        batch = BatchRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            deleted_by=who.id,
            deleted_by_label=who.member.name,
            reason=reason,
            root_type=_RESOURCES[rows[0].table],
            root_id=rows[0].id,
            root_label=label,
            counts=dict(Counter(_RESOURCES[row.table] for row in rows)),
            purge_after=at + _KEPT,
            created_at=at,
        )
        yield batch
        for row in rows:
            yield _deleted(row, batch, at)
            yield self._record(row, batch, who, at)

    def _record(self, row: Deletable, batch: BatchRow, who: Employee, at: datetime) -> AuditRow:
        gone = {"deleted_at": at.isoformat(), "deleted_by": str(who.id), "deletion_batch_id": str(batch.id)}
        resource = _RESOURCES[row.table]
        return AuditRow(
            organization_id=self._office.organization_id,
            id=self._office.ids.at(at),
            user_id=who.id,
            actor_label=who.member.name,
            actor_role=who.member.role,
            source=RecordSource.USER,
            action=f"{resource}.deleted",
            resource_type=resource,
            resource_id=row.id,
            before=dict.fromkeys(gone),
            after=gone,
            ip_address=who.ip_address,
            user_agent=who.user_agent,
            operation_id=batch.id,
            created_at=at,
        )

    def _number(self) -> NumberRow:
        office = self._office
        return NumberRow(
            organization_id=office.organization_id,
            id=office.ids.at(office.founded),
            number=f"+{int(office.company.main_number[1:]) + 9}",
            provider=NumberProvider.TWILIO,
            display_name="Radio spot",
            forwarding_number=office.company.main_number,
            is_active=True,
            purpose=NumberPurpose.TRACKING,
            created_at=office.founded,
        )

    def _colleague(self) -> UserRow:
        office = self._office
        return UserRow(
            organization_id=office.organization_id,
            id=office.ids.at(office.founded),
            email=f"dana.whitlock@{office.company.domain}",
            name="Dana Whitlock",
            role=Role.SUPPORT,
            manager_id=None,
            email_verified_at=office.founded + timedelta(days=1),
            last_seen_at=office.now - timedelta(days=21),
            created_at=office.founded,
        )

    def _card(self, first: str, last: str, line: int) -> ContactRow:
        office, at = self._office, self._office.now - _LIVED
        return ContactRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            # In an area code that no caller is from.
            primary_phone=f"+190055501{line:02}",
            first_name=first,
            last_name=last,
            city=office.company.towns[0][0],
            state=office.company.state,
            source=ContactSource.MANUAL,
            timezone=str(office.company.timezone),
            created_at=at,
        )

    def _phone(self, card: ContactRow) -> PhoneRow:
        return PhoneRow(
            organization_id=card.organization_id,
            id=self._office.ids.at(card.created_at),
            phone=card.primary_phone,
            contact_card_id=card.id,
            created_at=card.created_at,
        )

    def _task(self, card: ContactRow) -> TaskRow:
        at = card.created_at + timedelta(hours=1)
        return TaskRow(
            organization_id=card.organization_id,
            id=self._office.ids.at(at),
            title=f"Send {card.first_name} the price list.",
            status=TaskStatus.COMPLETED,
            priority=TaskPriority.LOW,
            assigned_to_type=AssignedTo.CSR,
            assigned_to_user_id=self._manager.id,
            due_at=at + timedelta(days=1),
            completed_at=at + timedelta(hours=5),
            category="send_information",
            contact_card_id=card.id,
            call_id=None,
            source=RecordSource.USER,
            created_by=self._manager.id,
            created_by_label=self._manager.member.name,
            created_at=at,
        )

    def _lead(self, card: ContactRow) -> LeadRow:
        at = card.created_at + timedelta(hours=2)
        return LeadRow(
            organization_id=card.organization_id,
            id=self._office.ids.at(at),
            contact_card_id=card.id,
            stage=LeadStage.DEAD,
            dead_reason="Made by mistake",
            closed_at=at + timedelta(days=1),
            source=ContactSource.MANUAL,
            last_activity_at=at + timedelta(days=1),
            created_at=at,
        )

    def _visit(self, card: ContactRow) -> AppointmentRow:
        at = card.created_at + timedelta(hours=2)
        start = at.replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
        return AppointmentRow(
            organization_id=card.organization_id,
            id=self._office.ids.at(at),
            contact_card_id=card.id,
            lead_id=None,
            csr_id=None,
            sales_rep_id=None,
            source_call_id=None,
            service_type="Drain",
            scheduled_start_at=start,
            scheduled_end_at=start + timedelta(hours=2),
            timezone=card.timezone,
            booked_at=at,
            status=AppointmentStatus.CANCELLED,
            cancelled_reason="Made by mistake",
            address_line_1=None,
            city=card.city,
            state=card.state,
            zip=None,
            created_by=self._manager.id,
            created_by_label=self._manager.member.name,
            created_at=at,
        )


def _deleted(row: D, batch: BatchRow, at: datetime) -> D:
    return replace(row, deleted_at=at, deleted_by=batch.deleted_by, deletion_batch_id=batch.id)
