"""The CSR dashboard: numbers compared with independent SQL, their links, and visibility."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, Role, User
from tests.support.cached_rows import restored_by_copy
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page

PERIOD = "period=custom&from=2026-03-01&to=2026-03-31"


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> Organization:
    """A month of calls across the start of daylight saving time, with decoys outside it and in another company.

    Restored by COPY.
    """
    with make.batch():
        company, next_door = make.organization(), make.organization()
        maya, tom = make.user(company, name="Maya"), make.user(company, name="Tom")
        stranger = make.user(next_door)
        for organization, csr, days in ((company, maya, 12), (company, tom, 5), (next_door, stranger, 7)):
            _calls(make, organization, csr, days)
        _calls(make, company, None, 3)
        # Decoys: a minute before the month begins in New York, and exactly at its end.
        make.call(company, csr=maya, started_at=DAY.replace(day=1, hour=4, minute=59))
        make.call(company, csr=maya, started_at=DAY.replace(month=4, day=1, hour=4, minute=0))
    return company


def _calls(make: Factories, organization: Organization, csr: User | None, days: int) -> None:
    for day in range(days):
        at = DAY.replace(day=2) + timedelta(days=day, hours=day % 5)
        lead = make.lead(organization, qualification_status=("hot", "warm", "cold")[day % 3])
        values = {"topic": f"Topic {day % 2}", "call_quality": 1 + day % 5, "lead_id": lead.id}
        outcome = {"outcome": "resolved" if day % 2 else "follow_up"}
        booking = {"booking_status": ("booked", "not_booked", "service_not_offered")[day % 3]}
        make.call(organization, csr=csr, started_at=at, duration_seconds=60 + day, **values, **outcome, **booking)
        make.call(organization, csr=csr, started_at=at, status=("missed", "voicemail")[day % 2], topic="Topic 0")
        make.call(organization, csr=csr, started_at=at, direction="outbound", call_type="sales_call")
        if csr is not None and day % 2:
            make.appointment(organization, csr_id=csr.id, booked_at=at)
            make.appointment(organization, csr_id=csr.id, booked_at=at, deleted_at=at)


INDEPENDENT = """
WITH c AS (
  SELECT * FROM calls WHERE organization_id = :organization AND (:csr IS NULL OR csr_id = :csr)
  AND started_at >= '2026-03-01 00:00 America/New_York' AND started_at < '2026-04-01 00:00 America/New_York'
), b AS (
  SELECT count(*) AS n FROM appointments WHERE organization_id = :organization AND deleted_at IS NULL
  AND (:csr IS NULL OR csr_id = :csr)
  AND booked_at >= '2026-03-01 00:00 America/New_York' AND booked_at < '2026-04-01 00:00 America/New_York'
), q AS (
  SELECT count(DISTINCT l.id) AS n FROM c JOIN leads l ON l.id = c.lead_id
  WHERE c.call_type = 'csr_call' AND c.status = 'completed' AND l.qualification_status IN ('hot', 'warm')
)
SELECT count(*) AS calls,
  count(answered_at) AS calls_answered,
  count(*) FILTER (WHERE direction = 'inbound' AND status IN ('missed', 'voicemail')) AS missed_calls_total,
  count(*) FILTER (WHERE direction = 'inbound' AND outcome = 'resolved') AS calls_resolved,
  count(*) FILTER (WHERE call_type = 'csr_call' AND status = 'completed') AS total_leads_spoken_to,
  count(*) FILTER (WHERE call_type = 'csr_call' AND status = 'completed' AND booking_status = 'not_booked')
    AS unbooked_appointments,
  (SELECT n FROM q) AS qualified_leads,
  (SELECT n FROM b) AS appointments_booked,
  to_char((SELECT n FROM b)::numeric / (SELECT n FROM q), 'FM990.0000') AS booking_rate,
  to_char(count(answered_at) FILTER (WHERE direction = 'inbound')::numeric
    / count(*) FILTER (WHERE direction = 'inbound'), 'FM990.0000') AS answer_rate,
  to_char(count(*) FILTER (WHERE direction = 'inbound' AND outcome = 'resolved')::numeric
    / count(*) FILTER (WHERE direction = 'inbound'), 'FM990.0000') AS resolution_rate,
  to_char(avg(extract(epoch FROM answered_at - started_at)) FILTER (WHERE direction = 'inbound'), 'FM99990.0000')
    AS average_speed_of_answer,
  to_char(avg(duration_seconds) FILTER (WHERE status = 'completed'), 'FM99990.0000') AS average_talk_time,
  to_char(avg(call_quality), 'FM990.0000') AS satisfaction
