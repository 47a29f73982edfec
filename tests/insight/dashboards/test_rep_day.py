"""The day of a sales rep: appointments, time zone, visibility, the outcome in two taps, and the rep's own numbers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.insight.dashboards.rep_card_page import when_of
from app.models import Appointment, Call, ContactCard, Organization, Role, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

Queries = Callable[[], AbstractContextManager[list[str]]]

#: Daylight saving time begins in New York: the day is from 5:00 to 4:00 UTC.
CHANGE = "2026-03-08"
WEDNESDAY = "2026-03-18"
NINE = datetime(2026, 3, 18, 13, tzinfo=UTC)


@pytest.fixture
def organization(make: Factories) -> Organization:
    """An organization in New York."""
    return make.organization()


@pytest.fixture
def carl(make: Factories, organization: Organization) -> User:
    """The rep whose day is shown."""
    return make.user(organization, Role.SALES_REP, name="Carl Jensen")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    """A manager who sees everyone's day."""
    return make.user(organization, Role.MANAGER)


@pytest.fixture
def visit(make: Factories, organization: Organization, carl: User) -> Callable[..., Appointment]:
    """Function that creates an appointment of Carl or another rep: `visit("Ruth", at, status=…)`."""

    def add(first_name: str, at: datetime, **values: Any) -> Appointment:
        contact = values.pop("contact", None) or make.contact(organization, first_name=first_name, last_name="")
        times = {"scheduled_start_at": at, "scheduled_end_at": at + timedelta(minutes=1)}
        whose = {"sales_rep_id": carl.id, "city": "Albany", **values}
        return make.appointment(organization, contact=contact, **times, **whose)

    return add


def names(page: Page) -> list[str]:
    """Return the names in the day's list, in order."""
    return [text_of(link) for link in page.all(".//ol[@class='day-visits']//a")]


def badges(page: Page) -> list[str]:
    """Return the status of each appointment in the list."""
    return [text_of(line.findall("./span")[-1]) for line in page.all(".//ol[@class='day-visits']/li")]


def won(at: datetime, value: int) -> dict[str, Any]:
    """Return the values of a won appointment."""
    done = {"status": "completed", "completed_at": at, "outcome": "closed_won", "outcome_at": at}
    return {**done, "deal_value": Decimal(value)}


