"""Forms for bulk changes of calls, one per action."""

from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from wtforms import SelectField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length

from app.data.bulk.forms import BulkForm
from app.lists.listing import as_options
from app.models import BookingStatus, CallOutcome
from app.people.users.queries import csr_choices
from app.security.actor import Actor
from app.web.labels import options
from app.work.calls.rules import MAX_REASON_CHARACTERS, MIN_REASON_CHARACTERS

_NOT_OFFERED = _l("Choose one of the options.")
_NOBODY = "none"


class AssignCsrForm(BulkForm):
    """Form for crediting calls to a CSR."""

    sets: ClassVar = {"csr": "csr_id"}

    csr = SelectField(_l("CSR"), validators=[DataRequired(_l("Choose a CSR."))], validate_choice=True)

    def offer(self, actor: Actor) -> None:
        """Offer the CSRs whom a call can be credited to, and "Unassigned"."""
        self.csr.choices = [
            ("", _("Choose…")),
            *as_options(csr_choices(actor)),
            (_NOBODY, pgettext("assigned", "Unassigned")),
        ]

    @property
    def settings(self) -> dict[str, Any]:
        """The values to set; the CSR's ID is None for "Unassigned"."""
        found = super().settings
        return {**found, "csr_id": None if found["csr_id"] == _NOBODY else found["csr_id"]}


class OutcomeForm(BulkForm):
    """Form for the outcome of calls."""

    sets: ClassVar = {"outcome": "outcome"}

    outcome = SelectField(
        _l("Outcome"),
        choices=lambda: [("", _l("Unknown")), *options(CallOutcome)],
        validators=[AnyOf(["", *CallOutcome], _NOT_OFFERED)],
        validate_choice=False,
    )


class BookingStatusForm(BulkForm):
    """Form for the booking status of calls.

    A reason is always required, because the change could overrule an existing status.
    """

    sets: ClassVar = {"booking_status": "booking_status", "reason": "reason"}

    booking_status = SelectField(
        _l("Booking status"),
        choices=lambda: [("", _l("Choose…")), *options(BookingStatus)],
        validators=[DataRequired(_l("Choose a booking status.")), AnyOf(list(BookingStatus), _NOT_OFFERED)],
        validate_choice=False,
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Briefly explain why.")),
            Length(
                MIN_REASON_CHARACTERS,
                MAX_REASON_CHARACTERS,
                _l("Use %(least)s to %(most)s characters.", least=MIN_REASON_CHARACTERS, most=MAX_REASON_CHARACTERS),
            ),
        ],
        render_kw={"rows": 2},
    )
