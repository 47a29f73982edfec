"""Numbers of people and programs that may read only part of the rows: withheld or refused, and never too small."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from uuid import UUID

import pytest
from flask import Flask
from pydantic.alias_generators import to_camel

from app.db.context import Context
from app.db.session import organization_scope
from app.declarations.registry import registry_of
from app.errors import Forbidden
from app.extensions import db
from app.insight.metrics import csr_definitions as csr
from app.insight.metrics.catalogue import CATALOGUE
from app.insight.metrics.compute_queries import compute_all, compute_readable, compute_readable_team, compute_team
from app.insight.metrics.metric import Credit
from app.insight.metrics.missed_definitions import ABANDONED_WAIT
from app.insight.metrics.missed_queries import CALLER_METRICS
from app.insight.metrics.missed_queries import METRICS as MISSED_METRICS
from app.insight.metrics.question_queries import (
    are_needed_for_all,
    missing_reads,
    missing_reads_of_all,
    reads_of,
    refuse_partial,
)
from app.insight.reports.rendered_mails import make_report_mail
from app.models import Role
from app.people.roles.words import permission_label
from app.security.actor import Actor, Ceiling
from app.security.matrix import Extent, extent_of, permissions_of
from app.security.permissions import Permission
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.metrics.test_weekly_report import written
from tests.support.api_client import ApiClient, data_of, error_of
from tests.support.client import Client, bearer
from tests.support.factories import Factories
from tests.support.pages import Page
from tests.support.programs import make_key

PERIOD = f"period=custom&from={FIRST_DAY}&to={LAST_DAY}"
METRICS = [metric for definitions in CATALOGUE.values() for metric in definitions.values()]
DASHBOARDS = (Permission.DASHBOARDS_CSR, Permission.DASHBOARDS_REP, Permission.DASHBOARDS_EXEC)
READS = reads_of(frozenset(METRICS), names_people=True)
SOMEONE = UUID(int=7)
#: All numbers but those of each category.
NAMES = {
    credit: [metric.name for metric in METRICS if metric.credit is credit and metric is not csr.CSR_OBJECTIONS]
    for credit in Credit
}


def ceiling(*permissions: Permission) -> Ceiling:
    return Ceiling(id=SOMEONE, name="Program", permissions=frozenset(permissions), creator_id=SOMEONE)


def actor_with(role: Role, *granted: Permission, key: Ceiling | None = None) -> Actor:
    return Actor(
        organization_id=SOMEONE,
        user_id=SOMEONE,
        name="Ann",
        email="ann@example.com",
        role=role,
        granted=frozenset(granted),
        ceiling=key,
    )


def all_but(missing: Permission) -> tuple[Permission, ...]:
    return (*DASHBOARDS, *(permission for permission in READS if permission is not missing))


@pytest.mark.parametrize("missing", READS)
def test_each_number_names_the_read_that_is_missing(missing: Permission) -> None:
    key = actor_with(Role.OWNER, key=ceiling(*all_but(missing)))

    for metric in METRICS:
        expected = (missing,) if missing in metric.reads else ()
        assert missing_reads(key, metric.credit, None, (metric,)) == expected, metric.name
        assert missing_reads_of_all(key, (metric,)) == expected, metric.name


def test_all_missing_reads_are_named() -> None:
    key = actor_with(Role.OWNER, key=ceiling(*DASHBOARDS))

    assert missing_reads(key, Credit.CSR, None, METRICS, names_people=True) == READS


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP])
def test_reads_of_own_rows_are_for_own_numbers_only(role: Role) -> None:
    granted = actor_with(role, Permission.DASHBOARDS_EXEC)
    own = Credit.CSR if role is Role.CSR else Credit.REP

    for metric in METRICS:
        limited = tuple(
            permission
            for permission in Permission
            if permission in metric.reads and extent_of(role, permission) is not Extent.ALL
        )
        absent = tuple(permission for permission in limited if permission not in permissions_of(role))
        for person in (None, "team", "none", UUID(int=8)):
            assert missing_reads(granted, metric.credit, person, (metric,)) == limited, metric.name
        if metric.credit is own:
            assert missing_reads(granted, metric.credit, granted.user_id, (metric,)) == absent == (), metric.name


def test_a_sentence_names_the_whole_organization_only_if_own_rows_are_not_enough() -> None:
    support = actor_with(Role.SUPPORT, *DASHBOARDS)

    for actor, is_for_all in (
        (support, False),  # no recordings at all
        (actor_with(Role.CSR, *DASHBOARDS), True),  # only the appointments that they booked
    ):
        missing = missing_reads(actor, Credit.REP, actor.user_id, METRICS)
        assert are_needed_for_all(actor, Credit.REP, actor.user_id, missing) is is_for_all, actor.role
        assert are_needed_for_all(actor, Credit.REP, UUID(int=8), missing), actor.role
    with pytest.raises(Forbidden) as refused:
        refuse_partial(support, Credit.REP, support.user_id, METRICS)
    assert str(refused.value.message).startswith("This needs permissions: ")
    assert refused.value.extra["required_role"] is None


def test_an_appointment_is_ones_own_by_occupation_only() -> None:
    """A rep's own appointments are those they attend, so they don't see all that they booked."""
    rep, agent = (actor_with(role, Permission.DASHBOARDS_EXEC) for role in (Role.SALES_REP, Role.CSR))

    for metric in METRICS:
        needed = (Permission.APPOINTMENTS_READ,) if Permission.APPOINTMENTS_READ in metric.reads else ()
        other = rep if metric.credit is Credit.CSR else agent
        missing = missing_reads(other, metric.credit, other.user_id, (metric,))
        assert set(needed) <= set(missing), metric.name


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER])
def test_those_who_see_everything_lack_nothing(role: Role) -> None:
    assert missing_reads(actor_with(role), Credit.CSR, None, METRICS, names_people=True) == ()
    assert missing_reads(actor_with(role), Credit.REP, None, METRICS, names_people=True) == ()


def test_a_role_gets_its_own_numbers() -> None:
    for role, credit in ((Role.CSR, Credit.CSR), (Role.SALES_REP, Credit.REP)):
        metrics = [metric for metric in METRICS if metric.credit is credit]
        assert missing_reads(actor_with(role), credit, SOMEONE, metrics, names_people=True) == ()
    assert missing_reads(actor_with(Role.SUPPORT), Credit.CSR, None, MISSED_METRICS.values()) == ()


def names_for_queue_readers(missing: Permission) -> set[str]:
    """Return the names of numbers of calls that only readers of the queue can request, if the actor isn't one."""
    return {ABANDONED_WAIT.name} if missing is Permission.MISSED_CALLS_READ else set()


