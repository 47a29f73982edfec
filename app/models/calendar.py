"""Calendars, their events and attendees, and the times at which people are busy."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from app.models import holds
from app.models.base import (
    Base,
    SoftDeleted,
    TenantRow,
    Versioned,
    length,
    one_of,
    soft_delete_constraints,
    tenant_fk,
    tenant_table,
)


class CalendarColor(StrEnum):
    """Color names, not values: each theme has its own shades."""

    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    VIOLET = "violet"
    TEAL = "teal"
    GRAY = "gray"


class EventStatus(StrEnum):
    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    """Kinds of events that are offered; the `type` of an event can also be any other text."""

    MEETING = "meeting"
    TRAINING = "training"
    COACHING = "coaching"
    RIDE_ALONG = "ride_along"
    PERSONAL = "personal"
    TIME_OFF = "time_off"


class BusySource(StrEnum):
    """Reason why a time is taken.

    A person with time off is unavailable; during an appointment or any other event they are only busy.
    """

    APPOINTMENT = "appointment"
    EVENT = "event"
    TIME_OFF = "time_off"


class Calendar(TenantRow, Versioned, SoftDeleted, Base):
    """Events of one kind or of one person; a calendar without an owner is shared by everyone."""

    __tablename__ = "calendars"
    __table_args__ = tenant_table(
        tenant_fk("owner_user_id", "users"),
        *soft_delete_constraints("calendars"),
        one_of("color", CalendarColor),
        length("name", 60, 2),
        Index("idx_calendars_name", "organization_id", text("lower(name)"), "id"),
        Index("idx_calendars_deleted", "organization_id", "is_deleted"),
    )

    name: Mapped[str] = mapped_column(info=holds.MENTIONS)
    owner_user_id: Mapped[UUID | None]
    color: Mapped[str] = mapped_column(server_default=CalendarColor.BLUE)


class Event(TenantRow, Versioned, SoftDeleted, Base):
    """An event: [start_at, end_at) is taken for the organizer and all attendees.

    This applies while the event is confirmed and not deleted. `type` is free text, but `time_off` means that these
    people are away.
    """

    __tablename__ = "events"
    __table_args__ = tenant_table(
        tenant_fk("organizer_id", "users", "RESTRICT"),
        tenant_fk("calendar_id", "calendars", "RESTRICT"),
        tenant_fk("created_by", "users"),
        *soft_delete_constraints("events"),
        one_of("status", EventStatus),
        length("type", 50),
        length("title", 200),
        length("description", 2000, 0),
        length("location", 500, 0),
        CheckConstraint("end_at > start_at", name="check_event_end_after_start"),
        Index("idx_events_name_words", text("name_words(organization_id, title)"), postgresql_using="gin"),
        # Search by parts of words; used by the database function `events_found`.
        Index(
            "idx_events_search",
            text("search_parts(organization_id, ARRAY[title], '{}'::text[], ''::text)"),
            postgresql_using="gin",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("idx_events_start", "organization_id", "start_at", "id"),
        Index("idx_events_end", "organization_id", "end_at"),
        # The index on the start finds events of up to a day; longer ones are found by their end.
        Index(
            "idx_events_long",
            "organization_id",
            "end_at",
            postgresql_where=text("end_at - start_at > '24:00:00'::interval"),
        ),
        Index("idx_events_organizer", "organization_id", "organizer_id"),
        Index("idx_events_calendar", "organization_id", "calendar_id"),
        Index("idx_events_deleted", "organization_id", "is_deleted"),
    )

    type: Mapped[str] = mapped_column(info=holds.NOBODY)
    title: Mapped[str] = mapped_column(info=holds.MENTIONS)
    description: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    start_at: Mapped[datetime]
    end_at: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(info=holds.NOBODY)
    location: Mapped[str | None] = mapped_column(info=holds.MENTIONS)
    organizer_id: Mapped[UUID]
    calendar_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default=EventStatus.CONFIRMED)
    created_by: Mapped[UUID | None]
    created_by_label: Mapped[str] = mapped_column(server_default="", info=holds.STAFF)


class EventAttendee(TenantRow, Base):
    """An attendee of an event; the organizer need not be listed."""

    __tablename__ = "event_attendees"
    __table_args__ = tenant_table(
        tenant_fk("event_id", "events", "CASCADE"),
        tenant_fk("user_id", "users", "CASCADE"),
        UniqueConstraint("organization_id", "event_id", "user_id", name="uq_event_attendees_event_user"),
        Index("idx_event_attendees_user", "organization_id", "user_id"),
    )

    event_id: Mapped[UUID]
    user_id: Mapped[UUID]


# GiST has no operators for uuid here, but can compare ranges of a single uuid.
_SAME_ORGANIZATION = text("uuid_range(organization_id, organization_id, '[]')")
_SAME_USER = text("uuid_range(user_id, user_id, '[]')")


class BusyTime(TenantRow, Base):
    """Time of a person that is taken by an event or an appointment.

    Triggers write it, the app only reads.
    """

    __tablename__ = "busy_times"
    __table_args__ = tenant_table(
        tenant_fk("user_id", "users", "CASCADE"),
        tenant_fk("event_id", "events", "CASCADE"),
        tenant_fk("appointment_id", "appointments", "CASCADE"),
        one_of("source", BusySource),
        CheckConstraint(
            "CASE source WHEN 'appointment' THEN appointment_id IS NOT NULL AND event_id IS NULL "
            "ELSE event_id IS NOT NULL AND appointment_id IS NULL END",
            name="check_busy_times_source_row",
        ),
        ExcludeConstraint(
            (_SAME_ORGANIZATION, "&&"), (_SAME_USER, "&&"), ("range", "&&"), name="busy_times_overlap", using="gist"
        ),
        Index("idx_busy_times_user", "organization_id", "user_id"),
        Index("idx_busy_times_time_off", "organization_id", "user_id", postgresql_where=text("source = 'time_off'")),
        Index("idx_busy_times_event", "organization_id", "event_id"),
        Index("idx_busy_times_appointment", "organization_id", "appointment_id"),
    )

    user_id: Mapped[UUID]
    range: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    source: Mapped[str]
    event_id: Mapped[UUID | None]
    appointment_id: Mapped[UUID | None]
