"""The form of a mapping: what each column becomes, and how dates, numbers and words are written.

Lists of words and formats stand in one field, between semicolons: their parts may hold spaces and commas.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Words
from typing import Any, ClassVar, TypeAlias
from zoneinfo import available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln
from flask_babel import lazy_pgettext
from phonenumbers import SUPPORTED_REGIONS
from wtforms import BooleanField, Field, IntegerField, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import AnyOf, DataRequired, Optional
from wtforms.widgets import HiddenInput

from app.data.imports.mapping_rules import Mapping, make_mapping
from app.data.imports.table_rules import TableOptions
from app.data.imports.word_queries import StrangeWords
from app.data.imports.word_rules import LEAVE_EMPTY, TURN_AWAY
from app.declarations.field import Choice
from app.declarations.field import Field as DeclaredField
from app.declarations.importable import Importable, Target
from app.errors import Sentence, VersionConflict
from app.web.forms import Difference, Form
from app.web.validators import at_most
from app.web.value_words import LABELS

MAX_LIST_LENGTH = 500
MAX_WORD_LENGTH = 100
MAX_SOURCE_LENGTH = 60

#: Words by value.
Choices: TypeAlias = Words[str, Sentence]

_NOT_OFFERED = _l("Choose one of the values offered.")
_DECIMAL_SEPARATORS: Choices = {".": _l("Point: 1.5"), ",": _l("Comma: 1,5")}
_THOUSANDS_SEPARATORS: Choices = {
    "": _l("None: 1234"),
    ",": _l("Comma: 1,234"),
    ".": _l("Point: 1.234"),
    " ": _l("Space: 1 234"),
    "'": _l("Apostrophe: 1'234"),
}


def parts_of(text: str | None) -> tuple[str, ...]:
    """The parts between semicolons, each once."""
    parts = (part.strip() for part in (text or "").split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _has_short_parts(_form: Form, field: Field) -> None:
    if any(len(part) > MAX_WORD_LENGTH for part in parts_of(field.data)):
        raise ValidationError(_("Use %(most)s characters at most for each.", most=MAX_WORD_LENGTH))


def _list_field(label: Sentence, hint: Sentence, *validators: Any) -> StringField:
    length = at_most(MAX_LIST_LENGTH)
    return StringField(label, [*validators, length, _has_short_parts], description=hint)


def _select(label: Sentence, choices: Choices, hint: Sentence = "") -> SelectField:
    offered = AnyOf(list(choices), _NOT_OFFERED)
    return SelectField(
        label,
        [offered],
        choices=lambda: [(value, str(words)) for value, words in choices.items()],
        validate_choice=False,
        description=hint,
    )


_UNITS: Choices = {
    "seconds": _l("Seconds"),
    "minutes": _l("Minutes"),
    "hours": _l("Hours"),
    "milliseconds": _l("Milliseconds"),
    "h:mm": _l("Hours and minutes: 1:05 is 65 minutes"),
}
_COUNTRIES: Choices = {"": _l("Your country"), **{code: code for code in sorted(SUPPORTED_REGIONS)}}
_NO_ZONES = frozenset({"Factory", "localtime"})  # files beside those of the zones
_ZONES: Choices = {
    "": _l("Your organization"),
    **{name: name for name in sorted(available_timezones() - _NO_ZONES)},
}


class MappingForm(Form):
    """What files of every kind have in common; `form_for` adds a field for each column of one file."""

    header: ClassVar[tuple[str, ...]]
    targets: ClassVar[Words[str, Target]]
    #: What fields of records are where neither the file nor its mapping says it, by name.
    usual: ClassVar[Words[str, str]]
    #: The target that is said once for the whole file; "" where the kind has none.
    about: ClassVar[str] = ""
    #: Words of the file that are to be explained.
    strange: ClassVar[Sequence[StrangeWords]]

    source = StringField(
        _l("System it comes from"),
        [
            DataRequired(_l("Give the system a name.")),
            at_most(MAX_SOURCE_LENGTH),
        ],
        description=_l("A row is the same one again when this name and its id are the same."),
    )
    missing_words = _list_field(_l("Words for no value"), _l("Between semicolons. Empty cells count anyway."))
    name = StringField(
        lazy_pgettext("thing", "Name"), description=_l("For example the name of the system and of its report.")
    )
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    country = _select(
        _l("Numbers are from"), _COUNTRIES, _l("Of those that begin with no country code. Else from your country.")
    )
    only_column: SelectField
    only_keep = _select(_l("says"), {"yes": _l("one of these words"), "no": _l("none of these words")})
    only_words = _list_field(lazy_pgettext("filter", "Words"), _l("Between semicolons; capitals do not matter."))
    overwrite = _select(
        _l("What is here already"),
        {
            "unedited": _l("Change what nobody has edited here"),
            "empty": _l("Fill in what is empty only"),
            "all": _l("Change all that the file says"),
        },
        _l("Where a row is about something that is here already."),
    )
    strict = BooleanField(
        _l("Leave a row out for any wrong value"),
        description=_l("Otherwise a wrong value that a row can do without stays empty, and you get a list of them."),
    )

    @classmethod
    def of(cls, mapping: Mapping, name: str = "", version: int | None = None) -> "MappingForm":
        """The form as a mapping has it; `name` and `version` are those of the saved mapping it is."""
        return cls(formdata=None, data={**cls.shown(mapping), "name": name, "version": version})

    @classmethod
    def shown(cls, mapping: Mapping) -> dict[str, Any]:
        """What the fields hold for a mapping."""
        columns = {f"column_{index}": mapping.columns.get(name, "") for index, name in enumerate(cls.header)}
        usual = {name: mapping.defaults.get(name, value) for name, value in cls.usual.items()}
        only = mapping.only[0] if mapping.only else None
        return {
            **columns,
            **usual,
            **({cls.about: mapping.defaults.get(cls.about, "")} if cls.about else {}),
            **{
                cls.word_name(one, number): mapping.values.get(one.target, {}).get(
                    word, TURN_AWAY if one.is_needed else LEAVE_EMPTY
                )
                for one in cls.strange
                for number, word in enumerate(one.counts)
            },
            "source": mapping.source,
            "missing_words": "; ".join(mapping.missing_words),
            "country": mapping.country or "",
            "only_column": only.column if only else "",
            "only_keep": "yes" if only is None or only.keep else "no",
            "only_words": "; ".join(only.words) if only else "",
            "strict": mapping.strict,
            "overwrite": mapping.overwrite,
        }

    @staticmethod
    def word_name(words: StrangeWords, number: int) -> str:
        """What the field of a strange word is called."""
        return f"word_{words.target}_{number}"

    @property
    def word_fields(self) -> Sequence[tuple[StrangeWords, Sequence[Field]]]:
        """The fields of the words that are to be explained, column by column."""
        return [
            (one, [self._fields[self.word_name(one, number)] for number in range(len(one.counts))])
            for one in self.strange
        ]

    @property
    def column_fields(self) -> Sequence[Field]:
        """The field of each column, in the order of the file."""
        return [self._fields[f"column_{index}"] for index in range(len(self.header))]

    @property
    def usual_fields(self) -> Sequence[Field]:
        """The fields that say what is usual."""
        return [self._fields[name] for name in self.usual]

    @property
    def about_field(self) -> Field | None:
        """What is said once for the whole file."""
        return self._fields[self.about] if self.about else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Besides each field: no two columns become the same thing, where that cannot be."""
        is_valid = bool(super().validate(extra_validators))
        for _words, fields in self.word_fields:
            for field in fields:
                if not field.raw_data:  # its column was chosen only now
                    field.errors = [_("Say what this word means.")]
                    is_valid = False
        targets, taken = self.targets, set[str]()
        for field in self.column_fields:
            target = targets.get(field.data)
            if target is not None and not target.repeatable and field.data in taken:
                field.errors = [*field.errors, _("Another column is “%(label)s” already.", label=target.label)]
                is_valid = False
            taken.add(field.data)
        return is_valid

    def chosen(self, how: TableOptions, base: Mapping) -> Mapping:
        """The mapping for a file opened with the options `how`; what no field shows stays as in `base`.

        Raises ValidationFailed.
        """
        columns = {name: field.data for name, field in zip(self.header, self.column_fields, strict=True) if field.data}
        opened = {name: getattr(how, name) for name in ("encoding", "delimiter", "sheet", "header_line")}
        return make_mapping({**base.model_dump(), **self._settings(base), **opened, "columns": columns})

    def take_over(self, refusal: VersionConflict) -> list[Difference]:
        """What somebody else has saved meanwhile and this form has otherwise; saving it again means it."""
        # What was sent would be shown before what is set here.
        self.version.data, self.version.raw_data = refusal.extra["current_version"], None
        return list(self._differences(make_mapping(refusal.extra["current"]["mapping"])))

    def _differences(self, other: Mapping) -> Iterator[Difference]:
        theirs = type(self).of(other)
        for name in self.shown(other):
            here, there = self._fields[name], theirs._fields[name]
            if here.data != there.data:
                yield Difference(str(here.label.text), now=_in_words(there), yours=_in_words(here))

    def _settings(self, base: Mapping) -> dict[str, Any]:
        defaults = dict(base.defaults)
        for name, usual in self.usual.items():
            value = self._fields[name].data
            if value != usual or name in defaults:
                defaults[name] = value
        if self.about and (said := self._fields[self.about].data):
            defaults[self.about] = said
        elif self.about:
            defaults.pop(self.about, None)
        values = {target: dict(words) for target, words in base.values.items()}
        for one, fields in self.word_fields:
            values.setdefault(one.target, {}).update(
                {word: field.data for word, field in zip(one.counts, fields, strict=True)}
            )
        words = parts_of(self.only_words.data)
        only = {"column": self.only_column.data, "words": words, "keep": self.only_keep.data == "yes"}
        return {
            "source": self.source.data,
            "missing_words": parts_of(self.missing_words.data),
            "defaults": defaults,
            "values": values,
            "country": self.country.data or None,
            "only": [
                *([only] if words and self.only_column.data else []),
                *(one.model_dump() for one in base.only[1:]),
            ],
            "strict": self.strict.data,
            "overwrite": self.overwrite.data,
        }


