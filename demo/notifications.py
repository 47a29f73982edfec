"""Notifications of the last two weeks: assigned work, coaching, disputes."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from app.models.appointments import AppointmentStatus
from app.models.calls import NoteKind
from app.models.disputes import DisputeStatus
from app.models.tasks import TaskStatus
from demo.office import Office
from demo.rows import AppointmentRow, CallRow, DisputeRow, NoteRow, NotificationRow, Row, TaskRow

_KEPT = timedelta(days=14)
_READ_AFTER = (0.2, 20.0)
_READ = 0.85


class Notifications:
    """Generator of notifications for the people whom each row concerns.

    It remembers the calls of the last two weeks, because a note refers to its call and not to the CSR.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._chance = office.stream("notices")
        self._csr_of: dict[UUID, UUID | None] = {}

    def about(self, row: Row) -> Iterator[NotificationRow]:
        """Yield the notifications that `row` causes."""
        if row.created_at < self._office.now - _KEPT:
            return
        match row:
            case CallRow():
                self._csr_of[row.id] = row.csr_id
            case NoteRow(kind=NoteKind.COACHING):
                yield from self._tell(
                    self._csr_of.get(row.call_id),
                    "coaching_note",
                    "There is coaching on one of your calls.",
                    f"/calls/{row.call_id}",
                    row,
                    ("call", row.call_id),
                )
            case DisputeRow():
                yield from self._dispute(row)
            case TaskRow(status=TaskStatus.PENDING | TaskStatus.IN_PROGRESS):
                person = row.assigned_to_user_id
                said = f"{row.created_by_label} gave you a task." if row.created_by_label else "You have a new task."
                yield from self._tell(person, "task_assigned", said, f"/tasks/{row.id}", row, ("task", row.id))
            case AppointmentRow(status=AppointmentStatus.SCHEDULED):
                at = self._office.local(row.scheduled_start_at)
                yield from self._tell(
                    row.sales_rep_id,
                    "appointment_assigned",
                    f"{row.service_type}, {row.city}: {at:%A} at {at:%H:%M}.",
                    f"/appointments/{row.id}",
                    row,
                    ("appointment", row.id),
                )

    def _dispute(self, row: DisputeRow) -> Iterator[NotificationRow]:
        link = f"/calls/{row.call_id}" if row.call_id else f"/appointments/{row.appointment_id}"
        about = ("booking_dispute", row.id)
        if row.status is DisputeStatus.OPEN:
            csr = self._office.person(row.raised_by)
            subject = "the booking status of a call" if row.call_id else "who booked an appointment"
            text = f"{row.raised_by_label} disputes {subject}."
            manager = csr.manager_id if csr else None
            yield from self._tell(manager, "dispute_raised", text, link, row, about)
        else:
            text = f"{row.decided_by_label} {row.status} your dispute."
            yield from self._tell(row.raised_by, "dispute_decided", text, link, row, about)

    def _tell(
        self, user_id: UUID | None, kind: str, text: str, link: str, row: Row, about: tuple[str, UUID]
    ) -> Iterator[NotificationRow]:
        """Yield a notification for the user; most are read within a day."""
        if user_id is None:
            return
        office = self._office
        read_at = row.created_at + timedelta(hours=self._chance.uniform(*_READ_AFTER))
        is_read = read_at < office.now and self._chance.random() < _READ
        yield NotificationRow(
            organization_id=office.organization_id,
            id=office.ids.at(row.created_at),
            user_id=user_id,
            kind=kind,
            text=text,
            link=link,
            read_at=read_at if is_read else None,
            told_at=row.created_at,
            about_type=about[0],
            about_id=about[1],
            created_at=row.created_at,
        )
