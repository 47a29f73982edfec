"""Forms for bulk changes of leads, one per action."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from wtforms import SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import DataRequired

from app.data.bulk.forms import BulkForm
from app.lists.choices import Choice
from app.lists.listing import as_options
from app.models import Role
from app.people.users.queries import list_colleagues
from app.security.actor import Actor
from app.work.leads.forms import reason_validators

_NOBODY = "none"


def _reps(actor: Actor) -> Sequence[tuple[str, str]]:
    return as_options([Choice(rep.id, rep.name) for rep in list_colleagues(actor, (), (Role.SALES_REP,))])


class AssignRepForm(BulkForm):
    """Form for assigning leads to a sales rep."""

    sets: ClassVar = {"rep": "rep_id"}

    rep = SelectField(_l("Sales rep"), validators=[DataRequired(_l("Choose a sales rep."))])

    def offer(self, actor: Actor) -> None:
        """Offer the active sales reps, and "Unassigned"."""
        self.rep.choices = [("", _("Choose…")), *_reps(actor), (_NOBODY, pgettext("assigned", "Unassigned"))]

    @property
    def settings(self) -> dict[str, Any]:
        """The values to set; the rep's ID is None for "Unassigned"."""
        found = super().settings
        return {**found, "rep_id": None if found["rep_id"] == _NOBODY else found["rep_id"]}


class ShareOutForm(BulkForm):
    """Form for distributing leads among sales reps."""

    sets: ClassVar = {"reps": "reps"}

    reps = SelectMultipleField(_l("Sales reps"), validators=[DataRequired(_l("Choose at least one sales rep."))])
    _offered: Sequence[tuple[str, str]] = ()

    def offer(self, actor: Actor) -> None:
        """Offer the active sales reps."""
        self._offered = _reps(actor)
        self.reps.choices = [*self._offered]
        self.reps.render_kw = {"size": min(max(len(self._offered), 2), 10)}

    @property
    def settings(self) -> dict[str, Any]:
        """The values to set, with the names of the reps as the label."""
        found = super().settings
        names = [text for value, text in self._offered if value in found["reps"]]
        return {**found, "words": {str(self.reps.label.text): ", ".join(names)}}


class CloseForm(BulkForm):
    """Form that marks leads as dead, with the reason."""

    sets: ClassVar = {"reason": "reason"}

    reason = TextAreaField(
        _l("Reason"), reason_validators(DataRequired(_l("Briefly explain why."))), render_kw={"rows": 3}
    )