class FormatsMappingForm(MappingForm):
    """The mapping of a file that holds dates, numbers and words for yes and no."""

    #: Targets that say how long something took.
    durations: ClassVar[Sequence[str]]

    #: What files of this kind do not hold, so that nobody is asked how it is written.
    unasked: ClassVar[frozenset[str]] = frozenset()

    #: Of which ways of writing dates somebody has to choose one, with an example of each.
    asks: ClassVar[Words[str, str]] = {}

    date_order = RadioField(
        _l("Which is the day, and which the month?"),
        choices=(),
        validate_choice=False,
    )
    date_formats = _list_field(
        _l("Dates look like"),
        _l("DD day, MM month, MMM its name, YYYY or YY year. Several between semicolons: the first that fits counts."),
    )
    time_formats = _list_field(
        _l("Times look like"),
        _l("HH hours, mm minutes, ss seconds, A for AM and PM."),
        DataRequired(_l("Say how times are written, for example HH:mm.")),
    )
    decimal_separator = _select(_l("Decimal separator"), _DECIMAL_SEPARATORS)
    thousands_separator = _select(_l("Thousands separator"), _THOUSANDS_SEPARATORS)
    yes_words = _list_field(_l("Words for yes"), _l("Between semicolons; capitals do not matter."))
    no_words = _list_field(_l("Words for no"), _l("Between semicolons; capitals do not matter."))
    rating_scale = _select(_l("The best rating is"), {"5": "5", "10": "10", "100": "100"})
    timezone = _select(
        _l("Times are of"), _ZONES, _l("Of those that name no offset of their own. Else of your organization’s zone.")
    )

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.date_order.choices = list(self.asks.items())
        if not self.asks:
            del self.date_order
        for name in self.unasked:
            del self[name]

    def validate(self, extra_validators: Any = None) -> bool:
        """Besides each field: dates are written in some way, and which is the day is said where both could be."""
        is_valid = super().validate(extra_validators)
        if self.asks and self.date_order.data not in self.asks:
            self.date_order.errors = [_("Choose how your dates are written. Both ways are possible.")]
            return False
        if not self.asks and not parts_of(self.date_formats.data):
            self.date_formats.errors = [_("Say how dates are written, for example MM/DD/YYYY.")]
            return False
        return is_valid

    @property
    def unit_fields(self) -> Sequence[Field]:
        """In what each duration is written."""
        return [field for name, field in self._fields.items() if name.startswith("unit_")]

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
            "timezone": lambda: self.timezone.data or None,
            "time_formats": lambda: parts_of(self.time_formats.data),
            "yes_words": lambda: parts_of(self.yes_words.data),
            "no_words": lambda: parts_of(self.no_words.data),
        }

    def _chosen_formats(self) -> tuple[str, ...]:
        """What was chosen between two ways goes first."""
        formats = parts_of(self.date_formats.data)
        if not self.asks:
            return formats
        order = self.date_order.data
        return (order, *(one for one in formats if one not in self.asks))


