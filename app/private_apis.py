"""Every private API of SQLAlchemy, psycopg, Jinja, MarkupSafe, WTForms, Flask-Babel and Werkzeug that the app uses.

They make the start, rendering and query compilation cheaper and have no public equivalent. A release can change them
without notice: `tests/test_private_apis.py` lists the versions for which each one is known to work, and those of the
Prometheus client (`app.shared_metrics`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, lru_cache, partial
from inspect import unwrap
from types import BuiltinFunctionType, FunctionType, MethodType, SimpleNamespace
from typing import Any

import flask_babel
import psycopg
from flask import g, has_app_context
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.utils import _PassArg, internalcode
from markupsafe import _escape_inner  # type: ignore[attr-defined] # the stubs leave out private names
from psycopg import _queries
from psycopg.rows import RowMaker
from sqlalchemy import BindParameter, ClauseElement, Connection, Row
from sqlalchemy.engine.result import result_tuple
from sqlalchemy.sql.cache_key import CacheKey
from sqlalchemy.sql.compiler import SQLCompiler
from werkzeug.routing import Rule
from wtforms import widgets
from wtforms.widgets import core

from app.caches import memoize

#: Without its stubs, which leave out what is used here.
_widgets: Any = core
_psycopg_queries: Any = _queries

#: What a template calls most, beside macros: what these want to be passed is only in one place.
_CALLED_DIRECTLY = frozenset({FunctionType, MethodType, BuiltinFunctionType})
#: Limit for the sets of column names that rows are known for.
_MAX_ROW_TYPES = 2_000
#: Limits for the statements whose parameters are known by place. Longer ones have varying numbers of values.
_MAX_STATEMENTS, _MAX_STATEMENT_LENGTH, _MAX_STATEMENT_PARAMETERS = 500, 50_000, 500


def cache_key_of(expression: ClauseElement) -> CacheKey | None:
    """Return the cache key of an expression: its structure, separate from its values.

    Returns None if SQLAlchemy cannot cache the expression.
    """
    return expression._generate_cache_key()


def forms_of_bind(bind: BindParameter[Any]) -> Collection[BindParameter[Any]]:
    """Return a bind parameter with all parameters it was cloned from, including the original."""
    found: Collection[BindParameter[Any]] = bind._cloned_set
    return found


def bind_processors_of(compiled: SQLCompiler) -> Mapping[str, Callable[[Any], Any]]:
    """Return, by name, the functions that convert bound values for the driver."""
    return compiled._bind_processors  # type: ignore[return-value] # sequences are for tuple binds


def fetch_rows(connection: Connection, sql: str, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    """Send SQL text with its values in the open transaction, and return all rows as the driver reads them.

    Rows, errors and calls of event listeners, except for the execution context, are those of `exec_driver_sql`. That
    describes the columns of each result again, which takes longer than sending the statement and reading its rows.
    """
    cursor: Any = None
    listeners: Any = connection.dispatch
    try:
        cursor = connection.connection.cursor(row_factory=_row_maker)
        for listen in listeners.before_cursor_execute:
            sql, values = listen(connection, cursor, sql, values, None, False)
        cursor.execute(sql, values)
        for listen in listeners.after_cursor_execute:
            listen(connection, cursor, sql, values, None, False)
        rows: list[Row[Any]] = cursor.fetchall()
    except BaseException as error:  # noqa: BLE001 - always raises: a driver's error as SQLAlchemy's, others as they are
        is_drivers = isinstance(error, psycopg.Error)
        connection._handle_dbapi_exception(error, sql if is_drivers else None, values, cursor, None)
    else:
        return rows


def read_statements_once() -> None:
    """Make psycopg look for the parameters in a statement once, and not each time that it is sent.

    By itself, it remembers 128 statements of up to 4 kB. Those of dashboards have up to 35, and reading one takes 1 ms.
    """
    _psycopg_queries.MAX_CACHED_STATEMENT_LENGTH = _MAX_STATEMENT_LENGTH
    _psycopg_queries.MAX_CACHED_STATEMENT_PARAMS = _MAX_STATEMENT_PARAMETERS
    _psycopg_queries._query2pg = lru_cache(_MAX_STATEMENTS)(_psycopg_queries._query2pg_nocache)


def _row_maker(cursor: psycopg.Cursor[Any]) -> RowMaker[Row[Any]]:
    result = cursor.pgresult
    return _row_type(tuple(result.fname(place) for place in range(result.nfields)) if result else ())


class _Row(Row[Any]):
    """A row that is compared in one step: those of a list are compared with the keys of its cached HTML."""

    __slots__ = ()
    __hash__ = Row.__hash__

    def __eq__(self, other: object) -> bool:
        found: bool = self._data == (other._data if isinstance(other, Row) else other)
        return found


@memoize(_MAX_ROW_TYPES)
def _row_type(names: tuple[bytes | None, ...]) -> RowMaker[Row[Any]]:
    row_type = result_tuple([(name or b"").decode() for name in names])
    return partial(_Row, *row_type.args)  # type: ignore[attr-defined] # a partial of Row


def attribute_name(keyword: str) -> str:
    """Return the HTML attribute that a keyword argument of a WTForms field stands for: `data-id` for `data_id`."""
    name: str = _widgets.clean_key(keyword)
    return name


def write_attributes_with(write: Callable[..., str]) -> None:
    """Make all labels and fields of WTForms write the attributes of their elements with `write`."""
    widgets.html_params = _widgets.html_params = write
    _widgets.Input.html_params = _widgets.Button.html_params = staticmethod(write)


def inspect_selects_once() -> None:
    """Make each class of WTForms selects inspect once, and not for each select, how it renders an option."""
    inspect: Any = cache(unwrap(_widgets.Select._dispatch_render_option.__func__))
    _widgets.Select._dispatch_render_option = classmethod(inspect)


def find_babel_context_at_once() -> None:
    """Make Flask-Babel find what it stores for a request with one look-up.

    Its own function asks the proxy `g` four times, and a page needs it up to 100 times.
    """
    flask_babel._get_current_context = _babel_context


def _babel_context() -> SimpleNamespace | None:
    if not has_app_context():
        return None
    stored = g._get_current_object()
    found: SimpleNamespace | None = stored.get("_flask_babel")
    if found is None:
        found = stored._flask_babel = SimpleNamespace()
    return found


class LateRule(Rule):
    """A route whose functions that build its URL are compiled at their first call.

    Compiling two for each of 670 routes takes a tenth of a second of each start.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        def compile_and_build(_rule: Rule, /, **values: object) -> tuple[str, str]:
            build = super(LateRule, self)._compile_builder(append_unknown).__get__(self, None)
            setattr(self, "_build_unknown" if append_unknown else "_build", build)
            url: tuple[str, str] = build(**values)
            return url

        return compile_and_build


