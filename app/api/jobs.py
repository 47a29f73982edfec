"""Background jobs of the JSON API."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.api.idempotency import delete_expired
from app.api.list_read_service import delete_old_reads, record_reads
from app.declarations.job import Schedule, job


@job("api.delete_stored_responses", _l("Delete stored API responses"), schedule=Schedule("25 * * * *"))
def delete_stored_responses() -> None:
    """Delete the responses of one organization that were stored a day ago, every hour."""
    delete_expired(datetime.now(UTC))


@job("api.record_list_reads", _l("Add API reads to the audit trail"), schedule=Schedule("5 * * * *"))
def record_list_reads() -> None:
    """Record what the callers of one organization have read in past hours, every hour, and forget counts of old."""
    now = datetime.now(UTC)
    record_reads(now)
    delete_old_reads(now)