class TestWhichVisits:
    def test_those_of_the_local_day_in_order_also_where_the_clocks_change(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        carl: User,
        visit: Callable[..., Appointment],
    ) -> None:
        midnight = datetime(2026, 3, 8, 5, tzinfo=UTC)
        visit("Last", midnight + timedelta(hours=22, minutes=59))
        visit("First", midnight)
        visit("Noon", midnight + timedelta(hours=11), status="cancelled", cancelled_reason="Sold the house")
        visit("Yesterday", midnight - timedelta(minutes=1))
        visit("Tomorrow", midnight + timedelta(hours=23))
        visit("Elsewhere", midnight, sales_rep_id=make.user(organization, Role.SALES_REP).id)
        visit("Deleted", midnight, deleted_at=midnight)

        page = client.sign_in(carl).get(f"/rep?day={CHANGE}")

        assert names(page) == ["First", "Noon", "Last"]
        assert "12:00 AM" in page.text
        assert "11:59 PM" in page.text
        assert "2 appointments, 0 done" in page.text
        assert page.heading == "Sunday, March 8, 2026"
        assert names(client.get("/rep?day=2026-03-09")) == ["Tomorrow"]

    def test_those_after_the_next_one_follow_by_their_time_however_they_were_booked(
        self,
        client: Client,
        behind: Behind,
        organization: Organization,
        carl: User,
        visit: Callable[..., Appointment],
    ) -> None:
        now = datetime.now(UTC)
        behind.change(organization, timezone=f"Etc/GMT{now.hour - 12:+d}")  # where it is noon
        minutes = {"Last": 45, "Next": 15, "Then": 30}
        booked = {name: visit(name, now + timedelta(minutes=after)) for name, after in minutes.items()}

        page = client.sign_in(carl).get("/rep")

        later = [one.get("data-later") for one in page.all(".//template[@data-later]")]
        assert later == [f"/appointments/{booked[name].id}" for name in ("Then", "Last")]

    def test_what_each_is_at(self, client: Client, carl: User, visit: Callable[..., Appointment]) -> None:
        done = {"status": "completed", "completed_at": NINE}
        visit("Won", NINE, **won(NINE, 11450))
        visit("Lost", NINE + timedelta(minutes=1), **done, outcome="closed_lost", outcome_at=NINE, lost_reason="Price")
        visit("Undecided", NINE + timedelta(minutes=2), **done)
        visit("Nobody", NINE + timedelta(minutes=3), status="no_show")
        visit("Forgotten", NINE + timedelta(minutes=4))

        page = client.sign_in(carl).get(f"/rep?day={WEDNESDAY}")

        assert badges(page) == ["Won $11,450", "Lost", "Pending", "No-show", "No outcome yet"]
        assert "5 appointments, 3 done" in page.text

    def test_a_day_to_come_has_a_first_visit_and_no_outcome_yet(
        self, client: Client, carl: User, visit: Callable[..., Appointment]
    ) -> None:
        at = datetime.now(UTC) + timedelta(days=3)
        ahead = [visit("Ruth", at), visit("Denise", at + timedelta(minutes=1))]

        client.sign_in(carl)
        pages = [client.get(f"/rep?day={(at + timedelta(days=days)).date()}") for days in (-1, 0)]
        page = next(page for page in pages if names(page))

        assert badges(page) == ["Next", "Scheduled"]
        assert "First appointment" in page.text
        assert not [form for form in page.all(".//form") if str(ahead[0].id) in str(form.get("action"))]

    def test_today_is_shown_without_a_day_and_the_days_beside_it_are_a_tap_away(
        self, client: Client, carl: User
    ) -> None:
        today = client.sign_in(carl).get("/rep")
        before = client.get(today.one(".//a[@aria-label='Previous day']").get("href", ""))

        assert "No appointments on this day" in today.text
        assert "Today" not in today.links
        assert before.links["Today"] == "/rep"
        assert before.one(".//a[@aria-label='Next day']").get("href") == "/rep"

    @pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "tomorrow"])
    def test_a_day_that_is_none_is_refused(self, client: Client, carl: User, day: str) -> None:
        client.sign_in(carl).get(f"/rep?day={day}", status=400)

    def test_an_index_serves_them(
        self, carl: User, visit: Callable[..., Appointment], admin_engine: Engine, organization: Organization
    ) -> None:
        one = visit("Ruth", NINE)
        values = {"organization": organization.id, "contact": one.contact_card_id, "rep": carl.id, "start": NINE}
        with admin_engine.connect() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # no constraints or triggers
            connection.execute(text(_VISITS_OF_FIFTY_REPS), values)
            connection.execute(text("ANALYZE appointments"))
            plan = connection.scalars(text(f"EXPLAIN {_VISITS_OF_THE_DAY}"), values).all()
            connection.rollback()

        assert "idx_appointments_rep_start" in plan[0] + plan[1]


#: Appointments over two years.
_VISITS_OF_FIFTY_REPS = """
INSERT INTO appointments (id, organization_id, contact_card_id, sales_rep_id, service_type, scheduled_start_at,
  scheduled_end_at, timezone)
SELECT gen_random_uuid(), :organization, :contact, md5((number % 50)::text)::uuid, 'Furnace repair', at,
  at + interval '1 hour', 'UTC'
FROM generate_series(1, 5000) AS number, LATERAL (SELECT :start + (number - 2500) * interval '3 hours' AS at) AS times
"""
_VISITS_OF_THE_DAY = """
SELECT id FROM appointments
WHERE organization_id = :organization AND sales_rep_id = :rep AND deleted_at IS NULL
  AND scheduled_start_at >= :start AND scheduled_start_at < :start + interval '1 day'
ORDER BY scheduled_start_at, id
"""


