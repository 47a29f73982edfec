"""A deal as a file says it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from app.data.imports.record_rules import RowError
from app.models.leads import DealStage


class DealRecord(NamedTuple):
    """One deal. Moments are aware and in UTC: noon of the day that the file says, where the organization is.

    `agent` and `account` are names as the file has them. For the fingerprints see `record_rules.with_fingerprint`.
    `fields` are those of its lead that need no rule. What the file does not have is None.
    """

    line: int
    fingerprint: bytes
    earlier_fingerprint: bytes | None
    earlier_id: str | None
    external_source: str
    external_id: str
    agent: str | None
    account: str | None
    product: str | None
    stage: DealStage
    engaged_at: datetime | None
    closed_at: datetime | None
    deal_value: Decimal | None
    lost_reason: str | None
    remarks: tuple[RowError, ...]
    fields: Mapping[str, Any]
