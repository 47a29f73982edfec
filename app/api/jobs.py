"""Background jobs of the JSON API."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.api.idempotency import delete_expired
from app.declarations.job import Schedule, job


@job("api.delete_stored_responses", _l("Delete stored API responses"), schedule=Schedule("25 * * * *"))
def delete_stored_responses() -> None:
    """Delete the responses of one organization that were stored a day ago, every hour."""
    delete_expired(datetime.now(UTC))
