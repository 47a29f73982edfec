"""What a record is called, who sees it and where it is shown: said once, read by every machine that works with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import SQLColumnExpression

from app.declarations.field import Choice, Field, Kind
from app.declarations.found import Found
from app.declarations.listed import Listed
from app.declarations.merging import Merging
from app.declarations.person import OfPerson
from app.declarations.revertible import Revertible
from app.errors import Sentence
from app.security.permissions import Permission
from app.security.scope import Scope

Model: TypeAlias = Any  # a mapped class; the columns differ
#: What a record is called, in SQL over its row; made anew for each statement.
Title: TypeAlias = Callable[[], SQLColumnExpression[Any]]


@dataclass(frozen=True, slots=True)
class Words:
    """One of a kind and several, as they stand within a sentence ("call note"), and so and so many of it.

    `counted` takes the number and how it is written: "1,284 call notes"; None: nothing counts them.
    """

    one: Sentence
    many: Sentence
    counted: Callable[[int, str], str] | None = None

    @property
    def label(self) -> str:
        """One of a kind standing alone: "Call note"."""
        return capitalized(str(self.one))

    @property
    def plural_label(self) -> str:
        """Several of it standing alone: "Call notes"."""
        return capitalized(str(self.many))


def capitalized(text: str) -> str:
    """Only the first letter: the rest may hold names."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """A kind of record. `name` is what the audit trail, stored views and addresses call it.

    `title` is what a record is called; None: its kind says enough. `page` is the endpoint that shows one, with the name
    of its argument; not everybody who sees a record may open it where that takes `page_permission`. `scope` says which
    rows a person sees; None: no page asks for them. The audit trail tells of all but those that are not `is_audited`.
    `revert` says how its changes are set back, or to people where they are undone instead. With `found` the search
    finds its rows from every page. `person` says how rows are about a contact, `merging` what becomes of them when two
    contacts become one, where that is not said with it.
    """

    name: str
    model: Model
    words: Words
    icon: str
    title: Title | None = None
    page: tuple[str, str] | None = None
    page_permission: Permission | None = None
    scope: Scope | None = None
    listed: Listed | None = None
    found: Found | None = None
    fields: tuple[Field, ...] = ()
    is_audited: bool = True
    revert: Revertible | Sentence | None = None
    person: OfPerson | None = None
    merging: Merging | None = None

    @property
    def moving(self) -> Merging | None:
        """How its rows go along with a contact that becomes one with another; None: they name no contact themselves."""
        if self.merging is None and self.person is not None and self.person.card.class_ is self.model:
            return Merging(self.person.card)
        return self.merging

    def field(self, name: str) -> Field:
        """The field of this name. Raises KeyError."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    def kind_of(self, name: str) -> Kind | None:
        """The kind of the field of this name; None where there is no such field."""
        return next((one.kind for one in self.fields if one.name == name), None)

    @property
    def list_declared(self) -> Listed:
        """The declaration of its list. Raises TypeError for a resource without one."""
        if self.listed is None:
            raise TypeError(f"{self.name} has no list.")
        return self.listed

    @property
    def recorded(self) -> dict[str, Sentence]:
        """What its stored columns are called where a change of them is told, by the columns' names."""
        stored = self.model.__table__.columns
        return {name: one.label for one in self.fields for name in one.recorded_columns if name in stored}

    @property
    def recorded_choices(self) -> dict[str, str]:
        """The enumerations that have the words of its stored columns, by the columns' names."""
        choices = ((one, one.kind.kind.__name__) for one in self.fields if isinstance(one.kind, Choice))
        return {name: kind for one, kind in choices for name in one.recorded_columns}

    @property
    def labels(self) -> dict[str, Sentence]:
        """What each field is called, by name: for pages that show one record."""
        return {one.name: one.label for one in self.fields}

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields that its list can show, in their order."""
        return tuple(one for one in self.fields if one.column is not None)

    @property
    def facts(self) -> tuple[Field, ...]:
        """The fields among the facts of its own page, in their order."""
        return tuple(one for one in self.fields if one.is_fact)

    @property
    def imported(self) -> tuple[Field, ...]:
        """The fields that files give, in their order."""
        return tuple(one for one in self.fields if one.imported is not None)
