"""`python -m bench.growth`: pages at CALLS calls (10,000,000) compared with pages at a tenth of that.

Both are requested in turn from two servers on one database server; the ratio shows the cost of the rows that a page
does not show.
"""

import logging
import os

import psycopg

from app.db.embedded import SUPERUSER, EmbeddedServer
from bench import servers
from bench.data import HOME, PASSWORD, Person, prepare
from bench.goals import Goal
from bench.lines import Line, lines_of_calls
from bench.measuring import Asked, in_turn, settings_for
from bench.servers import Server
from bench.visitor import Visitor, cookies_of

_USUAL_CALLS = 10_000_000
#: Pages that show the same number of rows however many exist.
_KINDS = (Goal.LIST, Goal.EMPTY, Goal.DETAIL)


def main() -> None:
    """Create both databases if missing, measure their pages, and print the ratios."""
    many = int(os.environ.get("CALLS", _USUAL_CALLS))
    logging.disable(logging.INFO)
    server = EmbeddedServer(HOME / "postgres", durable=False)
    names = {calls: f"calls_{calls}" for calls in (many, many // 10)}
    with server.running():
        for calls, name in names.items():
            prepare(server, name, calls)
        settings = [settings_for(server, HOME, name) for name in names.values()]
        with servers.product(settings[0]) as ours, servers.product(settings[1]) as beside:
            urls = (server.url(SUPERUSER, name) for name in names.values())
            sides = [_Side(*side) for side in zip((ours, beside), urls, strict=True)]
            print(f"{many:,} calls beside {many // 10:,}; milliseconds\n")
            print(f"{'':26} {'page':>7} {'tenth':>7} {'ratio':>6} {'p95':>7} {'tenth':>7} {'CPU':>6} {'tenth':>6}")
            for line, same in zip(*(side.lines() for side in sides), strict=True):
                page, tenth = in_turn(sides[0].asked(line), sides[1].asked(same))
                print(
                    f"{line.name:26} {page.p50:7.1f} {tenth.p50:7.1f} {page.p50 / tenth.p50:6.2f} "
                    f"{page.p95:7.1f} {tenth.p95:7.1f} {page.cpu:6.1f} {tenth.cpu:6.1f}",
                    flush=True,
                )


class _Side:
    """One of the databases, and the web server in front of it."""

    def __init__(self, server: Server, admin_url: str) -> None:
        self._server, self._admin_url = server, admin_url
        self._cookies: dict[Person, str] = {}

    def lines(self) -> list[Line]:
        """Return the lines of this database; pages are fetched to find those that follow."""
        with psycopg.connect(self._admin_url, autocommit=True) as admin:
            return [line for line in lines_of_calls(self._visit, admin) if line.goal in _KINDS]

    def asked(self, line: Line) -> Asked:
        """Return a line's pages with a new connection, because idle connections are closed."""
        return Asked(self._server, self._visit(line.person), line.paths)

    def _visit(self, person: Person) -> Visitor:
        if person not in self._cookies:
            self._cookies[person] = cookies_of(self._server.port, person.email, PASSWORD)
        return Visitor(self._server.port, self._cookies[person])


if __name__ == "__main__":
    main()
