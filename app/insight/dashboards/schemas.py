"""Records of dashboards in the JSON API."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from app.declarations.record import Record, Timestamp
from app.insight.metrics.caveat_rules import CaveatReason
from app.models import AppointmentOutcome, AppointmentStatus, EntryStatus, Severity


class CaveatRecord(Record):
    """A caveat of a number: for `rows` of `whole`, it can mislead.

    `without` is the ratio without them. `day` is when the last rescue window ends, or from when records are kept.
    """

    reason: CaveatReason
    rows: int
    whole: int
    without: float | None
    day: date | None


class NumberRecord(Record):
    """A number, its value in the comparison period, the difference, and the address of its rows.

    Amounts of money are text, durations whole seconds, ratios fractions of 1 with four decimals. For a ratio,
    `numerator` and `denominator` are its parts and the rows those of the denominator; for a mean or a sum, the
    denominator is the number of rows.
    """

    value: int | float | str | None
    previous: int | float | str | None
    change: int | float | str | None
    numerator: int | None
    denominator: int | None
    link: str
    caveat: CaveatRecord | None = None


class PeriodRecord(Record):
    """A period from `start` up to, but not including, `end`."""

    start: Timestamp
    end: Timestamp
    timezone: str


class DashboardRecord(Record):
    """Numbers of a period by their names in camel case; `comparison` is None if nothing is compared.

    `calls_kept_from` is the day before which calls have been deleted for their age, if there is one.
    """

    period: PeriodRecord
    comparison: PeriodRecord | None
    calls_kept_from: date | None
    currency: str
    metrics: Mapping[str, NumberRecord]


class PersonRecord(Record):
    """The numbers of a person, or of rows credited to no one if `id` and `name` are None."""

    id: UUID | None
    name: str | None
    metrics: Mapping[str, NumberRecord]


class TeamRecord(DashboardRecord):
    """Numbers of several people, of each and of all together; `people` is empty for one person's own numbers."""

    people: Sequence[PersonRecord]


class TopObjectionRecord(Record):
    """A category of objections, its share of analyzed calls, and its highest severity; `link` leads to its calls."""

    category: str
    severity: Severity | None
    share: NumberRecord
    link: str


class ObjectionsRecord(DashboardRecord):
    """The most frequent objections, the most frequent first."""

    objections: Sequence[TopObjectionRecord]


class CsrPerformanceRecord(TeamRecord):
    """The performance of the call center, with the most frequent objections."""

    objections: Sequence[TopObjectionRecord]


class UnbookedCallRecord(Record):
    """A call that ended without a booking and has no follow-up; `objection` is the reason, if it is known."""

    id: UUID
    started_at: Timestamp
    contact_name: str | None
    csr_name: str | None
    topic: str | None
    objection: str | None


class UnbookedRecord(DashboardRecord):
    """The number of calls without a booking, and the newest of those without a follow-up."""

    calls: Sequence[UnbookedCallRecord]


class QueueEntryRecord(Record):
    """A missed caller who waits for a callback."""

    id: UUID
    status: EntryStatus
    first_missed_at: Timestamp
    sla_due_at: Timestamp
    next_attempt_at: Timestamp | None
    attempts: int
    contact_name: str | None
    phone: str | None
    topic: str | None
    claimed_by: UUID | None
    claimed_by_name: str | None
    version: int


class QueueRecord(Record):
    """The first entries of the queue in the order in which to call them; `total` counts all that are due today."""

    entries: Sequence[QueueEntryRecord]
    total: int
    link: str


class RepAppointmentRecord(Record):
    """An appointment of a rep's day."""

    id: UUID
    status: AppointmentStatus
    outcome: AppointmentOutcome
    scheduled_start_at: Timestamp
    scheduled_end_at: Timestamp
    service_type: str | None
    city: str | None
    contact_id: UUID | None
    contact_name: str | None
    version: int


class RepDayRecord(Record):
    """The appointments of a rep that begin on a local day, the soonest first."""

    date: date
    timezone: str
    appointments: Sequence[RepAppointmentRecord]


class RepStatsRecord(DashboardRecord):
    """The numbers of one rep; `all_reps` are the ratios of all reps together, as values by name."""

    all_reps: Mapping[str, int | float | str | None]


class DefinitionRecord(Record):
    """The definition of a number for rows that are credited to a role."""

    credit: str
    definition: str


class MetricRecord(Record):
    """A number of the catalogue; `key` is its name in dashboards, `definitions` has one entry for each role.

    `numerator` and `denominator` say what its parts count; None if it has no such part.
    """

    name: str
    key: str
    label: str
    definition: str
    unit: str
    numerator: str | None
    denominator: str | None
    definitions: Sequence[DefinitionRecord]


class CatalogueRecord(Record):
    """The catalogue of numbers."""

    metric_definitions: Sequence[MetricRecord]
