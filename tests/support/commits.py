"""Counts what may have written to the database: commits of this process, and connections of its own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, event


class Commits:
    """The number of times that this process may have changed a database since `count`.

    A connection counts when it is opened, since it may commit each statement by itself. Another process is not seen.
    """

    number = 0
    _is_counting = False

    @classmethod
    def count(cls) -> None:
        """Count from now on."""
        if cls._is_counting:
            return
        cls._is_counting = True
        for kind in (psycopg.Connection, psycopg.AsyncConnection):
            # Class methods are found on the class as they are called; their functions are kept in its dictionary.
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
