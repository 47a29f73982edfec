"""Integrity check of stored numbers."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.declarations.checked import Check, Found, Portion
from app.insight.rollups.check_queries import wrong_days
from app.insight.rollups.ledgers import LEDGERS


def _find(_organization_id: UUID, most: int) -> Portion:
    found = [
        Found(day.table, None, day.description) for ledger in LEDGERS for day in wrong_days(ledger, datetime.now(UTC))
    ]
    return Portion(found[:most], len(found))


STORED_NUMBERS = Check("rollup_day", _l("The stored numbers of a day differ from its records, or are missing."), _find)
