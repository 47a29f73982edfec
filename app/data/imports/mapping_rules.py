"""How a file is read: which column is what, and how its dates, numbers and words are written.

Saved under a name, kept with each import, and the format of the file that `--mapping` takes (JSON).
"""

from collections import Counter
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from app.data.imports.amount_rules import Unit
from app.data.imports.date_rules import (
    DEFAULT_DATE_FORMATS,
    DEFAULT_TIME_FORMATS,
    check_date_formats,
    check_time_formats,
)
from app.declarations.importable import Importable
from app.declarations.registry import registry
from app.errors import FieldError, NotFound, Sentence, ValidationFailed
from app.models.imports import ImportKind
from app.tables.delimited_rules import Delimiter
from app.tables.encoding_rules import Encoding
from app.tables.table_rules import MAX_HEADER_LINE, TableOptions, column_name

YES_WORDS = ("y", "yes", "true", "1", "да", "д", "ha", "ja", "oui", "si", "sí", "sim")
NO_WORDS = ("n", "no", "false", "0", "нет", "н", "nein", "non", "não", "yo'q", "yo‘q", "yoʻq")  # noqa: RUF001 - three ways to type one letter
MISSING_WORDS = ("n/a", "#n/a", "-", "–", "—")

_CANNOT_BE_USED = _l("This mapping cannot be used.")


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(_l("There is no time zone called “%(name)s”.", name=name))
    return name


def _known_country(code: str) -> str:
    if code not in SUPPORTED_REGIONS:
        raise ValueError(
            _l("There is no country with the code “%(code)s”. Use its two letters, such as US.", code=code)
        )
    return code


ColumnName = Annotated[str, AfterValidator(column_name)]
Word = Annotated[str, Field(min_length=1, max_length=100)]
Formats = Annotated[tuple[str, ...], Field(min_length=1, max_length=10)]
DateFormats = Annotated[Formats, AfterValidator(check_date_formats)]
TimeFormats = Annotated[Formats, AfterValidator(check_time_formats)]


class Only(BaseModel):
    """Which rows come in: those whose `column` says one of `words`, or, where they are not kept, those that do not."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: ColumnName
    words: Annotated[tuple[Word, ...], Field(min_length=1, max_length=50)]
    keep: bool = True


class Mapping(BaseModel):
    """`columns` leads from a column of the file to a target of its kind; `defaults` fill empty fields.

    `values` holds the file's own words for enumerations: {"status": {"Lost": "missed"}}, and for people. `source` names
    the system the file comes from: a row is the same one again when source and id agree. Formats are tried in order;
    words are compared without case. `units` says in what plain numbers of durations are, by target, `rating_scale` the
    best rating there is, `costs_below_zero` that what something took is written as less than 0, `timezone` (IANA) and
    `country` (ISO 3166-1 alpha-2) where times and numbers are from, if not from where the organization is. Rows that
    one of `only` does not want are left out. A `strict` mapping turns rows away for values that they could do without.
    With `several_per_id` rows of one id are several records, each with a start of its own. `overwrite` says which
    fields an update writes: those that are empty here, those that nobody has edited here, or all. `encoding`,
    `delimiter`, `sheet` and `header_line` are found out where they are None.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ImportKind
    columns: dict[ColumnName, str]
    defaults: dict[str, str] = {}
    values: dict[str, dict[Word, str]] = {}
    source: Annotated[str, Field(pattern=r"^\S(?:.{0,58}\S)?$")] = "import"
    date_formats: DateFormats = DEFAULT_DATE_FORMATS
    time_formats: TimeFormats = DEFAULT_TIME_FORMATS
    decimal_separator: Literal[".", ","] = "."
    thousands_separator: Literal["", ",", ".", " ", "'"] = ""
    yes_words: tuple[Word, ...] = YES_WORDS
    no_words: tuple[Word, ...] = NO_WORDS
    missing_words: tuple[Word, ...] = MISSING_WORDS
    units: dict[str, Unit] = {}
    rating_scale: Literal[5, 10, 100] = 5
    costs_below_zero: bool = False
    timezone: Annotated[str, AfterValidator(_known_zone)] | None = None
    country: Annotated[str, AfterValidator(_known_country)] | None = None
    only: Annotated[tuple[Only, ...], Field(max_length=10)] = ()
    strict: bool = False
    overwrite: Literal["empty", "unedited", "all"] = "unedited"
    several_per_id: bool = False
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    sheet: str | None = None
    header_line: Annotated[int, Field(ge=1, le=MAX_HEADER_LINE)] | None = None

    @model_validator(mode="after")
    def _check_words(self) -> Self:
        if self.decimal_separator == self.thousands_separator:
            raise ValueError(_l("The decimal separator and the thousands separator cannot be the same."))
        both = {word.casefold() for word in self.yes_words} & {word.casefold() for word in self.no_words}
        if both:
            raise ValueError(_l("These words mean both yes and no: %(words)s.", words=", ".join(sorted(both))))
        return self

    @property
    def table_options(self) -> TableOptions:
        """How to open the file."""
        return TableOptions(self.encoding, self.delimiter, self.sheet, header_line=self.header_line)

    @property
    def given(self) -> frozenset[str]:
        """Fields that a column or a default gives."""
        return frozenset({*self.columns.values(), *self.defaults})

    def column_of(self, field: str) -> str | None:
        """The (first) column of the file that gives `field`."""
        return next((name for name, given in self.columns.items() if given == field), None)


