"""Forms that create and change tasks."""

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
from app.work.tasks.quick_add_contact_rules import NamedContact
from app.work.tasks.rules import END_OF_WORK, NOBODY, NewTaskInput, SnoozeInput, TaskInput, shown_values

_NOT_OFFERED = _l("Choose one of the options.")
_WHAT = _l("Enter what needs to be done.")
#: Maximum age of the reading below the line; an older `read_at` is ignored.
_MAX_AGE = timedelta(hours=12)
MAX_LINE_CHARACTERS = 400


def id_of(typed: str | None) -> UUID | None:
    """Return the id in a field or an address, or None if it isn't one."""
    try:
        return UUID(typed or "")
    except ValueError:
        return None


def _is_assignee(_form: Form, field: SelectField) -> None:
    """Refuse a value that is neither an id nor NOBODY.

    The service checks whether the person with the id can be assigned tasks.
    """
    if id_of(field.data) is None and field.data != NOBODY:
        raise ValidationError(str(_NOT_OFFERED))


class LineForm(NewRowForm):
    """Form that adds a task in one line.

    `read_at` is the time when the parsed task was shown below the line. `contact` is chosen among several that the line
    names, who are then `offered`.
    """

    line = StringField(
        _l("Add a task: what, @who, when"),
        [DataRequired(_WHAT), at_most(MAX_LINE_CHARACTERS)],
        render_kw={"autocomplete": "off", "maxlength": MAX_LINE_CHARACTERS},
    )
    read_at = HiddenField()
    contact = StringField()
    offered: Sequence[NamedContact] = ()

    def moment(self, now: datetime) -> datetime:
        """Return the time that "in 2 hours" counts from.

        It is the time when the parsed task was shown, so that exactly the displayed due date is saved, or `now` if that
        time is invalid or too old.
        """
        try:
            shown = datetime.fromisoformat(self.read_at.data or "")
        except ValueError:
            return now
        if shown.tzinfo is None or not now - _MAX_AGE <= shown <= now:
            return now
        return shown


class TaskFields(Form):
    """Fields shared by the forms that create and edit a task."""

    title = StringField(_l("Task"), [DataRequired(_WHAT), text_length(TaskInput, "title")])
    description = TextAreaField(
        _l("Description"), [Optional(), text_length(TaskInput, "description")], render_kw={"rows": 4}
    )
    due_day = DateField(_l("Due date"), [Optional(), is_day_in_range])
    due_time = TimeField(_l("Due time"), [Optional()], description=_l("Leave empty for 5:00 PM."))
    priority = SelectField(
        _l("Priority"),
        choices=lambda: options(TaskPriority),
        default=TaskPriority.MEDIUM.value,
        validators=[AnyOf(list(TaskPriority), _NOT_OFFERED)],
        validate_choice=False,
    )
    assignee = SelectField(lazy_pgettext("task", "Assigned to"), validators=[_is_assignee], validate_choice=False)

    def offer(self, people: Sequence[Choice]) -> None:
        """Offer these assignees, and "Unassigned"."""
        self.assignee.choices = [*as_options(people), (NOBODY, pgettext("assigned", "Unassigned"))]

    def validate_due_time(self, field: TimeField) -> None:
        """Refuse a time without a date."""
        if field.data is not None and self.due_day.data is None:
            raise ValidationError(_("Also choose a date."))

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
    """Form that creates a task, with the records that it refers to."""

    contact = HiddenField()
    call = HiddenField()
    appointment = HiddenField()

    def given(self, zone: str) -> NewTaskInput:
        """Return the valid values with the records that the task refers to; times are local to `zone`."""
        return NewTaskInput.of({**self._typed(zone), **self.links})

    @property
    def links(self) -> dict[str, UUID | None]:
        """The ids of the records that the task refers to, by column."""
        about = {"contact_card_id": self.contact, "call_id": self.call, "appointment_id": self.appointment}
        return {name: id_of(field.data) for name, field in about.items()}


class TaskEditForm(TaskFields, VersionedForm):
    """Form that edits an existing task."""

    version = version_field()

    def given(self, zone: str) -> TaskInput:
        """Return the valid values; times are local to `zone`."""
        return TaskInput.of(self._typed(zone))

    @classmethod
    def of(cls, task: Task, zone: str) -> "TaskEditForm":
        """Return the form filled from the task, with times local to `zone`."""
        return cls(formdata=None, **shown_values(task, zone), version=task.version)


def _moment(typed: str) -> datetime | None:
    try:
        return SnoozeInput.of({"snoozed_until": typed}).snoozed_until
    except ValidationFailed:
        return None


def _is_moment(_form: Form, field: StringField) -> None:
    """Refuse a value that is neither empty, NOBODY nor a valid time."""
    if field.data not in (None, "", NOBODY) and _moment(field.data) is None:
        raise ValidationError(str(_NOT_OFFERED))


class SnoozeForm(Form):
    """Form that snoozes a task: one of the choices or a day.

    `back` is only sent by Undo: the previous time, or NOBODY if the task wasn't snoozed.
    """

    to = StringField(validators=[Optional(), AnyOf([*Snooze, "day"], _NOT_OFFERED)])
    day = DateField(_l("Day"), [Optional(), is_day_in_range])
    back = StringField(validators=[_is_moment])

    @classmethod
    def sent(cls) -> "SnoozeForm":
        """Return the form as submitted. Undo passes the previous value in its address."""
        return cls(formdata=request.values)

    def until(self, now: datetime, zone: str) -> datetime | None:
        """Return the time until which the task is snoozed, or None to end snoozing.

        The form must be valid. Raises ValidationFailed if no day was chosen.
        """
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
    """Form that assigns a task.

    `back` is only sent by Undo: the time until which the task was snoozed, or NOBODY if it wasn't.
    """

    assignee = SelectField(lazy_pgettext("task", "Assigned to"), validators=[_is_assignee], validate_choice=False)
    back = StringField(validators=[_is_moment])

    @classmethod
    def sent(cls) -> "AssignForm":
        """Return the form as submitted. Undo passes the previous assignee in its address."""
        return cls(formdata=request.values)

    @property
    def assignee_id(self) -> UUID | None:
        """The ID of the chosen assignee, once the form is valid; None means unassigned."""
        return id_of(self.assignee.data)

    @property
    def snoozed_until(self) -> datetime | None:
        """The time that Undo restores, once the form is valid."""
        return _moment(self.back.data or NOBODY)


class ReopenForm(Form):
    """Form that reopens a task, with the status it gets."""

    status = StringField(
        validators=[Optional(), AnyOf([TaskStatus.PENDING, TaskStatus.IN_PROGRESS], _NOT_OFFERED)],
        default=TaskStatus.PENDING.value,
    )

    @classmethod
    def sent(cls) -> "ReopenForm":
        """Return the form as submitted. Undo passes the previous status in its address."""
        return cls(formdata=request.values)

    @property
    def chosen(self) -> Literal[TaskStatus.PENDING, TaskStatus.IN_PROGRESS]:
        """The chosen status, once the form is valid."""
        return TaskStatus.IN_PROGRESS if self.status.data == TaskStatus.IN_PROGRESS else TaskStatus.PENDING
