"""Claims on callers who were reached, which last until the end of the next business day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.business_hours import BusinessHours
from app.models import MissedCallEntry, Organization, Role, User
from app.work.missed_calls.rules import next_day_ends_at
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.work.missed_calls.conftest import Now, Waiting, address
from tests.work.missed_calls.test_working import CallsMade, NewClient, say

NEW_YORK = "America/New_York"
HOURS: BusinessHours = {
    **{day: [["13:00", "17:00"], ["08:00", "12:00"]] for day in ("monday", "tuesday", "wednesday", "thursday")},
    "friday": [["08:00", "24:00"]],
}
LEASE = timedelta(minutes=10)

Reach = Callable[[Client, MissedCallEntry], None]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(NEW_YORK))


@pytest.mark.parametrize(
    ("reached", "ends"),
    [
        ("2026-03-18 10:42", "2026-03-19 17:00"),
        ("2026-03-18 03:00", "2026-03-19 17:00"),
        ("2026-03-18 23:59", "2026-03-19 17:00"),
        ("2026-03-19 16:00", "2026-03-21 00:00"),
        ("2026-03-20 09:00", "2026-03-23 17:00"),
        ("2026-03-22 12:00", "2026-03-23 17:00"),
    ],
    ids=["while open", "before opening", "at night", "until midnight", "over the weekend", "on the weekend"],
)
def test_the_next_business_day_ends_at_its_last_closing_time(reached: str, ends: str) -> None:
    assert next_day_ends_at(local(reached), HOURS, NEW_YORK) == local(ends)


@pytest.mark.parametrize("hours", [{}, {"monday": []}])
def test_without_business_hours_the_next_day_is_one(hours: BusinessHours) -> None:
    assert next_day_ends_at(local("2026-03-18 10:42"), hours, NEW_YORK) == local("2026-03-20 00:00")


def test_a_day_whose_only_hours_the_clocks_jump_over_is_none() -> None:
    hours = {"sunday": [["02:00", "03:00"]], "monday": [["08:00", "12:00"]]}

    assert next_day_ends_at(local("2026-03-07 10:00"), hours, NEW_YORK) == local("2026-03-09 12:00")


@pytest.fixture
def reach(calls_made: CallsMade) -> Reach:
    """Function that calls a caller and says that they were reached."""

    def call(client: Client, entry: MissedCallEntry) -> None:
        client.post(address(entry, "/call"), status=303)
        say(client, calls_made()[-1], "reached")

    return call


def ends_of(organization: Organization, entry: MissedCallEntry) -> datetime:
    assert entry.last_attempt_at is not None
    return next_day_ends_at(entry.last_attempt_at, organization.business_hours, organization.timezone)


def texts_of(page: Page, entry: MissedCallEntry) -> str:
    return " ".join(text_of(page.one(f".//*[@id='entry-{entry.id}']")).split())


def badges_of(page: Page, entry: MissedCallEntry) -> int:
    return sum("badge" in (one.get("class") or "").split() for one in page.all(f".//*[@id='entry-{entry.id}']//*"))


def test_it_lasts_until_the_end_of_the_next_business_day(
    client: Client, csr: User, organization: Organization, waiting: Waiting, now: Now, reach: Reach
) -> None:
    entry = waiting()
    reach(client.sign_in(csr), entry)

    stored = now(entry)
    assert (stored.status, stored.claimed_by) == ("claimed", csr.id)
    assert stored.claim_expires_at == stored.next_attempt_at == ends_of(organization, stored)
    page = client.get("/missed-calls?tab=mine")
    clock = f"{stored.last_attempt_at.astimezone(ZoneInfo(organization.timezone)):%-I:%M %p}"
    assert f"Reached by you, {clock}" in texts_of(page, entry)
    assert badges_of(page, entry) == 0
    assert [text_of(head) for head in page.all(".//tr[@class='group']")] == ["Follow up later · 1"]
    opened = client.get(f"/missed-calls?tab=mine&open={entry.id}")
    assert opened.all(".//*[@data-lease]") == []
    assert address(entry, "/release") in opened.html


def test_nobody_else_has_it_in_mine_or_gets_it_next(
    client: Client, new_client: NewClient, csr: User, colleague: User, waiting: Waiting, now: Now, reach: Reach
) -> None:
    entry = waiting()
    reach(client.sign_in(csr), entry)
    other = new_client().sign_in(colleague)
    other.post("/missed-calls/claim-next", status=303)
    other.post(address(entry, "/call"), status=303)
    other.post(address(entry, "/release"), status=303)

    assert now(entry).claimed_by == csr.id
    assert "No caller is yours" in other.get("/missed-calls?tab=mine").text
    assert f"Reached by {csr.name}, " in texts_of(other.get("/missed-calls?tab=later"), entry)


@pytest.mark.parametrize("action", ["/claim", "/call"])
def test_more_work_never_makes_it_shorter(
    client: Client, csr: User, waiting: Waiting, now: Now, reach: Reach, action: str
) -> None:
    entry = waiting()
    reach(client.sign_in(csr), entry)
    ends = now(entry).claim_expires_at

    client.post(address(entry, action), status=303)

    assert now(entry).claim_expires_at == ends


def test_undo_restores_the_lease(
    client: Client, csr: User, waiting: Waiting, now: Now, reach: Reach, calls_made: CallsMade
) -> None:
    entry = waiting()
    reach(client.sign_in(csr), entry)

    client.post(f"/calls/{calls_made()[-1].id}/take-back", status=303)

    stored = now(entry)
    assert (stored.status, stored.claimed_by, stored.next_attempt_at) == ("claimed", csr.id, None)
    assert timedelta() < stored.claim_expires_at - datetime.now(UTC) <= LEASE


@pytest.mark.parametrize("result", ["reached", "no_answer", "wrong_number"])
def test_undo_of_a_later_call_restores_the_earlier_claim(
    client: Client, csr: User, waiting: Waiting, now: Now, reach: Reach, calls_made: CallsMade, result: str
) -> None:
    entry = waiting()
    reach(client.sign_in(csr), entry)
    ends = now(entry).claim_expires_at
    client.post(address(entry, "/call"), status=303)
    say(client, calls_made()[-1], result)

    client.post(f"/calls/{calls_made()[-1].id}/take-back", status=303)

    stored = now(entry)
    assert (stored.claimed_by, stored.claim_expires_at, stored.next_attempt_at) == (csr.id, ends, ends)


@pytest.mark.parametrize("role", [Role.CSR, Role.MANAGER])
def test_released_it_is_to_be_called_again_now(
    client: Client,
    new_client: NewClient,
    make: Factories,
    organization: Organization,
    csr: User,
    waiting: Waiting,
    now: Now,
    reach: Reach,
    role: Role,
) -> None:
    entry = waiting()
    reach(client.sign_in(csr), entry)
    releaser = client if role == Role.CSR else new_client().sign_in(make.user(organization, role=role))
    assert address(entry, "/release") in releaser.get(address(entry)).html

    releaser.post(address(entry, "/release"), status=303)

    stored = now(entry)
    assert (stored.status, stored.claimed_by, stored.claim_expires_at) == ("open", None, None)
    assert stored.next_attempt_at <= datetime.now(UTC)
    page = client.get("/missed-calls?tab=to_do")
    assert [text_of(one) for one in page.all(".//tr[@class='group']")] == ["Try again now · 1"]
    client.post("/missed-calls/claim-next", status=303)
    assert now(entry).claimed_by == csr.id


def test_a_lease_of_another_is_not_released_by_a_manager(
    client: Client, new_client: NewClient, manager: User, csr: User, waiting: Waiting, now: Now
) -> None:
    entry = waiting()
    client.sign_in(csr).post(address(entry, "/claim"), status=303)

    new_client().sign_in(manager).post(address(entry, "/release"), status=303)

    assert now(entry).claimed_by == csr.id


def test_a_reach_of_another_day_has_its_date(
    client: Client, csr: User, waiting: Waiting, reach: Reach, make: Factories
) -> None:
    ends = datetime.now(UTC) + timedelta(hours=3)
    entry = waiting(
        status="claimed", claimed_by=csr.id, claim_expires_at=ends, next_attempt_at=ends, attempts=1,
        last_attempt_at=ends - timedelta(days=2),
    )  # fmt: skip
    make.attempt(entry, csr, at=datetime(2026, 1, 5, 16, 42, tzinfo=UTC), result="reached")

    assert "Reached by you, Jan 5" in texts_of(client.sign_in(csr).get("/missed-calls?tab=mine"), entry)


@pytest.mark.parametrize(
    ("tab", "title"),
    [
        ("to_do", "No callers waiting"),
        ("mine", "No caller is yours"),
        ("later", "No one to call on a later day"),
        ("done_today", "No callers done today"),
    ],
)
def test_each_empty_tab_says_what_is_true_of_it(client: Client, csr: User, tab: str, title: str) -> None:
    page = client.sign_in(csr).get(f"/missed-calls?tab={tab}")

    assert title in page.text
    assert "Clear all filters" not in page.text


def test_an_empty_queue_tells_of_those_who_are_due_later(client: Client, csr: User, waiting: Waiting) -> None:
    later = datetime.now(UTC) + timedelta(days=2)
    waiting(attempts=1, last_attempt_at=datetime.now(UTC), next_attempt_at=later)

    page = client.sign_in(csr).get("/missed-calls?tab=to_do")

    assert "No one left to call today" in page.text
    assert "1 caller is due on a later day." in page.text


def test_only_exceptions_have_a_badge(client: Client, csr: User, waiting: Waiting) -> None:
    plain = waiting(sla_due_at=datetime.now(UTC) + timedelta(hours=2))
    late = waiting(sla_due_at=datetime.now(UTC) - timedelta(hours=2))
    page = client.sign_in(csr).get("/missed-calls?tab=to_do")

    assert (badges_of(page, plain), badges_of(page, late)) == (0, 1)


@pytest.mark.parametrize(("role", "is_linked"), [(Role.CSR, False), (Role.MANAGER, True), (Role.EXEC, True)])
def test_the_funnel_is_a_page_of_managers(
    client: Client, make: Factories, organization: Organization, role: Role, is_linked: bool
) -> None:
    queue = client.sign_in(make.user(organization, role=role)).get("/missed-calls")

    assert queue.all(".//*[@id='missed-funnel']") == []
    assert ("/missed-calls/funnel" in queue.links.values()) is is_linked