def read_mapping(text: str | bytes) -> Mapping:
    """A mapping from JSON. Raises ValidationFailed with everything that is wrong in it."""
    try:
        mapping = Mapping.model_validate_json(text)
    except ValidationError as error:
        raise _refused(error) from error
    return _with_known_fields(mapping)


def make_mapping(fields: Fields[str, Any]) -> Mapping:
    """A mapping from what a form or the database holds. Raises ValidationFailed with everything that is wrong in it."""
    try:
        mapping = Mapping.model_validate(fields)
    except ValidationError as error:
        raise _refused(error) from error
    return _with_known_fields(mapping)


def gaps_of(mapping: Mapping) -> Sequence[FieldError]:
    """Fields that nothing gives, though no row can do without them. A reader refuses a mapping that has gaps."""
    return importable(mapping.kind).gaps(mapping.given)


def options_for(kind: str, options: TableOptions | None = None) -> TableOptions:
    """How to open a file of this kind, as far as `options` say it. Raises NotFound for an unknown kind."""
    return replace(options or TableOptions(), is_record=importable(kind).is_record)


def importable(kind: str) -> Importable:
    """What the features say of a kind of files. Raises NotFound for one that this version does not know."""
    found = registry().imports.get(kind)
    if found is None:
        raise NotFound("import_kind", kind)
    return found


def _with_known_fields(mapping: Mapping) -> Mapping:
    """The mapping; raises ValidationFailed for fields that its kind of files does not have, or has once only."""
    targets = importable(mapping.kind).targets
    unknown = {*mapping.columns.values(), *mapping.defaults, *mapping.values, *mapping.units} - {*targets}
    if unknown:
        raise _refusal(_l("There are no such fields: %(names)s.", names=", ".join(sorted(unknown))))
    uses = Counter(mapping.columns.values())
    repeated = sorted(name for name, count in uses.items() if count > 1 and not targets[name].repeatable)
    if repeated:
        labels = ", ".join(str(targets[name].label) for name in repeated)
        raise _refusal(_l("Only one column can be: %(labels)s.", labels=labels))
    return mapping


def _refusal(sentence: Sentence) -> ValidationFailed:
    """Of the mapping as a whole."""
    return ValidationFailed([FieldError("mapping", sentence)], _CANNOT_BE_USED)


def _refused(error: ValidationError) -> ValidationFailed:
    fields = [
        FieldError(".".join(map(str, part["loc"])) or "mapping", _sentence(part))
        for part in error.errors(include_url=False)
    ]
    return ValidationFailed(fields, _CANNOT_BE_USED)


def _sentence(part: ErrorDetails) -> Sentence:
    """Our own sentence, still lazy, where the error is one of ours."""
    ours = part.get("ctx", {}).get("error")
    return ours.args[0] if isinstance(ours, ValueError) else part["msg"]
