"""Rules of the security page: how far back and ahead it looks, what is watched, and how often people get emails."""

from datetime import datetime, timedelta

from app.models import Watch
from app.people.sign_in.rules import FAMILIAR_FOR
from app.periods import PeriodName
from app.security.permissions import Permission

#: How far back sign-ins are shown, including today.
SHOWN_DAYS = 30
#: The same as a period of lists.
SHOWN = PeriodName(f"last_{SHOWN_DAYS}")
#: A browser counts as new if the person didn't sign in with it for this long.
KNOWN_DAYS = FAMILIAR_FOR.days
#: Extra permissions that expire within this time are shown.
ENDING_DAYS = 14
#: Rows of each block; the full lists are on other pages.
MAX_ROWS = 10
#: Least time between two reminders of the same person.
BETWEEN_REMINDERS = timedelta(days=1)
#: Least time between two emails of the same watch, also in the database function `organizations_with_alerts_to_mail`.
BETWEEN_ALERT_MAILS = timedelta(hours=1)
#: Exports with more rows are watched. The CSV file of a list never has more.
LARGE_EXPORT_ROWS = 10_000

#: Permissions that are watched: they open all data or the audit trail, remove what can't be restored, or let their
#: holder give access to others or act as them.
SENSITIVE = frozenset(
    {
        Permission.AUDIT_READ,
        Permission.AUDIT_REVERT,
        Permission.TRASH_PURGE,
        Permission.CONTACTS_ERASE,
        Permission.USERS_CHANGE_ROLE,
        Permission.USERS_GRANT_OWNER,
        Permission.USERS_VIEW_AS,
        Permission.ORGANIZATION_EXPORT,
        Permission.ORGANIZATION_DELETE,
        Permission.API_KEYS_MANAGE,
        Permission.RETENTION_UPDATE,
        Permission.OUTBOX_READ_LINKS,
    }
)


def column_of(watch: Watch) -> str:
    """Return the column of the organization that stores whether a watch is on."""
    return f"watch_{watch}"


def can_be_reminded(reminded_at: datetime | None, now: datetime) -> bool:
    """Return whether a person who was last reminded at `reminded_at` can be reminded again."""
    return reminded_at is None or reminded_at <= now - BETWEEN_REMINDERS
