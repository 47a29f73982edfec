"""Parsing and counting the rows selected for a bulk change: some rows of a list, or all that match its filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from app.db.filters import Filters
from app.declarations.bulk import BulkChange
from app.declarations.registry import registry
from app.errors import FieldError, ValidationFailed
from app.extensions import db
from app.security.actor import Actor
from app.security.people import refuse_unknown_people

#: More than the 50 rows that a page of a list has.
MAX_CHOSEN = 100

#: Parameters that aren't filters of the list.
ACTION, SCOPE, ROW = "action", "scope", "row"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Selection:
    """An action and its rows: those with `ids`, or all that match `filters` if `ids` is None."""

    change: BulkChange
    filters: Filters
    ids: tuple[UUID, ...] | None

    @classmethod
    def parse(cls, parameters: Mapping[str, list[str]]) -> "Selection":
        """Return the selection described by the query parameters.

        Raises ValidationFailed for an unknown action, invalid ids or too many of them.
        """
        try:
            ids = tuple(dict.fromkeys(UUID(text) for text in parameters.get(ROW, [])))
        except ValueError:
            raise _unknown() from None
        change = registry().bulk.get(parameters.get(ACTION, [""])[-1])
        if change is None or len(ids) > MAX_CHOSEN:
            raise _unknown()
        rest = {name: values for name, values in parameters.items() if name not in (ACTION, SCOPE, ROW)}
        is_all = parameters.get(SCOPE, [""])[-1] == ALL
        return cls(change, change.target.listed.filters.parse(rest), None if is_all else ids)

    @property
    def is_empty(self) -> bool:
        """True if no row was selected."""
        return self.ids == ()

    def count(self, actor: Actor, until: datetime) -> int:
        """Return the number of selected rows that existed at `until`.

        Raises NotFound if the filters name an unknown person.
        """
        refuse_unknown_people(self.filters, actor)
        rows = self.change.target.rows(actor, self.filters, self.ids, until)
        return db.session.scalar(rows.with_only_columns(func.count())) or 0


def _unknown() -> ValidationFailed:
    return ValidationFailed([FieldError(ACTION, _l("Select rows and choose an action in the list."))])
