"""Which rows a bulk change is for, as the address of its page says: some of a list, or all that it is narrowed to."""

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

#: A list's page has 50 rows.
MAX_CHOSEN = 100

#: Parameters that are no filters of the list.
ACTION, SCOPE, ROW = "action", "scope", "row"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Selection:
    """An action and its rows: those of `ids`, or, where that is None, all that `filters` keep."""

    change: BulkChange
    filters: Filters
    ids: tuple[UUID, ...] | None

    @classmethod
    def parse(cls, parameters: Mapping[str, list[str]]) -> "Selection":
        """Read the address; raises ValidationFailed for what it cannot mean."""
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
        """Whether nothing was chosen."""
        return self.ids == ()

    def count(self, actor: Actor, until: datetime) -> int:
        """How many rows there are of those that were here at `until`.

        Raises NotFound for somebody unknown whom the filters name.
        """
        refuse_unknown_people(self.filters, actor)
        rows = self.change.target.rows(actor, self.filters, self.ids, until)
        return db.session.scalar(rows.with_only_columns(func.count())) or 0


def _unknown() -> ValidationFailed:
    return ValidationFailed([FieldError(ACTION, _l("Choose what to do, and with which rows, in the list."))])
