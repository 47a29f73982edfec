"""An imported lead, as read from a file."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from app.data.imports.record_rules import RowError
from app.models import LeadStage, Qualification


class LeadRecord(NamedTuple):
    """One lead. Times are timezone-aware and in UTC; a date becomes noon in the organization's time zone.

    `agent` and `csr` are names as in the file. For the contact's values see `import_person_rules.Person`, for the
    fingerprints `record_rules.with_fingerprint`. `fields` holds the values of the resource's fields that have no import
    rule of their own, by name. Values missing from the file are None.
    """

    line: int
    fingerprint: bytes
    external_source: str
    external_id: str
    agent: str | None
    csr: str | None
    first_name: str | None
    last_name: str | None
    company_name: str | None
    phone: str | None
    email: str | None
    stage: LeadStage
    qualification: Qualification | None
    created_at: datetime | None
    last_activity_at: datetime | None
    closed_at: datetime | None
    dead_reason: str | None
    remarks: tuple[RowError, ...]
    fields: Mapping[str, Any]