def form_for(
    importable: Importable,
    header: Sequence[str],
    samples: Sequence[Sequence[str]],
    strange: Sequence[StrangeWords] = (),
    asks: Words[str, str] | None = None,
) -> type[MappingForm]:
    """The form for a file with these columns and, column by column, these sample values; with the words that are to be
    explained, and the ways of writing dates of which one is to be chosen, each with an example."""
    targets = importable.targets
    offered: Choices = {"": _l("Leave out"), **{name: target.label for name, target in targets.items()}}
    usual = {one.name: one.imported.usual for one in importable.fields if one.imported and one.imported.usual}
    fields: dict[str, Any] = {
        **{f"column_{index}": _select(name, offered, " · ".join(samples[index])) for index, name in enumerate(header)},
        **{
            one.name: _select(one.label, _words_of(one), importable.usual_hint)
            for one in importable.fields
            if one.name in usual
        },
    }
    if importable.about:
        fields[importable.about] = StringField(
            targets[importable.about].label,
            [at_most(MAX_WORD_LENGTH)],
            description=_l("For the whole file, where no column says it. It is not kept for the next file."),
        )
    rows: Choices = {"": _l("All rows"), **{name: name for name in header}}
    fields["only_column"] = _select(_l("Only rows where this column"), rows)
    for one in strange:
        words = _meanings(one)
        fields |= {
            MappingForm.word_name(one, number): _select(f"“{word}”", words, _rows(count))
            for number, (word, count) in enumerate(one.counts.items())
        }
    form, more = MappingForm, dict[str, Any]()
    if importable.dates is not None:
        form = FormatsMappingForm
        more = {"asks": asks or {}, "durations": importable.durations, "unasked": _unasked(importable)}
        fields |= {
            f"unit_{target}": _select(
                _l("%(duration)s is in", duration=targets[target].label),
                _UNITS,
                _l("Where a cell does not say it: 2:05 is 2 minutes 5 seconds unless you choose hours."),
            )
            for target in importable.durations
        }
    known = {
        "header": tuple(header),
        "about": importable.about,
        "targets": targets,
        "usual": usual,
        "strange": tuple(strange),
        **more,
    }
    return type("FileMappingForm", (form,), {**fields, **known})


def _unasked(importable: Importable) -> frozenset[str]:
    dates = importable.dates
    names = set[str]()
    if not importable.ratings:
        names.add("rating_scale")
    if not importable.flags:
        names |= {"yes_words", "no_words"}
    if dates is not None and not dates.moment and not dates.time:
        names |= {"time_formats", "timezone"}
    return frozenset(names)


def _rows(count: int) -> Sentence:
    return _ln("%(num)s row", "%(num)s rows", count)


def _meanings(words: StrangeWords) -> Choices:
    """What a strange word can mean, in words of ours."""
    values: Choices = LABELS[words.kind] if words.kind else {"yes": _l("Yes"), "no": _l("No")}
    ours = {value: values[value] for value in words.values}
    nothing = {} if words.is_needed else {LEAVE_EMPTY: _l("Leave it empty")}
    return {**nothing, TURN_AWAY: _l("Leave the row out"), **ours}


def _words_of(field: DeclaredField) -> Choices:
    return LABELS[field.kind.kind] if isinstance(field.kind, Choice) else {}


def _in_words(field: Field) -> str:
    if isinstance(field, SelectField):
        return next((str(label) for _value, label, is_chosen, _more in field.iter_choices() if is_chosen), "–")
    return field.data or "–"
