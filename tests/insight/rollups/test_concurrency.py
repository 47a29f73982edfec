"""Stored numbers while writers, the job and readers work at the same time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import Engine

from app.db.context import Context, use_context
from app.extensions import db
from app.insight.metrics.call_ledger import CALLS
from app.insight.rollups.refresh_service import refresh
from app.models import Role
from tests.insight.metrics.company import NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.rollups.changes import Changes
from tests.insight.rollups.numbers import all_numbers, as_job, from_rows

_WRITERS, _SECONDS = 4, 6


def test_numbers_are_those_of_the_rows_in_every_snapshot(
    app: Flask, counted_company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    manager = counted_company.staff[Role.MANAGER]
    end = time.monotonic() + _SECONDS
    written, refreshed, compared = [0] * _WRITERS, [0], 0
    lock = threading.Lock()

    def write(number: int) -> None:
        changes = Changes(counted_company, seed=number)
        while time.monotonic() < end:
            changes.make(admin_engine, 1, most=1)  # with several, writers would wait for each other's calls
            written[number] += 1

    def work() -> None:
        with app.app_context(), use_context(Context(organization_id=counted_company.organization.id)):
            while time.monotonic() < end:
                with as_job():
                    refresh(CALLS, NOW)
                with lock:
                    refreshed[0] += 1

    with ThreadPoolExecutor(_WRITERS + 1) as pool:
        tasks = [*(pool.submit(write, number) for number in range(_WRITERS)), pool.submit(work)]
        while time.monotonic() < end:
            with asking(counted_company, manager) as actor:
                db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
                stored = all_numbers(actor, counted_company, "a day", "month", of_one=False)
                with from_rows():
                    assert all_numbers(actor, counted_company, "a day", "month", of_one=False) == stored
            compared += 1
        for task in tasks:
            task.result()  # raises what went wrong, such as a deadlock

    assert min(written) > 0
    assert refreshed[0] > 0
    assert compared > 0
