"""What people call what a plan limits."""

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.tenancy.quota_rules import QuotaKind

QUOTA_LABELS: dict[QuotaKind, Sentence] = {
    QuotaKind.CALL_MINUTES: _l("Call minutes"),
    QuotaKind.TEAM_MEMBERS: _l("Team members"),
    QuotaKind.PHONE_NUMBERS: _l("Phone numbers"),
    QuotaKind.STORAGE: _l("Storage"),
}