def test_a_number_is_whole_or_refused(company: RandomCompany, asking: Asking) -> None:
    owner, period = company.staff[Role.OWNER], company.period
    with asking(company, owner) as actor:
        whole = {credit: compute_all(actor, NAMES[credit], period, None, now=NOW, credit=credit) for credit in Credit}
        teams = {credit: compute_team(actor, credit, period, None, now=NOW) for credit in Credit}
    compared = 0
    for missing in READS:
        with asking(company, owner, ceiling=ceiling(*all_but(missing))) as actor:
            for credit in Credit:
                needing = {metric.name for metric in METRICS if metric.credit is credit and missing in metric.reads}
                names = [name for name in NAMES[credit] if name not in names_for_queue_readers(missing)]
                numbers = compute_readable(actor, names, period, None, now=NOW, credit=credit)
                assert {name for name, number in numbers.items() if number.needs == (missing,)} == needing - {
                    csr.CSR_OBJECTIONS.name
                }
                for name in numbers.keys() - needing:
                    assert numbers[name] == whole[credit][name], (name, missing)
                compared += len(numbers.keys() - needing)
                team = compute_readable_team(actor, credit, period, None, now=NOW)
                assert team.needs == ((missing,) if missing is Permission.USERS_READ else ())
                expected = [] if team.needs else teams[credit].people
                assert [person.id for person in team.people] == [person.id for person in expected]
                for person, other in zip(team.people, expected, strict=True):
                    readable = {name for name, number in person.numbers.items() if not number.needs}
                    assert readable == other.numbers.keys() - needing
                    assert {name: person.numbers[name] for name in readable} == {
                        name: other.numbers[name] for name in readable
                    }
                if needing:
                    with pytest.raises(Forbidden) as refused:
                        compute_team(actor, credit, period, None, now=NOW)
                    assert refused.value.extra["required_permissions"] == [missing.value]
    assert compared > len(METRICS)