class TestWhoSeesIt:
    def test_a_rep_sees_their_own_and_nobody_elses(
        self, client: Client, make: Factories, organization: Organization, carl: User
    ) -> None:
        client.sign_in(carl).get(f"/rep/{carl.id}")
        client.get(f"/rep/{make.user(organization, Role.SALES_REP).id}", status=404)
        client.get(f"/rep/{make.user(make.organization(), Role.SALES_REP).id}", status=404)

    def test_a_manager_chooses_a_rep(
        self, client: Client, carl: User, manager: User, visit: Callable[..., Appointment]
    ) -> None:
        visit("Ruth", NINE)
        visit("Denise", NINE, status="cancelled", cancelled_reason="Sold the house")

        page = client.sign_in(manager).get(f"/rep?day={WEDNESDAY}")
        assert "Carl Jensen 1 appointment, 0 done" in page.text
        of_carl = client.get(page.links["Carl Jensen"])

        assert of_carl.heading == "Carl Jensen"
        assert names(of_carl) == ["Ruth", "Denise"]
        assert of_carl.links["Reps’ schedules"] == "/rep"

    def test_another_organizations_manager_finds_nobody(self, client: Client, make: Factories, carl: User) -> None:
        client.sign_in(make.user(make.organization(), Role.MANAGER)).get(f"/rep/{carl.id}", status=404)
        assert "Carl Jensen" not in client.get("/rep").text

    @pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT])
    def test_who_has_no_part_in_it_is_refused(
        self, client: Client, make: Factories, organization: Organization, carl: User, role: Role
    ) -> None:
        client.sign_in(make.user(organization, role)).get("/rep", status=403)
        client.get(f"/rep/{carl.id}", status=403)

    def test_the_day_of_a_rep_begins_here(self, client: Client, carl: User) -> None:
        assert client.sign_in(carl).get("/", status=303).headers["Location"] == "/rep"
        assert client.get("/rep").links["My day"] == "/rep"


class TestBeforeTheVisit:
    @pytest.fixture
    def ruth(self, make: Factories, organization: Organization) -> ContactCard:
        """A contact with information from earlier calls."""
        return make.contact(
            organization,
            first_name="Ruth",
            last_name="Delgado",
            last_call_summary="Her furnace is 18 years old.",
            primary_intent="A new furnace",
            risks=["Has two other offers"],
        )

    @pytest.fixture
    def call(self, make: Factories, organization: Organization, carl: User, ruth: ContactCard) -> Call:
        """A call in which Ruth raises an objection, and which Carl is allowed to hear."""
        call = make.call(organization, contact_card_id=ruth.id, assigned_rep_id=carl.id)
        make.transcript(call)
        objection = {"category": "price", "turn": 1, "text": "My furnace has stopped."}
        make.analysis(call, summary="She wants a price first.", objections=[objection])
        return call

    def test_where_who_and_what_they_want_and_fear(
        self, client: Client, carl: User, ruth: ContactCard, call: Call, visit: Callable[..., Appointment]
    ) -> None:
        address = {"address_line_1": "4108 Ridgeline Dr", "state": "TX", "zip": "78745"}
        visit("", NINE - timedelta(days=9), contact=ruth, **won(NINE - timedelta(days=9), 300))
        visit("", NINE, contact=ruth, notes="Gate 4471", source_call_id=call.id, **address)

        page = client.sign_in(carl).get(f"/rep?day={WEDNESDAY}")

        card = text_of(page.one(".//section[@aria-labelledby='next']"))
        said = ("4108 Ridgeline Dr, Albany, TX 78745", "She wants a price first.", "A new furnace", "Gate 4471")
        for words in (*said, "Has two other offers", "Mar 9 : Won $300", "My furnace has stopped."):
            assert words in card
        assert page.links["Directions"].endswith("destination=4108%20Ridgeline%20Dr%2C%20Albany%2C%20TX%2078745")
        assert page.links["My furnace has stopped."] == f"/calls/{call.id}#turn-1"
        assert page.links["Ruth Delgado"].startswith(("/contacts/", "/appointments/"))
        assert page.fields(f"/calls/to/{ruth.id}")

    def test_a_call_that_one_may_not_hear_says_nothing(
        self,
        client: Client,
        make: Factories,
        organization: Organization,
        carl: User,
        ruth: ContactCard,
        visit: Callable[..., Appointment],
    ) -> None:
        somebodys = make.call(organization, csr=make.user(organization), contact_card_id=ruth.id)
        make.analysis(somebodys, summary="Between us.", objections=[{"category": "price", "text": "Too dear."}])
        visit("", NINE, contact=ruth, source_call_id=somebodys.id)

        page = client.sign_in(carl).get(f"/rep?day={WEDNESDAY}")

        assert "Her furnace is 18 years old." in page.text
        assert "Between us." not in page.text
        assert "Too dear." not in page.text
        assert str(somebodys.id) not in page.html

    @pytest.mark.parametrize(
        ("minutes", "words", "tone"),
        [
            (-160, "in 2 h 40 min", "info"),
            (-120, "in 2 h", "info"),
            (-25, "in 25 min", "info"),
            (-15, "in 15 min", "warn"),
            (0, "now", "warn"),
            (4, "now", "warn"),
            (10, "started 10 min ago", "warn"),
            (90, "ended 0 min ago", "warn"),
            (110, "ended 20 min ago", "warn"),
        ],
    )
    def test_how_long_until_it(self, app: Flask, minutes: int, words: str, tone: str) -> None:
        with app.test_request_context():
            when = when_of(NINE, NINE + timedelta(minutes=90), NINE + timedelta(minutes=minutes))

        assert (when.words, when.tone) == (words, tone)


