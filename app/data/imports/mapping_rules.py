"""Mappings: the field that each column provides, and the formats of dates, numbers and words.

They are saved under a name and stored with each import; as JSON, they are the file passed to `--mapping`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Fields
from dataclasses import replace
from typing import Annotated, Any, Literal, Self

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
from app.data.imports.own_number_rules import MAX_OWN_NUMBERS
from app.declarations.importable import Importable
from app.declarations.registry import registry
from app.errors import FieldError, LazyText, NotFound, ValidationFailed
from app.models.imports import ImportKind
from app.tables.delimited_rules import Delimiter
from app.tables.encoding_rules import Encoding
from app.tables.table_rules import MAX_HEADER_LINE, TableOptions, column_name
from app.zones import timezones

YES_WORDS = ("y", "yes", "true", "1", "да", "д", "ha", "ja", "oui", "si", "sí", "sim")
NO_WORDS = ("n", "no", "false", "0", "нет", "н", "nein", "non", "não", "yo'q", "yo‘q", "yoʻq")  # noqa: RUF001 - three ways to type one letter
MISSING_WORDS = ("n/a", "#n/a", "-", "–", "—")

_CANNOT_BE_USED = _l("This mapping can’t be used.")


def _known_zone(name: str) -> str:
    if name not in timezones():
        raise ValueError(_l("There’s no time zone called “%(name)s”.", name=name))
    return name


def _known_country(code: str) -> str:
    if code not in SUPPORTED_REGIONS:
        raise ValueError(
            _l("There’s no country with the code “%(code)s”. Use a two-letter code, such as US.", code=code)
        )
    return code


ColumnName = Annotated[str, AfterValidator(column_name)]
Word = Annotated[str, Field(min_length=1, max_length=100)]
OwnNumber = Annotated[str, Field(pattern=r"^\+[1-9]\d{1,14}$")]
Formats = Annotated[tuple[str, ...], Field(min_length=1, max_length=10)]
DateFormats = Annotated[Formats, AfterValidator(check_date_formats)]
TimeFormats = Annotated[Formats, AfterValidator(check_time_formats)]


class Only(BaseModel):
    """A filter for rows whose `column` has one of `words`; with `keep` False, those rows are skipped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: ColumnName
    words: Annotated[tuple[Word, ...], Field(min_length=1, max_length=50)]
    keep: bool = True


