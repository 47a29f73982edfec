"""`python -m bench.audit`: the audit trail at AUDIT_ROWS entries, and at 500,000 to see that it stays flat.

Each filter is measured on its first page and on the way back from its third, beside plain SQL of the same rows with
their count and a bare table, as a superuser whom no policy slows down.
"""

import base64
import os
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from urllib.parse import parse_qs, quote, unquote, urlsplit

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import Environment

from app import create_app
from app.config import PROJECT_ROOT
from app.db import migrate
from app.db.bootstrap import bootstrap
from app.db.context_signature import tell_key
from app.db.embedded import SUPERUSER, EmbeddedServer
from app.extensions import db
from bench.audit_data import LARGE, OPERATION, READER, RECORD, SOMEBODY, SOMEBODY_RARE, fill
from bench.data import PASSWORD
from bench.measuring import SECRET_KEY, get, medians, settings_for

HOME = PROJECT_ROOT / "var" / "bench"
FLAT_FROM = 500_000
ROUNDS = 9

_WORDS = (
    "audit_words(organization_id, created_at, actor_label, before, after, metadata, resource_id, request_id, "
    "correlation_id, resource_type, resource_label) @@ "
)


def _words(*words: str) -> str:
    return f"{_WORDS} ('''o:' || {LARGE} || ''' & {' & '.join(words)}')::tsquery"


#: name → (filters of the page, where ids stand as SQL in braces; the same in SQL)
FILTERS = {
    "all": ("", "true"),
    "a person": (f"actor={{{SOMEBODY}}}", f"user_id = {SOMEBODY}"),
    "a rare person": (f"actor={{{SOMEBODY_RARE}}}", f"user_id = {SOMEBODY_RARE}"),
    "the system": ("actor=none", "user_id IS NULL"),
    "an action": ("action=call.reclassified", "action = 'call.reclassified'"),
    "a rare action": ("action=user.role.changed", "action = 'user.role.changed'"),
    "two actions": (
        "action=call.reclassified,user.role.changed",
        "action IN ('call.reclassified', 'user.role.changed')",
    ),
    "a kind": ("resource_type=call", "resource_type = 'call'"),
    "a rare kind": ("resource_type=user", "resource_type = 'user'"),
    "a record": (
        f"resource_type=call&resource_id={{{RECORD}}}",
        f"resource_type = 'call' AND resource_id = {RECORD}",
    ),
    "an address": ("address=203.0.113.7", "ip_address = '203.0.113.7'"),
    "a range": ("address=203.0.113.0/28", "ip_address BETWEEN '203.0.113.0' AND '203.0.113.15'"),
    "a rare range": ("address=198.51.100.0/24", "ip_address BETWEEN '198.51.100.0' AND '198.51.100.255'"),
    "an operation": (f"operation_id={{{OPERATION}}}", f"operation_id = {OPERATION}"),
    "30 days": ("period=last_30", "created_at > now() - interval '30 days'"),
    "a person's action": (
        f"actor={{{SOMEBODY}}}&action=task.updated",
        f"user_id = {SOMEBODY} AND action = 'task.updated'",
    ),
    "a request": ("request_id=request-400", "request_id = 'request-400' AND " + _words("''r:request-400''")),
    "a changed field": ("field=booking_status", _words("''f:booking_status''")),
    "a rare field": ("field=role", _words("''f:role''")),
    "a common word": ("q=caller", _words("caller")),
    "a usual word": ("q=thermostat", _words("thermostat")),
    "a rare word": ("q=zebrafish", _words("zebrafish")),
    "a name of today": (
        "q=silvia",
        f"resource_id IN (SELECT id FROM contact_cards WHERE organization_id = {LARGE} AND first_name = 'Silvia')",
    ),
    "a name of then": ("q=greer77", _words("''l:greer77''")),
    "two words": ("q=furnace tomorrow", _words("furnace", "tomorrow")),
    "a beginning": ("q=therm*", _words("therm:*")),
    "no such word": ("q=qwertyuiop", _words("qwertyuiop")),
}

_TABLE = Environment(autoescape=True).from_string(
    "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell if cell is not none }}</td>{% endfor %}</tr>"
    "{% endfor %}</table>"
)
_COLUMNS = "created_at, actor_label, action, resource_type, resource_id, source, ip_address, id"


