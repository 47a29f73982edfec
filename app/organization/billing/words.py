"""Labels of the quotas of a plan."""

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.tenancy.quota_rules import QuotaKind

QUOTA_LABELS: dict[QuotaKind, LazyText] = {
    QuotaKind.CALL_MINUTES: _l("Call minutes"),
    QuotaKind.TEAM_MEMBERS: _l("Seats"),
    QuotaKind.PHONE_NUMBERS: _l("Phone numbers"),
    QuotaKind.STORAGE: _l("Storage"),
}
