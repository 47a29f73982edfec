"""`make bench`: the product's pages compared with minimal pages that show the same rows.

One database has CALLS calls, and another has AUDIT_ROWS audit rows. Both pages are requested in turn from servers of
the same kind in the same run, so that a busy machine slows both; the result is the ratio of the medians. The run fails
if a page scans a large table sequentially, if it needs more queries for many rows than for few, or, at the usual sizes,
if a figure is 15% worse than the one in `bench/goals.toml`. At the usual sizes, KEEP=1 stores the figures of the run.
"""

import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import psycopg
from sqlalchemy import create_engine

from app.db import paging
from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from app.extensions import db
from app.models import Role
from bench import across, api, audit, audit_writes, bare, company, dashboards, index_price, people, trash, work
from bench.bare import BareSite
from bench.beside import HEADS, Bench, bench_on, compared
from bench.data import CSR, DAYS, HOME, LARGE, MANAGER, prepare
from bench.goals import Figures, Goal
from bench.lines import any_person, lines
from bench.measuring import SECRET_KEY, begin, drain, get, medians
from bench.memory import grown_by
from bench.numbers import pairs
from bench.plans import recorded, whole_scans

CSV_ROWS = 100_000
_USUAL_CALLS, _USUAL_ENTRIES = 1_000_000, 500_000


def main() -> None:
    """Create the data if missing, measure it, print the figures and compare them with the goals."""
    calls = int(os.environ.get("CALLS", _USUAL_CALLS))
    entries = int(os.environ.get("AUDIT_ROWS", _USUAL_ENTRIES))
    figures, faults = Figures(), 0
    logging.disable(logging.INFO)  # one line for each request within this process
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running():
        prepare(server, DATABASE, calls)
        people.fill(server.url(SUPERUSER))
        trash.fill(server.url(SUPERUSER))
        across.fill(server.url(SUPERUSER))
        print(f"{calls:,} calls, {entries:,} entries; milliseconds\n")
        print(HEADS)
        with bench_on(server, DATABASE, LARGE, lines, figures) as bench:
            print(f"days counted in {dashboards.store(bench.app):.1f} s")
            bench.clients("calls, newest")
            _csv(bench, calls, figures)
            faults += _numbers(bench, server.url(SUPERUSER))
            people_of = {person: bench.client(person) for person in (MANAGER, CSR)}
            for pace in dashboards.measure(bench.app, people_of, bench.admin):
                print(pace, flush=True)
            writers = audit_writes.measure(bench.app, server.url(SUPERUSER), LARGE)
            figures.add("8 writers, of their pace without audit", writers.ratio, Goal.WRITERS)
            print(writers)
            faults += bench.faults
        print(index_price.measure(server.url(SUPERUSER)))
        faults += api.measure(server, figures)
        for lines_of in (company.lines, work.lines, across.lines):
            with bench_on(server, DATABASE, LARGE, lines_of, figures) as bench:
                faults += bench.faults
        trail = audit.prepare(server, entries)
        with psycopg.connect(server.url(SUPERUSER, trail)) as admin:
            organization = audit.organization(admin)
        with bench_on(server, trail, organization, audit.lines, figures) as bench:
            faults += bench.faults
    sys.exit(1 if compared(figures, is_usual=(calls, entries) == (_USUAL_CALLS, _USUAL_ENTRIES)) or faults else 0)


@patch.object(paging, "MAX_COUNTED", 2 * CSV_ROWS)
def _csv(bench: Bench, calls: int, figures: Figures) -> None:
    """Measure the memory and time of a CSV export.

    Memory is measured first, with everything loaded but nothing else allocated, because freed memory can be reused.
    Only short lists are exported immediately; long ones are written in the background by the same code.
    """
    today = datetime.now(UTC).date()
    days = CSV_ROWS * DAYS // calls  # a few too many, for the current day, which is not over
    url = f"/calls.csv?period=custom&from={today - timedelta(days)}&to={today}"
    manager = bench.client(MANAGER)
    drain(manager, "/calls.csv?period=today")
    memory = grown_by(lambda: drain(manager, url))
    rows = get(manager, url).count(b"\r\n") - 1
    settings = bench.app.config["SETTINGS"]
    site = BareSite(settings.database_url.get_secret_value(), SECRET_KEY, LARGE)
    [(statement, given)] = bare.calls(LARGE, "true", rows)
    page, limit = medians(lambda: get(manager, url), lambda: site.csv(statement, given), rounds=5)
    first, whole = medians(lambda: begin(manager, url), lambda: get(manager, url), rounds=5)
    figures.add("CSV of 100,000 rows", page.wall / limit.wall, Goal.FILE)
    figures.add("CSV, part of the time until its first byte", first.wall / whole.wall, Goal.FIRST_BYTE)
    figures.add("CSV, MB of memory", memory, Goal.MEGABYTES)
    print(
        f"CSV of {rows:,} rows: {page.wall:.0f}, bare {limit.wall:.0f}, {page.wall / limit.wall:.2f}; "
        f"first byte {first.wall:.0f}; CPU {page.cpu:.0f}, bare {limit.cpu:.0f}; +{memory:.1f} MB"
    )


def _numbers(bench: Bench, admin_url: str) -> int:
    """Measure each dashboard's numbers, without rendering a page, against one statement per number.

    Return the number of measured dashboards and periods for which a large table is scanned sequentially.
    """
    faults = 0
    persons = {
        Role.CSR: any_person(bench.admin, LARGE, "csr"),
        Role.SALES_REP: any_person(bench.admin, LARGE, "sales_rep"),
        Role.EXEC: any_person(bench.admin, LARGE, "exec"),
    }
    admin = create_engine(admin_url)
    with bench.app.app_context():
        engine = db.engine
    for pair in pairs(bench.app, admin, LARGE, persons):
        product, plain = medians(pair.product, pair.plain, rounds=3)
        plans: list[str] = []
        with recorded(engine, plans) as sent:
            pair.product()
        scans = whole_scans(plans)
        faults += bool(scans)
        print(
            f"{pair.name:32} {product.wall:8.1f} {plain.wall:8.1f} {product.wall / plain.wall:7.2f} "
            f"{product.cpu:8.1f} {plain.cpu:8.1f} {len(sent):8}  {', '.join(scans)}",
            flush=True,
        )
    admin.dispose()
    return faults


if __name__ == "__main__":
    main()
