"""A fixed piece of work, whose CPU says how fast the machine is at the moment: Python, SQL and a requested page.

A run's CPU divided by that of the piece is about the same on a slow machine, in a slow quarter of an hour, and on a
fast one. Like a test, the piece uses much code, does so once, after tests have filled the caches of the processor with
other things, and waits for the database again and again, while other processes fill them. A piece without these waits
hardly slows down on a busy machine, where tests do.
"""

import json
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psycopg
import sqlalchemy as sa
from flask import Flask, render_template, request
from jinja2 import DictLoader
from sqlalchemy.dialects import postgresql
from wtforms import BooleanField, Form, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

_ROUNDS = 6
_PYTHON_ROWS, _PAGE_ROWS, _ROUTES = 60, 5, 30
_WORD = re.compile(r"(?<=\d)-(\w+)")
_SQL = """
    SELECT count(*), sum(length(label)) FROM (
      SELECT md5(n::text) || to_char(timestamp '2026-01-01' + n * interval '1 minute', 'Day DD Mon HH24:MI') AS label,
             row_number() OVER (PARTITION BY n % 7 ORDER BY n % 1000, n) AS place
      FROM generate_series(1, 1500) AS n
    ) AS rows WHERE place % 3 < 2
"""
#: A statement that is planned at length and finds little, like most statements of a test.
_JOINS = """
    SELECT a.n, b.label, count(*) OVER () FROM (VALUES (1, 'a'), (2, 'b'), (3, 'c')) AS a (n, label)
      JOIN (VALUES (1, 'd'), (2, 'e')) AS b (n, label) ON b.n = a.n
      LEFT JOIN (VALUES (1, 'f'), (2, 'g')) AS c (n, label) ON c.n = b.n AND c.label <> a.label
      LEFT JOIN (VALUES (1, 'h'), (2, 'i')) AS d (n, label) ON d.n = a.n AND d.label > b.label
      LEFT JOIN (VALUES (1, 'j'), (3, 'k')) AS e (n, label) ON e.n = d.n
      JOIN (VALUES (1, 'l'), (2, 'm')) AS f (n, label) ON f.n = b.n
     WHERE EXISTS (SELECT FROM generate_series(1, 20) AS g WHERE g = a.n AND g < f.n + 10)
     ORDER BY coalesce(e.label, c.label), a.n LIMIT 5
"""
_PAGE = """
{%- macro cell(kind, value) -%}
<td class="cell cell-{{ kind }}" data-kind="{{ kind }}">{{ value if value is not none else "–" }}</td>
{%- endmacro -%}
{%- macro labeled(field) -%}
<p>{{ field.label }} {{ field(class="input") }}{% for error in field.errors %} <em>{{ error }}</em>{% endfor %}</p>
{%- endmacro -%}
<nav>{% for number in range(routes) %}
<a href="{{ url_for("page_%d" % number, number=number) }}">{{ number }}</a>{% endfor %}</nav>
<form>{% for field in form %}{{ labeled(field) }}{% endfor %}</form>
<table><tbody>
{% for row in rows %}<tr id="row-{{ row.id }}"{% if loop.index is divisibleby(2) %} class="even"{% endif %}>
{% for name, value in row.cells.items() %}{{ cell(name, value) }}{% endfor %}
<td><a href="/calls/{{ row.id }}?from={{ row.cells.who|urlencode }}">{{ row.cells.who|title }}</a></td>
</tr>{% endfor %}
</tbody></table>
"""
_POSTGRESQL: sa.Dialect = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy annotates none of its dialects
_METADATA = sa.MetaData()
_PEOPLE = sa.Table("people", _METADATA, sa.Column("id", sa.Integer), sa.Column("name", sa.Text))
_CALLS = sa.Table(
    "calls",
    _METADATA,
    sa.Column("id", sa.Integer),
    sa.Column("person", sa.Integer),
    sa.Column("caller", sa.Integer),
    sa.Column("began", sa.DateTime(timezone=True)),
    sa.Column("seconds", sa.Integer),
)


class _CallForm(Form):
    name = StringField(validators=[InputRequired(), Length(max=5)])
    phone = StringField(validators=[InputRequired()])
    seconds = IntegerField(validators=[NumberRange(max=3600)])
    note = TextAreaField(validators=[Length(max=200)])
    is_booked = BooleanField()


class Piece(NamedTuple):
    """Seconds of CPU of each part of the work."""

    python: float
    sql: float
    page: float


class Yardstick:
    """The piece of work, with a connection of its own to the run's server."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection | None = None
        self._client = _site().test_client()

    def measure(self) -> Piece | None:
        """Do the work and return its cost; None if the server doesn't answer."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(self._url, autocommit=True)
            return self._work(self._connection)
        except (psycopg.Error, OSError):
            self.close()  # a test can stop the server
            return None

    def _work(self, connection: psycopg.Connection) -> Piece:
        clock = Path("/proc", str(connection.info.backend_pid), "schedstat")
        sql_before = _seconds_of(clock)
        python = page = 0.0
        for number in range(_ROUNDS):
            began = time.thread_time()
            _handle_rows()
            connection.execute(_JOINS).fetchall()
            worked = time.thread_time()
            self._client.get(f"/pages/{number}/{number}?name=ada+lovelace&phone=&seconds=abc&is_booked=y").close()
            requested = time.thread_time()
            python += worked - began
            page += requested - worked
        connection.execute(_SQL).fetchall()
        return Piece(python, _seconds_of(clock) - sql_before, page)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None


def _seconds_of(clock: Path) -> float:
    return int(clock.read_text().split()[0]) / 1e9


def _handle_rows() -> None:
    rows = [{"name": f"{n}-name", "at": [n, n * 2.5, None], "text": "words " * (n % 9)} for n in range(_PYTHON_ROWS)]
    decoded = json.loads(json.dumps(rows, sort_keys=True))
    names = {_WORD.sub(r" \1", row["name"]): sum(filter(None, row["at"])) for row in decoded}
    sorted(names.items(), key=lambda item: (item[1] % 7, item[0]))


def _site() -> Flask:
    """Create an app with some routes that render one page: of a form with errors, and of rows."""
    app = Flask("yardstick", static_folder=None)
    app.testing = True  # an error must not pass for a cheap page
    app.jinja_loader = DictLoader({"page.html": _PAGE})
    rows = [
        {"id": number, "cells": {"who": f"ada & co {number}", "phone": f"+1 212 555 {number:04}", "ended": None}}
        for number in range(_PAGE_ROWS)
    ]

    def page(number: int) -> str:
        form = _CallForm(request.args)
        form.validate()
        _statement(number).compile(dialect=_POSTGRESQL)
        return render_template("page.html", rows=rows, form=form, routes=_ROUTES)

    for place in range(_ROUTES):
        app.add_url_rule(f"/pages/{place}/<int:number>", f"page_{place}", page)
    return app


def _statement(number: int) -> sa.Select[tuple[object, ...]]:
    person, caller = _PEOPLE.alias("person"), _PEOPLE.alias("caller")
    return (
        sa.select(_CALLS, person.c.name, sa.func.coalesce(caller.c.name, "").label("caller_name"))
        .join(person, person.c.id == _CALLS.c.person)
        .outerjoin(caller, caller.c.id == _CALLS.c.caller)
        .where(_CALLS.c.seconds > number, sa.or_(_CALLS.c.began > sa.func.now(), person.c.name.in_(["ada", "grace"])))
        .order_by(_CALLS.c.began.desc(), _CALLS.c.id)
        .limit(51)
    )
