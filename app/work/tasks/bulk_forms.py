"""What bulk changes of tasks set: one form for each action."""

from datetime import datetime, time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, pgettext
from wtforms import DateField, SelectField
from wtforms.validators import DataRequired

from app.data.bulk.forms import BulkForm
from app.models import AssignedTo
from app.people.users.queries import list_colleagues
from app.security.actor import Actor
from app.web.validators import is_day_in_range
from app.work.tasks.group_rules import morning_of
from app.work.tasks.rules import DOERS, NOBODY, kind_of_assignee


class CompleteTasksForm(BulkForm):
    """Nothing more is to be said."""

    sets: ClassVar = {}


class DayForm(BulkForm):
    """A day, at nine in the morning."""

    day: DateField

    def offer(self, actor: Actor) -> None:
        """A day begins where the organization is."""
        self._zone = ZoneInfo(actor.timezone)

    @property
    def settings(self) -> dict[str, Any]:
        """The morning of that day, as text."""
        day, [stored] = self.day.data, self.sets.values()
        moment = morning_of(datetime.combine(day, time(), self._zone)).isoformat() if day else None
        return {**super().settings, stored: moment}


class MoveTasksForm(DayForm):
    """The day to which the dates of tasks are moved."""

    sets: ClassVar = {"day": "due_at"}

    day = DateField(
        _l("Due on"), [DataRequired(_l("Choose a day.")), is_day_in_range], description=_l("At nine in the morning.")
    )


class SnoozeTasksForm(DayForm):
    """The day until which tasks are put off."""

    sets: ClassVar = {"day": "until"}

    day = DateField(
        _l("Until"), [DataRequired(_l("Choose a day.")), is_day_in_range], description=_l("At nine in the morning.")
    )


class AssignTasksForm(BulkForm):
    """To whom tasks are given."""

    sets: ClassVar = {"assignee": "assignee_id"}

    assignee = SelectField(
        lazy_pgettext("task", "Assigned to"), validators=[DataRequired(_l("Choose a person."))], validate_choice=True
    )

    def offer(self, actor: Actor) -> None:
        """Everybody who can finish them."""
        people = list_colleagues(actor, (), DOERS)
        self._kinds = {str(one.id): kind_of_assignee(one.role) for one in people}
        self.assignee.choices = [
            ("", _("Choose …")),
            *((str(one.id), one.name) for one in people),
            (NOBODY, pgettext("assigned", "Nobody")),
        ]

    @property
    def settings(self) -> dict[str, Any]:
        """Nobody is stored as no id; with what kind of person it is."""
        found = super().settings
        chosen = found["assignee_id"]
        kind = self._kinds.get(chosen, AssignedTo.CSR)
        return {**found, "assignee_id": None if chosen == NOBODY else chosen, "assigned_to_type": kind.value}
