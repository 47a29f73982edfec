"""Audit trail for `make bench`: each filter compared with a minimal page of the same rows.

The trail has AUDIT_ROWS rows. `python -m bench.audit` compares each filter with the same one on a trail of 500,000
rows, to verify that the time stays constant.
"""

import os
from collections.abc import Callable, Iterator
from functools import partial

import psycopg
from flask.testing import FlaskClient

from app.db import migrate
from app.db.embedded import SUPERUSER, EmbeddedServer
from app.extensions import db
from app.factory import create_app
from bench.audit_data import LARGE, OPERATION, READER, RECORD, SOMEBODY, SOMEBODY_RARE, fill
from bench.bare import Statements
from bench.data import HOME, PASSWORD, Person, made_once
from bench.goals import Goal
from bench.lines import Line, following, place, quoted
from bench.measuring import get, medians, settings_for
from bench.visitor import Visitor

FLAT_FROM = 500_000
ROUNDS = 9
_ADDRESSES = 6

_WORDS = (
    "audit_words(organization_id, created_at, actor_label, before, after, metadata, resource_id, request_id, "
    "correlation_id, resource_type, resource_label) @@ "
)


def _words(*words: str) -> str:
    return f"{_WORDS} ('''o:' || {LARGE} || ''' & {' & '.join(words)}')::tsquery"


#: name → (filters of the page, with IDs as SQL in braces; the same in SQL)
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
    "a record and its parts": (
        f"resource_type=contact_card&resource_id={{{RECORD}}}",
        f"resource_type = 'contact_card' AND resource_id = {RECORD}",
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
    "a phone number": ("q=(512) 556-0001", _words("15125560001")),
    "the end of numbers": ("q=0001", _words("15125560001")),
    "two words": ("q=furnace tomorrow", _words("furnace", "tomorrow")),
    "a beginning": ("q=therm*", _words("therm:*")),
    "no such word": ("q=qwertyuiop", _words("qwertyuiop")),
}

_COLUMNS = "created_at, actor_label, action, resource_type, resource_id, source, ip_address, id"


def main() -> None:
    """Create the data if missing, and compare each filter at AUDIT_ROWS rows and at FLAT_FROM rows."""
    rows = int(os.environ.get("AUDIT_ROWS", "5000000"))
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running():
        databases = [prepare(server, number) for number in (FLAT_FROM, rows)]
        admins = [psycopg.connect(server.url(SUPERUSER, database), autocommit=True) for database in databases]
        clients = [_client(server, database) for database in databases]
        print(f"{rows:,} entries; medians of {ROUNDS} rounds within one process, in milliseconds\n")
        print(f"{'':28} {'page':>8} {'at ' + format(FLAT_FROM, ','):>12} {'flat':>6}")
        for name, (filters, _where) in FILTERS.items():
            small, large = (
                partial(get, client, _address(admin, filters)) for client, admin in zip(clients, admins, strict=True)
            )
            few, many = medians(small, large, rounds=ROUNDS)
            print(f"{name:28} {many.wall:8.1f} {few.wall:12.1f} {many.wall / few.wall:6.2f}", flush=True)
        for client, admin in zip(clients, admins, strict=True):
            admin.close()
            with client.application.app_context():
                db.engine.dispose()


def lines(visit: Callable[[Person], Visitor], admin: psycopg.Connection) -> Iterator[Line]:
    """Yield a line for each filter, with up to six pages of its list."""
    reader = Person(READER, organization(admin))
    for name, (filters, where) in FILTERS.items():
        paths = following(visit(reader), _address(admin, filters), _ADDRESSES)
        # The app's role cannot call the function that builds the search text: a search is compared with the newest
        # rows.
        bare = "true" if _WORDS in where else where
        limits = [_page(reader.organization, bare, path) for path in paths]
        yield Line(f"trail, {name}", Goal.TRAIL, reader, paths, limits)


def prepare(server: EmbeddedServer, rows: int) -> str:
    """Create the database with this many audit rows if it is missing, and return its name."""
    name = f"audit_{rows}"
    made_once(server, name, migrate.head(), lambda url: fill(url, rows))
    return name


def organization(admin: psycopg.Connection) -> str:
    """Return the ID of the organization whose audit trail is read."""
    [(found,)] = admin.execute(f"SELECT {LARGE}")
    return str(found)


def _address(admin: psycopg.Connection, filters: str) -> str:
    """Return the URL of the trail with these filters.

    SQL expressions in braces are replaced by their values.
    """
    while "{" in filters:
        before, _, rest = filters.partition("{")
        expression, _, after = rest.partition("}")
        [(value,)] = admin.execute(f"SELECT {expression}").fetchall()
        filters = f"{before}{value}{after}"
    return f"/audit?{quoted(filters)}"


def _page(organization_id: str, where: str, path: str) -> Statements:
    cursor = place(path)
    beyond = "true" if cursor is None else f"(created_at, id) < ('{cursor[0]}', '{cursor[1]}')"
    statement = (
        f"SELECT {_COLUMNS} FROM audit_logs WHERE organization_id = %(organization)s AND {where} AND {beyond} "
        "ORDER BY created_at DESC, id DESC LIMIT 50"
    )
    return [(statement, {"organization": organization_id})]


def _client(server: EmbeddedServer, database: str) -> FlaskClient:
    app = create_app(settings_for(server, HOME, database))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/login", data={"email": READER, "password": PASSWORD})
    return client


if __name__ == "__main__":
    main()
