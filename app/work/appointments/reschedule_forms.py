"""Form that moves an appointment to a free time or to a typed date and time."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import get_locale, pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, TimeField, ValidationError
from wtforms.validators import Optional

from app.models import Appointment
from app.periods import is_in_range, moment_at
from app.web.formatting import full_moment
from app.web.forms import Difference, VersionedForm, version_field
from app.web.validators import is_day_in_range
from app.work.appointments.booking_forms import INSTEAD, Slot, SlotField, TimesForm

#: Value of the radio button for the typed date and time.
TYPED = "typed"


class _SlotOrTyped(SlotField):
    """Field of a free time, or of the typed date and time."""

    def pre_validate(self, form: Any) -> None:
        """Refuse a form with neither."""
        if form.wanted_start is None:
            raise ValidationError(str(_("Choose one of the available times, or enter a date and time.")))


class RescheduleForm(TimesForm, VersionedForm):
    """Form that moves an appointment to another time.

    The typed date and time count if their radio button is chosen, if no time is, or if they were changed while the
    current time remained chosen. Dragging in the calendar submits only them. Undo passes the previous time and length
    in its address.
    """

    stored_as: ClassVar[Mapping[str, str]] = {"rep": "sales_rep_id"}

    slot = _SlotOrTyped(_l("When"))
    day = DateField(_l("Date"), [Optional(), is_day_in_range])
    time = TimeField(_l("Time"), [Optional()], description=_l("Leave empty for the same time."))
    back = HiddenField()
    version = version_field()

    #: The appointment as it is now, and the time zone of the typed date and time.
    row: Appointment
    zone: ZoneInfo

    @classmethod
    def of(cls, row: Appointment, zone: ZoneInfo, back: str) -> Self:
        """Return the form of an appointment, with its current time chosen."""
        here = row.scheduled_start_at.astimezone(zone)
        form = cls(
            formdata=None,
            version=row.version,
            rep=str(row.sales_rep_id or ""),
            shown_on=here.date().isoformat(),
            day=here.date(),
            time=here.time(),
            back=back,
        )
        form.row, form.zone = row, zone
        form.slot.slot = form.current
        return form

    @classmethod
    def sent(cls, row: Appointment, zone: ZoneInfo) -> Self:
        """Return the form as submitted."""
        form = cls(formdata=request.values)
        form.row, form.zone = row, zone
        return form

    @property
    def current(self) -> Slot | None:
        """The appointment's current time and sales rep; None if it has no sales rep."""
        rep_id = self.row.sales_rep_id
        return Slot(rep_id, self.row.scheduled_start_at) if rep_id else None

    @property
    def is_typed(self) -> bool:
        """True if the typed date and time count."""
        if self.slot.slot is None:
            return True
        if INSTEAD in request.form:
            return False
        is_current = self.slot.slot.start == self.row.scheduled_start_at
        return is_current and self._typed not in (None, self.row.scheduled_start_at)

    @property
    def wanted_start(self) -> datetime | None:
        """The start of the chosen or typed time; None if there is neither."""
        return self._typed if self.is_typed else super().wanted_start

    @property
    def wanted_rep_id(self) -> UUID | None:
        """The chosen sales rep, or the one of the chosen time; None keeps the current one."""
        if self.is_typed:
            return self.rep_id
        return self.chosen.rep_id

    @property
    def chosen(self) -> Slot:
        """The chosen time with the sales rep who gets the appointment, once the form is valid."""
        rep_id = self.rep_id or self.row.sales_rep_id
        if self.is_typed and self.wanted_start is not None and rep_id is not None:
            return Slot(rep_id, self.wanted_start)
        return super().chosen

    @property
    def _typed(self) -> datetime | None:
        if self.day.data is None or not is_in_range(self.day.data):
            return None
        clock = self.time.data or self.row.scheduled_start_at.astimezone(self.zone).time()
        return moment_at(self.day.data, clock, self.zone, self.row.scheduled_start_at).astimezone(UTC)

    def _compare(self, current: Mapping[str, Any]) -> list[Difference]:
        start, end = current["scheduled_start_at"], current["scheduled_end_at"]
        wanted = self.wanted_start or start
        until = wanted + (end - start if self.length is None else timedelta(minutes=self.length))
        pairs = ((str(_("Start")), start, wanted), (pgettext("moment", "End"), end, until))
        times = [
            Difference(label, self._in_full(now), self._in_full(mine)) for label, now, mine in pairs if now != mine
        ]
        rep = {"sales_rep_id": str(current["sales_rep_id"])} if self.rep.data else {}
        return [*times, *super()._compare(rep)]

    def _in_full(self, moment: datetime) -> str:
        return full_moment(moment.astimezone(self.zone), get_locale())
