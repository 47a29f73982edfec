"""The forms of the page of retention."""

from typing import Self

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.models import Organization
from app.trust.retention.rules import MAX_DAYS, MIN_DAYS, RetentionKind, days_of
from app.trust.retention.words import KIND_LABELS
from app.web.forms import VersionedForm, reason_field, version_field

_RANGE = _l("Enter a whole number of days from %(least)s to %(most)s.", least=MIN_DAYS, most=MAX_DAYS)


def _days(kind: RetentionKind) -> IntegerField:
    return IntegerField(KIND_LABELS[kind], [InputRequired(_RANGE), NumberRange(MIN_DAYS, MAX_DAYS, _RANGE)])


class DaysForm(VersionedForm):
    """For how many days each kind is kept; the fields are named as the kinds."""

    version = version_field()
    exports = _days(RetentionKind.EXPORTS)
    messages = _days(RetentionKind.MESSAGES)
    webhook_deliveries = _days(RetentionKind.WEBHOOK_DELIVERIES)
    recordings = _days(RetentionKind.RECORDINGS)
    missed_calls = _days(RetentionKind.MISSED_CALLS)
    calls = _days(RetentionKind.CALLS)
    leads = _days(RetentionKind.LEADS)
    audit = _days(RetentionKind.AUDIT)

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """The form as the organization stands."""
        days = {kind.value: days_of(organization.retention_days, kind) for kind in RetentionKind}
        return cls(formdata=None, version=organization.version, **days)

    @property
    def days(self) -> dict[str, int | None]:
        """What was typed, by kind."""
        return {kind.value: self[kind.value].data for kind in RetentionKind}


class HoldForm(VersionedForm):
    """Why everything is kept."""

    version = version_field("hold-version")
    reason = reason_field(_l("Say why."))


class ReleaseForm(VersionedForm):
    """The button that ends a hold."""

    version = version_field("release-version")
