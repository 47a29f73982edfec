"""Forms for the plan and for budgets."""

from decimal import Decimal
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import AnyOf, Optional, Regexp

from app.models import Budget, CostKind, PlanCode
from app.people.users.takeover_forms import TakeoverMixin
from app.web.forms import VersionedForm, version_field

_NOT_OFFERED = _l("Choose one of the options.")


def _are_ids(_form: VersionedForm, field: Field) -> None:
    try:
        for value in field.data or ():
            UUID(value)
    except ValueError:
        raise ValidationError(str(_NOT_OFFERED)) from None


class PlanForm(TakeoverMixin, VersionedForm):
    """Form for the new plan and, for a downgrade, the people to deactivate and who takes over their work."""

    plan = HiddenField(_l("Plan"), validators=[AnyOf(list(PlanCode), _NOT_OFFERED)])
    users = SelectMultipleField(_l("People to deactivate"), validators=[_are_ids], validate_choice=False)
    version = version_field()

    @property
    def chosen_plan(self) -> PlanCode:
        """The selected plan, once the form is valid."""
        return PlanCode(self.plan.data or "")

    @property
    def chosen_users(self) -> frozenset[UUID]:
        """The ids of the selected people, once the form is valid."""
        return frozenset(UUID(value) for value in self.users.data or ())


class CancelForm(VersionedForm):
    """Form of the button that cancels a scheduled downgrade."""

    version = version_field("cancel-version")


class BudgetForm(VersionedForm):
    """Form for the monthly budget of one kind of usage."""

    kind = HiddenField(validators=[AnyOf(list(CostKind), _NOT_OFFERED)])
    monthly_amount = StringField(
        _l("Monthly budget (US dollars)"),
        [Optional(), Regexp(r"^\d{1,10}([.,]\d{1,2})?$", message=_l("Enter an amount such as 150 or 149.50."))],
        description=_l("Leave empty for no budget."),
        render_kw={"inputmode": "decimal", "maxlength": 13},
    )
    hard_stop = BooleanField(
        _l("Stop usage when the budget is spent"), description=_l("Otherwise, you only get a warning.")
    )
    version = version_field()

    @classmethod
    def of(cls, kind: CostKind, budget: Budget | None) -> "BudgetForm":
        """Build the form with the current budget, or without an amount if none is set."""
        if budget is None:
            return cls(formdata=None, kind=kind, version=0)
        return cls(
            formdata=None,
            kind=kind,
            monthly_amount=str(budget.monthly_amount),
            hard_stop=budget.hard_stop,
            version=budget.version,
        )

    @property
    def chosen_kind(self) -> CostKind:
        """The kind of usage, once the form is valid."""
        return CostKind(self.kind.data or "")

    @property
    def amount(self) -> Decimal | None:
        """The amount in USD, once the form is valid; None for no budget."""
        typed = self.monthly_amount.data
        return Decimal(typed.replace(",", ".")) if typed else None
