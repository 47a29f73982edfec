"""Forms for adding and editing a target."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Self
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import DecimalField, Field, MonthField, SelectField, ValidationError
from wtforms.validators import InputRequired

from app.insight.targets.definitions import TARGETED, stored_value, typed_value
from app.insight.targets.service import shown
from app.web.forms import Difference, Form, NewRowForm, VersionedForm, version_field
from app.web.validators import is_day_in_range


def metric_options() -> list[tuple[str, str]]:
    """Return the numbers that can have a target, for a select."""
    return [(name, str(targeted.metric.label)) for name, targeted in TARGETED.items()]


class TargetFields(Form):
    """The fields of a target: number, person, month and value.

    `offer` sets the people to choose from.
    """

    metric = SelectField(lazy_pgettext("numbers", "Metric"), choices=metric_options)
    person = SelectField(
        _l("Applies to"),
        choices=(),
        description=_l(
            "Call metrics apply to CSRs, deal metrics to reps, and booking and lead metrics to both. “First "
            "attempt within SLA” applies only to the whole organization."
        ),
    )
    month = MonthField(
        _l("Month"),
        [InputRequired(_l("Choose a month.")), is_day_in_range],
        description=_l("If your browser has no month picker, enter the month like this: 2026-03."),
    )
    value = DecimalField(
        _l("Target"),
        [InputRequired(_l("Enter the target."))],
        places=None,
        description=_l("Enter rates as a percentage (75 for 75%) and money in your organization’s currency."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )

    def offer(self, people: Sequence[tuple[str, str]]) -> Self:
        """Set the people that can be chosen besides the whole organization, as pairs of id and name."""
        self.person.choices = [("", _("The whole organization")), *people]
        return self

    def validate_value(self, field: Field) -> None:
        """Check the value in the unit of the number: a percentage, an amount, a whole number."""
        if field.data is None or self.metric.data not in TARGETED:
            return
        try:
            stored_value(self.metric.data, field.data)
        except ValueError as error:
            raise ValidationError(str(error)) from None

    @property
    def values(self) -> dict[str, Any]:
        """The values to store; raises ValueError unless the form is valid."""
        month, value = self.month.data, self.value.data
        if month is None or value is None:
            raise ValueError("the form is not valid")
        return {
            "metric": self.metric.data,
            "user_id": UUID(self.person.data) if self.person.data else None,
            "month": month,
            "value": stored_value(self.metric.data, value),
        }


class NewTargetForm(TargetFields, NewRowForm):
    """Form for a new target; submitting it twice adds only one."""


class TargetForm(TargetFields, VersionedForm):
    """Form for an existing target."""

    version = version_field()
    stored_as: ClassVar = {"person": "user_id"}

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return the form filled with a target or its row of the list."""
        return cls(formdata=None, version=row.version, **_as_typed(shown(row)))

    def _compare(self, current: Mapping[str, Any]) -> list[Difference]:
        typed = _as_typed(current)
        return super()._compare({**typed, "user_id": typed["person"]})


def _as_typed(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values as the form's data, by field name."""
    metric: str = stored["metric"]
    value: Decimal = typed_value(metric, stored["value"])
    return {"metric": metric, "person": str(stored["user_id"] or ""), "month": stored["month"], "value": value}
