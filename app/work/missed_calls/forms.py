"""Forms of the missed-call queue."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Optional

from app.lists.choices import Choice
from app.lists.listing import as_options
from app.models import RescuedBy
from app.web.forms import NewRowForm, VersionedForm, reason_field, version_field
from app.web.labels import options
from app.web.validators import at_most
from app.work.missed_calls.rules import MAX_TEXT_CHARACTERS

_NOT_OFFERED = _l("Choose one of the options.")


class TextForm(NewRowForm):
    """Form for a text message to a caller.

    The id of the text is generated with the form, so that submitting it twice writes one text.
    """

    body = TextAreaField(
        _l("Text message"),
        [
            DataRequired(_l("Enter some text.")),
            at_most(MAX_TEXT_CHARACTERS),
        ],
        render_kw={"rows": 3},
        id="text-body",
    )


class DismissForm(VersionedForm):
    """Form that dismisses a caller, with the reason why no one needs to call back."""

    reason = reason_field(_l("Briefly explain why no one needs to call back."), rows=2, field_id="dismiss-reason")
    version = version_field("dismiss-version")


class BlockForm(NewRowForm):
    """Form that blocks a number, with the reason."""

    reason = reason_field(_l("Briefly explain why this number is blocked."), rows=2, field_id="block-reason")


class CreditForm(VersionedForm):
    """Form that corrects who is credited with a rescue."""

    rescued_by = SelectField(
        _l("Rescued"),
        choices=lambda: list(options(RescuedBy)),
        validators=[AnyOf(list(RescuedBy), _NOT_OFFERED)],
        validate_choice=False,
        id="credit-by",
    )
    user_id = SelectField(_l("Person"), validators=[Optional()], validate_choice=False, id="credit-person")
    reason = reason_field(_l("Briefly explain why the credit was wrong."), rows=2, field_id="credit-reason")
    version = version_field("credit-version")

    def offer(self, people: Sequence[Choice]) -> None:
        """Fill the choices with the people who can be credited."""
        self.user_id.choices = [("", str(_l("No one"))), *as_options(people)]

    @property
    def chosen_person(self) -> UUID | None:
        """Id of the chosen person, from a valid form, or None if no one was chosen."""
        try:
            return UUID(self.user_id.data or "")
        except ValueError:
            return None
