"""Forms for bulk changes of appointments, one per action."""

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from app.data.bulk.forms import BulkForm
from app.security.actor import Actor
from app.work.appointments.detail_forms import is_chosen, offered_bookers, reason_field
from app.work.appointments.rules import NO_ONE


class BookersForm(BulkForm):
    """Form that corrects who booked appointments, with the reason."""

    sets: ClassVar = {"csr": "csr_id", "reason": "reason"}

    csr = SelectField(_l("Booked by"), validators=[is_chosen])
    reason = reason_field(_l("Reason"), _l("Briefly explain why."))

    def offer(self, actor: Actor) -> None:
        """Offer everyone whom a booking can be credited to, and no one."""
        self.csr.choices = offered_bookers(actor, None)

    @property
    def settings(self) -> dict[str, Any]:
        """The values to set; the CSR's ID is None for no one."""
        chosen = super().settings
        return {**chosen, "csr_id": None if chosen["csr_id"] == NO_ONE else chosen["csr_id"]}