class TestOutcomeInTwoTaps:
    @pytest.fixture
    def first(self, visit: Callable[..., Appointment]) -> Appointment:
        """The appointment at nine o'clock."""
        return visit("Ruth", NINE)

    @pytest.fixture
    def second(self, visit: Callable[..., Appointment]) -> Appointment:
        """The appointment three hours after the first."""
        return visit("Denise", NINE + timedelta(hours=3))

    @pytest.mark.parametrize(
        ("step", "typed", "stored"),
        [
            ("won", {"deal_value": "4200"}, ("completed", "closed_won")),
            ("lost", {"lost_reason": "Too expensive"}, ("completed", "closed_lost")),
            ("complete", {}, ("completed", "open")),
            ("no-show", {}, ("no_show", "open")),
        ],
    )
    def test_it_is_saved_and_the_next_visit_stands_there(
        self,
        client: Client,
        carl: User,
        first: Appointment,
        second: Appointment,
        admin_engine: Engine,
        step: str,
        typed: dict[str, str],
        stored: tuple[str, str],
    ) -> None:
        action = f"/appointments/{first.id}/{step}"
        form = client.sign_in(carl).get(f"/rep?day={WEDNESDAY}").fields(action)

        answer = client.post(action, {**form, **typed})

        assert answer.headers["Location"] == f"/rep?day={WEDNESDAY}"
        assert client.follow(answer).fields(f"/appointments/{second.id}/won")
        with admin_engine.connect() as connection:
            now = text("SELECT status, outcome FROM appointments WHERE id = :id")
            assert tuple(connection.execute(now, {"id": first.id}).one()) == stored

    @pytest.mark.parametrize(
        ("step", "typed", "sentence"),
        [
            ("won", {"deal_value": ""}, "Enter the deal value."),
            ("lost", {"lost_reason": ""}, "Briefly explain why."),
        ],
    )
    def test_won_needs_its_value_and_lost_its_reason(
        self, client: Client, carl: User, first: Appointment, step: str, typed: dict[str, str], sentence: str
    ) -> None:
        action = f"/appointments/{first.id}/{step}"
        form = client.sign_in(carl).get(f"/rep?day={WEDNESDAY}").fields(action)

        assert sentence in client.post(action, {**form, **typed}, status=400).text

    def test_a_stale_one_says_what_happened_keeps_what_was_typed_and_leads_back(
        self, client: Client, carl: User, first: Appointment, admin_engine: Engine
    ) -> None:
        action = f"/appointments/{first.id}/won"
        form = client.sign_in(carl).get(f"/rep?day={WEDNESDAY}").fields(action)
        with admin_engine.begin() as connection:
            changed = text("UPDATE appointments SET notes = 'Gate 4471', version = version + 1 WHERE id = :id")
            connection.execute(changed, {"id": first.id})

        page = client.post(action, {**form, "deal_value": "4200"}, status=409)
        again = page.fields(action)
        answer = client.post(action, again)

        assert "changed after you opened it" in page.text
        assert again["deal_value"] == "4200"
        assert answer.headers["Location"] == f"/rep?day={WEDNESDAY}"

    def test_it_leads_nowhere_else_than_to_a_page_of_ours(self, client: Client, carl: User, first: Appointment) -> None:
        action = f"/appointments/{first.id}/complete"
        form = client.sign_in(carl).get(f"/rep?day={WEDNESDAY}").fields(action)

        answer = client.post(action, {**form, "back": "https://elsewhere.example/"})

        assert answer.headers["Location"] == f"/appointments/{first.id}"

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.EXEC])
    def test_who_only_reads_has_no_forms(
        self, client: Client, make: Factories, organization: Organization, carl: User, first: Appointment, role: Role
    ) -> None:
        page = client.sign_in(make.user(organization, role)).get(f"/rep/{carl.id}?day={WEDNESDAY}")

        forms = [form for form in page.all(".//form") if str(first.id) in str(form.get("action"))]
        assert bool(forms) is (role is Role.MANAGER)


