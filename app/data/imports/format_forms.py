"""Mapping form for files with dates and yes/no words, in addition to numbers."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Words
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.validators import DataRequired

from app.data.imports.field_forms import ZONES, list_field, parts_of, select_field
from app.data.imports.mapping_rules import Mapping
from app.data.imports.number_forms import NumbersMappingForm

_BETWEEN = " | "


def dated_columns(names: Sequence[str], written: Sequence[str]) -> str:
    """Return the date columns and their formats as a string, from which a form detects that they changed."""
    return f"{'; '.join(names)}{_BETWEEN}{'; '.join(written)}"


class FormatsMappingForm(NumbersMappingForm):
    """The mapping form of a file that contains dates, numbers and yes/no words."""

    #: Settings that don't apply to files of this kind.
    unasked: ClassVar[frozenset[str]] = frozenset()

    #: The time zone of the file must be chosen.
    is_zone_needed: ClassVar[bool] = False

    #: The date formats to choose from, with an example of each.
    asks: ClassVar[Words[str, str]] = {}

    date_order = RadioField(
        _l("Order of day and month"),
        choices=(),
        validate_choice=False,
    )
    date_formats = list_field(
        _l("Date format"),
        _l(
            "DD day, MM month, MMM month name, YYYY or YY year; SERIAL for spreadsheet date numbers. "
            "Separate several formats with semicolons: the first that matches is used."
        ),
    )
    time_formats = list_field(
        _l("Time format"),
        _l("HH hours, mm minutes, ss seconds, A for AM or PM."),
        DataRequired(_l("Enter the time format, such as HH:mm.")),
    )
    yes_words = list_field(_l("Values treated as yes"), _l("Separate values with semicolons. Not case-sensitive."))
    no_words = list_field(_l("Values treated as no"), _l("Separate values with semicolons. Not case-sensitive."))
    rating_scale = select_field(_l("Highest possible rating"), {"5": "5", "10": "10", "100": "100"})
    costs_below_zero = BooleanField(
        _l("Costs are negative numbers"), description=_l("Check this if the file shows a cost of 0.02 as −0.02.")
    )
    timezone = select_field(
        _l("Time zone"), ZONES, _l("For times without a UTC offset. Defaults to your organization’s time zone.")
    )

    #: The date formats found in the chosen date columns, and these columns with them, see `dated_columns`.
    written: ClassVar[tuple[str, ...]] = ()
    dated: ClassVar[str] = ""

    dates_of = HiddenField()

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.date_order.choices = list(self.asks.items())
        if not self.asks:
            del self.date_order
        for name in self.unasked:
            del self[name]
        self._seen, self.dates_of.data = self.dates_of.data or "", self.dated
        self.dates_of.raw_data = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate the fields.

        There must be a date format, and an ambiguous time zone or order of day and month must be settled. If other date
        columns were chosen, the user must confirm their formats.
        """
        is_valid = super().validate(extra_validators)
        if self.is_zone_open:
            self.timezone.errors = [_("Choose the time zone of the times in your file.")]
            is_valid = False
        is_changed = self._seen != self.dated
        if self.asks and (is_changed or self.date_order.data not in self.asks):
            self.date_order.errors = [_("Choose how dates are written in your file. Both readings are possible.")]
            return False
        formats = parts_of(self.date_formats.data)
        if is_changed and not {*self.written} <= {*formats}:
            self._say_written()
            self.date_formats.errors = [
                _("You chose a different date column. Check that this format matches its dates.")
            ]
            return False
        if not self.asks and not formats:
            self.date_formats.errors = [_("Enter the date format, such as MM/DD/YYYY.")]
            return False
        return is_valid

    def follow_columns(self) -> None:
        """Update the suggested date formats to those of the date columns now chosen.

        Formats that the user typed are kept, but must be checked before the form is accepted.
        """
        super().follow_columns()
        if self._seen == self.dated:
            return
        suggested = parts_of(self._seen.rpartition(_BETWEEN)[2])
        if {*parts_of(self.date_formats.data)} <= {*suggested, *self.asks}:
            self._say_written()
            if self.written and suggested != self.written:
                columns, _between, formats = self.dated.partition(_BETWEEN)
                self.recomputed.append(
                    _("Dates in “%(columns)s” are now read as %(formats)s.", columns=columns, formats=formats)
                )
        else:  # typed by the user: on submit, they are asked to check it for the new columns
            self.dates_of.data = self._seen

    def _say_written(self) -> None:
        formats = (text for text in self.written if text not in self.asks)
        self.date_formats.data, self.date_formats.raw_data = "; ".join(formats), None

    @property
    def open_questions(self) -> int:
        """The number of questions without an answer."""
        is_order_open = bool(self.asks) and self.date_order.data not in self.asks
        return super().open_questions + is_order_open + self.is_zone_open

    @property
    def is_zone_open(self) -> bool:
        """True if the time zone is asked for and not chosen yet."""
        return self.is_zone_needed and not self.timezone.data

    @classmethod
    def shown(cls, mapping: Mapping) -> dict[str, Any]:
        """Return the values of the form fields that represent a mapping."""
        lists = ("date_formats", "time_formats", "yes_words", "no_words")
        found = {
            **super().shown(mapping),
            **{name: "; ".join(one for one in getattr(mapping, name) if one not in cls.asks) for name in lists},
            "rating_scale": str(mapping.rating_scale),
            "costs_below_zero": mapping.costs_below_zero,
            "dates_of": cls.dated,
            "timezone": mapping.timezone or "",
        }
        return {name: value for name, value in found.items() if name not in cls.unasked}

    def _settings(self, base: Mapping) -> dict[str, Any]:
        return {
            **super()._settings(base),
            **{name: value() for name, value in self._written().items() if name not in self.unasked},
            "date_formats": self._chosen_formats(),
        }

    def _written(self) -> dict[str, Callable[[], Any]]:
        """Return getters for the settings that not every kind of file has."""
        return {
            "rating_scale": lambda: int(self.rating_scale.data),
            "costs_below_zero": lambda: self.costs_below_zero.data,
            "timezone": lambda: self.timezone.data or None,
            "time_formats": lambda: parts_of(self.time_formats.data),
            "yes_words": lambda: parts_of(self.yes_words.data),
            "no_words": lambda: parts_of(self.no_words.data),
        }

    def _chosen_formats(self) -> tuple[str, ...]:
        """Return the date formats with the chosen one first.

        If the user has not chosen yet, the first of the two is assumed.
        """
        formats = parts_of(self.date_formats.data)
        if not self.asks:
            return formats
        order = self.date_order.data or next(iter(self.asks))
        return (order, *(one for one in formats if one not in self.asks))
