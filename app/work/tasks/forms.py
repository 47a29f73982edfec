"""Forms of tasks."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, pgettext
from wtforms import DateField, HiddenField, SelectField, StringField, TextAreaField, TimeField, ValidationError
from wtforms.validators import AnyOf, DataRequired, Optional

from app.declarations.input_forms import text_length
from app.errors import ValidationFailed
from app.lists.choices import Choice
from app.lists.listing import as_options
from app.models import Task, TaskPriority, TaskStatus
from app.web.forms import Form, NewRowForm, VersionedForm, version_field
from app.web.labels import options
from app.web.validators import at_most, is_day_in_range
from app.work.tasks.group_rules import Snooze, morning_of, snoozed_until
from app.work.tasks.line_rules import END_OF_WORK
from app.work.tasks.rules import NOBODY, NewTaskInput, SnoozeInput, TaskInput, shown_values

_NOT_OFFERED = _l("Choose one of the values offered.")
_WHAT = _l("Write what is to be done.")
#: How old what was shown below the line may be for it to count.
_LONGEST_READ = timedelta(hours=12)
MAX_LINE_CHARACTERS = 400


def id_of(typed: str | None) -> UUID | None:
    """The id that a field or an address holds, if it is one."""
    try:
        return UUID(typed or "")
    except ValueError:
        return None


def _names_somebody(_form: Form, field: SelectField) -> None:
    """An id or nobody; who it is, says the service."""
    if id_of(field.data) is None and field.data != NOBODY:
        raise ValidationError(str(_NOT_OFFERED))


class LineForm(NewRowForm):
    """A task in one line; `read_at` is when it was shown how it is read."""

    line = StringField(
        _l("Add a task: what, @who, when"),
        [DataRequired(_WHAT), at_most(MAX_LINE_CHARACTERS)],
        render_kw={"autocomplete": "off", "maxlength": MAX_LINE_CHARACTERS},
    )
    read_at = HiddenField()

    def moment(self, now: datetime) -> datetime:
        """From when "in 2 hours" counts: when the reading was shown, so that just that is added."""
        try:
            shown = datetime.fromisoformat(self.read_at.data or "")
        except ValueError:
            return now
        if shown.tzinfo is None or not now - _LONGEST_READ <= shown <= now:
            return now
        return shown


class TaskFields(Form):
    """What the forms of a new task and of one that is there share."""

    title = StringField(_l("Task"), [DataRequired(_WHAT), text_length(TaskInput, "title")])
    description = TextAreaField(
        _l("Description"), [Optional(), text_length(TaskInput, "description")], render_kw={"rows": 4}
    )
    due_day = DateField(_l("Due on"), [Optional(), is_day_in_range])
    due_time = TimeField(_l("At"), [Optional()], description=_l("Without a time: at the end of the working day."))
    priority = SelectField(
        _l("Priority"),
        choices=lambda: options(TaskPriority),
        default=TaskPriority.MEDIUM.value,
        validators=[AnyOf(list(TaskPriority), _NOT_OFFERED)],
        validate_choice=False,
    )
    assignee = SelectField(lazy_pgettext("task", "Assigned to"), validators=[_names_somebody], validate_choice=False)

    def offer(self, people: Sequence[Choice]) -> None:
        """To whom it can be given."""
        self.assignee.choices = [*as_options(people), (NOBODY, pgettext("assigned", "Nobody"))]

    def validate_due_time(self, field: TimeField) -> None:
        """A time is that of a day."""
        if field.data is not None and self.due_day.data is None:
            raise ValidationError(_("Choose the day too."))

    def _typed(self, zone: str) -> dict[str, Any]:
        day = self.due_day.data
        hour = self.due_time.data or END_OF_WORK
        return {
            "title": self.title.data,
            "description": self.description.data or None,
            "priority": self.priority.data,
            "due_at": datetime.combine(day, hour, ZoneInfo(zone)).astimezone(UTC) if day else None,
            "assigned_to_user_id": id_of(self.assignee.data),
        }


class NewTaskForm(TaskFields, NewRowForm):
    """A new task, and what it is about."""

    contact = HiddenField()
    call = HiddenField()
    appointment = HiddenField()

    def given(self, zone: str) -> NewTaskInput:
        """Return the valid values with the records that the task is about; times are local to `zone`."""
        return NewTaskInput.of({**self._typed(zone), **self.links})

    @property
    def links(self) -> dict[str, UUID | None]:
        """Return the records that the task is about, by column."""
        about = {"contact_card_id": self.contact, "call_id": self.call, "appointment_id": self.appointment}
        return {name: id_of(field.data) for name, field in about.items()}


class TaskEditForm(TaskFields, VersionedForm):
    """A task as it is."""

    version = version_field()

    def given(self, zone: str) -> TaskInput:
        """Return the valid values; times are local to `zone`."""
        return TaskInput.of(self._typed(zone))

    @classmethod
    def of(cls, task: Task, zone: str) -> "TaskEditForm":
        """The form as the task stands, on the clocks of `zone`."""
        return cls(formdata=None, **shown_values(task, zone), version=task.version)


def _moment(typed: str) -> datetime | None:
    try:
        return SnoozeInput.of({"snoozed_until": typed}).snoozed_until
    except ValidationFailed:
        return None


def _is_moment(_form: Form, field: StringField) -> None:
    """A moment, or that there was none."""
    if field.data not in (None, "", NOBODY) and _moment(field.data) is None:
        raise ValidationError(str(_NOT_OFFERED))


class SnoozeForm(Form):
    """To when a task is put off: one of the choices, a day, or (`back`, of Undo) the moment it had before."""

    to = StringField(validators=[Optional(), AnyOf([*Snooze, "day"], _NOT_OFFERED)])
    day = DateField(_l("Day"), [Optional(), is_day_in_range])
    back = StringField(validators=[_is_moment])

    @classmethod
    def sent(cls) -> "SnoozeForm":
        """As it was sent; Undo says in its address what was there."""
        return cls(formdata=request.values)

    def until(self, now: datetime, zone: str) -> datetime | None:
        """The moment, once the form is valid; None: it is back. Raises ValidationFailed without one."""
        here = now.astimezone(ZoneInfo(zone))
        if self.back.data:
            return _moment(self.back.data)
        if self.to.data in list(Snooze):
            return snoozed_until(Snooze(self.to.data), here)
        if self.day.data is None:
            self.day.errors = [_("Choose a day.")]
            raise self._refusal()
        return morning_of(datetime.combine(self.day.data, time(), ZoneInfo(zone)))


class AssignForm(Form):
    """To whom a task is given; `back`, of Undo alone, is until when it was put off before, or that it was not."""

    assignee = SelectField(lazy_pgettext("task", "Assigned to"), validators=[_names_somebody], validate_choice=False)
    back = StringField(validators=[_is_moment])

    @classmethod
    def sent(cls) -> "AssignForm":
        """As it was sent; Undo says in its address who had it."""
        return cls(formdata=request.values)

    @property
    def assignee_id(self) -> UUID | None:
        """Once the form is valid; None is nobody."""
        return id_of(self.assignee.data)

    @property
    def snoozed_until(self) -> datetime | None:
        """Once the form is valid."""
        return _moment(self.back.data or NOBODY)


class ReopenForm(Form):
    """What a task is once it is open again."""

    status = StringField(
        validators=[Optional(), AnyOf([TaskStatus.PENDING, TaskStatus.IN_PROGRESS], _NOT_OFFERED)],
        default=TaskStatus.PENDING.value,
    )

    @classmethod
    def sent(cls) -> "ReopenForm":
        """As it was sent; Undo says in its address what it was."""
        return cls(formdata=request.values)

    @property
    def chosen(self) -> Literal[TaskStatus.PENDING, TaskStatus.IN_PROGRESS]:
        """Once the form is valid."""
        return TaskStatus.IN_PROGRESS if self.status.data == TaskStatus.IN_PROGRESS else TaskStatus.PENDING
