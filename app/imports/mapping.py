"""How a file is read: which column is what, and how its dates, numbers and words are written.

Saved under a name, kept with each import, and the format of the file that `--mapping` takes (JSON).
"""

from collections import Counter
from collections.abc import Mapping as Fields
from typing import Annotated, Any, Literal, Self

from flask_babel import lazy_gettext as _l
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from app.errors import FieldError, Sentence, ValidationFailed
from app.imports.dates import DEFAULT_DATE_FORMATS, DEFAULT_TIME_FORMATS, check_date_formats, check_time_formats
from app.imports.delimited import Delimiter
from app.imports.encoding import Encoding
from app.imports.tables import TableOptions, column_name
from app.imports.targets import IDENTIFYING, TARGETS, CallTarget, ContactTarget
from app.models.imports import ImportKind

YES_WORDS = ("y", "yes", "true", "1", "да", "д", "ha")
NO_WORDS = ("n", "no", "false", "0", "нет", "н", "yo'q", "yo‘q", "yoʻq")  # noqa: RUF001 - three ways to type one letter
MISSING_WORDS = ("n/a", "#n/a", "-", "–", "—")

ColumnName = Annotated[str, AfterValidator(column_name)]
Word = Annotated[str, Field(min_length=1, max_length=100)]
Formats = Annotated[tuple[str, ...], Field(min_length=1, max_length=10)]
DateFormats = Annotated[Formats, AfterValidator(check_date_formats)]
TimeFormats = Annotated[Formats, AfterValidator(check_time_formats)]


class Mapping(BaseModel):
    """`columns` leads from a column of the file to a field of `app.imports.targets`; `defaults` fill empty fields.

    `values` holds the file's own words for enumerations: {"status": {"Lost": "missed"}}. `source` names the system the
    file comes from: a row is the same one again when source and id agree. Formats are tried in order; words are
    compared without case. `encoding`, `delimiter` and `sheet` are found out where they are None.
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
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    sheet: str | None = None

    @model_validator(mode="after")
    def _check_fields(self) -> Self:
        targets = TARGETS[self.kind]
        unknown = {*self.columns.values(), *self.defaults, *self.values} - {*targets}
        if unknown:
            raise ValueError(_l("There are no such fields: %(names)s.", names=", ".join(sorted(unknown))))
        uses = Counter(self.columns.values())
        repeated = sorted(name for name, count in uses.items() if count > 1 and not targets[name].repeatable)
        if repeated:
            labels = ", ".join(str(targets[name].label) for name in repeated)
            raise ValueError(_l("Only one column can be: %(labels)s.", labels=labels))
        return self

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
        return TableOptions(encoding=self.encoding, delimiter=self.delimiter, sheet=self.sheet)

    @property
    def given(self) -> frozenset[str]:
        """Fields that a column or a default gives."""
        return frozenset({*self.columns.values(), *self.defaults})

    @property
    def gaps(self) -> tuple[FieldError, ...]:
        """Fields that nothing gives, though no row can do without them. A reader refuses a mapping that has gaps."""
        return _call_gaps(self.given) if self.kind is ImportKind.CALLS else _contact_gaps(self.given)

    def column_of(self, field: str) -> str | None:
        """The (first) column of the file that gives `field`."""
        return next((name for name, given in self.columns.items() if given == field), None)


def read_mapping(text: str | bytes) -> Mapping:
    """A mapping from JSON. Raises ValidationFailed with everything that is wrong in it."""
    try:
        return Mapping.model_validate_json(text)
    except ValidationError as error:
        raise _refused(error) from error


def make_mapping(fields: Fields[str, Any]) -> Mapping:
    """A mapping from what a form or the database holds. Raises ValidationFailed with everything that is wrong in it."""
    try:
        return Mapping.model_validate(fields)
    except ValidationError as error:
        raise _refused(error) from error


def _refused(error: ValidationError) -> ValidationFailed:
    fields = [
        FieldError(".".join(map(str, part["loc"])) or "mapping", _sentence(part))
        for part in error.errors(include_url=False)
    ]
    return ValidationFailed(fields, _l("This mapping cannot be used."))


def _sentence(part: ErrorDetails) -> Sentence:
    """Our own sentence, still lazy, where the error is one of ours."""
    ours = part.get("ctx", {}).get("error")
    return ours.args[0] if isinstance(ours, ValueError) else part["msg"]


def _call_gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    gaps: list[FieldError] = []
    if CallTarget.STARTED_AT not in given and not {CallTarget.DATE, CallTarget.TIME} <= given:
        sentence = _l("Choose the column that says when a call started, or one for the date and one for the time.")
        gaps.append(FieldError(CallTarget.STARTED_AT, sentence))
    if not {CallTarget.ANSWERED, CallTarget.STATUS, CallTarget.TALK_TIME} & given:
        sentence = _l("Choose a column that says whether a call was answered: answered, status or talk time.")
        gaps.append(FieldError(CallTarget.ANSWERED, sentence))
    return tuple(gaps)


def _contact_gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    if IDENTIFYING & given:
        return ()
    sentence = _l("Choose a column that tells who a contact is: a name, company, phone or email.")
    return (FieldError(ContactTarget.FULL_NAME, sentence),)
