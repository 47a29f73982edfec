"""The form of a mapping: what each column becomes, and how dates, numbers and words are written.

Lists of words and formats stand in one field, between semicolons: their parts may hold spaces and commas.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Words
from typing import Any, ClassVar, TypeAlias

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import Field, IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import AnyOf, DataRequired, Optional
from wtforms.widgets import HiddenInput

from app.data.imports.mapping_rules import Mapping, make_mapping
from app.data.imports.table_rules import TableOptions
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


class MappingForm(Form):
    """What files of every kind have in common; `form_for` adds a field for each column of one file."""

    header: ClassVar[tuple[str, ...]]
    targets: ClassVar[Words[str, Target]]
    #: What fields of records are where neither the file nor its mapping says it, by name.
    usual: ClassVar[Words[str, str]]

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

    @classmethod
    def of(cls, mapping: Mapping, name: str = "", version: int | None = None) -> "MappingForm":
        """The form as a mapping has it; `name` and `version` are those of the saved mapping it is."""
        return cls(formdata=None, data={**cls.shown(mapping), "name": name, "version": version})

    @classmethod
    def shown(cls, mapping: Mapping) -> dict[str, Any]:
        """What the fields hold for a mapping."""
        columns = {f"column_{index}": mapping.columns.get(name, "") for index, name in enumerate(cls.header)}
        usual = {name: mapping.defaults.get(name, value) for name, value in cls.usual.items()}
        return {**columns, **usual, "source": mapping.source, "missing_words": "; ".join(mapping.missing_words)}

    @property
    def column_fields(self) -> Sequence[Field]:
        """The field of each column, in the order of the file."""
        return [self._fields[f"column_{index}"] for index in range(len(self.header))]

    @property
    def usual_fields(self) -> Sequence[Field]:
        """The fields that say what is usual."""
        return [self._fields[name] for name in self.usual]

    def validate(self, extra_validators: Any = None) -> bool:
        """Besides each field: no two columns become the same thing, where that cannot be."""
        is_valid = bool(super().validate(extra_validators))
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
        opened = {"encoding": how.encoding, "delimiter": how.delimiter, "sheet": how.sheet}
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
        return {
            "source": self.source.data,
            "missing_words": parts_of(self.missing_words.data),
            "defaults": defaults,
        }


class FormatsMappingForm(MappingForm):
    """The mapping of a file that holds dates, numbers and words for yes and no."""

    date_formats = _list_field(
        _l("Dates look like"),
        _l("DD day, MM month, MMM its name, YYYY or YY year. Several between semicolons: the first that fits counts."),
        DataRequired(_l("Say how dates are written, for example MM/DD/YYYY.")),
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

    @classmethod
    def shown(cls, mapping: Mapping) -> dict[str, Any]:
        """What the fields hold for a mapping."""
        lists = ("date_formats", "time_formats", "yes_words", "no_words")
        return {
            **super().shown(mapping),
            **{name: "; ".join(getattr(mapping, name)) for name in lists},
            "decimal_separator": mapping.decimal_separator,
            "thousands_separator": mapping.thousands_separator,
        }

    def _settings(self, base: Mapping) -> dict[str, Any]:
        return {
            **super()._settings(base),
            "date_formats": parts_of(self.date_formats.data),
            "time_formats": parts_of(self.time_formats.data),
            "yes_words": parts_of(self.yes_words.data),
            "no_words": parts_of(self.no_words.data),
            "decimal_separator": self.decimal_separator.data,
            "thousands_separator": self.thousands_separator.data,
        }


def form_for(importable: Importable, header: Sequence[str], samples: Sequence[Sequence[str]]) -> type[MappingForm]:
    """The form for a file with these columns and, column by column, these sample values."""
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
    form = FormatsMappingForm if importable.dates is not None else MappingForm
    return type("FileMappingForm", (form,), {**fields, "header": tuple(header), "targets": targets, "usual": usual})


def _words_of(field: DeclaredField) -> Choices:
    return LABELS[field.kind.kind] if isinstance(field.kind, Choice) else {}


def _in_words(field: Field) -> str:
    if isinstance(field, SelectField):
        return next((str(label) for _value, label, is_chosen, _more in field.iter_choices() if is_chosen), "–")
    return field.data or "–"
