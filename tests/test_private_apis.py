"""Private APIs of other packages, which must work as the app expects in the versions known here."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Any, TypeAlias
from uuid import UUID

import flask_babel
import pytest
from flask import Flask, g
from flask_babel import force_locale, get_locale
from jinja2 import DictLoader, Environment, UndefinedError, pass_context, pass_environment, pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from markupsafe import Markup, escape
from sqlalchemy import BindParameter, Connection, Row, and_, bindparam, create_engine, event, select
from sqlalchemy.exc import DBAPIError
from werkzeug.routing import Map, Rule

import app as package
from app.db.usage import measure_database_usage
from app.extensions import db
from app.models import Call
from app.private_apis import (
    DirectContext,
    LateRule,
    bind_processors_of,
    cache_key_of,
    escape_text,
    fetch_rows,
    forms_of_bind,
)
from app.web.output import OutputWriter
from tests.support.unchanged import unchanged

#: Versions that these tests have passed with. Add another one along with its pin, once they pass with it.
KNOWN = {
    "sqlalchemy": {"2.1.9"},
    "psycopg": {"3.3.9"},
    "jinja2": {"3.1.6"},
    "markupsafe": {"3.0.4"},
    "wtforms": {"3.3.2"},
    "flask_babel": {"4.0.0"},
    "werkzeug": {"3.1.9"},
    "prometheus_client": {"0.26.0"},  # tests/test_shared_metrics.py
}
Fetch: TypeAlias = Callable[[Connection, str, Mapping[str, Any]], Sequence[Row[Any]]]
STARTED = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", KNOWN)
def test_they_are_known_in_the_version_that_runs(name: str) -> None:
    assert version(name) in KNOWN[name]


def test_the_cache_key_of_an_expression_leaves_its_values_out() -> None:
    def key(topic: str, *, is_long: bool = False) -> object:
        conditions = [Call.topic == topic, *([Call.duration_seconds > 60] if is_long else [])]
        found = cache_key_of(and_(*conditions))
        assert found is not None
        return found.key, len(found.bindparams)

    assert key("roof") == key("leak")
    assert key("roof") != key("roof", is_long=True)
    found = cache_key_of(and_(Call.topic == "roof", Call.duration_seconds > 60))
    assert found is not None
    assert [bind.effective_value for bind in found.bindparams] == ["roof", 60]


def test_a_bound_value_is_known_by_what_it_was_cloned_from() -> None:
    given: BindParameter[str] = bindparam("topic", "roof")
    compiled = (
        select(Call.id).where(and_(Call.topic == given)).compile(dialect=create_engine("postgresql+psycopg://").dialect)
    )

    [bind] = compiled.binds.values()
    assert given in {bind, *forms_of_bind(bind)}
    assert bindparam("other", 1) not in forms_of_bind(bind)


def test_values_are_made_what_the_driver_takes() -> None:
    statement = select(Call.id).where(Call.id == bindparam("id"), Call.started_at == bindparam("at"))
    dialect = create_engine("postgresql+psycopg://").dialect
    processors = bind_processors_of(statement.compile(dialect=dialect))

    value = UUID("01a21657-4e75-7fa3-8155-a804b033c6fc")
    made = {name: processors[name](given) if name in processors else given for name, given in _given(value).items()}
    assert made == {"id": value, "at": STARTED}


def _given(value: UUID) -> dict[str, object]:
    return {"id": value, "at": STARTED}


@pytest.fixture
def connection(app: Flask) -> Iterator[Connection]:
    with app.app_context(), db.engine.connect() as connection:
        yield connection


def fetched_by_sqlalchemy(connection: Connection, sql: str, values: Mapping[str, Any]) -> Sequence[Row[Any]]:
    return connection.exec_driver_sql(sql, values).all()


#: The same by both ways.
WAYS = (fetch_rows, fetched_by_sqlalchemy)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT %(given)s::int AS number, 'шум' AS text, NULL AS nothing, ARRAY['a'] AS list, now() AS moment",
        """SELECT '{"a": [1, 2.5]}'::jsonb AS facts, 2.50 AS amount, '203.0.113.7'::inet AS address, 1 AS "ключ" """,
        "SELECT n, new_uuid7() IS NULL AS missing FROM generate_series(1, %(given)s) n",
        "SELECT 1 AS id, 2 AS id, 3 AS other",
        "SELECT 1 AS one WHERE false",
        "SELECT",
    ],
)
def test_rows_are_those_that_sqlalchemy_reads(connection: Connection, sql: str) -> None:
    ours, theirs = (way(connection, sql, {"given": 3}) for way in WAYS)

    assert all(isinstance(row, Row) for row in ours)
    assert [(tuple(row), row._fields) for row in ours] == [(tuple(row), row._fields) for row in theirs]
    assert [row._asdict() for row in ours] == [row._asdict() for row in theirs]
    assert all(getattr(row, name) == row._mapping[name] for row in ours for name in row._fields)
    assert not any(hasattr(row, "nothing_of_this_name") for row in ours)


def test_rows_are_compared_like_those_of_sqlalchemy(connection: Connection) -> None:
    sql = "SELECT n AS number, 'a' AS text FROM generate_series(1, 2) n"
    one, two = fetch_rows(connection, sql, {})
    again, other = (way(connection, sql, {})[0] for way in WAYS)

    assert (one == again, one == other, other == one, one == (1, "a")) == (True, True, True, True)
    assert (one == two, one != two, one != again, one == "a") == (False, True, False, False)
    assert hash(one) == hash(again) == hash(other) == hash((1, "a"))


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT 1 / (length(%(given)s) - 12)", "confidential"),  # an error of the value
        ("SELECT * FROM nothing_of_this_name WHERE a = %(given)s", "confidential"),
        ("SELECT pg_sleep(9), %(given)s", "confidential"),  # canceled by the server
        ("SELECT %(not_given)s", "confidential"),
        ("SELECT %(given)s", "confidential\0"),
        ("SELECT %(given)s", object()),
        ("SELECT pg_terminate_backend(pg_backend_pid()), %(given)s", "confidential"),  # the connection is lost
    ],
)
def test_errors_are_those_of_sqlalchemy_and_hide_the_values(app: Flask, sql: str, value: object) -> None:
    def fault(way: Fetch) -> tuple[object, ...]:
        with app.app_context(), db.engine.connect() as connection:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 50")
            with pytest.raises(DBAPIError) as raised:
                way(connection, sql, {"given": value})
            error = raised.value
            assert "confidential" not in str(error)
            cause = type(error.orig), type(error.__cause__), error.hide_parameters
            return (
                type(error),
                str(error),
                error.statement,
                *cause,
                error.connection_invalidated,
                connection.invalidated,
            )

    assert fault(fetch_rows) == fault(fetched_by_sqlalchemy)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_other_errors_stay_what_they_are(app: Flask, error: type[BaseException]) -> None:
    def interrupt(*_statement: object) -> None:
        raise error

    def fault(way: Fetch) -> bool:
        with app.app_context(), db.engine.connect() as connection:
            event.listen(connection, "before_cursor_execute", interrupt)
            with pytest.raises(error):
                way(connection, "SELECT 1", {})
            return connection.invalidated

    assert fault(fetch_rows) == fault(fetched_by_sqlalchemy) == (error is KeyboardInterrupt)


@pytest.mark.parametrize("way", WAYS)
def test_who_listens_to_statements_hears_of_each_and_can_change_it(connection: Connection, way: Fetch) -> None:
    heard: list[object] = []

    def change(_connection: object, _cursor: object, sql: str, values: dict[str, int], *_how: object) -> object:
        return f"{sql} + 1", {"given": values["given"] * 10}

    def hear(_connection: object, cursor: Any, sql: str, values: dict[str, int], *_how: object) -> None:
        heard.append((sql, values, cursor.rowcount))

    event.listen(connection, "before_cursor_execute", change, retval=True)
    event.listen(connection, "before_cursor_execute", hear)
    event.listen(connection, "after_cursor_execute", hear)
    usage = measure_database_usage()

    assert [tuple(row) for row in way(connection, "SELECT %(given)s::int", {"given": 4})] == [(41,)]
    changed = ("SELECT %(given)s::int + 1", {"given": 40})
    assert heard == [(*changed, -1), (*changed, 1)]
    assert usage.queries == 1


def test_a_long_statement_is_read_for_its_parameters_once(connection: Connection) -> None:
    statement = f"SELECT {', '.join(f'%(value_{number})s::int AS column_{number}' for number in range(400))}"
    queries: Any = importlib.import_module("psycopg._queries")
    for time in range(3):
        before = queries._query2pg.cache_info()
        values = {f"value_{number}": number + time for number in range(400)}
        [row] = fetch_rows(connection, statement, values)
        assert tuple(row) == tuple(values.values())
        after = queries._query2pg.cache_info()
        assert (after.misses - before.misses, after.hits - before.hits) == ((0, 1) if time else (1, 0))


def test_a_late_rule_builds_the_urls_of_a_rule() -> None:
    def urls(kind: type[Rule]) -> list[str]:
        rules = [
            kind("/calls/", endpoint="calls", defaults={"page": 1}),
            kind("/calls/<int:page>/", endpoint="calls"),
            kind("/files/<path:name>.csv", endpoint="file"),
        ]
        built = Map(rules).bind("localhost").build
        return [
            built("calls", {"page": 1}),
            *(built("calls", {"page": page, "rating": [4, 5], "_rule": "é"}) for page in (2, 3)),
            built("calls", {"page": 2, "rating": 4}, append_unknown=False),
            built("file", {"name": "a b/ü"}, force_external=True),
        ]

    assert urls(LateRule) == urls(Rule)


def test_a_late_rule_compiles_once() -> None:
    rule = LateRule("/calls/<int:page>/", endpoint="calls")
    Map([rule])

    first = rule.build({"page": 1})
    compiled = rule._build_unknown

    assert rule.build({"page": 1}) == first == ("", "/calls/1/")
    assert rule._build_unknown is compiled


def test_what_babel_stores_is_found_where_its_own_function_finds_it(app: Flask) -> None:
    own = unchanged(flask_babel)._get_current_context

    assert own() is flask_babel._get_current_context() is None
    for first in (own, flask_babel._get_current_context):
        with app.app_context(), force_locale("ru"):
            found = first()
            assert own() is flask_babel._get_current_context() is found is not None
            with app.app_context():
                assert flask_babel._get_current_context() is own() is not found
            assert str(get_locale()) == "ru"
        assert flask_babel._get_current_context() is None


def test_what_babel_stores_is_found_without_asking_the_proxy_for_each_attribute(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        found = flask_babel._get_current_context()
        with monkeypatch.context() as patch:
            patch.setattr(type(g), "__getattr__", None)
            patch.setattr(type(g), "__bool__", None)

            assert flask_babel._get_current_context() is found


@pytest.mark.parametrize("text", ["", "roof", '<b>"O\'Neil" & sons</b>', "шум <", "\0\ud800>"])
def test_text_is_escaped_as_by_escape_and_stays_plain(text: str) -> None:
    assert escape_text(text) == str(escape(text))
    assert type(escape_text(text)) is str


def test_what_a_template_writes_goes_through_the_writer() -> None:
    class Page(Environment):
        code_generator_class = OutputWriter

    source = "{{ text }}|{{ safe }}|{{ number }}|{% autoescape false %}{{ text }}{% endautoescape %}"
    page = Page(loader=DictLoader({"page": source}), autoescape=True)
    plain = Environment(loader=DictLoader({"page": source}), autoescape=True)
    values = {"text": "<i>", "safe": Markup("<b>"), "number": 3}

    assert page.get_template("page").render(values) == "&lt;i&gt;|<b>|3|<i>"
    assert page.get_template("page").render(values) == plain.get_template("page").render(values)
    code = page.compile(source, raw=True)
    assert code.count("written(") == 3
    assert "escape(" not in code.split("def root")[1]


class CalledInTemplates:
    """Everything that a template can call."""

    @staticmethod
    def plain(*args: object, **kwargs: object) -> str:
        return f"{args} {sorted(kwargs.items())}"

    def method(self, *args: object, **kwargs: object) -> str:
        return f"{args} {sorted(kwargs.items())}"

    @pass_context
    def of_context(self, context: Context, *args: object, **kwargs: object) -> str:
        return f"{context.get('number')} {context.get('inner')} {args} {sorted(kwargs.items())}"

    @pass_eval_context
    def of_eval_context(self, eval_context: EvalContext, *args: object, **kwargs: object) -> str:
        return f"{eval_context.autoescape} {args} {sorted(kwargs.items())}"

    @staticmethod
    @pass_environment
    def of_environment(environment: Environment, *args: object, **kwargs: object) -> str:
        return f"{environment.autoescape} {args} {sorted(kwargs.items())}"

    @pass_context
    def __call__(self, context: Context, *args: object, **kwargs: object) -> str:
        return f"{context.get('number')} {args} {sorted(kwargs.items())}"

    @classmethod
    def stops(cls, *_args: object, **_kwargs: object) -> str:
        raise StopIteration

    @property
    def all(self) -> list[Callable[..., str]]:
        of = (self.of_context, self.of_eval_context, self.of_environment)
        return [self.plain, self.method, *of, self, self.stops, partial(self.plain, 7)]


#: Calls of each kind, outside and inside loops, blocks and macros, and where nothing is escaped.
CALLS = """
{% macro listed(one, two='2') %}{{ one }}{{ two }}{{ kwargs.get('other') }}{{ caller() if caller }}{% endmacro %}
{% macro many() %}{{ varargs }}{{ caller('<') }}{% endmacro %}
{%- set number = 3 -%}
{% block shown scoped %}
{% for called in them.all + [listed] %}
{% set inner = loop.index %}
{{ called('<') }} {{ called('<', other='>') }} {{ ', '.join('<>') }} {{ dict(a='<') }}
{% endfor %}
{{ them.of_context(1) }} {{ them.plain(self='a', called='b') }} {{ them.of_eval_context(2) }}
{{ them.plain(*[1], **{'x': 2}) }}
{% call listed('<') %}{{ them.method('<') }}{% endcall %}
{% call(given) many(1, 2) %}{{ given }}{% endcall %}
{{ them.stops() }}{% autoescape false %}{{ listed('<') }} {{ them.of_eval_context('<') }}{% endautoescape %}
{% endblock %}
"""


def test_templates_call_everything_as_jinja_does() -> None:
    class Page(Environment):
        context_class = DirectContext

    shown = [
        kind(autoescape=True, loader=DictLoader({"page": CALLS, "own": "{% extends 'page' %}"}))
        .get_template(name)
        .render(them=CalledInTemplates())
        for kind in (Page, Environment)
        for name in ("page", "own")
    ]

    assert len(set(shown)) == 1
    assert "(&#39;&lt;&#39;,)" in shown[0]


@pytest.mark.parametrize("call", ["them.plain(", "them.method(", "them.of_eval_context(", "macro(", "{}.get(1"])
def test_what_templates_call_most_is_called_directly(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Page(Environment):
        context_class = DirectContext

    monkeypatch.delattr(Context, "call")
    page = Page().from_string(
        f"{{% macro macro() %}}made{{% endmacro %}}{{% for one in [1] %}}{{{{ {call}) }}}}{{% endfor %}}"
    )

    assert page.render(them=CalledInTemplates())


@pytest.mark.parametrize("call", ["them.missing()", "them.plain.nothing()", "macro(1, 2)", "macro(x=1)", "(3)()"])
def test_a_wrong_call_fails_as_in_jinja(call: str) -> None:
    class Page(Environment):
        context_class = DirectContext

    def fault(kind: type[Environment]) -> tuple[type[Exception], str, list[str]]:
        page = kind().from_string(f"{{% macro macro(one) %}}{{{{ one }}}}{{% endmacro %}}{{{{ {call} }}}}")
        with pytest.raises((TypeError, UndefinedError)) as raised:
            page.render(them=CalledInTemplates())
        return raised.type, str(raised.value), [entry.name for entry in raised.traceback[-2:]]

    assert fault(Page) == fault(Environment)


def overridden() -> Iterator[str]:
    """Yield each private name of a class of these packages that an app class overrides.

    The module `app.private_apis`, which is meant to do that, is skipped, and so are the sandboxed programs
    (`*_process`).
    """
    for found in pkgutil.walk_packages(package.__path__, "app."):
        if found.name == "app.private_apis" or found.name.endswith("_process"):
            continue
        for kind in vars(importlib.import_module(found.name)).values():
            if inspect.isclass(kind) and kind.__module__ == found.name:
                yield from _overridden_by(kind)


def _overridden_by(kind: type) -> Iterator[str]:
    # These store private attributes in each class of forms, and of collectors, themselves.
    packages = KNOWN.keys() - {"wtforms", "prometheus_client"}
    theirs = [base for base in kind.__mro__[1:] if base.__module__.partition(".")[0] in packages]
    for name in vars(kind).keys() - {"_abc_impl", "_is_protocol"}:  # Python stores these in each class
        if name.startswith("_") and not name.startswith("__") and any(name in vars(base) for base in theirs):
            yield f"{kind.__module__}.{kind.__qualname__}.{name}"


def test_no_other_module_overrides_a_private_method_of_theirs() -> None:
    class Own(OutputWriter):
        def _output_child_pre(self, *given: object) -> None: ...

    assert [name.rpartition(".")[2] for name in _overridden_by(Own)] == ["_output_child_pre"]
    assert list(overridden()) == []