def escape_text(text: str) -> str:
    """Escape text for HTML, like `escape`, but return a plain string instead of `Markup`."""
    escaped: str = _escape_inner(text)
    return escaped


class DirectContext(Context):
    """Template context that calls macros, functions and methods with one look at what they want to be passed.

    Jinja looks in four places, which takes longer than many of the calls: the page of a call makes 260.
    """

    @internalcode
    def call(self, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call an object from a template, like Jinja."""
        kind = type(called)
        wanted: _PassArg | None
        if kind is Macro:
            wanted = _PassArg.eval_context
        elif kind in _CALLED_DIRECTLY:
            wanted = getattr(called, "jinja_pass_arg", None)
        else:
            return super().call(called, *args, **kwargs)
        if wanted is _PassArg.eval_context:
            args = (self.eval_ctx, *args)
        elif wanted is not None:
            return super().call(called, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        try:
            return called(*args, **kwargs)
        except StopIteration:
            return self.environment.undefined("value was undefined because a callable raised a StopIteration exception")


class OutputCodeGenerator(CodeGenerator):
    """Template compiler that passes every escaped value through `writer`, a module-level function."""

    writer: "staticmethod[[Any], str]"

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        """Start the compiled module of the template with an import of `writer`."""
        self.writeline(f"from {self.writer.__module__} import {self.writer.__name__}")
        super().visit_Template(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write(f"{self.writer.__name__}(")
