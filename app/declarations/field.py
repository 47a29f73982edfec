"""The declaration of a resource's field: its name, label and kind of value, and where it appears.

Column headers, filter chips, CSV, the choice of columns, the audit trail and the import are derived from it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement

from app.declarations.merging import Rule
from app.errors import LazyText
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Text:
    """Text, shown as stored."""


@dataclass(frozen=True, slots=True)
class Id:
    """The id of a row."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number in E.164 format."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware timestamp, shown in the organization's time zone, in a `style` of the filter `when`."""

    style: str = ""


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration in seconds, shown as minutes and seconds, and exported in seconds."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, right-aligned and formatted for the locale."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the organization's currency; beyond cents, it has only the decimals that it needs."""

    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Tags:
    """Several short strings, selected as one string with a line for each; shown separated by commas."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of an enumeration with labels in `app.web.value_words`; one with a tone is shown as a badge."""

    kind: type[StrEnum]
    tones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class YesOrNo:
    """A Boolean; with `tone_of_no`, “no” is shown as a badge."""

    tone_of_no: str = ""


class Offered(Protocol):
    """A person in the options of a picker."""

    @property
    def id(self) -> UUID: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Person:
    """A person, shown by name.

    A filter with the field's name offers the people whom `offered` returns for the actor.
    """

    offered: Callable[[Actor], Sequence[Offered]]


#: The closed list of kinds; `app.lists.cells` renders each.
Kind: TypeAlias = Text | Id | Phone | Moment | Duration | Number | Money | Tags | Choice | YesOrNo | Person


class Priority(Enum):
    """Column priority: the page width from which a column is shown; the value is its CSS class."""

    ALWAYS = ""
    WIDE = "p1"
    WIDER = "p2"
    WIDEST = "p3"


def everybody(_actor: Actor) -> bool:
    """Return True: everyone who sees the row sees the field."""
    return True


@dataclass(frozen=True, slots=True)
class Column:
    """A field's column in a list; `stored` is its name in stored choices of columns, if not the field's.

    With `is_fixed`, it identifies the row and is always shown; with `is_whole`, its text does not wrap. With
    `is_optional`, only people who choose it see it. `shown_to` hides it from people to whom it is redundant. With
    `is_filed`, exported files have it too.
    """

    priority: Priority = Priority.ALWAYS
    stored: str = ""
    is_fixed: bool = False
    is_whole: bool = False
    is_optional: bool = False
    shown_to: Callable[[Actor], bool] = everybody
    is_filed: bool = True


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A field's column in an exported file.

    `label` takes the time zone and is used if the field's label lacks the unit. `value` computes the value from the
    columns that the list selects, by name; without it, the value is the column named by `Field.attribute`. `words`
    formats the value for display.
    """

    label: Callable[[str], str] | None = None
    value: Callable[[Any], ColumnElement[Any]] | None = None
    words: Callable[[Any], str] | None = None


_AS_SHOWN = FileColumn()


@dataclass(frozen=True, slots=True)
class Imported:
    """A field's column in an imported file; `names` are normalized column names for it, best first.

    Text has at most `longest` characters. For a choice, `words` are further words for its values, `values` are those
    that a file can contain (all if empty), and `usual` is the default if neither the file nor its mapping specifies
    one. An invalid value is ignored with a warning, unless there is a default or the field is required. A column that
    is named like a choice but has none of its words is mapped to the choice whose words it has, or else to the field
    `otherwise`; without one, the user is asked to map the words. With `matches_by_words`, a column of any name is
    recognized if all its values are words of the choice.
    """

    names: tuple[str, ...]
    longest: int = 0
    words: Mapping[str, StrEnum] = field(default_factory=dict)
    values: tuple[StrEnum, ...] = ()
    usual: StrEnum | None = None
    is_needed: bool = False
    otherwise: str = ""
    matches_by_words: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field of a resource.

    `name` is the name of its filter and, unless `shows` is set, of the column that the list selects. `sort` is the
    ascending sort of the list by it. `recorded` are the columns that the audit trail labels with its label; by default
    the column with its name. Without `column` no list shows it, without `imported` no file can contain it. Exported
    files contain it if `file` is set or, without that, if the list shows it. With `is_fact`, the record's own page
    lists it among the facts.

    The answers of a column with the field's name are declared here, not in `Resource.stored`: `merged` is the rule for
    its value when two rows become one. With `is_returned`, records of the API have it. With `is_entered`, the forms of
    the resource ask for it, and the inputs of the API accept it; it can be left empty.
    """

    name: str
    label: LazyText
    kind: Kind = field(default_factory=Text)
    column: Column | None = None
    file: FileColumn | None = None
    imported: Imported | None = None
    sort: str | None = None
    shows: str = ""
    recorded: Sequence[str] | None = None
    is_fact: bool = False
    merged: Rule | None = None
    is_returned: bool = False
    is_entered: bool = False

    @property
    def attribute(self) -> str:
        """The name of the attribute with the field's value on a row of the list."""
        return self.shows or self.name

    @property
    def file_column(self) -> FileColumn | None:
        """The declaration of the field's column in exported files; None if it has none."""
        return _AS_SHOWN if self.file is None and self.column and self.column.is_filed else self.file

    @property
    def recorded_columns(self) -> Sequence[str]:
        """The columns that the audit trail labels with the field's label."""
        return (self.name,) if self.recorded is None else self.recorded

    @property
    def stored_name(self) -> str:
        """The name of the field in a stored choice of columns."""
        return (self.column.stored if self.column else "") or self.name