def test_a_person_with_own_rows_gets_only_whole_numbers_of_everyone(company: RandomCompany, asking: Asking) -> None:
    owner, agent = company.staff[Role.OWNER], company.csrs[0]
    with asking(company, owner) as actor:
        whole = compute_all(actor, NAMES[Credit.CSR], company.period, None, now=NOW)
    with asking(company, agent, granted=frozenset({Permission.DASHBOARDS_EXEC})) as actor:
        readable = compute_readable(actor, NAMES[Credit.CSR], company.period, None, now=NOW)
        own = compute_all(actor, NAMES[Credit.CSR], company.period, agent.id, now=NOW)

    without = "calls_rescued_by_me"
    assert {name: number for name, number in readable.items() if not number.needs and name != without} == {
        name: number
        for name, number in whole.items()
        if name in MISSED_METRICS and not readable[name].needs and name != without
    } | {"auto_rescues": whole["auto_rescues"]}
    assert not any(number.needs for number in own.values())


def test_every_operation_names_all_reads_that_a_key_lacks(app: Flask, company: RandomCompany, make: Factories) -> None:
    owner, rep = company.staff[Role.OWNER], company.reps[0].id
    api = ApiClient(app)
    operations = [operation for operation in registry_of(app).operations if operation.reads]
    assert len(operations) >= 11
    for permission in dict.fromkeys(read for operation in operations for read in operation.reads):
        those = [operation for operation in operations if permission in operation.reads]
        _key, bare = make_key(make, owner, permission)
        needed = {read for operation in those for read in operation.reads[permission]}
        _key, full = make_key(make, owner, permission, *needed)
        for operation in those:
            path = f"/{operation.path}".replace("{user_id}", str(rep))
            refused = error_of(api.get(path, headers=bearer(bare)), status=403)
            lacked = [read for read in operation.reads[permission] if read is not permission]
            assert refused["requiredPermissions"] == lacked, operation.name
            assert all(read in refused["message"] for read in lacked), operation.name
            assert api.get(path, headers=bearer(full)).status_code == 200, operation.name


def test_own_numbers_need_own_reads_only(app: Flask, company: RandomCompany, make: Factories) -> None:
    agent, colleague = company.csrs[:2]
    make.grant(agent, Permission.DASHBOARDS_CSR)
    api = ApiClient(app, agent)

    assert data_of(api.get(f"/dashboard/csr-metrics?csrId={agent.id}"))["metrics"]["calls"]
    for whose in ("", f"?csrId={colleague.id}", "?csrId=team", "?csrId=none"):
        refused = error_of(api.get(f"/dashboard/csr-metrics{whose}"), status=403)
        assert {"calls:read", "leads:read", "appointments:read"} <= set(refused["requiredPermissions"]), whose
        assert refused["requiredRole"] is None, whose


def test_no_operation_counts_the_own_rows_of_a_person_as_everyones(
    app: Flask, company: RandomCompany, make: Factories
) -> None:
    agent, rep = company.csrs[0], company.reps[0].id
    for permission in DASHBOARDS:
        make.grant(agent, permission)
    api = ApiClient(app, agent)
    partial = {read.value for read in READS if extent_of(Role.CSR, read) is not Extent.ALL}

    for operation in filter(attrgetter("reads"), registry_of(app).operations):
        response = api.get(f"/{operation.path}".replace("{user_id}", str(rep)))
        if operation.name == "getMissedCallMetrics":
            assert data_of(response)["metrics"].keys() == {to_camel(metric.name) for metric in CALLER_METRICS}
        else:
            assert set(error_of(response, status=403)["requiredPermissions"]) <= partial, operation.name


