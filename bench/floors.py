"""`python -m bench.floors`: CPU time of record pages and lists compared with the least that they can take.

The floor of a page is the same request of the same app: its hooks, the user, the permission, the layout and the end of
the transaction are the page's own. Only the view is replaced: it sends the statements that the page's view sent through
the driver alone, and renders their rows as plain tables, followed by text up to the size of the page. Page and floor
are requested in turn within one process. The time of the thread is measured inside the WSGI app, so that neither the
server nor the database is included.
"""

import logging
import os
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from time import thread_time
from typing import Any
from urllib.parse import urlsplit

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from app.extensions import db
from app.factory import create_app
from bench import audit
from bench.audit_data import LARGE as TRAIL
from bench.audit_data import READER, RECORD
from bench.data import HOME, LARGE, MANAGER, PASSWORD, prepare
from bench.measuring import get, settings_for

_CALLS, _ENTRIES = 1_000_000, 500_000
_REQUESTS = int(os.environ.get("REQUESTS", "120"))
_WARM_UP = 12
_PLAIN = """
{% extends "layouts/app.html" %}
{% block main %}
{% for rows in tables %}<table>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell if cell is not none }}</td>{% endfor %}</tr>{% endfor %}
</table>{% endfor %}{{ rest }}
{% endblock %}
"""
_CALLS_ANALYZED = """
    SELECT t.call_id FROM call_transcripts t JOIN call_analyses USING (organization_id, call_id)
    WHERE organization_id = %s LIMIT 6
"""
_RECORDS_OF_A_FEW = f"""
    SELECT resource_id FROM audit_logs WHERE organization_id = {TRAIL} AND resource_type = 'call'
    GROUP BY resource_id HAVING count(*) BETWEEN 2 AND 6 ORDER BY resource_id LIMIT 6
"""

Statement = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Floor:
    """Medians of a page and of its floor, in milliseconds of CPU."""

    name: str
    page: float
    least: float

    def __str__(self) -> str:
        return f"{self.name:28} {self.page:7.2f} {self.least:7.2f} {self.page / self.least:6.2f}"


class Watched:
    """An app whose requests are timed, and whose views can be replaced by their floors."""

    def __init__(self, app: Flask) -> None:
        self._app, self._inner = app, app.wsgi_app
        self._plain = app.jinja_env.from_string(_PLAIN)
        self._sent: list[Statement] | None = None
        self.spent = 0.0
        app.wsgi_app = self._timed  # type: ignore[method-assign] # as WSGI middleware is added
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._note)

    def floor_of(self, client: FlaskClient, name: str, paths: Sequence[str]) -> Floor:
        """Measure pages that one view shows, and their floors."""
        least = {path: self._least(client, path) for path in paths}
        took: dict[bool, list[float]] = {True: [], False: []}
        for number in range(_WARM_UP + _REQUESTS):
            path = paths[number % len(paths)]
            for is_page in (number % 2 == 0, number % 2 == 1):
                if is_page:
                    get(client, path)
                else:
                    with self._replaced(path, least[path]):
                        get(client, path)
                took[is_page].append(self.spent)
        page, floor = (statistics.median(took[is_page][_WARM_UP:]) * 1000 for is_page in (True, False))
        return Floor(name, page, floor)

    def _least(self, client: FlaskClient, path: str) -> Callable[..., str]:
        """Return the view that is the floor of the page at `path`."""
        get(client, path)  # some statements are sent only with the first request
        with self._recorded(path) as sent:
            size = len(get(client, path))
        with self._replaced(path, self._view(sent, "")):
            missing = size - len(get(client, path))
        return self._view(sent, "x" * missing)

    def _view(self, sent: Iterable[Statement], rest: str) -> Callable[..., str]:
        def view(**_arguments: Any) -> str:
            connection: Any = db.session.connection().connection.driver_connection
            tables = [connection.execute(sql, values).fetchall() for sql, values in sent]
            return self._render(tables, rest)

        return view

    def _render(self, tables: Sequence[Sequence[Any]], rest: str) -> str:
        context: dict[str, Any] = {"tables": tables, "rest": rest}
        self._app.update_template_context(context)
        return self._plain.render(context)

    @contextmanager
    def _recorded(self, path: str) -> Iterator[list[Statement]]:
        """Yield the statements that the view of `path` sends in the block."""
        found: list[Statement] = []
        own = self._app.view_functions[self._endpoint(path)]

        def view(**arguments: Any) -> Any:
            self._sent = found
            try:
                return own(**arguments)
            finally:
                self._sent = None

        with self._replaced(path, view):
            yield found

    @contextmanager
    def _replaced(self, path: str, view: Callable[..., Any]) -> Iterator[None]:
        """Replace the view of `path` in the block; its permission remains."""
        endpoint = self._endpoint(path)
        own = self._app.view_functions[endpoint]
        self._app.view_functions[endpoint] = update_wrapper(view, own)
        try:
            yield
        finally:
            self._app.view_functions[endpoint] = own

    def _endpoint(self, path: str) -> str:
        endpoint, _arguments = self._app.url_map.bind("localhost").match(urlsplit(path).path)
        return str(endpoint)

    def _timed(self, environ: Mapping[str, Any], start_response: Any) -> Any:
        began = thread_time()
        try:
            return self._inner(environ, start_response)  # type: ignore[arg-type]
        finally:
            self.spent = thread_time() - began

    def _note(self, _connection: Any, _cursor: Any, sql: str, values: Any, *_rest: Any) -> None:
        if self._sent is not None:
            self._sent.append((sql, values))


def main() -> None:
    """Create the data if missing, and print each page beside its floor."""
    logging.disable(logging.INFO)
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running():
        prepare(server, DATABASE, int(os.environ.get("CALLS", _CALLS)))
        trail = audit.prepare(server, int(os.environ.get("AUDIT_ROWS", _ENTRIES)))
        print(f"{'CPU in milliseconds':28} {'page':>7} {'floor':>7} {'ratio':>6}")
        for found in (*_of_calls(server, DATABASE), *_of_trail(server, trail)):
            print(found, flush=True)


def _of_calls(server: EmbeddedServer, database: str) -> Iterator[Floor]:
    watched, client = _client(server, database, MANAGER.email)
    with psycopg.connect(server.url(SUPERUSER, database)) as admin:
        calls = [f"/calls/{call_id}" for (call_id,) in admin.execute(_CALLS_ANALYZED, [LARGE])]
    yield watched.floor_of(client, "a call", calls)
    yield watched.floor_of(client, "calls", ["/calls", "/calls?status=missed", "/calls?sentiment=negative"])


def _of_trail(server: EmbeddedServer, database: str) -> Iterator[Floor]:
    watched, client = _client(server, database, READER)
    with psycopg.connect(server.url(SUPERUSER, database)) as admin:
        [(contact,)] = admin.execute(f"SELECT {RECORD}").fetchall()
        few = [f"/audit?resource_type=call&resource_id={call}" for (call,) in admin.execute(_RECORDS_OF_A_FEW)]
    yield watched.floor_of(client, "a contact's trail", [f"/audit?resource_type=contact_card&resource_id={contact}"])
    yield watched.floor_of(client, "a short trail", few)
    yield watched.floor_of(
        client, "trail, all", ["/audit", "/audit?action=call.reclassified", "/audit?resource_type=call"]
    )


def _client(server: EmbeddedServer, database: str, email: str) -> tuple[Watched, FlaskClient]:
    app = create_app(settings_for(server, HOME / "storage", database))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/login", data={"email": email, "password": PASSWORD})
    return Watched(app), client


if __name__ == "__main__":
    main()
