"""Mapping form for files with numbers and durations: their separators and units."""

import json
from collections.abc import Mapping as Words
from collections.abc import Sequence
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectField

from app.data.imports.field_forms import DECIMAL_SEPARATORS, THOUSANDS_SEPARATORS, select_field
from app.data.imports.mapping_forms import MappingForm
from app.data.imports.mapping_rules import Mapping
from app.data.imports.written_rules import Written


class NumbersMappingForm(MappingForm):
    """The mapping form of a file that contains numbers and durations."""

    #: Targets that are durations.
    durations: ClassVar[Sequence[str]]

    #: Durations whose unit may differ from the suggested one.
    in_doubt: ClassVar[frozenset[str]] = frozenset()

    #: Durations whose unit the user must confirm, with some of their values.
    unit_asks: ClassVar[Words[str, Sequence[str]]] = {}

    #: The formats found in the mapped columns; the columns with numbers, and the column of each duration.
    formats: ClassVar[Written] = Written()
    numbered: ClassVar[Sequence[str]] = ()
    timed: ClassVar[Words[str, str]] = {}

    decimal_separator = select_field(_l("Decimal separator"), DECIMAL_SEPARATORS)
    thousands_separator = select_field(_l("Thousands separator"), THOUSANDS_SEPARATORS)

    #: What was suggested for which columns, as JSON, from which the form detects that other columns were chosen.
    numbers_of = HiddenField()

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self._before = _parsed(self.numbers_of.data)
        self.numbers_of.data, self.numbers_of.raw_data = json.dumps(self._suggestions()), None
        #: Sentences about the formats that were recomputed because other columns were chosen.
        self.recomputed: list[str] = []

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate the fields.

        The unit of doubtful durations must be chosen. If other columns were chosen, the user must confirm what was
        found in them.
        """
        is_valid = super().validate(extra_validators)
        for field in self._follow_numbers():
            field.errors = [_("You chose a different column. Check that this matches its values.")]
            is_valid = False
        for unit in self.open_units:
            unit.errors = [_("Choose the unit of these values.")]
            is_valid = False
        return is_valid

    def follow_columns(self) -> None:
        """Update the suggested separators and units to those of the columns now chosen."""
        for field in self._follow_numbers():
            if field.data:
                chosen = next(label for value, label, *_more in field.iter_choices() if value == field.data)
                self.recomputed.append(_("%(setting)s is now: %(value)s", setting=field.label.text, value=chosen))

    @property
    def open_questions(self) -> int:
        """The number of questions without an answer."""
        return super().open_questions + len(self.open_units)

    @property
    def doubtful_units(self) -> Sequence[Field]:
        """Unit fields of the durations whose suggested unit is in doubt."""
        return [self._unit(target) for target in self.durations if target in self.in_doubt]

    @property
    def other_units(self) -> Sequence[Field]:
        """Unit fields of the durations whose suggested unit is not in doubt."""
        return [self._unit(target) for target in self.durations if target not in self.in_doubt]

    @classmethod
    def shown(cls, mapping: Mapping) -> dict[str, Any]:
        """Return the values of the form fields that represent a mapping."""
        return {
            **super().shown(mapping),
            **{f"unit_{target}": mapping.units.get(target, cls._suggested(target)) for target in cls.durations},
            "decimal_separator": mapping.decimal_separator,
            "thousands_separator": mapping.thousands_separator,
            "numbers_of": json.dumps(cls._suggestions()),
        }

    def _settings(self, base: Mapping) -> dict[str, Any]:
        chosen = {target: self._unit(target).data for target in self.durations}
        return {
            **super()._settings(base),
            "units": {
                target: unit
                for target, unit in chosen.items()
                if unit and (unit != "seconds" or target in base.units or target in self.unit_asks)
            },
            "decimal_separator": self.decimal_separator.data,
            "thousands_separator": self.thousands_separator.data,
        }

    @property
    def open_units(self) -> Sequence[Field]:
        """Unit fields of the durations whose unit has not been chosen yet."""
        return [self._unit(target) for target in self.unit_asks if not self._unit(target).data]

    def _unit(self, target: str) -> SelectField:
        found: SelectField = self._fields[f"unit_{target}"]
        return found

    @classmethod
    def _suggested(cls, target: str) -> str:
        """Return the suggested unit of a duration, "" if the user has to choose one."""
        return cls.formats.units.found.get(target, "" if target in cls.unit_asks else "seconds")

    @classmethod
    def _suggestions(cls) -> dict[str, list[str]]:
        """Return the columns that each setting depends on and its suggested value, by the name of the form field."""
        found, columns = cls.formats.separators, "; ".join(cls.numbered)
        return {
            "decimal_separator": [columns, found.decimal],
            "thousands_separator": [columns, found.thousands],
            **{f"unit_{target}": [cls.timed.get(target, ""), cls._suggested(target)] for target in cls.durations},
        }

    def _follow_numbers(self) -> list[SelectField]:
        """Set the suggestions for the columns now chosen, where the user has not changed the earlier ones.

        Returns the fields that changed.
        """
        changed = []
        for name, (columns, suggested) in self._suggestions().items():
            before, field = self._before.get(name), self._fields[name]
            if before is None or not columns or before[0] == columns:
                continue
            if field.data == before[1] and field.data != suggested:
                field.data, field.raw_data = suggested, None
                changed.append(field)
        return changed


def _parsed(text: str | None) -> Words[str, Sequence[str]]:
    """Return the suggestions in a hidden field; none if it is missing or was forged."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: pair for name, pair in found.items() if isinstance(pair, list) and len(pair) == 2}
