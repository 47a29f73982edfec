"""Counter of possible writes to the database: commits by this process, and connections it opens."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event


class Commits:
    """Number of possible database writes by this process since `count` was called.

    Opening a connection counts as well, since each statement of a connection can commit by itself. Other processes
    aren't counted.
    """

    number = 0
    _is_counting = False

    @classmethod
    def count(cls) -> None:
        """Start counting, unless it has already started."""
        if cls._is_counting:
            return
        cls._is_counting = True
        for kind in (psycopg.Connection, psycopg.AsyncConnection):
            # Class methods look up the class they are called on, so take their function from the class's dictionary.
            for name, method in (("commit", kind.commit), ("connect", vars(kind)["connect"].__func__)):
                counted = cls._counted(method)
                setattr(kind, name, classmethod(counted) if name == "connect" else counted)
        event.listen(Engine, "set_connection_execution_options", cls._count_autocommit)

    @classmethod
    def _counted(cls, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def counted(*arguments: Any, **values: Any) -> Any:
            cls.number += 1
            return function(*arguments, **values)

        return counted

    @classmethod
    def _count_autocommit(cls, _connection: Connection, options: dict[str, Any]) -> None:
        if options.get("isolation_level") == "AUTOCOMMIT":
            cls.number += 1
