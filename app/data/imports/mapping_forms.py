"""The mapping form: the field of each column, the meaning of words, and the rows to import."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Words
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import HiddenInput

from app.data.imports.channel_forms import ChannelForm
from app.data.imports.field_forms import COUNTRIES, has_country_codes, list_field, numbers_in, parts_of, select_field
from app.data.imports.mapping_rules import Mapping, make_mapping
from app.data.imports.word_queries import UnknownWords
from app.declarations.importable import Importable, Target
from app.errors import FieldError, VersionConflict
from app.tables.table_rules import TableOptions
from app.web.forms import Difference
from app.web.validators import at_most

MAX_SOURCE_LENGTH = 60


class MappingForm(ChannelForm):
    """The base form of mappings of all kinds; `form_for` adds a field for each column of a file."""

    header: ClassVar[tuple[str, ...]]
    targets: ClassVar[Words[str, Target]]
    #: The kind of the file.
    importable: ClassVar[Importable]
    #: Several rows can share an id.
    shares_ids: ClassVar[bool] = False
    #: Files can have the organization's own numbers.
    has_ends: ClassVar[bool] = False
    #: Values of required fields that are used where neither the file nor its mapping has one, by field name.
    usual: ClassVar[Words[str, str]]
    #: The target that is set once for the whole file; "" if the kind has none.
    about: ClassVar[str] = ""
    #: Unknown words of the file that the user must explain, including names of people.
    strange: ClassVar[Sequence[UnknownWords]]
    #: Targets that can be set for the whole file, with the other targets that also provide them.
    constants: ClassVar[Words[str, Sequence[str]]]

    source = StringField(
        _l("Source system"),
        [
            DataRequired(_l("Give the system a name.")),
            at_most(MAX_SOURCE_LENGTH),
        ],
        description=_l("Rows with the same ID from a source with this name count as the same record."),
    )
    missing_words = list_field(
        _l("Values treated as empty"), _l("Separate values with semicolons. Empty cells are always included.")
    )
    name = StringField(lazy_pgettext("thing", "Name"), description=_l("For example, the system and report name."))
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    country = select_field(
        _l("Phone number country"),
        COUNTRIES,
        _l("For phone numbers without a country code. Defaults to your organization’s country."),
    )
    own_numbers = list_field(
        _l("Your numbers"),
        _l(
            "With country code, separated by semicolons. Calls from them are outbound, calls to them inbound. Numbers "
            "under “Phone numbers” are included."
        ),
        has_country_codes,
    )
    only_column: SelectField
    only_keep = select_field(_l("Condition"), {"yes": _l("Is one of the values"), "no": _l("Is none of the values")})
    only_words = list_field(
        lazy_pgettext("filter", "Values"), _l("Separate values with semicolons. Not case-sensitive.")
    )
    overwrite = select_field(
        _l("Existing records"),
        {
            "unedited": _l("Update only what no one has edited here"),
            "empty": _l("Only fill in empty fields"),
            "all": _l("Update with everything in the file"),
        },
        _l("For rows that match an existing record."),
    )
    strict = BooleanField(
        _l("Skip rows with any invalid value"),
        description=_l("Otherwise, invalid values in optional fields are left empty and listed for you."),
    )

    several_per_id = BooleanField(
        _l("IDs can repeat across calls"),
        description=_l(
            "Rows with the same ID are imported as legs of one transferred call, told apart by start time. "
            "Otherwise, only the first row with each ID is imported."
        ),
    )

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        if not self.shares_ids:
            del self.several_per_id
        if not self.has_ends:
            del self.own_numbers

    @classmethod
    def of(cls, mapping: Mapping, name: str = "", version: int | None = None) -> "MappingForm":
        """Return the form filled from a mapping; `name` and `version` are those of the saved mapping."""
        return cls(formdata=None, data={**cls.shown(mapping), "name": name, "version": version})

    @classmethod
    def shown(cls, mapping: Mapping) -> dict[str, Any]:
        """Return the values of the form fields that represent a mapping."""
        columns = {f"column_{index}": mapping.columns.get(name, "") for index, name in enumerate(cls.header)}
        usual = {name: mapping.defaults.get(name, value) for name, value in cls.usual.items()}
        only = mapping.only[0] if mapping.only else None
        shared = {"several_per_id": mapping.several_per_id} if cls.shares_ids else {}
        return {
            **columns,
            **usual,
            **({cls.about: mapping.defaults.get(cls.about, "")} if cls.about else {}),
            **shared,
            **{cls.lack_name(name): name in mapping.lacks for name in cls.importable.confirmable},
            **({"own_numbers": "; ".join(mapping.own_numbers)} if cls.has_ends else {}),
            **{cls.constant_name(name): mapping.defaults.get(name, "") for name in cls.constants},
            **{
                cls.word_name(one, number): mapping.values.get(one.target, {}).get(word, one.suggested(word))
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
    def word_name(words: UnknownWords, number: int) -> str:
        """Return the name of the form field for an unknown word, given its position among those of its column."""
        return f"word_{words.target}_{number}"

    @staticmethod
    def constant_name(target: str) -> str:
        """Return the name of the form field that sets `target` for the whole file."""
        return f"constant_{target}"

    @staticmethod
    def lack_name(target: str) -> str:
        """Return the name of the form field that confirms that the file lacks `target`."""
        return f"lacks_{target}"

    @property
    def gaps(self) -> Sequence[FieldError]:
        """Errors for required fields that neither a column nor a constant provides and no one has confirmed."""
        return [gap for gap in self._gaps if gap.field not in self._lacks]

    @property
    def confirmations(self) -> Sequence[Field]:
        """The check boxes for fields of which the file seems to have no column."""
        lacking = {gap.field for gap in self._gaps}
        return [self._fields[self.lack_name(name)] for name in self.importable.confirmable if name in lacking]

    @property
    def _gaps(self) -> Sequence[FieldError]:
        said = {name for name in self.constants if self._fields[self.constant_name(name)].data}
        return self.importable.gaps(frozenset({field.data for field in self.column_fields if field.data} | said))

    @property
    def _lacks(self) -> tuple[str, ...]:
        return tuple(name for name in self.importable.confirmable if self._fields[self.lack_name(name)].data)

    @property
    def open_questions(self) -> int:
        """The number of questions without an answer."""
        words = sum(not field.data for one, fields in self.word_fields if one.is_needed for field in fields)
        return len(self.gaps) + words + self.is_channel_open

    @property
    def asked_constants(self) -> Sequence[Field]:
        """The fields for the date and the time of all rows, if the file must have them and no column does."""
        return [self._fields[self.constant_name(name)] for name in self._asked_dates()]

    def _asked_dates(self) -> Sequence[str]:
        dates, given = self.importable.dates, frozenset(field.data for field in self.column_fields if field.data)
        if dates is None or dates.parts.isdisjoint(gap.field for gap in self.importable.gaps(given)):
            return ()
        return [name for name in (dates.date, dates.time) if name in self.constants and name not in given]

    @property
    def constant_fields(self) -> Sequence[Field]:
        """The fields for constants that no column provides, and those that are filled in or have errors.

        Those that must be answered are in `asked_constants`.
        """
        given, asked = {field.data for field in self.column_fields}, self._asked_dates()
        found = (
            (self._fields[self.constant_name(name)], {name, *alike})
            for name, alike in self.constants.items()
            if name not in asked
        )
        return [field for field, alike in found if field.data or field.errors or given.isdisjoint(alike)]

    @property
    def default_names(self) -> Words[str, str]:
        """The name of the form field of each default, by the name used in validation errors."""
        constants = {name: self.constant_name(name) for name in self.constants}
        said = {**{name: name for name in (*self.usual, self.about) if name}, **constants}
        asked = {name: constants[name] for name in self._asked_dates()}
        confirmed = {name: self.lack_name(name) for name in self.importable.confirmable}
        return {**{f"defaults.{name}": field for name, field in said.items()}, **asked, **confirmed}

    @property
    def word_fields(self) -> Sequence[tuple[UnknownWords, Sequence[Field]]]:
        """The fields of the unknown words, column by column."""
        return [
            (one, [self._fields[self.word_name(one, number)] for number in range(len(one.counts))])
            for one in self.strange
        ]

    @property
    def column_fields(self) -> Sequence[Field]:
        """The fields of the columns, in the order of the file."""
        return [self._fields[f"column_{index}"] for index in range(len(self.header))]

    @property
    def usual_fields(self) -> Sequence[Field]:
        """The fields for values to use where the file has none."""
        return [self._fields[name] for name in self.usual]

    @property
    def about_field(self) -> Field | None:
        """The field that is set once for the whole file, None if the kind has none."""
        return self._fields[self.about] if self.about else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate the fields.

        Unknown words other than names of people need a meaning, and no two columns can have the same field unless it is
        repeatable. A word that decides about its row has no meaning until someone chooses one.
        """
        is_valid = bool(super().validate(extra_validators)) & self.check_channel()
        for words, fields in self.word_fields:
            for field in fields:
                is_new = not field.raw_data and not words.people  # its column has only just been chosen
                if is_new or (words.is_needed and not field.data):
                    field.errors = [_("Choose what this value means.")]
                    is_valid = False
        targets, taken = self.targets, set[str]()
        for field in self.column_fields:
            target = targets.get(field.data)
            if target is not None and not target.repeatable and field.data in taken:
                field.errors = [*field.errors, _("Another column is already set to “%(label)s”.", label=target.label)]
                is_valid = False
            taken.add(field.data)
        return is_valid

    def follow_columns(self) -> None:
        """Update the suggestions that depend on the columns now chosen; subclasses override this."""

    def can_be_read(self) -> bool:
        """Return whether every field has a valid value, ignoring open questions.

        The errors of the fields are left unchanged.
        """
        errors = {field: field.errors for field in self}
        can_be_read = all(field.validate(self) for field in self if field.name != self.meta.csrf_field_name)
        for field, before in errors.items():
            field.errors = before
        return can_be_read

    def chosen(self, how: TableOptions, base: Mapping) -> Mapping:
        """Return the mapping for a file opened with the options `how`.

        Settings that have no form field are taken from `base`. Raises ValidationFailed.
        """
        columns = {name: field.data for name, field in zip(self.header, self.column_fields, strict=True) if field.data}
        opened = {name: getattr(how, name) for name in ("encoding", "delimiter", "sheet", "header_line")}
        return make_mapping({**base.model_dump(), **self._settings(base), **opened, "columns": columns})

    def take_over(self, refusal: VersionConflict) -> list[Difference]:
        """Adopt the version number saved by someone else, and return the differences from their mapping.

        Submitting the form again then overwrites their mapping.
        """
        # Submitted data would take precedence over this value when the form is rendered.
        self.version.data, self.version.raw_data = refusal.extra["current_version"], None
        return list(self._differences(make_mapping(refusal.extra["current"]["mapping"])))

    def _differences(self, other: Mapping) -> Iterator[Difference]:
        theirs = type(self).of(other)
        for name in self.shown(other):
            here, there = self._fields[name], theirs._fields[name]
            if (here.data or "") != (there.data or ""):
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
        for name in self.constants:
            defaults[name] = self._fields[self.constant_name(name)].data or ""
        values = {target: dict(words) for target, words in base.values.items()}
        for one, fields in self.word_fields:
            said = {word: field.data or "" for word, field in zip(one.counts, fields, strict=True)}
            values[one.target] = {
                word: meant for word, meant in {**values.get(one.target, {}), **said}.items() if meant
            }
        words = parts_of(self.only_words.data)
        only = {"column": self.only_column.data, "words": words, "keep": self.only_keep.data == "yes"}
        return {
            "source": self.source.data,
            "missing_words": parts_of(self.missing_words.data),
            "defaults": {name: value for name, value in defaults.items() if value},
            "values": values,
            "lacks": self._lacks,
            "country": self.country.data or None,
            "only": [
                *([only] if words and self.only_column.data else []),
                *self.channel_filters,
                *(one.model_dump() for one in base.only[1:]),
            ],
            "strict": self.strict.data,
            "overwrite": self.overwrite.data,
            **({"several_per_id": self.several_per_id.data} if self.shares_ids else {}),
            **({"own_numbers": numbers_in(self.own_numbers.data)} if self.has_ends else {}),
        }


def _in_words(field: Field) -> str:
    if isinstance(field, SelectField):  # includes radio fields
        return next((str(label) for _value, label, is_chosen, _more in field.iter_choices() if is_chosen), "–")
    if isinstance(field, BooleanField):
        return str(_("Yes") if field.data else _("No"))
    return field.data or "–"
