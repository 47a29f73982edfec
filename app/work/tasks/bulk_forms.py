"""Forms of the bulk changes of tasks, one for each action."""

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
    """Form of the bulk action Complete, which has no settings."""

    sets: ClassVar = {}


class DayForm(BulkForm):
    """Base of forms that ask for a day, which stands for 9 a.m. of that day."""

    day: DateField

    def offer(self, actor: Actor) -> None:
        """Remember the organization's time zone, in which the chosen day is read."""
        self._zone = ZoneInfo(actor.timezone)

    @property
    def settings(self) -> dict[str, Any]:
        """The settings, with 9 a.m. of the chosen day as ISO 8601 text in UTC, or None without a day."""
        day, [stored] = self.day.data, self.sets.values()
        moment = morning_of(datetime.combine(day, time(), self._zone)).isoformat() if day else None
        return {**super().settings, stored: moment}


class MoveTasksForm(DayForm):
    """Form of the bulk action Reschedule: the new due date of the tasks."""

    sets: ClassVar = {"day": "due_at"}

    day = DateField(_l("Due date"), [DataRequired(_l("Choose a day.")), is_day_in_range], description=_l("At 9:00 AM."))


class SnoozeTasksForm(DayForm):
    """Form of the bulk action Snooze: the day until which the tasks are snoozed."""

    sets: ClassVar = {"day": "until"}

    day = DateField(_l("Until"), [DataRequired(_l("Choose a day.")), is_day_in_range], description=_l("At 9:00 AM."))


class AssignTasksForm(BulkForm):
    """Form of the bulk action Assign: the new assignee of the tasks."""

    sets: ClassVar = {"assignee": "assignee_id"}

    assignee = SelectField(
        lazy_pgettext("task", "Assigned to"), validators=[DataRequired(_l("Choose a person."))], validate_choice=True
    )

    def offer(self, actor: Actor) -> None:
        """Offer everyone who can complete tasks, and "Unassigned"."""
        people = list_colleagues(actor, (), DOERS)
        self._kinds = {str(one.id): kind_of_assignee(one.role) for one in people}
        self.assignee.choices = [
            ("", _("Choose…")),
            *((str(one.id), one.name) for one in people),
            (NOBODY, pgettext("assigned", "Unassigned")),
        ]

    @property
    def settings(self) -> dict[str, Any]:
        """The settings, with the kind of assignment.

        The id is None if the tasks are unassigned.
        """
        found = super().settings
        chosen = found["assignee_id"]
        kind = self._kinds.get(chosen, AssignedTo.CSR)
        return {**found, "assignee_id": None if chosen == NOBODY else chosen, "assigned_to_type": kind.value}