def test_the_queue_of_a_csr_is_everyones_callers(
    app: Flask, new_client: Callable[[], Client], company: RandomCompany
) -> None:
    agent, owner = company.csrs[0], company.staff[Role.OWNER]
    queue = f"/missed-calls/queue/metrics?{PERIOD}"
    own, whole = (data_of(ApiClient(app, user).get(queue))["metrics"] for user in (agent, owner))

    of_calls, of_viewer = {"missedCallsTotal", "abandonedWait"}, "callsRescuedByMe"
    assert own.keys() == whole.keys() - of_calls
    assert {name: own[name] for name in own if name != of_viewer} == {
        name: whole[name] for name in own if name != of_viewer
    }
    assert data_of(ApiClient(app, agent).get(f"{queue}&csrId={agent.id}"))["metrics"].keys() == whole.keys()
    as_agent, as_owner = (new_client().sign_in(user) for user in (agent, owner))
    funnel = f"/missed-calls/funnel?{PERIOD}"
    whole_only(as_agent.get(funnel), as_owner.get(funnel).metrics)
    file = f"/missed-calls/funnel.csv?{PERIOD}"
    assert as_agent.get(file).response.get_data() == as_owner.get(file).response.get_data()


def withheld_on(page: Page) -> set[str]:
    return {str(element.get("data-withheld")) for element in page.all(".//*[@data-withheld]")}


def needing(credit: Credit, *missing: Permission) -> set[str]:
    return {metric.name for metric in METRICS if metric.credit is credit and not metric.reads.isdisjoint(missing)}


def whole_only(page: Page, whole: Mapping[str, str]) -> None:
    """Assert that the numbers of the page are those of a page on which nothing is withheld."""
    assert page.metrics
    assert page.metrics == {name: whole[name] for name in page.metrics}


@pytest.mark.parametrize(
    ("address", "credit"),
    [("/csr", Credit.CSR), ("/exec/csr", Credit.CSR), ("/exec/sales", Credit.REP), ("/exec/missed-calls", Credit.CSR)],
)
def test_a_page_has_a_sentence_in_the_place_of_a_number(
    new_client: Callable[[], Client], company: RandomCompany, make: Factories, address: str, credit: Credit
) -> None:
    """The person reads all calls, but only their own leads and appointments."""
    agent, owner = company.csrs[0], company.staff[Role.OWNER]
    for permission in (*DASHBOARDS, Permission.CALLS_READ, Permission.USERS_READ):
        make.grant(agent, permission)
    whole = new_client().sign_in(owner).get(f"{address}?{PERIOD}").metrics
    client = new_client().sign_in(agent)

    page = client.get(f"{address}?{PERIOD}")

    absent = (Permission.LEADS_READ, Permission.APPOINTMENTS_READ, Permission.RECORDINGS_READ)
    whole_only(page, whole)
    assert not page.metrics.keys() & needing(credit, *absent)
    assert withheld_on(page) <= needing(credit, *absent)
    if address != "/exec/missed-calls":
        assert withheld_on(page)
        assert f"“{permission_label(Permission.APPOINTMENTS_READ)}” for the whole organization" in page.text
    if address.startswith("/exec/") and address != "/exec/missed-calls":
        client.get(f"{address}.csv?{PERIOD}", status=403)


@pytest.mark.parametrize("address", ["/csr", "/exec/csr", "/exec/sales"])
def test_without_names_a_page_has_no_people(
    client: Client, company: RandomCompany, make: Factories, address: str
) -> None:
    agent = company.csrs[0]
    for permission in (*DASHBOARDS, *READS):
        if permission is not Permission.USERS_READ:
            make.grant(agent, permission)
    client.sign_in(agent)

    page = client.get(f"{address}?{PERIOD}")

    assert f"Needs the permission “{permission_label(Permission.USERS_READ)}” for the whole organization." in page.text
    assert not page.all(".//*[@id='team-table']")
    assert not withheld_on(page)


def test_people_stand_beside_each_other_only_with_names_and_without_a_file_of_parts(
    client: Client, company: RandomCompany, make: Factories
) -> None:
    agent, beside = company.csrs[0], f"beside={company.csrs[1].id}"
    make.grant(agent, Permission.DASHBOARDS_EXEC)
    make.grant(agent, Permission.CALLS_READ)
    client.sign_in(agent)

    nameless = client.get(f"/exec/csr?{PERIOD}&{beside}")
    make.grant(agent, Permission.USERS_READ)
    partial = client.get(f"/exec/csr?{PERIOD}&{beside}")

    assert f"“{permission_label(Permission.USERS_READ)}” for the whole organization" in nameless.text
    assert not nameless.all(".//*[@id='beside-table']")
    assert partial.all(".//*[@id='beside-table']")
    assert ".csv" not in partial.html


