"""Credit for missed callers: it stays what it was when the call was missed and when the caller stopped waiting."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, select, text, update

from app.db.filters import Person
from app.declarations.open_work import WorkKind
from app.extensions import db
from app.insight.metrics.csr_queries import csr_numbers
from app.insight.metrics.missed_queries import missed_call_numbers
from app.models import EntryStatus, Lead, MissedCallEntry, Organization, Role
from app.people.users.handover_service import hand_over
from app.periods import Period, resolve_period
from app.security.actor import Actor
from app.work.missed_calls.filters import EntryFilters
from app.work.missed_calls.queries import entry_list
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.work import at_work

NOW = datetime.now(UTC)
BACKFILL = import_module("migrations.versions.0145_credit_for_missed_callers").BACKFILL
#: How entries of the leaving CSR ended, each `rescued_by` or by no one.
ENDINGS = [
    (EntryStatus.OPEN, None),
    (EntryStatus.CLAIMED, None),
    (EntryStatus.RESCUED, "auto"),
    (EntryStatus.RESCUED, "human"),
    (EntryStatus.ANSWERED_LATER, None),
    (EntryStatus.LOST, None),
    (EntryStatus.DISMISSED, None),
]


class Office:
    """An organization with a CSR who leaves, the taker of their leads, and one lead of each."""

    def __init__(self, app: Flask, make: Factories, engine: Engine) -> None:
        self.app, self.engine, self._make = app, engine, make
        self.organization: Organization = make.organization()
        self.manager, self.admin, self.leaver, self.taker = (
            make.user(self.organization, role) for role in (Role.MANAGER, Role.ADMIN, Role.CSR, Role.CSR)
        )
        self.lead, self.decoy = (make.lead(self.organization, csr_id=csr.id) for csr in (self.leaver, self.taker))

    def missed(self, lead: Lead, status: EntryStatus = EntryStatus.OPEN, by: str | None = None) -> MissedCallEntry:
        """Create an entry of a lead, missed ten days ago, that ended two days later unless it waits."""
        waits = status in (EntryStatus.OPEN, EntryStatus.CLAIMED)
        call = self._make.call(self.organization, status="missed", started_at=NOW - timedelta(days=10))
        return self._make.missed_entry(
            self.organization,
            call=call,
            lead_id=lead.id,
            status=status,
            rescued_by=by,
            claim_expires_at=NOW if status == EntryStatus.CLAIMED else None,
            resolved_at=None if waits else NOW - timedelta(days=8),
        )

    def change(self, entry: MissedCallEntry, **values: Any) -> None:
        with at_work(self.app, self.organization.id):
            db.session.execute(update(MissedCallEntry).where(MissedCallEntry.id == entry.id).values(**values))

    def change_lead(self, **values: Any) -> None:
        with at_work(self.app, self.organization.id):
            changed = update(Lead).where(Lead.id == self.lead.id).values(**values)
            db.session.execute(changed.execution_options(include_deleted=True))

    def rescue(self, entry: MissedCallEntry) -> None:
        self.change(entry, status="rescued", rescued_by="auto", resolved_at=NOW)

    def credited(self, entry: MissedCallEntry) -> tuple[UUID | None, UUID | None]:
        """Return the CSR when the call was missed, and the one when the caller stopped waiting."""
        with at_work(self.app, self.organization.id):
            columns = select(MissedCallEntry.csr_id, MissedCallEntry.resolved_csr_id)
            [row] = db.session.execute(columns.where(MissedCallEntry.id == entry.id)).all()
        return row.csr_id, row.resolved_csr_id

    def numbers(self) -> dict[str, Any]:
        """Return every number of missed callers by person, and the rows of the lists behind them."""
        period = resolve_period("last_30", now=NOW, timezone=self.organization.timezone)
        actor = acting(self.manager)
        with at_work(self.app, self.organization.id):
            return {
                f"{name} of {csr}": value
                for csr in ("none", self.leaver.id, self.taker.id)
                for name, value in _numbers_of(actor, period, csr).items()
            }


def _numbers_of(actor: Actor, period: Period, csr: Person | None) -> dict[str, Any]:
    numbers = {
        **missed_call_numbers(actor, period, csr=csr, now=NOW),
        **csr_numbers(actor, period, csr=csr, now=NOW),
    }
    filters = {"period": "last_30", **({} if csr is None else {"csr": str(csr)})}
    listed = {
        f"rows by {date_of}": entry_list(actor, EntryFilters.of({**filters, "date_of": date_of}), NOW).count().number
        for date_of in ("missed", "resolved")
    }
    return {**{name: number.value for name, number in numbers.items()}, **listed}


@pytest.fixture
def office(app: Flask, make: Factories, admin_engine: Engine) -> Office:
    """An office in which a call of a lead of each CSR was missed."""
    office = Office(app, make, admin_engine)
    office.missed(office.decoy)
    return office


def _handed_over(office: Office) -> None:
    with at_work(office.app, office.organization.id):
        hand_over(acting(office.admin), office.leaver, {WorkKind.CREDITED_LEADS: office.taker.id})


def _deleted(office: Office) -> None:
    office.change_lead(deleted_at=NOW)


def _purged(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(delete(Lead).where(Lead.id == office.lead.id))


@pytest.mark.parametrize("happens", [_handed_over, _deleted, _purged])
def test_what_happens_to_a_lead_changes_no_number_of_its_callers(
    office: Office, happens: Callable[[Office], None]
) -> None:
    for ending in ENDINGS:
        office.missed(office.lead, *ending)
    before = office.numbers()

    happens(office)

    assert office.numbers() == before
    assert before[f"auto_rescues of {office.leaver.id}"] == 1
    assert before[f"missed_entries_total of {office.leaver.id}"] == len(ENDINGS)
    assert before[f"missed_entries_total of {office.taker.id}"] == 1


def test_a_rescue_after_the_handover_is_credited_to_the_taker_and_the_caller_is_not(office: Office) -> None:
    entry = office.missed(office.lead)
    _handed_over(office)
    before = office.numbers()
    office.rescue(entry)
    after = office.numbers()

    assert office.credited(entry) == (office.leaver.id, office.taker.id)
    changed = {name for name in after if after[name] != before[name]}
    of_the_taker = {name.split(" of ")[0] for name in changed if name.endswith(str(office.taker.id))}
    assert of_the_taker == {"auto_rescues", "rows by resolved"}


def test_a_caller_who_waits_again_is_credited_anew(office: Office) -> None:
    entry = office.missed(office.lead)
    office.rescue(entry)
    office.change(entry, status="open", resolved_at=None, rescued_by=None)
    assert office.credited(entry) == (office.leaver.id, None)

    _handed_over(office)
    office.change(entry, status="lost", resolved_at=NOW)
    assert office.credited(entry) == (office.leaver.id, office.taker.id)


def test_a_credit_that_is_put_back_stays(office: Office) -> None:
    entry = office.missed(office.lead, EntryStatus.RESCUED, "auto")
    office.change(entry, status="open", resolved_at=None, rescued_by=None)
    _handed_over(office)

    restored = {"resolved_at": NOW - timedelta(days=8), "resolved_csr_id": office.leaver.id}
    office.change(entry, status="rescued", rescued_by="auto", **restored)

    assert office.credited(entry) == (office.leaver.id, office.leaver.id)


def test_the_first_csr_whom_a_lead_gets_while_the_caller_waits_is_credited(office: Office) -> None:
    office.change_lead(csr_id=None)
    waiting, ended = office.missed(office.lead), office.missed(office.lead, EntryStatus.LOST)
    assert office.credited(waiting) == (None, None)

    office.change_lead(csr_id=office.taker.id)
    office.rescue(waiting)

    assert office.credited(waiting) == (office.taker.id, office.taker.id)
    assert office.credited(ended) == (None, None)


def test_existing_entries_are_credited_to_the_csr_of_today(office: Office, make: Factories) -> None:
    gone = make.lead(office.organization, csr_id=office.leaver.id, deleted_at=NOW)
    waiting, ended, of_gone = (
        office.missed(office.lead),
        office.missed(office.lead, EntryStatus.LOST),
        office.missed(gone, EntryStatus.LOST),
    )
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE missed_call_entries SET csr_id = NULL, resolved_csr_id = NULL"))

    with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(BACKFILL)

    csr = office.leaver.id
    assert [office.credited(entry) for entry in (waiting, ended, of_gone)] == [(csr, None), (csr, csr), (None, None)]