@dataclass(frozen=True, slots=True)
class Trail:
    """One database with its app, a visitor who reads the trail, and the superuser's connection."""

    app: Flask
    client: FlaskClient
    admin: psycopg.Connection

    def address(self, filters: str) -> str:
        """Where the list is that is filtered so."""
        while "{" in filters:
            before, _, rest = filters.partition("{")
            expression, _, after = rest.partition("}")
            [[value]] = self.admin.execute(f"SELECT {expression}").fetchall()
            filters = f"{before}{value}{after}"
        return f"/audit?{quote(filters, safe='=&,/*')}"

    def back_from_third(self, url: str) -> str | None:
        """The way to newer entries from the third page; None of a list that is shorter."""
        for way in (-1, -1, 0):
            links = [part.split('"')[0] for part in get(self.client, url).decode().split('href="')[1:]]
            cursors = [link.replace("&amp;", "&") for link in links if "cursor=" in link and link.startswith("/audit?")]
            ways = [link for link in cursors if "sort=" not in link]
            if not ways:
                return None
            url = ways[way]
        return url

    def bare(self, where: str, cursor: tuple[str, str] | None = None) -> str:
        """The same rows and their count, up to 10,000; with a cursor, those newer than it."""
        order, beyond = ("DESC", "true") if cursor is None else ("ASC", "(created_at, id) > (%s, %s)")
        of_them = f"FROM audit_logs WHERE organization_id = {LARGE} AND {where}"
        rows = self.admin.execute(
            f"SELECT {_COLUMNS} {of_them} AND {beyond} ORDER BY created_at {order}, id {order} LIMIT 51", cursor
        ).fetchall()
        self.admin.execute(f"SELECT count(*) FROM (SELECT {of_them} LIMIT 10001) found").fetchall()
        return _TABLE.render(rows=rows[:50])


def main() -> None:
    """Make the data unless it is there, measure, print."""
    rows = int(os.environ.get("AUDIT_ROWS", "5000000"))
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running():
        trails = [_trail(server, number) for number in sorted({FLAT_FROM, rows})]
        print(f"{rows:,} entries; medians of {ROUNDS} rounds, in milliseconds\n")
        print(f"{'':28} {'page':>8} {'bare':>8} {'ratio':>7} {'page at ' + format(FLAT_FROM, ','):>16} {'flat':>6}")
        for name, (filters, where) in FILTERS.items():
            _line(trails, name, filters, where)
        for trail in trails:
            trail.admin.close()
            with trail.app.app_context():
                db.engine.dispose()


def _line(trails: list[Trail], name: str, filters: str, where: str) -> None:
    """Measure a filter both ways and print it; of a list that has one page only, the first."""
    for way in ("", ", back"):
        costs = []
        for trail in trails:
            first = trail.address(filters)
            url = trail.back_from_third(first) if way else first
            if url is None:
                return
            cursor = _place(url) if way else None
            costs.append(medians(partial(get, trail.client, url), partial(trail.bare, where, cursor), rounds=ROUNDS))
        (small, _), (page, limit) = costs[0], costs[-1]
        print(
            f"{name + way:28} {page.wall:8.1f} {limit.wall:8.1f} {page.wall / limit.wall:7.2f} {small.wall:16.1f} "
            f"{page.wall / small.wall:6.2f}",
            flush=True,
        )


def _place(url: str) -> tuple[str, str]:
    """The moment and the id that a cursor stands at."""
    [text] = parse_qs(urlsplit(unquote(url)).query)["cursor"]
    row_id, _way, _known, moment = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|", 3)
    return moment, row_id


def _trail(server: EmbeddedServer, rows: int) -> Trail:
    name = f"audit_{rows}"
    admin = server.url(SUPERUSER, "postgres")
    made = HOME / f"{name}-{migrate.head()}"
    bootstrap(admin, name)
    if not made.exists():
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        bootstrap(admin, name)
        migrate.upgrade(server.url("app_owner", name))
        tell_key(server.url("app_owner", name), SECRET_KEY)
        began = perf_counter()
        fill(server.url(SUPERUSER, name), rows)
        made.touch()
        print(f"{rows:,} entries made in {perf_counter() - began:.0f} s")
    app = create_app(settings_for(server, HOME, name))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/login", data={"email": READER, "password": PASSWORD})
    return Trail(app, client, psycopg.connect(server.url(SUPERUSER, name), autocommit=True))


if __name__ == "__main__":
    main()
