"""The form of a mapping: what each column becomes, which words mean what, and which rows come in."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Words
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import HiddenInput

from app.data.imports.field_forms import COUNTRIES, list_field, parts_of, select_field
from app.data.imports.mapping_rules import Mapping, make_mapping
from app.data.imports.word_queries import StrangeWords
from app.declarations.importable import Importable, Target
from app.errors import FieldError, VersionConflict
from app.tables.table_rules import TableOptions
from app.web.forms import Difference, Form
from app.web.validators import at_most

MAX_SOURCE_LENGTH = 60


class MappingForm(Form):
    """What files of every kind have in common; `form_for` adds a field for each column of one file."""

    header: ClassVar[tuple[str, ...]]
    targets: ClassVar[Words[str, Target]]
    #: What such files are.
    importable: ClassVar[Importable]
    #: Whether several rows may share an id.
    shares_ids: ClassVar[bool] = False
    #: What fields of records are where neither the file nor its mapping says it, by name.
    usual: ClassVar[Words[str, str]]
    #: The target that is said once for the whole file; "" where the kind has none.
    about: ClassVar[str] = ""
    #: Words of the file that are to be explained, also those that stand for people.
    strange: ClassVar[Sequence[StrangeWords]]
    #: What may be said for the whole file, with what else tells it.
    constants: ClassVar[Words[str, Sequence[str]]]

    source = StringField(
        _l("System it comes from"),
        [
            DataRequired(_l("Give the system a name.")),
            at_most(MAX_SOURCE_LENGTH),
        ],
        description=_l("A row is the same one again when this name and its id are the same."),
    )
    missing_words = list_field(_l("Words for no value"), _l("Between semicolons. Empty cells count anyway."))
    name = StringField(
        lazy_pgettext("thing", "Name"), description=_l("For example the name of the system and of its report.")
    )
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    country = select_field(
        _l("Numbers are from"), COUNTRIES, _l("Of those that begin with no country code. Else from your country.")
    )
    only_column: SelectField
    only_keep = select_field(_l("says"), {"yes": _l("one of these words"), "no": _l("none of these words")})
    only_words = list_field(lazy_pgettext("filter", "Words"), _l("Between semicolons; capitals do not matter."))
    overwrite = select_field(
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

    several_per_id = BooleanField(
        _l("Several calls may have one id"),
        description=_l(
            "One conversation that was passed on: each call is known by the id and the moment it began. Otherwise only "
            "the first row of an id comes in."
        ),
    )

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        if not self.shares_ids:
            del self.several_per_id

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
        shared = {"several_per_id": mapping.several_per_id} if cls.shares_ids else {}
        return {
            **columns,
            **usual,
            **({cls.about: mapping.defaults.get(cls.about, "")} if cls.about else {}),
            **shared,
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
    def word_name(words: StrangeWords, number: int) -> str:
        """What the field of a strange word is called."""
        return f"word_{words.target}_{number}"

    @staticmethod
    def constant_name(target: str) -> str:
        """What the field is called that says a target for the whole file."""
        return f"constant_{target}"

    @property
    def gaps(self) -> Sequence[FieldError]:
        """What neither a column nor a constant gives, and no row can be without."""
        said = {name for name in self.constants if self._fields[self.constant_name(name)].data}
        return self.importable.gaps(frozenset({field.data for field in self.column_fields if field.data} | said))

    @property
    def open_questions(self) -> int:
        """How many there are without an answer."""
        return len(self.gaps)

    @property
    def constant_fields(self) -> Sequence[Field]:
        """What no column gives, as far as it can be said for the whole file; and what was said of it before."""
        given = {field.data for field in self.column_fields}
        found = ((self._fields[self.constant_name(name)], {name, *alike}) for name, alike in self.constants.items())
        return [field for field, alike in found if field.data or field.errors or given.isdisjoint(alike)]

    @property
    def default_names(self) -> Words[str, str]:
        """The field in which each default of a mapping is said, by the name under which it is refused."""
        constants = {name: self.constant_name(name) for name in self.constants}
        said = {**{name: name for name in (*self.usual, self.about) if name}, **constants}
        return {f"defaults.{name}": field for name, field in said.items()}

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
        for words, fields in self.word_fields:
            for field in fields:
                if not field.raw_data and not words.people:  # its column was chosen only now
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

    def follow_columns(self) -> None:
        """Show what is suggested for columns that were chosen only now, where that is one answer for all of them."""

    def can_be_read(self) -> bool:
        """Whether each field has a value of its kind, also where questions are open. Errors stay as they are."""
        errors = {field: field.errors for field in self}
        can_be_read = all(field.validate(self) for field in self if field.name != self.meta.csrf_field_name)
        for field, before in errors.items():
            field.errors = before
        return can_be_read

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
            "country": self.country.data or None,
            "only": [
                *([only] if words and self.only_column.data else []),
                *(one.model_dump() for one in base.only[1:]),
            ],
            "strict": self.strict.data,
            "overwrite": self.overwrite.data,
            **({"several_per_id": self.several_per_id.data} if self.shares_ids else {}),
        }


def _in_words(field: Field) -> str:
    if isinstance(field, SelectField):  # of which radios are one
        return next((str(label) for _value, label, is_chosen, _more in field.iter_choices() if is_chosen), "–")
    if isinstance(field, BooleanField):
        return str(_("Yes") if field.data else _("No"))
    return field.data or "–"
