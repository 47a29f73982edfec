"""Effects of lead changes on the numbers, which agree with the lists that they open."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.insight.metrics.csr_queries import csr_numbers
from app.insight.metrics.rep_queries import rep_numbers
from app.models import ContactSource, Lead, LeadStage, Organization, Qualification, User
from app.periods import resolve_period
from app.work.leads import service
from app.work.leads.filters import LeadFilters
from app.work.leads.queries import lead_list
from app.work.leads.rules import LeadInput, StageInput
from tests.support.factories import DAY, Factories
from tests.support.work import at_work
from tests.work.conftest import ActorOf

#: Returns pending_leads_by_rep of the rep and qualified_leads of the CSR.
Numbers = Callable[[], tuple[float | None, float | None]]


@pytest.fixture
def numbers(app: Flask, organization: Organization, manager: User, rep: User, csr: User, actor_of: ActorOf) -> Numbers:
    """Function that returns the number of the rep's pending leads and of the CSR's qualified leads.

    Both are checked against the lists that they open.
    """

    def read() -> tuple[float | None, float | None]:
        actor, now = actor_of(manager), datetime.now(UTC)
        day = DAY.date()
        period = resolve_period("custom", now=now, timezone=organization.timezone, first_day=day, last_day=day)
        with at_work(app, organization.id):
            pending = rep_numbers(actor, period, rep=rep.id, now=now)["pending_leads_by_rep"].value
            qualified = csr_numbers(actor, period, csr=csr.id, now=now)["qualified_leads"].value
            of_list = {"stage": ["pending"], "open": ["yes"], "rep": [str(rep.id)]}
            assert lead_list(actor, LeadFilters.parse(of_list)).count().number == pending
            of_list = {"qualification": ["hot,warm"], "csr": [str(csr.id)], "period": ["custom"]}
            of_list |= {"from": [day.isoformat()], "to": [day.isoformat()]}
            assert lead_list(actor, LeadFilters.parse(of_list)).count().number == qualified
        return pending, qualified

    return read


@pytest.fixture
def pending(make: Factories, organization: Organization, csr: User, rep: User) -> Lead:
    """An undecided lead with two calls and a completed appointment, alongside another pending lead."""
    lead = make.lead(organization, csr_id=csr.id, assigned_rep_id=rep.id, stage="pending", qualification_status="cold")
    make.call(organization, csr=csr, lead_id=lead.id)
    make.call(organization, csr=csr, lead_id=lead.id)
    make.appointment(organization, lead_id=lead.id, status="completed", completed_at=DAY)
    make.lead(organization, stage="pending")
    return lead


def test_pending_leads_follow_stage_end_reopening_and_rep(
    app: Flask, organization: Organization, manager: User, rep: User, make: Factories, pending: Lead, numbers: Numbers,
    actor_of: ActorOf,
) -> None:  # fmt: skip
    actor, lead_id = actor_of(manager), pending.id
    seen = [numbers()[0]]
    dead = StageInput(stage=LeadStage.DEAD, dead_reason="Too dear")
    changes: list[Callable[[], object]] = [
        lambda: service.set_stage(actor, lead_id, StageInput(stage=LeadStage.QUALIFIED), version=1),
        lambda: service.set_stage(actor, lead_id, StageInput(stage=LeadStage.PENDING), version=2),
        lambda: service.set_stage(actor, lead_id, dead, version=3),
        lambda: service.reopen(actor, lead_id, version=4),
        lambda: service.assign(actor, lead_id, None, version=5),
        lambda: service.assign(actor, lead_id, rep.id, version=6),
    ]
    for change in changes:
        with at_work(app, organization.id):
            change()
        seen.append(numbers()[0])

    assert seen == [1, 0, 1, 0, 1, 0, 1]


def test_qualified_leads_follow_the_qualification_alone(
    app: Flask, organization: Organization, manager: User, pending: Lead, numbers: Numbers, actor_of: ActorOf
) -> None:
    actor = actor_of(manager)
    seen = [numbers()[1]]
    for version, qualification in enumerate((Qualification.HOT, Qualification.WARM, Qualification.COLD, None), 1):
        with at_work(app, organization.id):
            given = LeadInput(qualification_status=qualification, source=ContactSource.MANUAL, csr_id=pending.csr_id)
            service.edit(actor, pending.id, given, version=version)
        seen.append(numbers()[1])
    with at_work(app, organization.id):
        service.set_stage(actor, pending.id, StageInput(stage=LeadStage.QUALIFIED), version=5)
    seen.append(numbers()[1])

    assert seen == [0, 1, 1, 0, 0, 0]
