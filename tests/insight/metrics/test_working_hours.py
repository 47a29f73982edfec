"""The share of working hours: who was a rep in the period, and how long they worked."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from app.db.ids import uuid7
from app.extensions import db
from app.insight.metrics.compute_queries import compute
from app.insight.metrics.metric import Credit
from app.insight.metrics.working_hours_rules import rep_spans, worked
from app.models import Appointment, AuditLog, Role, User, UserStatus
from app.people.users.service import change_role as set_role
from app.periods import Span, midnight
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.metrics.documented import Documented
from tests.insight.metrics.test_documented_numbers import OF_REPS
from tests.support.api_client import ApiClient, data_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.work import at_work

SHARE = "hours_booked_share"
PERIOD = f"period=custom&from={FIRST_DAY}&to={LAST_DAY}"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
OFFICE_HOURS = {day: [["08:00", "17:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
#: Of one person in the six weeks.
HOURS = 6 * 5 * 9
CSR, REP, MANAGER = Role.CSR, Role.SALES_REP, Role.MANAGER


def march(day: int) -> datetime:
    return datetime(2026, 3, day, 15, tzinfo=UTC)


def change_role(make: Factories, behind: Behind, person: User, role: Role, at: datetime) -> None:
    """Change a person's role at a time in the past."""
    entry = AuditLog(
        organization_id=person.organization_id,
        id=uuid7(),
        actor_label="Olive Owner",
        source="user",
        action="user.role.changed",
        resource_type="user",
        resource_id=person.id,
        before={"role": person.role},
        after={"role": role},
        operation_id=uuid7(),
        created_at=at,
        pos=1,
        payload_hash=b"",
    )
    make.add(entry)
    behind.change(person, role=role)


def leave(behind: Behind, person: User, at: datetime) -> None:
    behind.change(person, status=UserStatus.INACTIVE, deactivated_at=at)


def give_hours(company: RandomCompany, behind: Behind) -> RandomCompany:
    """Give the company office hours, and let everyone have been there for long."""
    behind.change(company.organization, business_hours=OFFICE_HOURS)
    for person in (*company.reps, *company.csrs, *company.staff.values()):
        behind.change(person, created_at=LONG_AGO)
    return company


@pytest.fixture
def office(company: RandomCompany, behind: Behind) -> RandomCompany:
    """The company with office hours, in which everyone has been for long."""
    return give_hours(company, behind)


@pytest.fixture
def changing(random_company: RandomCompany, behind: Behind, make: Factories) -> RandomCompany:
    """The company with reps who come, leave, change roles and are away within the period."""
    office = give_hours(random_company, behind)
    organization, [ann, bob, zoe], [_maya, tom, *_others] = office.organization, office.reps, office.csrs
    for start, days in ((march(9), 2), (march(14), 1), (datetime(2026, 4, 11, tzinfo=UTC), 5)):
        make.event(organization, ann, type="time_off", start_at=start, end_at=start + timedelta(days=days))
    make.event(organization, ann, start_at=march(4))
    leave(behind, bob, march(20))
    behind.change(
        zoe, created_at=march(17), working_hours={"saturday": [["10:00", "24:00"]], "sunday": [["00:00", "06:00"]]}
    )
    change_role(make, behind, tom, REP, march(18))
    promoted = make.user(organization, REP, created_at=LONG_AGO)
    change_role(make, behind, promoted, MANAGER, march(11))
    change_role(make, behind, promoted, REP, march(25))
    make.user(organization, REP, created_at=LONG_AGO, deleted_at=march(26))
    for visits in ((), (march(5), march(12)), (march(13),)):
        imported = make.user(organization, REP, created_at=NOW, status=UserStatus.INACTIVE)
        for at in visits:
            make.appointment(
                organization, sales_rep_id=imported.id, scheduled_start_at=at, scheduled_end_at=at + timedelta(hours=3)
            )
    return office


def test_the_share_is_that_of_the_documented_sql(changing: RandomCompany, asking: Asking, admin_engine: Engine) -> None:
    for name, choose in OF_REPS.items():
        user, person, people = choose(changing)
        with asking(changing, user) as actor:
            number = compute(actor, SHARE, changing.period, person, now=NOW, credit=Credit.REP)

            documented = Documented(admin_engine, actor, people, NOW).number(SHARE, changing.period.span)
        assert number.value == documented, name
        assert (number.value is None) == (person == "none"), name


@pytest.fixture
def api(app: Flask, office: RandomCompany) -> ApiClient:
    """The API as an exec of the company with office hours."""
    return ApiClient(app, office.staff[Role.EXEC])