FROM c
"""


@pytest.mark.parametrize("role", [Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER])
@pytest.mark.parametrize("of_one", [False, True])
def test_the_numbers_equal_independent_sql(
    client: Client, make: Factories, company: Organization, admin_engine: Engine, role: Role, of_one: bool
) -> None:
    maya = _person(admin_engine, company, "Maya")
    client.sign_in(make.user(company, role=role))

    page = client.get(f"/csr?{PERIOD}" + (f"&csr={maya}" if of_one else ""))

    assert _expected(admin_engine, company, maya if of_one else None).items() <= page.metrics.items()


def test_a_csr_sees_their_own_numbers(
    client: Client, company: Organization, admin_engine: Engine, make: Factories
) -> None:
    newcomer = make.user(company, name="New Comer")
    _calls(make, company, newcomer, 4)
    client.sign_in(newcomer)

    assert _expected(admin_engine, company, str(newcomer.id)).items() <= client.get(f"/csr?{PERIOD}").metrics.items()


def test_a_csr_cannot_ask_for_anothers_numbers(
    client: Client, company: Organization, admin_engine: Engine, make: Factories
) -> None:
    client.sign_in(make.user(company))

    client.get(f"/csr?csr={_person(admin_engine, company, 'Maya')}", status=404)


def test_a_manager_may_ask_for_their_team_and_for_what_no_csr_is_credited_with(
    client: Client, make: Factories, company: Organization
) -> None:
    manager = make.user(company, role=Role.MANAGER)
    _calls(make, company, make.user(company, manager_id=manager.id), 2)
    client.sign_in(manager)

    team, nobody = (client.get(f"/csr?{PERIOD}&csr={whom}") for whom in ("team", "none"))

    assert (team.metrics["calls"], nobody.metrics["calls"]) == ("6", "9")
    for page, heading in ((team, "My team"), (nobody, "No CSR")):
        assert heading in page.text
        links = _counted_links(page)
        listed = _listed(client, links)
        for name, value, href in links:
            assert listed[href] == value, f"{name}: {href}"


def test_another_organizations_csr_is_not_found(client: Client, company: Organization, make: Factories) -> None:
    client.sign_in(make.user(make.organization(), role=Role.MANAGER))

    client.get(f"/csr?csr={make.user(company).id}", status=404)


def test_every_number_of_every_dashboard_opens_exactly_its_rows(
    app: Flask, client: Client, company: Organization, make: Factories
) -> None:
    client.sign_in(make.user(company, role=Role.MANAGER))
    # Days take a person or a date instead of a period: see test_my_day.py and test_rep_day.py.
    others = ("/", "/my-day", "/rep", "/rep/<uuid:user_id>")
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("dashboards.")]
    dashboards = [rule.rule for rule in rules if rule.rule not in others]

    links = [link for url in dashboards for link in _counted_links(client.get(f"{url}?{PERIOD}"))]

    assert {"calls", "qualified_leads", "appointments_booked", "unbooked_appointments", "calls_by_topic"} <= {
        name for name, _, _ in links
    }
    listed = _listed(client, links)
    for name, value, href in links:
        assert listed[href] == value, f"{name} is {value}, its list {href} has {listed[href]}"


def test_nothing_to_divide_by_is_a_dash_and_not_zero(client: Client, make: Factories) -> None:
    client.sign_in(make.user(make.organization(), role=Role.MANAGER))

    page = client.get("/csr")

    assert page.metrics["booking_rate"] == ""
    assert page.metrics["calls"] == "0"


@pytest.mark.parametrize(
    "wrong", ["period=never", "period=custom", "period=custom&from=2026-02-30&to=2026-03-01", "tea=1"]
)
def test_what_cannot_be_read_is_refused(client: Client, make: Factories, wrong: str) -> None:
    client.sign_in(make.user(make.organization(), role=Role.MANAGER))

    client.get(f"/csr?{wrong}", status=400)


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, company: Organization, make: Factories, queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    client.sign_in(make.user(company, role=Role.MANAGER))
    client.get(f"/csr?{PERIOD}")
    with queries() as few:
        client.get(f"/csr?{PERIOD}")
    _calls(make, company, make.user(company), 20)
    client.get(f"/csr?{PERIOD}")  # its options are cached from here on
    with queries() as many:
        client.get(f"/csr?{PERIOD}")

    # 2 of the session, 12 of numbers (6 per span), volume, objections, options, four heads of lists, and their
    # contexts.
    assert len(many) == len(few) <= 24


def _person(engine: Engine, company: Organization, name: str) -> str:
    with engine.connect() as connection:
        found = connection.scalar(
            text("SELECT id FROM users WHERE organization_id = :organization AND name = :name"),
            {"organization": company.id, "name": name},
        )
    return str(found)


def _expected(engine: Engine, company: Organization, csr: str | None) -> dict[str, str]:
    statement = INDEPENDENT.replace(":csr", f"'{csr}'::uuid" if csr else "NULL::uuid")
    with engine.connect() as connection:
        row = connection.execute(text(statement), {"organization": company.id}).one()
    return {name: str(value) for name, value in row._mapping.items()}


def _counted_links(page: Page) -> list[tuple[str, str, str]]:
    """Return (name, value, address) of every whole number in a link or on a tile with a link."""
    pairs = [(number, link) for link in page.all(".//a") for number in link.iter() if number.get("data-metric")]
    pairs += [(_in(tile, ".//*[@data-metric]"), _in(tile, ".//a")) for tile in page.all(".//div[@class='stat']")]
    return [
        (number.get("data-metric", ""), number.get("data-value", ""), link.get("href", ""))
        for number, link in pairs
        if number.get("data-value", "").isdigit()
    ]


def _listed(client: Client, links: Sequence[tuple[str, str, str]]) -> Mapping[str, str | None]:
    """Return the number of rows of each list that the links lead to, opened once, since some count the same rows."""
    addresses = dict.fromkeys(href for _name, _value, href in links)
    return {href: client.get(href).one(".//*[@data-count]").get("data-count") for href in addresses}


def _in(element: Element, path: str) -> Element:
    found = element.find(path)
    assert found is not None, path
    return found