def test_tasks_need_a_permission_for_own_rows_only(client: Client, company: RandomCompany, make: Factories) -> None:
    support = company.staff[Role.SUPPORT]
    make.grant(support, Permission.DASHBOARDS_CSR)

    page = client.sign_in(support).get(f"/csr?{PERIOD}&csr={company.csrs[0].id}")

    assert f"Needs the permission “{permission_label(Permission.TASKS_READ)}”." in page.text


def test_a_rep_who_may_see_all_dashboards_keeps_their_own_day(
    client: Client, company: RandomCompany, make: Factories
) -> None:
    rep, colleague = company.reps[:2]
    before = client.sign_in(rep).get("/rep")

    make.grant(rep, Permission.DASHBOARDS_REP)
    page = client.get("/rep")

    assert page.one("head/title").text == before.one("head/title").text
    assert page.metrics == before.metrics
    assert page.metrics
    assert "All reps: " in page.text
    client.get(f"/rep/{colleague.id}", status=404)
    for permission in (Permission.APPOINTMENTS_READ, Permission.USERS_READ):
        make.grant(rep, permission)
    assert client.get("/rep").all(f".//a[@href='/rep/{colleague.id}']")


def test_the_day_of_a_colleague_is_whole_or_withheld(client: Client, company: RandomCompany, make: Factories) -> None:
    agent, colleague, rep = company.csrs[0], company.csrs[1], company.reps[0]
    for permission in (Permission.DASHBOARDS_CSR, Permission.DASHBOARDS_REP, Permission.USERS_READ):
        make.grant(agent, permission)
    client.sign_in(agent)

    theirs, own = client.get(f"/my-day?csr={colleague.id}"), client.get("/my-day")

    for permission in (Permission.TASKS_READ, Permission.APPOINTMENTS_READ, Permission.CALLS_READ):
        sentence = f"Needs the permission “{permission_label(permission)}” for the whole organization."
        assert sentence in theirs.text
        assert sentence not in own.text
    reps = client.get("/rep")
    assert f"“{permission_label(Permission.APPOINTMENTS_READ)}” for the whole organization" in reps.text
    assert not reps.all(".//ol[@class='day-visits']")
    assert "appointments:read" in client.get(f"/rep/{rep.id}", status=403).text


def test_a_report_has_sentences_and_no_file(
    app: Flask, new_client: Callable[[], Client], company: RandomCompany, make: Factories
) -> None:
    report, agent = written(app, company.organization), company.csrs[0]
    whole = new_client().sign_in(company.staff[Role.OWNER]).get(f"/reports/{report}").metrics
    for permission in (Permission.REPORTS_READ, Permission.CALLS_READ, Permission.USERS_READ):
        make.grant(agent, permission)

    client = new_client().sign_in(agent)
    page = client.get(f"/reports/{report}")

    whole_only(page, whole)
    absent = (Permission.LEADS_READ, Permission.APPOINTMENTS_READ, Permission.RECORDINGS_READ)
    assert (
        {"booking_rate", "revenue_won"} <= withheld_on(page) <= {name for c in Credit for name in needing(c, *absent)}
    )
    assert ".csv" not in page.html
    client.get(f"/reports/{report}.csv", status=403)


def test_the_mail_of_a_report_has_sentences_and_no_file(app: Flask, company: RandomCompany, make: Factories) -> None:
    report, agent = written(app, company.organization), company.csrs[0]
    for permission in (Permission.REPORTS_READ, Permission.CALLS_READ):
        make.grant(agent, permission)

    with app.app_context(), organization_scope(Context(organization_id=company.organization.id), db.session):
        mail = make_report_mail(agent.id, report)

    assert mail is not None
    assert mail.files == ()
    for body in (mail.text, mail.html or ""):
        assert f"“{permission_label(Permission.APPOINTMENTS_READ)}”" in body
        assert f"Needs the permission “{permission_label(Permission.USERS_READ)}” for the whole organization." in body
        assert "attached file" not in body
    assert not mail.pictures
