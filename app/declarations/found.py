"""Declarations for the global search: how it finds records, without knowing any resource."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from sqlalchemy import ColumnElement, SQLColumnExpression

from app.errors import LazyText
from app.security.own_rows import Predicate

#: A column or an SQL expression over columns.
Expression: TypeAlias = SQLColumnExpression[Any]
#: A condition on a text.
Condition: TypeAlias = Callable[[Expression], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Finder:
    """Names of database functions `name(typed text, most integer)` that find ids in an index.

    The functions ignore scopes. `words` finds parts of words and numbers; `misspelt` finds words that differ by a
    letter or are written in another alphabet, and is None if no index supports that.
    """

    words: str
    misspelt: str | None = None


class Spoken(Protocol):
    """A name or other words that were said, and the sentence they were said in."""

    @property
    def value(self) -> str:
        """The name that was said, such as “Brandon Warner”, or the other words."""

    @property
    def words(self) -> str:
        """The sentence it was said in, or a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """The declaration of words that are not stored with a row, but said: it is found by them and by the name in them.

    `is_said` builds the condition that something was said in a text that fulfills the given condition. `is_nameless` is
    the condition that the row has no other name; only then is the name compared with similar words. `read_from` is what
    was said, as JSON. `name_in` reads the name from it. `sentence_with` finds a sentence in it: each function it gets
    must be true for a word of the text, and the sentence has the first of these words.
    """

    is_said: Callable[[Condition], ColumnElement[bool]]
    is_nameless: Callable[[], ColumnElement[bool]]
    read_from: Callable[[], Expression]
    name_in: Callable[[Any], Spoken | None]
    sentence_with: Callable[[Any, Sequence[Callable[[str], bool]]], Spoken | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """The declaration of how rows are found, how they rank, and what the line below a row's title shows.

    Scope and page are the resource's. `by` are finders, each with the column for the ids it finds: the row's own, or
    that of the person it is about. `numbers` are columns that contain one whole phone number (E.164). `texts`, and
    `parts_of_numbers` of which four digits suffice, are scanned row by row, for tables that stay short or of which few
    rows can be found: `only` those that match. So are the words that were `heard`. Among rows that match equally well,
    the actor's `own` come first (by default by the scope), then the latest `at`. `named` is the complete name of a row;
    if None, its title. `line` are values of the resource's fields by name, `told` is the same text for every row
    instead. Kinds with a lower `order` come first, if nothing else decides.
    """

    at: Callable[[], Expression]
    line: Callable[[], Mapping[str, Expression]] = dict
    told: LazyText | None = None
    by: tuple[tuple[Finder, Expression], ...] = ()
    texts: tuple[Expression, ...] = ()
    numbers: tuple[Expression, ...] = ()
    parts_of_numbers: tuple[Expression, ...] = ()
    heard: Heard | None = None
    only: Callable[[], ColumnElement[bool]] | None = None
    named: Callable[[], Expression] | None = None
    own: Predicate | None = None
    order: int = 0
