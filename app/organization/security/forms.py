"""Forms of the security page."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from app.models import Watch
from app.organization.security.rules import column_of
from app.organization.settings.profile_forms import SettingsForm
from app.web.forms import version_field
from app.web.value_words import LABELS


class SecurityForm(SettingsForm):
    """Form for the requirements for signing in."""

    settings = ("require_mfa",)

    require_mfa = BooleanField(_l("Require two-factor authentication for admins and owners"))


class WatchesForm(SettingsForm):
    """Form for the watches that alert owners and admins."""

    settings = tuple(column_of(watch) for watch in Watch)

    version = version_field("watches-version")
    watch_new_owners = BooleanField(LABELS[Watch][Watch.NEW_OWNERS])
    watch_large_exports = BooleanField(LABELS[Watch][Watch.LARGE_EXPORTS])
    watch_sensitive_grants = BooleanField(LABELS[Watch][Watch.SENSITIVE_GRANTS])

    @property
    def wanted(self) -> dict[Watch, bool]:
        """The watches, each with whether it should be on; only for a valid form."""
        return {watch: bool(self[column_of(watch)].data) for watch in Watch}
