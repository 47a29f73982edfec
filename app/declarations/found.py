"""Declarations for the global search: how it finds records, without knowing any resource."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import SQLColumnExpression

from app.security.own_rows import Predicate

#: A column or an SQL expression over columns.
Expression: TypeAlias = SQLColumnExpression[Any]


@dataclass(frozen=True, slots=True)
class Finder:
    """Names of database functions `name(typed text, most integer)` that find ids in an index.

    The functions ignore scopes. `words` finds parts of words and numbers; `misspelt` finds words that differ by a
    letter or are written in another alphabet, and is None if no index supports that.
    """

    words: str
    misspelt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """The declaration of how rows are found, how they rank, and what the line below a row's title shows.

    Scope and page are the resource's. `by` are finders, each with the column for the ids it finds: the row's own, or
    that of the person it is about. `texts` are columns that are scanned row by row, for tables that stay short;
    `numbers` are those that contain one whole phone number (E.164). Among rows that match equally well, the actor's
    `own` come first (by default by the scope), then the latest `at`. `named` is the complete name of a row; if None,
    its title. `line` are values of the resource's fields by name. Kinds with a lower `order` come first, if nothing
    else decides.
    """

    at: Callable[[], Expression]
    line: Callable[[], Mapping[str, Expression]]
    by: tuple[tuple[Finder, Expression], ...] = ()
    texts: tuple[Expression, ...] = ()
    numbers: tuple[Expression, ...] = ()
    named: Callable[[], Expression] | None = None
    own: Predicate | None = None
    order: int = 0
