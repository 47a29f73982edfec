"""Forms for the schedule and the recipients of reports, and for the chosen views."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Self
from uuid import UUID

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField
from wtforms.validators import AnyOf
from wtforms.widgets import CheckboxInput, ListWidget

from app.insight.reports.queries import Recipient
from app.insight.reports.rules import HOURS, WEEKDAYS
from app.lists.choices import Choice
from app.models import Organization
from app.web import formatting
from app.web.forms import Form, VersionedForm, version_field

_CHOOSE = _l("Choose one of the options.")


def weekdays() -> list[tuple[str, str]]:
    """Return the options for a day of the week, Monday first, in the reader's language."""
    names = get_locale().days["stand-alone"]["wide"]
    return [(str(day), names[day - 1]) for day in WEEKDAYS]


def hours() -> list[tuple[str, str]]:
    """Return the options for a full hour of the day, in the reader's format."""
    midnight = datetime(2000, 1, 1, tzinfo=UTC)
    return [(str(hour), formatting.clock(midnight.replace(hour=hour), get_locale())) for hour in HOURS]


class ReportSettingsForm(VersionedForm):
    """Form for the schedule and the recipients of the weekly report.

    `shown` are the people who could be selected, `people` those selected.
    """

    version = version_field()
    report_weekday = SelectField(
        _l("Day"), choices=weekdays, validators=[AnyOf([str(day) for day in WEEKDAYS], _CHOOSE)], validate_choice=False
    )
    report_hour = SelectField(
        _l("Hour"), choices=hours, validators=[AnyOf([str(hour) for hour in HOURS], _CHOOSE)], validate_choice=False
    )
    shown = SelectMultipleField(_l("People"), choices=[])
    people = SelectMultipleField(_l("By email"), choices=[])

    @classmethod
    def of(cls, organization: Organization, recipients: Sequence[Recipient]) -> Self:
        """Return the form with the organization's current settings."""
        form = cls(
            formdata=None,
            version=organization.version,
            report_weekday=str(organization.report_weekday),
            report_hour=str(organization.report_hour),
            people=[str(one.id) for one in recipients if one.by_mail],
        )
        return form.offer(recipients)

    def offer(self, recipients: Sequence[Recipient]) -> Self:
        """Set the people that can be selected, and return the form."""
        self.shown.choices = self.people.choices = [(str(one.id), one.name) for one in recipients]
        return self

    @property
    def when(self) -> dict[str, int]:
        """The schedule, keyed by the organization's column names; requires a valid form."""
        return {name: int(self[name].data) for name in ("report_weekday", "report_hour")}

    def ids(self, name: str) -> set[UUID]:
        """Return the ids in the field `name` (`shown` or `people`); requires a valid form."""
        return {UUID(one) for one in self[name].data or ()}


class ChosenViewsForm(Form):
    """Form for the saved team views in the user's weekly report."""

    views = SelectMultipleField(
        _l("Team views"),
        choices=[],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        description=_l("Choose up to five."),
    )

    @classmethod
    def of(cls, offered: Sequence[Choice], chosen: Collection[UUID]) -> Self:
        """Return the form with the current choice."""
        return cls(formdata=None, views=[str(one) for one in chosen]).offer(offered)

    def offer(self, offered: Sequence[Choice]) -> Self:
        """Set the views that can be selected, and return the form."""
        self.views.choices = [(str(one.id), one.name) for one in offered]
        return self

    @property
    def ids(self) -> list[UUID]:
        """The ids of the selected views; requires a valid form."""
        return [UUID(one) for one in self.views.data or ()]
