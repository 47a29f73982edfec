"""The declaration of a kind of record: its name, who sees it and where it is shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import SQLColumnExpression

from app.declarations.field import Choice, Field, Kind
from app.declarations.found import Found
from app.declarations.listed import Listed
from app.declarations.merging import Chosen, Furthest, Merging, Rule, Together
from app.declarations.person import ContactReference
from app.declarations.revertible import Revertible
from app.declarations.stored import Stored
from app.errors import LazyText
from app.security.permissions import Permission
from app.security.scope import Scope

Model: TypeAlias = Any  # a mapped class; the columns vary
#: SQL expression for a record's title; built again for each statement.
Title: TypeAlias = Callable[[], SQLColumnExpression[Any]]


@dataclass(frozen=True, slots=True)
class Words:
    """The singular and plural as used within a sentence ("call note"), and the text for a number of them.

    `counted` takes the number and its formatted text: "1,284 call notes"; None if they are not counted.
    """

    one: LazyText
    many: LazyText
    counted: Callable[[int, str], str] | None = None

    @property
    def label(self) -> str:
        """The singular as a label: "Call note"."""
        return capitalized(str(self.one))

    @property
    def plural_label(self) -> str:
        """The plural as a label: "Call notes"."""
        return capitalized(str(self.many))


def capitalized(text: str) -> str:
    """Return the text with its first letter in uppercase; the rest is unchanged, as it can contain names."""
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """A kind of record; `name` is its name in the audit trail, stored views and addresses.

    `title` is the title of a record; if None, its kind is enough. `page` is the endpoint that shows one, with the name
    of its argument; `page_permission` is required to open it, if not everyone who sees a record can. `common_page` is
    the endpoint of a page without argument that shows records which have no page of their own. `scope` defines
    the rows that a person sees; None if no page needs it. The audit trail covers all kinds that are `is_audited`.
    `revert` declares how its changes are reverted, or tells people where they are undone instead. With `found`, the
    global search finds its rows. `person` declares how rows refer to a contact; `merging` what happens to them when two
    contacts are merged, if `person` does not imply it.

    `stored` answers for each column of the model how it merges, whether the API returns it and how it is entered, as
    far as no other declaration says so. Two rows can become one if the resource has rules for it: `merge_rules` are the
    kinds that it knows. All other rows remain as they are when contacts are merged.
    """

    name: str
    model: Model
    words: Words
    icon: str
    title: Title | None = None
    page: tuple[str, str] | None = None
    page_permission: Permission | None = None
    common_page: str | None = None
    scope: Scope | None = None
    listed: Listed | None = None
    found: Found | None = None
    fields: tuple[Field, ...] = ()
    is_audited: bool = True
    revert: Revertible | LazyText | None = None
    person: ContactReference | None = None
    merging: Merging | None = None
    merge_rules: tuple[type[Rule], ...] = ()
    stored: tuple[Stored, ...] = ()

    @property
    def moving(self) -> Merging | None:
        """The declaration of how its rows move when contacts are merged; None if they don't move.

        Unless `merging` is set, they move if they refer to a contact by a column of their own, not through another
        table.
        """
        if self.merging is None and self.person is not None and self.person.card.class_ is self.model:
            return Merging(self.person.card)
        return self.merging

    def field(self, name: str) -> Field:
        """Return the field with this name.

        Raises KeyError if there is none.
        """
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    def kind_of(self, name: str) -> Kind | None:
        """Return the kind of the field with this name; None if there is no such field."""
        return next((one.kind for one in self.fields if one.name == name), None)

    @property
    def list_declared(self) -> Listed:
        """The declaration of the resource's list.

        Raises TypeError for a resource without one.
        """
        if self.listed is None:
            raise TypeError(f"{self.name} has no list.")
        return self.listed

    @property
    def accompanying(self) -> frozenset[str]:
        """The columns that changes of other fields set, and that go back with them (`Revertible.accompanying`)."""
        return self.revert.accompanying if isinstance(self.revert, Revertible) else frozenset()

    @property
    def recorded(self) -> dict[str, LazyText]:
        """The labels of stored columns in the audit trail, by column."""
        stored = self.model.__table__.columns
        return {name: one.label for one in self.fields for name in one.recorded_columns if name in stored}

    @property
    def recorded_choices(self) -> dict[str, str]:
        """The names of enumerations that label the values of stored columns, by column."""
        choices = ((one, one.kind.kind.__name__) for one in self.fields if isinstance(one.kind, Choice))
        return {name: kind for one, kind in choices for name in one.recorded_columns}

    @property
    def labels(self) -> dict[str, LazyText]:
        """The label of each field by name, for pages that show a single record."""
        return {one.name: one.label for one in self.fields}

    @property
    def columns(self) -> tuple[Field, ...]:
        """Fields that its list can show, in order."""
        return tuple(one for one in self.fields if one.column is not None)

    @property
    def facts(self) -> tuple[Field, ...]:
        """The fields listed among the facts of a record's own page, in order."""
        return tuple(one for one in self.fields if one.is_fact)

    @property
    def returned(self) -> tuple[Field, ...]:
        """Fields that records of the API have by their declaration, in order."""
        return tuple(field for field in self.fields if field.is_returned)

    @property
    def entered(self) -> tuple[Field, ...]:
        """Fields that forms and inputs of the API have by their declaration, in order."""
        return tuple(field for field in self.fields if field.is_entered)

    def entered_values(self, row: Any) -> dict[str, Any]:
        """Return the values of the entered fields of a row, by name."""
        return {field.name: getattr(row, field.name) for field in self.entered}

    @property
    def merged(self) -> dict[str, Rule]:
        """The rule of each column whose value can come from the other row when two become one."""
        rules: dict[str, Rule] = {
            name: stored.answer
            for stored in self.stored
            if isinstance(stored.answer, Chosen | Together | Furthest)
            for name in stored.columns
        }
        return rules | {field.name: field.merged for field in self.fields if field.merged is not None}

    @property
    def imported(self) -> tuple[Field, ...]:
        """Fields that files can contain, in order."""
        return tuple(one for one in self.fields if one.imported is not None)
