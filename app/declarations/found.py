"""How records are found by what somebody types, from every page: the search itself knows none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import SQLColumnExpression

from app.security.own_rows import Predicate

#: A column, or what SQL makes of some.
Expression: TypeAlias = SQLColumnExpression[Any]


@dataclass(frozen=True, slots=True)
class Finder:
    """Functions of the database, `name(typed text, most integer)`, that find ids in an index and know no scope.

    `words` finds parts of words and numbers, `misspelt` words that differ by a letter or are written in another
    alphabet; None: there is no such index.
    """

    words: str
    misspelt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """How rows are found, which come first, and what is told of one below its title. Scope and page are the resource's.

    `by` are finders, each with the column that holds the ids which it finds: of the row itself, or of whom it is about.
    `texts` are columns that are looked through row by row, for tables that stay short; `numbers` those that hold one
    whole phone number (E.164). Among rows that match equally well one's `own` come first (by default the scope's), then
    the latest `at`. `named` is all that a row is called; None: its title. `line` are values of the resource's fields,
    by their names. Kinds of a lower `order` come first where nothing else decides.
    """

    at: Callable[[], Expression]
    line: Callable[[], Mapping[str, Expression]]
    by: tuple[tuple[Finder, Expression], ...] = ()
    texts: tuple[Expression, ...] = ()
    numbers: tuple[Expression, ...] = ()
    named: Callable[[], Expression] | None = None
    own: Predicate | None = None
    order: int = 0
