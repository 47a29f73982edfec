"""The order in which to call, at several times of a company's week.

It is the same on the page, for the next claim, on the dashboard and in the API; the badge counts the same callers.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.insight.dashboards import csr_records_page, request_page
from app.models import MissedCallEntry, Organization, User
from app.security import list_of
from app.work.missed_calls import queries, service, views
from tests.support.api_client import ApiClient, data_of
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

HOURS = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("monday", "tuesday", "wednesday", "friday")}
#: Name → time of the missed call, and the deadline or, if they were tried, the time of the next try.
UNTRIED = {
    "friday": ("2026-03-13 15:45", "2026-03-13 16:00"),
    "saturday": ("2026-03-14 10:00", "2026-03-16 08:15"),
    "sunday": ("2026-03-15 10:00", "2026-03-16 08:15"),
    "morning": ("2026-03-16 09:15", "2026-03-16 09:30"),
    "afternoon": ("2026-03-16 16:15", "2026-03-16 16:30"),
}
TRIED = {
    "tried early": ("2026-03-13 10:00", "2026-03-16 09:00"),
    "tried late": ("2026-03-12 10:00", "2026-03-16 15:00"),
}
#: The five groups at a time; the last is tried later today.
AT: Mapping[str, tuple[list[str], ...]] = {
    # On a weekend nothing is overdue today, and the tries of Monday wait in another tab.
    "2026-03-14 10:00": ([], ["saturday", "sunday", "morning", "afternoon"], [], ["friday"], []),
    "2026-03-16 07:59": (
        [],
        ["saturday", "sunday", "morning", "afternoon"],
        [],
        ["friday"],
        ["tried early", "tried late"],
    ),
    "2026-03-16 08:00": (
        [],
        ["saturday", "sunday", "morning", "afternoon"],
        [],
        ["friday"],
        ["tried early", "tried late"],
    ),
    "2026-03-16 10:00": (
        ["saturday", "sunday", "morning"],
        ["afternoon"],
        ["tried early"],
        ["friday"],
        ["tried late"],
    ),
    # Over lunch the company is closed.
    "2026-03-16 12:00": (
        [],
        ["afternoon"],
        ["tried early"],
        ["morning", "sunday", "saturday", "friday"],
        ["tried late"],
    ),
    "2026-03-16 16:59": (
        ["saturday", "sunday", "morning", "afternoon"],
        [],
        ["tried early", "tried late"],
        ["friday"],
        [],
    ),
    "2026-03-16 17:00": (
        [],
        [],
        ["tried early", "tried late"],
        ["afternoon", "morning", "sunday", "saturday", "friday"],
        [],
    ),
    "2026-03-17 08:00": (
        [],
        [],
        ["tried early", "tried late"],
        ["afternoon", "morning", "sunday", "saturday", "friday"],
        [],
    ),
    # Thursday is closed all day.
    "2026-03-19 10:00": (
        [],
        [],
        ["tried early", "tried late"],
        ["afternoon", "morning", "sunday", "saturday", "friday"],
        [],
    ),
}
HEADINGS = ("Overdue today", "Due", "Try again now", "Overdue earlier", "Try again later")


def local(at: str) -> datetime:
    return datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


def shown_names(page: Page, entries: Mapping[str, MissedCallEntry]) -> list[str]:
    names = {str(entry.id): name for name, entry in entries.items()}
    return [names[row.get("data-entry") or ""] for row in page.all(".//tbody[@data-entry]")]


@pytest.fixture
def entries(make: Factories, organization: Organization, admin_engine: Engine) -> Mapping[str, MissedCallEntry]:
    """Waiting callers by name, in a company that is open on four days."""
    with admin_engine.begin() as connection:
        hours = {"of": organization.id, "hours": str(HOURS).replace("'", '"')}
        connection.execute(text("UPDATE organizations SET business_hours = :hours WHERE id = :of"), hours)
    found = {}
    with make.batch():
        for name, (missed, due) in {**TRIED, **UNTRIED}.items():
            contact = make.contact(organization, first_name=name, last_name=None)
            call = make.call(organization, status="missed", started_at=local(missed), contact_card_id=contact.id)
            tried = {"attempts": 1, "last_attempt_at": local(missed), "next_attempt_at": local(due)}
            values = {"sla_due_at": local(due)} if name in UNTRIED else tried
            found[name] = make.missed_entry(organization, call=call, **values)
    return found


@pytest.fixture(params=AT)
def at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A time, at which all requests of the test are made."""
    chosen: str = request.param
    clock = SimpleNamespace(now=lambda _zone: local(chosen), fromisoformat=datetime.fromisoformat)
    for module in (views, service, queries, list_of, request_page, csr_records_page):
        monkeypatch.setattr(module, "datetime", clock)
    return chosen


def test_the_order_is_the_same_everywhere(
    app: Flask, client: Client, csr: User, entries: Mapping[str, MissedCallEntry], at: str
) -> None:
    wanted = [name for group in AT[at] for name in group]
    ids = [str(entries[name].id) for name in wanted]

    page = client.sign_in(csr).get("/missed-calls")
    assert shown_names(page, entries) == wanted
    named = zip(HEADINGS, AT[at], strict=True)
    assert [text_of(head) for head in page.all(".//tr[@class='group']")] == [
        f"{heading} · {len(names)}" for heading, names in named if names
    ]
    head = client.get("/csr").all(".//div[@id='queue-table']/table/tbody/tr/th/a")
    assert [text_of(link) for link in head] == wanted[:5]
    api = ApiClient(app, csr)
    assert [one["id"] for one in data_of(api.get("/missed-calls?tab=to_do"))] == ids
    assert [one["id"] for one in data_of(api.get("/missed-calls?tab=to_do&limit=2&page=2"))] == ids[2:4]
    assert [one["id"] for one in data_of(api.get("/missed-calls/queue/entries"))["entries"]] == ids

    claimed = []
    for _caller in wanted:
        client.post("/missed-calls/claim-next", status=303)
        mine = shown_names(client.get("/missed-calls?tab=mine"), entries)
        claimed += [name for name in mine if name not in claimed]
    assert claimed == [name for group in AT[at][:4] for name in group]
    assert shown_names(client.get("/missed-calls?tab=mine"), entries) == claimed
    assert [one["id"] for one in data_of(api.get("/missed-calls?tab=mine"))] == [
        str(entries[name].id) for name in claimed
    ]


def test_the_badge_counts_the_callers_of_the_tab(
    client: Client, make: Factories, organization: Organization, csr: User, entries: Mapping[str, MissedCallEntry]
) -> None:
    make.missed_entry(organization, attempts=1, next_attempt_at=local("2099-03-16 10:00"))

    page = client.sign_in(csr).get("/missed-calls")

    assert sorted(shown_names(page, entries)) == sorted(entries)
    badge = page.one(".//aside[@class='side']//span[@data-waiting='queue']")
    assert text_of(badge[0]) == page.one(".//*[@data-count]").get("data-count") == str(len(entries))
