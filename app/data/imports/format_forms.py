"""The form of a mapping of a file that holds dates, numbers and words for yes and no: how they are written."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Words
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField
from wtforms.validators import DataRequired

from app.data.imports.field_forms import (
    DECIMAL_SEPARATORS,
    THOUSANDS_SEPARATORS,
    ZONES,
    list_field,
    parts_of,
    select_field,
)
from app.data.imports.mapping_forms import MappingForm
from app.data.imports.mapping_rules import Mapping

_BETWEEN = " | "


def dated_columns(names: Sequence[str], written: Sequence[str]) -> str:
    """The columns of dates and how these are written, for a form to tell whether it was asked about others."""
    return f"{'; '.join(names)}{_BETWEEN}{'; '.join(written)}"


class FormatsMappingForm(MappingForm):
    """The mapping of a file that holds dates, numbers and words for yes and no."""

    #: Targets that say how long something took.
    durations: ClassVar[Sequence[str]]

    #: Those that may be in another unit than is suggested.
    in_doubt: ClassVar[frozenset[str]] = frozenset()

    #: What files of this kind do not hold, so that nobody is asked how it is written.
    unasked: ClassVar[frozenset[str]] = frozenset()

    #: Of which ways of writing dates somebody has to choose one, with an example of each.
    asks: ClassVar[Words[str, str]] = {}

    date_order = RadioField(
        _l("Which is the day, and which the month?"),
        choices=(),
        validate_choice=False,
    )
    date_formats = list_field(
        _l("Dates look like"),
        _l(
            "DD day, MM month, MMM its name, YYYY or YY year; SERIAL for the numbers by which spreadsheets count days. "
            "Several between semicolons: the first that fits counts."
        ),
    )
    time_formats = list_field(
        _l("Times look like"),
        _l("HH hours, mm minutes, ss seconds, A for AM and PM."),
        DataRequired(_l("Say how times are written, for example HH:mm.")),
    )
    decimal_separator = select_field(_l("Decimal separator"), DECIMAL_SEPARATORS)
    thousands_separator = select_field(_l("Thousands separator"), THOUSANDS_SEPARATORS)
    yes_words = list_field(_l("Words for yes"), _l("Between semicolons; capitals do not matter."))
    no_words = list_field(_l("Words for no"), _l("Between semicolons; capitals do not matter."))
    rating_scale = select_field(_l("The best rating is"), {"5": "5", "10": "10", "100": "100"})
    costs_below_zero = BooleanField(
        _l("Costs are written below zero"), description=_l("What a call has cost is then −0.02, not 0.02.")
    )
    timezone = select_field(
        _l("Times are of"), ZONES, _l("Of those that name no offset of their own. Else of your organization’s zone.")
    )

    #: How the dates of the columns that were chosen are written, and these columns with that, see `dated_columns`.
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
        """Besides each field: dates are written in some way, and which is the day is said where both could be."""
        is_valid = super().validate(extra_validators)
        is_changed = self._seen != self.dated
        if self.asks and (is_changed or self.date_order.data not in self.asks):
            self.date_order.errors = [_("Choose how your dates are written. Both ways are possible.")]
            return False
        formats = parts_of(self.date_formats.data)
        if is_changed and not {*self.written} <= {*formats}:
            self._say_written()
            self.date_formats.errors = [_("Another column says the day now. See whether its dates look like this.")]
            return False
        if not self.asks and not formats:
            self.date_formats.errors = [_("Say how dates are written, for example MM/DD/YYYY.")]
            return False
        return is_valid

    def follow_columns(self) -> None:
        """Show how the dates of columns that were chosen only now are written."""
        if self._seen == self.dated:
            return
        suggested = parts_of(self._seen.rpartition(_BETWEEN)[2])
        if {*parts_of(self.date_formats.data)} <= {*suggested, *self.asks}:
            self._say_written()
        else:  # somebody has typed it: that it is of other columns is said when it is sent
            self.dates_of.data = self._seen

    def _say_written(self) -> None:
        formats = (text for text in self.written if text not in self.asks)
        self.date_formats.data, self.date_formats.raw_data = "; ".join(formats), None

    @property
    def open_questions(self) -> int:
        """How many there are without an answer."""
        return super().open_questions + (bool(self.asks) and self.date_order.data not in self.asks)

    @property
    def asked_units(self) -> Sequence[Field]:
        """In what the durations are that may be in another unit than is suggested."""
        return [self._fields[f"unit_{target}"] for target in self.durations if target in self.in_doubt]

    @property
    def other_units(self) -> Sequence[Field]:
        """In what the other durations are."""
        return [self._fields[f"unit_{target}"] for target in self.durations if target not in self.in_doubt]

    @classmethod
    def shown(cls, mapping: Mapping) -> dict[str, Any]:
        """What the fields hold for a mapping."""
        lists = ("date_formats", "time_formats", "yes_words", "no_words")
        found = {
            **super().shown(mapping),
            **{name: "; ".join(one for one in getattr(mapping, name) if one not in cls.asks) for name in lists},
            **{f"unit_{target}": mapping.units.get(target, "seconds") for target in cls.durations},
            "decimal_separator": mapping.decimal_separator,
            "thousands_separator": mapping.thousands_separator,
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
            "units": {
                target: unit
                for target in self.durations
                if (unit := self._fields[f"unit_{target}"].data) != "seconds" or target in base.units
            },
            "decimal_separator": self.decimal_separator.data,
            "thousands_separator": self.thousands_separator.data,
        }

    def _written(self) -> dict[str, Callable[[], Any]]:
        """What is not asked of files of every kind."""
        return {
            "rating_scale": lambda: int(self.rating_scale.data),
            "costs_below_zero": lambda: self.costs_below_zero.data,
            "timezone": lambda: self.timezone.data or None,
            "time_formats": lambda: parts_of(self.time_formats.data),
            "yes_words": lambda: parts_of(self.yes_words.data),
            "no_words": lambda: parts_of(self.no_words.data),
        }

    def _chosen_formats(self) -> tuple[str, ...]:
        """What was chosen between two ways goes first; a form that is only looked at may not say it yet."""
        formats = parts_of(self.date_formats.data)
        if not self.asks:
            return formats
        order = self.date_order.data or next(iter(self.asks))
        return (order, *(one for one in formats if one not in self.asks))
