"""Background jobs of signing in."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.declarations.job import Schedule, job
from app.people.sign_in.expiry_service import delete_expired


@job("accounts.clean_up", _l("Delete expired sign-in data"), schedule=Schedule("10 4 * * *"))
def clean_up_accounts() -> None:
    """Delete the expired sign-in data of one organization, every night."""
    delete_expired(datetime.now(UTC))
