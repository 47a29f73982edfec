"""A fixed piece of work, whose CPU says how fast the machine is at the moment: Python, SQL and a rendered page.

A run's CPU divided by that of the piece is about the same on a slow machine, in a slow quarter of an hour, and on a
fast one.
"""

import json
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psycopg
from jinja2 import DictLoader, Environment

_ROUNDS = 2
_PYTHON_ROWS, _PAGE_ROWS = 60, 50
_WORD = re.compile(r"(?<=\d)-(\w+)")
_SQL = """
    SELECT count(*), sum(length(label)) FROM (
      SELECT md5(n::text) || to_char(timestamp '2026-01-01' + n * interval '1 minute', 'Day DD Mon HH24:MI') AS label,
             row_number() OVER (PARTITION BY n % 7 ORDER BY n % 1000, n) AS place
      FROM generate_series(1, 2500) AS n
    ) AS rows WHERE place % 3 < 2
"""
_PAGE = """
{%- macro cell(kind, value) -%}
<td class="cell cell-{{ kind }}" data-kind="{{ kind }}">{{ value if value is not none else "–" }}</td>
{%- endmacro -%}
<table><tbody>
{% for row in rows %}<tr id="row-{{ row.id }}"{% if loop.index is divisibleby(2) %} class="even"{% endif %}>
{% for name, value in row.cells.items() %}{{ cell(name, value) }}{% endfor %}
<td><a href="/calls/{{ row.id }}?from={{ row.cells.who|urlencode }}">{{ row.cells.who|title }}</a></td>
</tr>{% endfor %}
</tbody></table>
"""


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
        self._page = Environment(loader=DictLoader({"page": _PAGE}), autoescape=True).get_template("page")
        self._rows = [
            {"id": number, "cells": {"who": f"ada & co {number}", "phone": f"+1 212 555 {number:04}", "ended": None}}
            for number in range(_PAGE_ROWS)
        ]

    def measure(self) -> Piece | None:
        """Do the work twice and return the cost of the second time; None if the server doesn't answer."""
        piece = None
        for _round in range(_ROUNDS):
            began = time.thread_time()
            self._work()
            worked = time.thread_time()
            self._page.render(rows=self._rows)
            rendered = time.thread_time()
            sql = self._seconds_of_sql()
            piece = None if sql is None else Piece(worked - began, sql, rendered - worked)
        return piece

    def _work(self) -> None:
        rows = [
            {"name": f"{n}-name", "at": [n, n * 2.5, None], "text": "words " * (n % 9)} for n in range(_PYTHON_ROWS)
        ]
        for _turn in range(8):
            decoded = json.loads(json.dumps(rows, sort_keys=True))
            names = {_WORD.sub(r" \1", row["name"]): sum(filter(None, row["at"])) for row in decoded}
            sorted(names.items(), key=lambda item: (item[1] % 7, item[0]))

    def _seconds_of_sql(self) -> float | None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = psycopg.connect(self._url, autocommit=True)
            clock = Path("/proc", str(self._connection.info.backend_pid), "schedstat")
            began = int(clock.read_text().split()[0])
            self._connection.execute(_SQL).fetchall()
            return (int(clock.read_text().split()[0]) - began) / 1e9
        except (psycopg.Error, OSError):
            self.close()  # a test can stop the server
            return None

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None
