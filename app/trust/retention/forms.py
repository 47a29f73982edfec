"""Forms of the retention page."""

from datetime import datetime
from typing import Self

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.models import Organization
from app.trust.retention.rules import (
    MAX_DAYS,
    RetentionKind,
    days_in_force,
    days_of,
    min_days,
    range_sentence,
    shorter_days,
)
from app.trust.retention.words import KIND_LABELS
from app.web.forms import VersionedForm, reason_field, version_field


def _days(kind: RetentionKind) -> IntegerField:
    told = range_sentence(kind)
    return IntegerField(KIND_LABELS[kind], [InputRequired(told), NumberRange(min_days(kind), MAX_DAYS, told)])


class DaysForm(VersionedForm):
    """Form with the retention in days for each kind of record; the fields are named like the kinds."""

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
    def of(cls, organization: Organization, now: datetime) -> Self:
        """Return the form with the values last saved, whether or not they are in force yet."""
        saved = {**days_in_force(organization, now), **shorter_days(organization, now)}
        days = {kind.value: days_of(saved, kind) for kind in RetentionKind}
        return cls(formdata=None, version=organization.version, **days)

    @property
    def days(self) -> dict[str, int | None]:
        """The submitted days by kind."""
        return {kind.value: self[kind.value].data for kind in RetentionKind}


class HoldForm(VersionedForm):
    """Form with the reason for a legal hold."""

    version = version_field("hold-version")
    reason = reason_field(_l("Enter a reason."))


class ReleaseForm(VersionedForm):
    """Form of the button that ends a legal hold."""

    version = version_field("release-version")


class WithdrawForm(VersionedForm):
    """Form of the button that cancels a shorter retention before it takes effect."""

    version = version_field("withdraw-version")
