"""Stored numbers of days, from which dashboards read what has not changed since; derived from other tables.

A ledger is a set of these tables that are counted by the same date of the same rows. Only jobs write them, except the
marks of what has become stale, which triggers write in the transaction of the change.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE

from app.models import holds
from app.models.base import Base

#: The local days that are stored, of each ledger, in the time zone and by the definitions with which they were counted.
#: Rows that start at -infinity stand for the time before the first row.
ROLLUP_DAYS = Table(
    "rollup_days",
    Base.metadata,
    Column("organization_id", Uuid(), primary_key=True),
    Column("ledger", Text(), info=holds.NOBODY, primary_key=True),
    Column("starts_at", DateTime(timezone=True), primary_key=True),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("zone", Text(), info=holds.NOBODY, nullable=False),
    Column("definitions", Text(), info=holds.NOBODY, nullable=False),
    CheckConstraint("starts_at < ends_at", name="check_rollup_days_order"),
    ForeignKeyConstraint(["organization_id"], ["organizations.id"], ondelete="CASCADE"),
)

#: Changes since then: hours in which rows changed, or a record on which other rows' numbers depend, wherever its rows
#: are by the time the mark is read, from `since` on.
ROLLUP_MARKS = Table(
    "rollup_marks",
    Base.metadata,
    Column("organization_id", Uuid(), nullable=False),
    Column("ledger", Text(), info=holds.NOBODY, nullable=False),
    Column("hours", TSTZRANGE()),
    Column("resource", Text(), info=holds.NOBODY),
    Column("record_id", Uuid()),
    Column("since", DateTime(timezone=True)),
    Index("idx_rollup_marks_ledger", "organization_id", "ledger"),
    CheckConstraint("num_nonnulls(hours, record_id) = 1", name="check_rollup_marks_target"),
    CheckConstraint("(resource IS NULL) = (record_id IS NULL)", name="check_rollup_marks_resource"),
)


def _days(
    name: str,
    dimensions: Sequence[Column[Any]],
    counts: Iterable[str],
    sums: Iterable[str] = (),
    other: Iterable[Column[Any]] = (),
) -> Table:
    """Return a table of counts and sums by the beginning of a local day and these dimensions."""
    keys: list[Column[Any]] = [
        Column("organization_id", Uuid(), nullable=False),
        Column("starts_at", DateTime(timezone=True), nullable=False),
        *dimensions,
    ]
    return Table(
        name,
        Base.metadata,
        *keys,
        *[Column(one, Integer(), nullable=False) for one in counts],
        *[Column(one, BigInteger(), nullable=False) for one in sums],
        *other,
        ForeignKeyConstraint(["organization_id"], ["organizations.id"], ondelete="CASCADE"),
        UniqueConstraint(
            *(key.name for key in keys),
            name=f"uq_{name}_{keys[-1].name}",
            postgresql_nulls_not_distinct=True,
            info={"once": True},
        ),
    )


#: Calls by CSR.
CALL_DAYS = _days(
    "call_days",
    [Column("person_id", Uuid())],
    (
        "calls",
        "calls_answered",
        "missed_calls_total",
        "calls_resolved",
        "total_leads_spoken_to",
        "unbooked_appointments",
        "service_not_offered",
        "miss_rate",
        "miss_rate_over",
        "answer_rate",
        "answer_rate_over",
        "resolution_rate",
        "resolution_rate_over",
        "average_speed_of_answer",
        "average_talk_time",
        "satisfaction",
        "abandoned_wait",
        "analysed",
        "scored",
    ),
    ("average_speed_of_answer_sum", "average_talk_time_sum", "satisfaction_sum", "abandoned_wait_sum", "score_sum"),
    # With a default, since the previous release stores days without it.
    [Column("csr_calls", Integer(), server_default=text("0"), nullable=False)],
)

#: Sales and visit calls by rep, with analyses that everyone who can listen to all recordings sees.
REP_CALL_DAYS = _days(
    "rep_call_days",
    [Column("person_id", Uuid())],
    ("sales_and_visit_calls", "sales_calls", "analysed", "scored", "sales_calls_analysed"),
    ("score_sum",),
)

_VOLUME = ("calls", "answered", "missed", "resolved")

#: All calls by local hour on the wall clock.
CALL_HOURS = _days("call_hours", [Column("local_hour", DateTime(), nullable=False)], _VOLUME)

#: All calls by topic. If a topic changes, as by an erasure, the days of its calls are counted again.
CALL_TOPIC_DAYS = _days("call_topic_days", [Column("topic", Text(), info=holds.NOBODY)], _VOLUME)

#: Analyzed CSR calls by category of an objection, with its worst severity (1 low, 2 medium, 3 high).
OBJECTION_DAYS = _days(
    "objection_days",
    [Column("category", Text(), nullable=False, info=holds.NOBODY)],
    ("calls",),
    other=[Column("worst", SmallInteger())],
)

#: Appointments by the day on which they were booked, by CSR and by rep.
BOOKING_DAYS = _days("booking_days", [Column("person_id", Uuid())], ("appointments_booked", "appointments_cancelled"))
REP_BOOKING_DAYS = _days("rep_booking_days", [Column("person_id", Uuid())], ("appointments_booked",))

#: Appointments by rep and the day for which they are scheduled.
SCHEDULE_DAYS = _days("schedule_days", [Column("person_id", Uuid())], ("hours_booked",), ("hours_booked_sum",))

#: Appointments by the days for which they are scheduled and on which they were booked, with the value of those won.
FORECAST_DAYS = _days(
    "forecast_days",
    [Column("booked_on", DateTime(timezone=True), nullable=False)],
    ("visits", "stands"),
    ("worth_sum",),
)

#: Completed appointments by rep, with recordings that everyone who can listen to all recordings sees.
VISIT_DAYS = _days(
    "visit_days",
    [Column("person_id", Uuid())],
    ("visits_completed", "visits_won", "visits_lost", "visits_analysed"),
)

#: Appointments by rep and the day of their outcome.
DEAL_DAYS = _days(
    "deal_days",
    [Column("person_id", Uuid())],
    ("revenue_won", "average_deal"),
    ("revenue_won_sum", "average_deal_sum"),
)

#: Recordings by rep.
RECORDING_DAYS = _days(
    "recording_days", [Column("person_id", Uuid())], ("total_recorded_hours",), ("total_recorded_hours_sum",)
)

#: Missed callers whom the assistant rescued, by their lead's CSR and the day of the rescue.
RESCUE_DAYS = _days("rescue_days", [Column("person_id", Uuid())], ("auto_rescues",))

#: Completed CSR calls with qualified leads, by the lead's rep and the time of the previous one.
LEAD_DAYS = _days(
    "lead_days", [Column("person_id", Uuid()), Column("previous_at", DateTime(timezone=True))], ("qualified_leads",)
)

#: Completed CSR calls with qualified leads, by CSR and the time of the CSR's previous one with the lead. The sum
#: counts those before which no colleague had booked the lead.
CSR_LEAD_DAYS = _days(
    "csr_lead_days",
    [Column("person_id", Uuid()), Column("previous_at", DateTime(timezone=True))],
    ("qualified_leads",),
    other=[Column("qualified_leads_sum", BigInteger(), server_default=text("0"), nullable=False)],
)

#: Missed callers by their lead's CSR and the day of the first missed call.
MISSED_CALLER_DAYS = _days(
    "missed_caller_days",
    [Column("person_id", Uuid())],
    (
        "missed_entries_total",
        "calls_rescued_by_auto",
        "calls_rescued_by_humans",
        "missed_calls_open",
        "missed_calls_lost",
        "missed_calls_answered_later",
        "missed_calls_dismissed",
        "missed_calls_attempted",
        "missed_calls_untried",
        "missed_calls_reached",
        "missed_calls_booked",
        "first_attempt_in_time",
    ),
)

#: Missed callers by local hour on the wall clock, and the stages that they reached.
MISSED_CALLER_HOURS = _days(
    "missed_caller_hours",
    [Column("local_hour", DateTime(), nullable=False)],
    ("missed_entries_total", "missed_calls_attempted", "missed_calls_reached", "missed_calls_booked"),
)

#: Unbooked calls without a follow-up, by CSR.
FOLLOW_UP_DAYS = _days("follow_up_days", [Column("person_id", Uuid())], ("unbooked_without_follow_up",))
