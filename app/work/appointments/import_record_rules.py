"""A visit as a file says it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.data.imports.record_rules import RowError
from app.models import AppointmentOutcome, AppointmentStatus


class VisitRecord(NamedTuple):
    """One visit. Moments are aware and in UTC.

    `agent` goes and `csr` booked it: names as the file has them; for its contact see `import_person_rules.Person`, for
    the fingerprints `record_rules.with_fingerprint`. `fields` are those of the resource that need no rule. What the
    file does not have is None.
    """

    line: int
    fingerprint: bytes
    earlier_fingerprint: bytes | None
    earlier_id: str | None
    external_source: str
    external_id: str
    agent: str | None
    csr: str | None
    first_name: str | None
    last_name: str | None
    company_name: str | None
    phone: str | None
    email: str | None
    service: str
    starts_at: datetime
    ends_at: datetime
    status: AppointmentStatus
    outcome: AppointmentOutcome | None
    booked_at: datetime | None
    completed_at: datetime | None
    deal_value: Decimal | None
    lost_reason: str | None
    cancelled_reason: str | None
    notes: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    remarks: tuple[RowError, ...]
    fields: Mapping[str, Any]
