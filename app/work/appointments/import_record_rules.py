"""An appointment as read from a file."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.data.imports.record_rules import RowError
from app.models import AppointmentOutcome, AppointmentStatus


class VisitRecord(NamedTuple):
    """One appointment, with times in UTC.

    `contact_id` is the contact's ID in the same system, `agent` the rep who goes to the appointment, and `csr` the
    person who booked it, as named in the file. For the contact see `import_person_rules.Person`, for the fingerprints
    `record_rules.with_fingerprint`. `fields` are the resource's fields that need no rule. Values missing in the file
    are None.
    """

    line: int
    fingerprint: bytes
    external_source: str
    external_id: str
    agent: str | None
    csr: str | None
    contact_id: str | None
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
