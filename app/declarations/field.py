"""A field of a resource: its name, its label, what kind of value it holds, and where it appears. Said once.

Heads of columns, chips, CSV, the choice of columns, the audit trail and the import read it from here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement

from app.errors import Sentence
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they are stored."""


@dataclass(frozen=True, slots=True)
class Id:
    """The id of a row."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware moment, shown on the organization's clocks; `style` is one of the filter `when`."""

    style: str = ""


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds, shown as minutes and seconds; in files seconds."""


@dataclass(frozen=True, slots=True)
class Number:
    """A figure, drawn to the right as the locale writes it."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the organization's currency."""


@dataclass(frozen=True, slots=True)
class Tags:
    """Several short texts, selected as one text with a line for each; shown with commas between them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of an enumeration's values, whose words stand in `app.web.labels`; those with a tone are shown as a badge."""

    kind: type[StrEnum]
    tones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class YesOrNo:
    """Whether something is so; with a `tone_of_no` that is shown as a badge."""

    tone_of_no: str = ""


class Offered(Protocol):
    """Somebody whom a picker offers."""

    @property
    def id(self) -> UUID: ...

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, shown by name. A filter of the field's name offers those whom `offered` gives for who looks."""

    offered: Callable[[Actor], Sequence[Offered]]


#: The closed list of kinds; `app.lists.cells` draws each.
Kind: TypeAlias = Text | Id | Phone | Moment | Duration | Number | Money | Tags | Choice | YesOrNo | Person


class Room(Enum):
    """How much room a page must have for a column to be shown; the value is its class."""

    ALWAYS = ""
    WIDE = "p1"
    WIDER = "p2"
    WIDEST = "p3"


def everybody(_actor: Actor) -> bool:
    """Whoever sees the row sees the field."""
    return True


@dataclass(frozen=True, slots=True)
class Column:
    """How a field stands in a list. `stored` is its name in stored choices of columns, if not the field's.

    `is_fixed`: it names the row, so it is always there. `is_whole`: its words are not broken into lines. `shown_to`
    leaves it out for those to whom it says nothing new. With `is_filed` a file has it too.
    """

    room: Room = Room.ALWAYS
    stored: str = ""
    is_fixed: bool = False
    is_whole: bool = False
    shown_to: Callable[[Actor], bool] = everybody
    is_filed: bool = True


@dataclass(frozen=True, slots=True)
class FileColumn:
    """How a field stands in a file. `label` is said where that of the field lacks the unit; it takes the time zone.

    `value` makes it of the columns that the list selects, by name; without it, it is the column of the field's name.
    `words` says it as people read it.
    """

    label: Callable[[str], str] | None = None
    value: Callable[[Any], ColumnElement[Any]] | None = None
    words: Callable[[Any], str] | None = None


_AS_SHOWN = FileColumn()


@dataclass(frozen=True, slots=True)
class Imported:
    """How a field stands in a file that is brought in. `names` are plain names of columns that mean it, surest first.

    A text has `longest` characters at most. Of a choice `words` are further words for its values, `values` those of
    them that a file may give (all of them, if empty), and `usual` is what counts where neither the file nor its mapping
    gives one. A wrong value is left out and remarked, unless something is usual or the field is needed. A column that
    is called like a choice and says none of its words is taken for the choice whose words it says, else for the field
    `otherwise`, or left out. With `is_told_by_words` a column of any name counts that says nothing else.
    """

    names: tuple[str, ...]
    longest: int = 0
    words: Mapping[str, StrEnum] = field(default_factory=dict)
    values: tuple[StrEnum, ...] = ()
    usual: StrEnum | None = None
    is_needed: bool = False
    otherwise: str = ""
    is_told_by_words: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field. `name` is the filter's and, unless `shows` says otherwise, the column's that the list selects.

    `sort` is the sort of the list by it, ascending. `recorded` are the columns that the audit trail calls by its label;
    by default that of its name. Without `column` no list shows it, without `imported` no file gives it; with `file` a
    file has it, and without, if a list shows it. With `is_fact` the record's own page tells it among the facts.
    """

    name: str
    label: Sentence
    kind: Kind = field(default_factory=Text)
    column: Column | None = None
    file: FileColumn | None = None
    imported: Imported | None = None
    sort: str | None = None
    shows: str = ""
    recorded: Sequence[str] | None = None
    is_fact: bool = False

    @property
    def attribute(self) -> str:
        """The name under which a row of the list has its value."""
        return self.shows or self.name

    @property
    def file_column(self) -> FileColumn | None:
        """How a file has it; None: not at all."""
        return _AS_SHOWN if self.file is None and self.column and self.column.is_filed else self.file

    @property
    def recorded_columns(self) -> Sequence[str]:
        """The columns that are called by its label where a change of them is told."""
        return (self.name,) if self.recorded is None else self.recorded

    @property
    def stored_name(self) -> str:
        """Its name where a choice of columns is stored."""
        return (self.column.stored if self.column else "") or self.name