def hours(api: ApiClient) -> tuple[Decimal, int]:
    """Return the booked and the working hours of the share."""
    share = data_of(api.get(f"/dashboard/exec-sales-metrics?{PERIOD}"))["metrics"]["hoursBookedShare"]
    return Decimal(share["numerator"]) / 3600, share["denominator"] // 3600


def test_what_a_rep_becomes_later_changes_no_past_period(
    office: RandomCompany, behind: Behind, make: Factories, api: ApiClient
) -> None:
    [ann, bob, zoe] = office.reps
    before = hours(api)
    assert before[1] == len(office.reps) * HOURS

    leave(behind, ann, NOW)
    assert hours(api) == before
    behind.change(ann, deleted_at=NOW)
    assert hours(api) == before
    behind.change(bob, status=UserStatus.SUSPENDED)
    assert hours(api) == before
    change_role(make, behind, zoe, MANAGER, NOW)
    assert hours(api) == before


def test_a_role_of_the_past_is_known_whatever_changed_it(
    app: Flask, office: RandomCompany, admin_engine: Engine, api: ApiClient
) -> None:
    [ann, bob, _zoe] = office.reps
    before = hours(api)

    with at_work(app, office.organization.id):
        set_role(db.session.get_one(User, (office.organization.id, ann.id)), MANAGER)
    with admin_engine.begin() as connection:
        connection.execute(update(User).where(User.id == bob.id).values(role=CSR))

    assert hours(api) == before


def test_time_off_is_not_working_time(office: RandomCompany, make: Factories, api: ApiClient) -> None:
    booked, working = hours(api)
    zone = ZoneInfo(office.organization.timezone)
    thursday, sunday = midnight(date(2026, 3, 12), zone), midnight(date(2026, 3, 15), zone)
    make.event(office.organization, office.reps[0], type="time_off", start_at=thursday, end_at=sunday)

    assert hours(api) == (booked, working - 2 * 9)


def test_hours_of_no_sales_rep_count_on_neither_side(
    office: RandomCompany, behind: Behind, client: Client, make: Factories, api: ApiClient
) -> None:
    make.appointment(
        office.organization,
        sales_rep_id=office.staff[Role.ADMIN].id,
        scheduled_start_at=march(10),
        scheduled_end_at=march(10) + timedelta(hours=3),
    )
    visits = [
        row.scheduled_end_at - row.scheduled_start_at
        for row in behind.rows(Appointment, organization_id=office.organization.id)
        if row.sales_rep_id in {rep.id for rep in office.reps} and row.status != "cancelled" and row.deleted_at is None
        if office.period.span.start <= row.scheduled_start_at < office.period.span.end
    ]

    booked, working = hours(api)

    assert booked * 3600 == sum(visits, timedelta()).total_seconds()
    assert working == len(office.reps) * HOURS
    page = client.sign_in(office.staff[Role.EXEC]).get(f"/exec/sales?{PERIOD}").metrics
    assert float(page[SHARE]) == pytest.approx(float(booked / working), abs=5e-5)


@pytest.mark.parametrize(
    ("role", "changes", "days"),
    [
        (REP, [], [(0, 30)]),
        (CSR, [], []),
        (MANAGER, [(10, REP)], [(0, 10)]),
        (REP, [(10, CSR)], [(10, 30)]),
        (REP, [(10, REP), (20, MANAGER)], [(0, 10), (20, 30)]),
        (MANAGER, [(40, REP)], [(0, 30)]),  # after the period
        (REP, [(-5, CSR)], [(0, 30)]),  # before their first day
    ],
)
def test_when_a_person_was_a_rep(role: Role, changes: list[tuple[int, Role]], days: list[tuple[int, int]]) -> None:
    def day(number: int) -> datetime:
        return LONG_AGO + timedelta(days=number)

    spans = rep_spans(day(0), day(30), role, [(day(number), before) for number, before in changes])

    assert list(spans) == [Span(day(start), day(end)) for start, end in days]


def test_absences_count_only_within_the_time_as_a_rep() -> None:
    hours = [LONG_AGO + timedelta(hours=number) for number in range(10)]
    spans = [Span(hours[0], hours[3]), Span(hours[6], hours[8])]
    absences = [Span(hours[2], hours[4]), Span(hours[4], hours[5]), Span(hours[7], hours[9])]

    assert worked(spans, absences, lambda start, end: end - start) == timedelta(hours=3)