class TestNumbers:
    @pytest.fixture(autouse=True)
    def lately(
        self, make: Factories, organization: Organization, carl: User, visit: Callable[..., Appointment]
    ) -> None:
        """Recent appointments, with decoys from long ago and from another company.

        Carl has three of them and has won one; another rep has won one.
        """
        at = datetime.now(UTC) - timedelta(days=3)
        other = make.user(organization, Role.SALES_REP).id
        done = {"status": "completed", "completed_at": at}
        with make.batch():
            visit("Ruth", at, **won(at, 4000))
            visit("Denise", at + timedelta(minutes=1), **done)
            visit("Glen", at + timedelta(minutes=2), **done)
            visit("Tara", at, **won(at, 8000), sales_rep_id=other)
            ago = at - timedelta(days=90)
            visit("Mary", ago, **won(ago, 100))
            make.appointment(make.organization(), **won(at, 90))

    def test_a_rep_sees_their_own_and_the_teams_ratios_without_a_way_to_them(self, client: Client, carl: User) -> None:
        page = client.sign_in(carl).get("/rep")

        assert page.metrics == {
            "win_rate": "0.3333",
            "win_rate_numerator": "1",
            "revenue_won": "4000.0000",
            "average_deal": "4000.0000",
            "visits_completed": "3",
        }
        assert "All reps: 50.0%" in page.text
        assert "All reps: $6,000" in page.text
        assert page.text.count("All reps") == 2, "sums of the team are not a rep's to see"
        assert not [words for words in page.links if words.startswith("All reps")]

    def test_a_manager_sees_both_and_the_way_to_both(self, client: Client, carl: User, manager: User) -> None:
        page = client.sign_in(manager).get(f"/rep/{carl.id}")

        assert page.metrics["visits_completed"] == "3"
        assert page.metrics["visits_completed_of_team"] == "4"
        assert page.metrics["win_rate_of_team"] == "0.5000"
        assert page.metrics["revenue_won_of_team"] == "12000.0000"

    @pytest.mark.parametrize("is_own", [True, False])
    def test_every_number_opens_exactly_its_rows(self, client: Client, carl: User, manager: User, is_own: bool) -> None:
        page = client.sign_in(carl if is_own else manager).get("/rep" if is_own else f"/rep/{carl.id}")

        expected = {"win_rate": 3, "revenue_won": 1, "average_deal": 1, "visits_completed": 3}
        tiles = page.all(".//div[@class='stat']")
        found = {}
        for tile in tiles:
            number, link = tile.find("./span[@data-metric]"), tile.find(".//a")
            assert number is not None
            assert link is not None
            found[number.get("data-metric")] = _listed(client, link.get("href", ""))
        assert found == expected
        assert _listed(client, page.one(".//a[@data-metric='win_rate_numerator']").get("href", "")) == 1
        of_team = {
            link.get("data-metric", "").removesuffix("_of_team"): _listed(client, link.get("href", ""))
            for link in page.all(".//a[@data-metric]")
            if link.get("data-metric", "").endswith("_of_team")
        }
        assert of_team == (
            {} if is_own else {"win_rate": 4, "revenue_won": 2, "average_deal": 2, "visits_completed": 4}
        )


def _listed(client: Client, address: str) -> int:
    return int(client.get(address).one(".//*[@data-count]").get("data-count", ""))


@pytest.mark.parametrize(("role", "most"), [(Role.SALES_REP, 11), (Role.MANAGER, 16)])
def test_the_number_of_queries_does_not_grow_with_the_visits(
    client: Client,
    make: Factories,
    organization: Organization,
    carl: User,
    manager: User,
    visit: Callable[..., Appointment],
    queries: Queries,
    role: Role,
    most: int,
) -> None:
    visit("Ruth", NINE)
    client.sign_in(carl if role is Role.SALES_REP else manager)
    address = f"/rep/{carl.id}?day={WEDNESDAY}"
    client.get(address)
    with queries() as few:
        client.get(address)
    with make.batch():
        for number in range(40):
            visit(f"Ruth {number}", NINE + timedelta(minutes=1 + number))
    with queries() as many:
        assert len(names(client.get(address))) == 41

    assert len(many) == len(few) <= most
