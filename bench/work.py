"""Daily work for `make bench`: lists, the board, a contact and the contact search, each with a minimal page.

`python -m bench.work` measures only these, at CALLS calls.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator

import psycopg

from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from bench import people, work_bare
from bench.beside import HEADS, bench_on, compared
from bench.data import CSR, HOME, LARGE, MANAGER, Person, prepare
from bench.goals import Figures, Goal
from bench.lines import ADDRESSES, DEEP, Line, any_person, following, place, quoted
from bench.visitor import Visitor
from bench.work_bare import APPOINTMENTS, CONTACTS, CONTACTS_BY_NAME, LEADS, MISSED, TASKS, BareList

_USUAL_CALLS = 1_000_000
_SPOKEN_TO = (
    "l.id IN (SELECT lead_id FROM calls c WHERE c.organization_id = l.organization_id AND c.call_type = 'csr_call'"
    " AND c.status = 'completed' AND c.started_at > now() - interval '30 days')"
)

_CALLED = (
    "EXISTS (SELECT FROM calls c WHERE c.organization_id = k.organization_id AND c.contact_card_id = k.id"
    " AND c.csr_id = '{csr}')"
)

#: name → (the minimal list, the URL with its filters, the same in SQL); the last or first 50 by its timestamp.
LISTS: dict[str, tuple[BareList, str, str]] = {
    "contacts, newest": (CONTACTS, "/contacts", "true"),
    "contacts, by name": (CONTACTS_BY_NAME, "/contacts?sort=name", "true"),
    "contacts, a source": (CONTACTS, "/contacts?source=manual", "k.source = 'manual'"),
    "contacts, a tag": (CONTACTS, "/contacts?tag=member", "k.tags @> ARRAY['member']"),
    "contacts, 30 days": (CONTACTS, "/contacts?period=last_30", "k.created_at > now() - interval '30 days'"),
    "leads, newest": (LEADS, "/leads", "true"),
    "leads, a stage": (LEADS, "/leads?stage=pending", "l.stage = 'pending'"),
    "leads, open": (LEADS, "/leads?open=yes", "l.closed_at IS NULL"),
    "leads, a qualification": (LEADS, "/leads?qualification=hot", "l.qualification_status = 'hot'"),
    "leads, a rep": (LEADS, "/leads?rep={rep}", "l.assigned_rep_id = '{rep}'"),
    "leads, 30 days": (LEADS, "/leads?period=last_30", _SPOKEN_TO),
    "appointments, to come": (APPOINTMENTS, "/appointments", "a.scheduled_start_at >= date_trunc('day', now())"),
    "appointments, latest": (APPOINTMENTS, "/appointments?sort=-startTime", "true"),
    "appointments, a status": (APPOINTMENTS, "/appointments?status=cancelled", "a.status = 'cancelled'"),
    "appointments, an outcome": (APPOINTMENTS, "/appointments?outcome=closed_won", "a.outcome = 'closed_won'"),
    "appointments, a rep": (APPOINTMENTS, "/appointments?rep={rep}", "a.sales_rep_id = '{rep}'"),
    "tasks, open": (TASKS, "/tasks", "t.status IN ('pending', 'in_progress')"),
    "tasks, all": (TASKS, "/tasks?sort=dueDate", "true"),
    "tasks, a priority": (TASKS, "/tasks?priority=urgent", "t.priority = 'urgent'"),
    "missed calls, to do": (MISSED, "/missed-calls", "m.status IN ('open', 'claimed')"),
    "missed calls, all": (MISSED, "/missed-calls?sort=-missedAt", "true"),
    "missed calls, a status": (MISSED, "/missed-calls?status=lost", "m.status = 'lost'"),
}
#: Lists that a page shows in ascending order of time.
_RISING = ("contacts, by name", "appointments, to come", "tasks, open", "tasks, all", "tasks, a priority")
#: name → (the minimal list, the URL, the expected rows in SQL)
SEARCHES = {
    "search, a name": (CONTACTS, "/contacts?q=caller 77", "k.last_name = 'Caller 77'"),
    "search, a number": (CONTACTS, "/contacts?q=2120000123", "k.primary_phone = '+12120000123'"),
    "search, a company": (CONTACTS, "/contacts?q=works 88", "k.company_name = 'Works 88'"),
    "search, a usual name": (CONTACTS, "/contacts?q=dana", "k.first_name = 'Dana'"),
    "search, what all have": (CONTACTS, "/contacts?q=caller", "true"),
    "search, a lead of a name": (LEADS, "/leads?q=caller 77", "k.last_name = 'Caller 77'"),
    "search, a task of a name": (TASKS, "/tasks?q=caller 77", "k.last_name = 'Caller 77'"),
}
_DEEP = ("contacts, newest", "leads, newest", "appointments, latest", "tasks, all", "missed calls, all")
#: name → (the URL of one row, its table, the minimal list)
ROWS = {
    "a lead": ("/leads/", "leads", LEADS),
    "an appointment": ("/appointments/", "appointments", APPOINTMENTS),
    "a task": ("/tasks/", "tasks", TASKS),
    "a missed call": ("/missed-calls/", "missed_call_entries", MISSED),
}


def main() -> None:
    """Create the data if missing, measure it, print the figures and compare them with the goals."""
    calls = int(os.environ.get("CALLS", _USUAL_CALLS))
    figures = Figures()
    logging.disable(logging.INFO)
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running():
        prepare(server, DATABASE, calls)
        people.fill(server.url(SUPERUSER))
        print(f"{calls:,} calls; milliseconds\n\n{HEADS}")
        with bench_on(server, DATABASE, LARGE, lines, figures) as bench:
            faults = bench.faults
    sys.exit(1 if compared(figures, is_usual=calls == _USUAL_CALLS) or faults else 0)


def lines(visit: Callable[[Person], Visitor], admin: psycopg.Connection) -> Iterator[Line]:
    """Yield the lines for daily work; pages are fetched to find those that follow."""
    rep = any_person(admin, LARGE, "sales_rep")
    for name, (bare, path, where) in LISTS.items():
        paths = following(visit(MANAGER), _address(path.format(rep=rep)), ADDRESSES)
        yield _list(name, Goal.LIST, bare, paths, where.format(rep=rep))
    for name in _DEEP:
        bare, path, where = LISTS[name]
        deep = following(visit(MANAGER), path, DEEP + ADDRESSES)[DEEP:]
        if deep:
            yield _list(name, Goal.LIST, bare, deep, where, f"{name.partition(',')[0]}, 100 pages deep")
    for name, (bare, path, where) in SEARCHES.items():
        yield _list(name, Goal.DETAIL, bare, [_address(path)], where)
    yield Line("contacts, nobody called so", Goal.EMPTY, MANAGER, ["/contacts?q=nobody77"], beside="/contacts")
    csr = any_person(admin, LARGE, "csr")
    own = LEADS.page(LARGE, f"'{csr}' IN (l.csr_id, l.assigned_rep_id)", None, is_rising=False)
    yield Line("leads, a CSR's own", Goal.LIST, CSR, ["/leads"], [own])
    own = CONTACTS.page(LARGE, _CALLED.format(csr=csr), None, is_rising=False)
    yield Line("contacts, a CSR's own", Goal.LIST, CSR, ["/contacts"], [own])
    own = TASKS.page(LARGE, f"{LISTS['tasks, open'][2]} AND t.assigned_to_user_id = '{csr}'", None, is_rising=True)
    yield Line("tasks, a CSR's own", Goal.LIST, CSR, ["/tasks"], [own])
    for name, path, where in (
        ("board", "/leads/board", "true"),
        ("board of a rep", f"/leads/board?rep={rep}", f"l.assigned_rep_id = '{rep}'"),
    ):
        yield Line(name, Goal.BOARD, MANAGER, [path], [work_bare.board(LARGE, where)])
    known = _some(admin, "contact_cards")
    limits = [work_bare.contact(LARGE, one) for one in known]
    yield Line("a contact", Goal.BOARD, MANAGER, [f"/contacts/{one}" for one in known], limits, is_of_one=True)
    for name, (path, table, bare) in ROWS.items():
        known = _some(admin, table)
        limits = [work_bare.one(bare, LARGE, one) for one in known]
        yield Line(name, Goal.DETAIL, MANAGER, [f"{path}{one}" for one in known], limits, is_of_one=True)


def _list(name: str, goal: Goal, bare: BareList, paths: list[str], where: str, called: str = "") -> Line:
    is_rising = name in _RISING
    limits = [bare.page(LARGE, where, place(path), is_rising=is_rising) for path in paths]
    return Line(called or name, goal, MANAGER, paths, limits)


def _some(admin: psycopg.Connection, table: str) -> list[str]:
    """Return the IDs of some rows spread over a table."""
    found = admin.execute(
        f"SELECT id FROM {table} WHERE organization_id = %s ORDER BY md5(id::text) LIMIT %s".encode(),
        [LARGE, ADDRESSES],
    )
    return [str(row_id) for (row_id,) in found]


def _address(path: str) -> str:
    where, mark, filters = path.partition("?")
    return f"{where}{mark}{quoted(filters)}"


if __name__ == "__main__":
    main()
