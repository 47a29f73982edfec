"""Tables whose rows the app computes from others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table


@dataclass(frozen=True, slots=True)
class Derived:
    """Tables of one organization that can be emptied together: `restore` computes their rows again from other tables.

    They aren't part of an export of all data. `restore` is called with the current time, under the jobs' role and in
    the context of the organization, and commits.
    """

    tables: tuple[Table, ...]
    restore: Callable[[datetime], None]
