"""Pages measured by `make bench`, each with a minimal page of the same rows."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

import psycopg

from bench import bare, people, trash
from bench.bare import Statements
from bench.data import CSR, LARGE, MANAGER, Person
from bench.goals import Goal
from bench.visitor import Visitor

#: Number of URLs that alternate in a line: consecutive pages, or calls of different people.
ADDRESSES = 6
DEEP = 100

#: name → (filters of the page, the same in SQL)
CALLS = {
    "newest": ("", "true"),
    "a status": ("status=missed", "c.status = 'missed'"),
    "two statuses": ("status=missed,voicemail", "c.status IN ('missed', 'voicemail')"),
    "outcome": ("outcome=follow_up", "c.outcome = 'follow_up'"),
    "booking status": ("booking_status=not_booked", "c.booking_status = 'not_booked'"),
    "topic": ("topic=Topic 3", "c.topic = 'Topic 3'"),
    "sentiment": ("sentiment=negative", "c.sentiment = 'negative'"),
    "direction": ("direction=outbound", "c.direction = 'outbound'"),
    "type": ("call_type=sales_call", "c.call_type = 'sales_call'"),
    "rated": ("rated=yes", "c.call_quality IS NOT NULL"),
    "hour": ("hour=9", "extract(hour FROM c.started_at AT TIME ZONE 'America/New_York') = 9"),
    "30 days": ("period=last_30", "c.started_at > now() - interval '30 days'"),
    "one CSR": ("csr={csr}", "c.csr_id = '{csr}'"),
    "CSR, booking, 30 days": (
        "csr={csr}&booking_status=not_booked&period=last_30",
        "c.csr_id = '{csr}' AND c.booking_status = 'not_booked' AND c.started_at > now() - interval '30 days'",
    ),
}
NEAR_EMPTY = {"a rare topic": "topic=None of these", "a caller": "q=+12120000123"}


@dataclass(frozen=True, slots=True)
class Line:
    """Pages of one kind, the person who requests them, and the statements of the baseline.

    Without statements, the page is compared with the list at `beside`. With `is_of_one`, the pages show records that
    exist only in this organization.
    """

    name: str
    goal: Goal
    person: Person
    paths: Sequence[str]
    limits: Sequence[Statements] = ()
    beside: str = ""
    is_of_one: bool = False


def lines(visit: Callable[[Person], Visitor], admin: psycopg.Connection) -> Iterator[Line]:
    """Yield the lines for calls, dashboards, people and the trash.

    Pages are fetched to find those that follow.
    """
    yield from lines_of_calls(visit, admin)
    manager_id = any_person(admin, people.CROWD, "manager")
    for name, (filters, where, order) in people.LISTS.items():
        path = f"/users?{quoted(filters.format(manager=manager_id))}"
        limit = bare.people(people.CROWD, where.format(manager=manager_id), order)
        yield Line(f"people, {name}", Goal.LIST, people.ADMIN, [path], [limit])
    person = any_person(admin, LARGE, "manager")
    for name, (filters, where) in trash.LISTS.items():
        order = "purge_after, id" if "purgeAfter" in filters else "created_at DESC, id DESC"
        path = f"/trash?{quoted(filters.format(person=person))}"
        yield Line(
            f"trash, {name}",
            Goal.LIST,
            trash.OWNER,
            [path],
            [bare.deletions(LARGE, where.format(person=person), order)],
        )


def lines_of_calls(visit: Callable[[Person], Visitor], admin: psycopg.Connection) -> Iterator[Line]:
    """Yield the lines for calls and for dashboards."""
    manager = visit(MANAGER)
    csr = any_person(admin, LARGE, "csr")
    for name, (filters, where) in CALLS.items():
        yield _calls(f"calls, {name}", manager, f"/calls?{quoted(filters.format(csr=csr))}", where.format(csr=csr))
    deep = following(manager, "/calls", DEEP + ADDRESSES)[DEEP:]
    yield Line("calls, 100 pages deep", Goal.LIST, MANAGER, deep, [_page("true", path) for path in deep])
    mine = f"'{csr}' IN (c.csr_id, c.handled_by_user_id, c.assigned_rep_id)"
    yield Line("calls, a CSR's own", Goal.LIST, CSR, ["/calls"], [bare.calls(LARGE, mine)])
    for name, filters in NEAR_EMPTY.items():
        yield Line(f"calls, {name}", Goal.EMPTY, MANAGER, [f"/calls?{quoted(filters)}"], beside="/calls")
    known = [
        str(call_id)
        for (call_id,) in admin.execute(
            "SELECT t.call_id FROM call_transcripts t JOIN call_analyses USING (organization_id, call_id)"
            " WHERE organization_id = %s LIMIT %s",
            [LARGE, ADDRESSES],
        )
    ]
    yield Line(
        "a call",
        Goal.DETAIL,
        MANAGER,
        [f"/calls/{one}" for one in known],
        [bare.call(LARGE, one) for one in known],
        is_of_one=True,
    )
    for days in (7, 30, 90):
        yield Line(
            f"dashboard, {days} days",
            Goal.DASHBOARD,
            MANAGER,
            [f"/csr?period=last_{days}"],
            [bare.numbers(LARGE, days)],
        )
    own = bare.numbers(LARGE, 30, f"c.csr_id = '{csr}'")
    yield Line("dashboard, a CSR's own", Goal.DASHBOARD, CSR, ["/csr?period=last_30"], [own])


def any_person(admin: psycopg.Connection, organization: str, role: str) -> str:
    """Return the ID of a user of the organization with this role."""
    [(user_id,)] = admin.execute(
        "SELECT id FROM users WHERE organization_id = %s AND role = %s ORDER BY email LIMIT 1", [organization, role]
    )
    return str(user_id)


def quoted(filters: str) -> str:
    """Encode filters for a URL."""
    return quote(filters, safe="=&,/*").replace("+", "%2B")


def following(visitor: Visitor, path: str, number: int) -> list[str]:
    """Return up to `number` URLs of pages, starting with `path`.

    Each further URL is that of the last paging link on the page before it.
    """
    paths = [path]
    while len(paths) < number:
        links = [part.split('"')[0] for part in visitor.text(paths[-1]).split('href="')[1:]]
        cursors = [link.replace("&amp;", "&") for link in links if "cursor=" in link and "sort=" not in link]
        if not cursors or cursors[-1] in paths:
            break
        paths.append(cursors[-1])
    return paths


def place(path: str) -> tuple[str, str] | None:
    """Return the timestamp and ID in the cursor of a URL, or None without a cursor."""
    found = parse_qs(urlsplit(path).query).get("cursor")
    if not found:
        return None
    decoded = base64.urlsafe_b64decode(found[0] + "=" * (-len(found[0]) % 4)).decode()
    row_id, _way, _known, moment = decoded.split("|", 3)
    return moment, row_id


def _calls(name: str, manager: Visitor, path: str, where: str) -> Line:
    paths = following(manager, path, ADDRESSES)
    return Line(name, Goal.LIST, MANAGER, paths, [_page(where, path) for path in paths])


def _page(where: str, path: str) -> Statements:
    cursor = place(path)
    beyond = "" if cursor is None else f" AND (c.started_at, c.id) < ('{cursor[0]}', '{cursor[1]}')"
    return bare.calls(LARGE, where + beyond)
