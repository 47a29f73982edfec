"""Selections that are compiled once for the life of the process, and sent as they are from then on.

SQLAlchemy finds a statement that it has compiled before by walking all of it, each time: 0.2 to 0.5 ms, where sending
it takes 0.03. What is compiled here has the organization's predicate in its text as every other statement has it, with
the value that the context has when it is sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Connection, Dialect, Row

from app.db.context import current_context
from app.db.paging import Selection
from app.db.session import CONTEXT_ORGANIZATION, with_criteria
from app.private_apis import bind_processors_of, forms_of_bind


@dataclass(frozen=True, slots=True)
class CompiledSelection:
    """The text of a selection. `places` are the names of values that were given to it, in their order; `written` makes
    of some what the driver takes.
    """

    sql: str
    fixed: Mapping[str, Any]
    places: Sequence[str]
    written: Mapping[str, Callable[[Any], Any]]

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """All rows, as the driver reads them. Needs an organization in the context."""
        told = {**self.fixed, CONTEXT_ORGANIZATION: current_context().organization_id, **values}
        told.update({name: write(told[name]) for name, write in self.written.items()})
        return connection.exec_driver_sql(self.sql, told).all()


def compile_selection(
    selection: Selection, dialect: Dialect, given: Sequence[BindParameter[Any]] = ()
) -> CompiledSelection | None:
    """The text of `selection`; None where it depends on the values. `given` are those that will be others each time."""
    compiled: Any = with_criteria(selection).compile(dialect=dialect)
    if compiled.post_compile_params:
        return None
    names = {original: name for name, bind in compiled.binds.items() for original in (bind, *forms_of_bind(bind))}
    others = set(given)
    fixed = {
        name: bind.value
        for name, bind in compiled.binds.items()
        if bind.callable is None and others.isdisjoint((bind, *forms_of_bind(bind)))
    }
    return CompiledSelection(str(compiled), fixed, [names[bind] for bind in given], bind_processors_of(compiled))
