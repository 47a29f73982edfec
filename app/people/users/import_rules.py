"""Parsing of people and their managers from the rows of a file. No database access."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import text_parser
from app.data.imports.column_rules import Columns
from app.data.imports.field_rules import FieldReader
from app.data.imports.mapping_rules import Mapping as FileMapping
from app.data.imports.record_rules import RejectedRow, RowError
from app.declarations.importable import Target
from app.declarations.imported_fields import DeclaredFields
from app.errors import FieldError
from app.people.users.rules import name_key
from app.tables.table_rules import Row, Table

NAME_LENGTHS = (2, 100)


class PersonTarget(StrEnum):
    """Fields of a person that a file can contain."""

    NAME = "name"
    MANAGER = "manager"


TARGETS: Mapping[str, Target] = {
    PersonTarget.NAME: Target(
        _l("Name"),
        ("sales agent", "sales rep", "salesperson", "name", "full name", "employee", "employee name", "agent",
         "agent name", "rep", "user name", "person", "фио", "сотрудник", "xodim"),
    ),
    PersonTarget.MANAGER: Target(
        _l("Manager"),
        ("manager", "manager name", "sales manager", "supervisor", "team lead", "team leader", "reports to", "boss",
         "руководитель", "rahbar"),
    ),
}  # fmt: skip


class PersonRecord(NamedTuple):
    """A person and their manager, with names as in the file.

    `fields` are those that the resource declares.
    """

    line: int
    name: str
    manager: str | None
    remarks: tuple[RowError, ...]
    fields: Mapping[str, Any]


def gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    """Return what a mapping with these targets lacks for creating people."""
    if PersonTarget.NAME in given:
        return ()
    return (FieldError(PersonTarget.NAME, _l("Choose the column with people’s names.")),)


class PersonReader:
    """Reader that turns the rows of one table into people."""

    def __init__(self, mapping: FileMapping, table: Table, fields: DeclaredFields) -> None:
        self._columns = Columns(mapping, table.header, gaps(mapping.given))
        name = text_parser(NAME_LENGTHS[1], NAME_LENGTHS[0])
        self._name = self._columns.one(PersonTarget.NAME, name, unique=True)
        self._manager = self._columns.one(PersonTarget.MANAGER, name, optional=True)
        self._fields = FieldReader(self._columns, fields.simple)

    def read(self, row: Row) -> PersonRecord | RejectedRow:
        """Return the person of a row, or all errors of the row."""
        check = self._columns.check(row)
        if check.is_wrong():
            return check.rejected()
        name, manager = self._name.require(check), self._manager.read(check)
        if name and manager and name_key(name) == name_key(manager):
            check.remark(_l("People can’t be their own manager."), self._manager.name, manager)
            manager = None
        fields = self._fields.read(check)
        if name is None or check.is_wrong():
            return check.rejected()
        return PersonRecord(check.line, name, manager, tuple(check.problems), fields)


def lines_in_a_ring(leads: Mapping[UUID, UUID | None], wanted: Iterable[tuple[int, UUID, UUID]]) -> set[int]:
    """Return the lines that would make a person report to themselves, directly or indirectly.

    `leads` has the current manager of each person. `wanted` are lines with a person and their new manager, in order:
    each accepted line applies to those after it.
    """
    above = dict(leads)
    rings = set()
    for line, person, manager in wanted:
        if person in _chain(above, manager):
            rings.add(line)
        else:
            above[person] = manager
    return rings


def _chain(above: Mapping[UUID, UUID | None], person: UUID) -> set[UUID]:
    """Return a person and everyone above them."""
    chain: set[UUID] = set()
    current: UUID | None = person
    while current is not None and current not in chain:
        chain.add(current)
        current = above.get(current)
    return chain