class Mapping(BaseModel):
    """Settings for reading a file; `columns` maps its columns to fields and `defaults` fill empty ones.

    `values` maps the file's own words to choices, as in {"status": {"Lost": "missed"}}, and to people. `source` names
    the system that the file comes from: source and id identify a record across files. Formats are tried in order; words
    are case-insensitive. `units` are the units of plain duration numbers, by target; `rating_scale` is the best
    possible rating; `costs_below_zero` is for costs written as negative numbers; `timezone` (IANA) and `country` (ISO
    3166-1 alpha-2) default to those of the organization. Rows that don't match all of `only` are skipped. A `strict`
    mapping rejects rows for invalid values in optional fields too. With `several_per_id`, rows with the same id are
    separate records with different start times. `overwrite` determines the fields that an update writes: empty ones,
    those that no one has edited here, or all. `own_numbers` are numbers of the organization (E.164), in addition to
    those that it has here; `lacks` are targets that the file was confirmed to lack. `encoding`, `delimiter`, `sheet`
    and `header_line` are detected if None.
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
    lacks: tuple[str, ...] = ()
    own_numbers: Annotated[tuple[OwnNumber, ...], Field(max_length=MAX_OWN_NUMBERS)] = ()
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    sheet: str | None = None
    header_line: Annotated[int, Field(ge=1, le=MAX_HEADER_LINE)] | None = None

    @model_validator(mode="after")
    def _check_words(self) -> Self:
        if self.decimal_separator == self.thousands_separator:
            raise ValueError(_l("The decimal separator and the thousands separator can’t be the same."))
        both = {word.casefold() for word in self.yes_words} & {word.casefold() for word in self.no_words}
        if both:
            raise ValueError(_l("These values mean both yes and no: %(words)s.", words=", ".join(sorted(both))))
        return self

    @property
    def table_options(self) -> TableOptions:
        """Options for opening the file."""
        return TableOptions(self.encoding, self.delimiter, self.sheet, header_line=self.header_line)

    @property
    def given(self) -> frozenset[str]:
        """Fields that a column or a default provides."""
        return frozenset({*self.columns.values(), *self.defaults})

    def column_of(self, field: str) -> str | None:
        """Return the first column of the file that provides `field`."""
        return next((name for name, given in self.columns.items() if given == field), None)

    def skipped_columns(self, header: Iterable[str]) -> tuple[str, ...]:
        """Return the columns that neither provide a field nor decide which rows come in."""
        used = {*self.columns, *(condition.column for condition in self.only)}
        return tuple(name for name in header if name not in used)


def read_mapping(text: str | bytes) -> Mapping:
    """Parse a mapping from JSON.

    Raises ValidationFailed for invalid settings, and for fields that don't exist or are repeated.
    """
    try:
        mapping = Mapping.model_validate_json(text)
    except ValidationError as error:
        raise _refused(error) from error
    return _with_known_fields(mapping)


def make_mapping(fields: Fields[str, Any]) -> Mapping:
    """Build a mapping from the values of a form or the database.

    Raises ValidationFailed for invalid settings, and for fields that don't exist or are repeated.
    """
    try:
        mapping = Mapping.model_validate(fields)
    except ValidationError as error:
        raise _refused(error) from error
    return _with_known_fields(mapping)


def gaps_of(mapping: Mapping) -> Sequence[FieldError]:
    """Return errors for required fields that nothing provides.

    A reader refuses a mapping with gaps, apart from those that could have been confirmed.
    """
    return tuple(gap for gap in importable(mapping.kind).gaps(mapping.given) if gap.field not in mapping.lacks)


def options_for(kind: str, options: TableOptions | None = None) -> TableOptions:
    """Return the options for opening a file of this kind, based on `options`.

    Raises NotFound for an unknown kind.
    """
    return replace(options or TableOptions(), is_record=importable(kind).is_record)


def importable(kind: str) -> Importable:
    """Return the declaration of a kind of file.

    Raises NotFound for a kind that this version does not have.
    """
    found = registry().imports.get(kind)
    if found is None:
        raise NotFound("import_kind", kind)
    return found


def _with_known_fields(mapping: Mapping) -> Mapping:
    """Return the mapping unchanged after checking its fields.

    Raises ValidationFailed for unknown fields, and for repeated fields that can only be used once.
    """
    targets = importable(mapping.kind).targets
    unknown = {*mapping.columns.values(), *mapping.defaults, *mapping.values, *mapping.units, *mapping.lacks} - {
        *targets
    }
    if unknown:
        raise _refusal(_l("These fields don’t exist: %(names)s.", names=", ".join(sorted(unknown))))
    uses = Counter(mapping.columns.values())
    repeated = sorted(name for name, count in uses.items() if count > 1 and not targets[name].repeatable)
    if repeated:
        labels = ", ".join(str(targets[name].label) for name in repeated)
        raise _refusal(_l("Only one column can be set to: %(labels)s.", labels=labels))
    return mapping


def _refusal(sentence: LazyText) -> ValidationFailed:
    return ValidationFailed([FieldError("mapping", sentence)], _CANNOT_BE_USED)


def _refused(error: ValidationError) -> ValidationFailed:
    fields = [
        FieldError(".".join(map(str, part["loc"])) or "mapping", _sentence(part))
        for part in error.errors(include_url=False)
    ]
    return ValidationFailed(fields, _CANNOT_BE_USED)


def _sentence(part: ErrorDetails) -> LazyText:
    """Return the message of an error: our own, still lazy, if we raised it, or else Pydantic's."""
    ours = part.get("ctx", {}).get("error")
    return ours.args[0] if isinstance(ours, ValueError) else part["msg"]
