"""Search and notifications for `make bench`, requested by a manager with ten thousand notifications.

`python -m bench.across` measures only these, at CALLS calls.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator

import psycopg

from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from bench import bare
from bench.bare import Statements
from bench.beside import HEADS, bench_on, compared
from bench.data import HOME, LARGE, MANAGER, Person, prepare
from bench.goals import Figures, Goal
from bench.lines import Line, quoted
from bench.visitor import Visitor
from bench.work_bare import APPOINTMENTS, CONTACTS, LEADS, TASKS

NOTIFICATIONS = 10_000
_USUAL_CALLS = 1_000_000
#: Number of results of a kind that the search shows.
_SHOWN = 5

#: name → (search text, condition in SQL). Of a frequent name, a few rows are shown.
SEARCHES = {
    "a name": ("caller 77", "k.last_name = 'Caller 77'"),
    "misspelt": ("caler 77", "k.last_name = 'Caller 77'"),
    "a number": ("2120000123", "k.primary_phone = '+12120000123'"),
    "a company": ("works 88", "k.company_name = 'Works 88'"),
    "a usual name": ("dana", "k.first_name = 'Dana'"),
}

_TOLD = """
SELECT n.id, n.kind, n.text, n.link, n.told_at, n.read_at, t.title FROM notifications n
LEFT JOIN tasks t ON t.organization_id = n.organization_id AND t.id = n.about_id
WHERE n.organization_id = %(organization)s AND n.is_shown
  AND n.user_id = (SELECT id FROM users WHERE organization_id = %(organization)s AND email = %(email)s)
ORDER BY n.told_at DESC, n.id DESC LIMIT """


def main() -> None:
    """Create the data if missing, measure it, print the figures and compare them with the goals."""
    calls = int(os.environ.get("CALLS", _USUAL_CALLS))
    figures = Figures()
    logging.disable(logging.INFO)
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running():
        prepare(server, DATABASE, calls)
        fill(server.url(SUPERUSER))
        print(f"{calls:,} calls; milliseconds\n\n{HEADS}")
        with bench_on(server, DATABASE, LARGE, lines, figures) as bench:
            faults = bench.faults
    sys.exit(1 if compared(figures, is_usual=calls == _USUAL_CALLS) or faults else 0)


def fill(admin_url: str) -> None:
    """Create ten thousand task notifications for a manager, unless they exist; as the superuser."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        given = {"organization": LARGE, "email": MANAGER.email, "number": NOTIFICATIONS}
        if connection.execute("SELECT 1 FROM notifications WHERE organization_id = %(organization)s", given).fetchone():
            return
        connection.execute(_TELL, given)
        connection.execute("VACUUM ANALYZE notifications")


def lines(_visit: Callable[[Person], Visitor], _admin: psycopg.Connection) -> Iterator[Line]:
    """Yield the lines for search and for notifications."""
    for name, (typed, where) in SEARCHES.items():
        yield Line(f"everything, {name}", Goal.DETAIL, MANAGER, [f"/search?{quoted(f'q={typed}')}"], [_found(where)])
    yield Line("everything, nobody", Goal.EMPTY, MANAGER, ["/search?q=nobody77"], beside="/contacts")
    yield Line("notifications", Goal.LIST, MANAGER, ["/notifications"], [_told(50)])
    yield Line("notifications, unread", Goal.LIST, MANAGER, ["/notifications?state=unread"], [_told(50)])
    yield Line("below the bell", Goal.LIST, MANAGER, ["/notifications/newest"], [_told(_SHOWN)])


def _found(where: str) -> Statements:
    """Return statements for a few matching calls, contacts, leads, appointments and tasks."""
    found = [bare.calls(LARGE, where, _SHOWN)]
    found += [of.page(LARGE, where, None, is_rising=False) for of in (CONTACTS, LEADS, APPOINTMENTS, TASKS)]
    return [(sql.replace("LIMIT 50", f"LIMIT {_SHOWN}"), given) for one in found for sql, given in one]


def _told(number: int) -> Statements:
    return [(f"{_TOLD}{number}", {"organization": LARGE, "email": MANAGER.email})]


_TELL = """
INSERT INTO notifications (organization_id, id, user_id, kind, text, link, about_type, about_id, told_at, read_at)
SELECT %(organization)s::uuid, new_uuid7(), person.id, 'task_assigned', 'Somebody assigned a task to you',
       '/tasks/' || task.id, 'task', task.id, now() - place * interval '10 minutes',
       CASE WHEN place %% 3 = 0 THEN now() END
FROM (
  SELECT id, row_number() OVER () AS place FROM (
    SELECT id FROM tasks WHERE organization_id = %(organization)s AND deleted_at IS NULL LIMIT %(number)s
  ) of_all
) task
CROSS JOIN (SELECT id FROM users WHERE organization_id = %(organization)s AND email = %(email)s) person
"""


if __name__ == "__main__":
    main()
