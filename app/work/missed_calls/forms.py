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

_NOT_OFFERED = _l("Choose one of the values offered.")


class TextForm(NewRowForm):
    """A text to a caller; it has its id before it is sent, so that sending it twice writes it once."""

    body = TextAreaField(
        _l("Text message"),
        [
            DataRequired(_l("Write something first.")),
            at_most(MAX_TEXT_CHARACTERS),
        ],
        render_kw={"rows": 3},
        id="text-body",
    )


class DismissForm(VersionedForm):
    """Why nobody needs to call back."""

    reason = reason_field(_l("Say in a few words why nobody needs to call back."), rows=2, field_id="dismiss-reason")
    version = version_field("dismiss-version")


class BlockForm(NewRowForm):
    """Why a number is blocked."""

    reason = reason_field(_l("Say in a few words why this number is blocked."), rows=2, field_id="block-reason")


class CreditForm(VersionedForm):
    """Who has won a caller back."""

    rescued_by = SelectField(
        _l("Won back by"),
        choices=lambda: list(options(RescuedBy)),
        validators=[AnyOf(list(RescuedBy), _NOT_OFFERED)],
        validate_choice=False,
        id="credit-by",
    )
    user_id = SelectField(_l("Person"), validators=[Optional()], validate_choice=False, id="credit-person")
    reason = reason_field(_l("Say in a few words why the credit was wrong."), rows=2, field_id="credit-reason")
    version = version_field("credit-version")

    def offer(self, people: Sequence[Choice]) -> None:
        """Who can be credited."""
        self.user_id.choices = [("", str(_l("Nobody"))), *as_options(people)]

    @property
    def chosen_person(self) -> UUID | None:
        """Once the form is valid; an id that is none is nobody's."""
        try:
            return UUID(self.user_id.data or "")
        except ValueError:
            return None
