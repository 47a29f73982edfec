"""An imported deal, as read from a file."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.data.imports.record_rules import RowError
from app.models.leads import DealStage


class DealRecord(NamedTuple):
    """One deal. Times are timezone-aware and in UTC; a date becomes noon in the organization's time zone.

    `progress` is that of an open deal whose `stage` in the file only says that it is open. `agent` and `account` are
    names as in the file. For the contact see `import_person_rules.Person`, whose company is `account`; for the
    fingerprints see `record_rules.with_fingerprint`. `fields` holds the values of the lead's fields that have no import
    rule of their own, by name. Values missing from the file are None.
    """

    line: int
    fingerprint: bytes
    external_source: str
    external_id: str
    agent: str | None
    account: str | None
    first_name: str | None
    last_name: str | None
    phone: str | None
    email: str | None
    product: str | None
    stage: DealStage
    progress: DealStage | None
    engaged_at: datetime | None
    closed_at: datetime | None
    deal_value: Decimal | None
    lost_reason: str | None
    remarks: tuple[RowError, ...]
    fields: Mapping[str, Any]
