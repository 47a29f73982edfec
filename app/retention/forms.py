"""The forms of the page of retention."""

from typing import Self

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.models import Organization
from app.retention.rules import FEWEST_DAYS, MOST_DAYS, RetentionKind, days_of
from app.retention.words import KIND_LABELS
from app.users.rules import LONGEST_REASON, SHORTEST_REASON
from app.web.forms import VersionedForm, version_field

_RANGE = _l("Enter a whole number of days from %(least)s to %(most)s.", least=FEWEST_DAYS, most=MOST_DAYS)


def _days(kind: RetentionKind) -> IntegerField:
    return IntegerField(KIND_LABELS[kind], [InputRequired(_RANGE), NumberRange(FEWEST_DAYS, MOST_DAYS, _RANGE)])


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
    reason = TextAreaField(
        _l("Reason"),
        [
            DataRequired(_l("Say why.")),
            Length(
                SHORTEST_REASON,
                LONGEST_REASON,
                _l("Use %(least)s to %(most)s characters.", least=SHORTEST_REASON, most=LONGEST_REASON),
            ),
        ],
        render_kw={"rows": 3},
    )


class ReleaseForm(VersionedForm):
    """The button that ends a hold."""

    version = version_field("release-version")
