"""Filters of the call list, as given in its URL."""

from datetime import timedelta

import pytest

from app.models import Call, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import text_of
from tests.work.calls.reading import chips, ids, shown


class TestFilters:
    @pytest.fixture
    def wanted(self, make: Factories, organization: Organization, csr: User) -> Call:
        contact = make.contact(organization, first_name="Denise", last_name="Aguilar", primary_phone="+15125550131")
        call = make.call(
            organization,
            csr=csr,
            contact_card_id=contact.id,
            caller_number="+15125550131",
            assigned_rep_id=make.user(organization, Role.SALES_REP).id,
            direction="outbound",
            call_type="sales_call",
            outcome="resolved",
            booking_status="booked",
            sentiment="positive",
            topic="Furnace",
            call_quality=5,
            marketing_source="Yelp",
            tags=["lead", "hvac"],
        )
        make.analysis(call, objections=[{"category": "visit_fee", "severity": "low"}])
        return call

    @pytest.fixture(autouse=True)
    def _decoys(self, make: Factories, organization: Organization, colleague: User) -> None:
        """Calls that differ from the matching one in every filtered property."""
        contact = make.contact(organization, first_name="Ruth", last_name="Delgado")
        later = DAY + timedelta(days=1, hours=3)
        decoy = make.call(
            organization,
            csr=colleague,
            started_at=later,
            status="missed",
            contact_card_id=contact.id,
            outcome="spam",
            booking_status="not_booked",
            sentiment="negative",
            topic="Drain",
            marketing_source="Google Ads",
            tags=["hvac"],
        )
        make.analysis(decoy, objections=[{"category": "too_expensive"}])
        make.call(organization, started_at=later, status="active", ended_at=None)

    @pytest.mark.parametrize(
        "query",
        [
            "q=denise",
            "q=(512) 555-0131",
            "csr={wanted.csr_id}",
            "rep={wanted.assigned_rep_id}",
            "contact={wanted.contact_card_id}",
            "status=completed",
            "direction=outbound",
            "call_type=sales_call",
            "outcome=resolved",
            "booking_status=booked",
            "sentiment=positive",
            "topic=Furnace",
            "marketing_source=Yelp",
            "tag=lead",
            "answered=yes",
            "rated=yes",
            "timed=yes",
            "objection=visit_fee",
            "hour=12",
            "weekday=3",
            "period=custom&from=2026-03-18&to=2026-03-18",
            "from=2026-03-18&to=2026-03-18",
            "status=completed,failed&outcome=resolved&outcome=follow_up&csr={wanted.csr_id}",
        ],
    )
    def test_each_filter_keeps_what_it_says(self, client: Client, manager: User, wanted: Call, query: str) -> None:
        page = client.sign_in(manager).get("/calls?" + query.format(wanted=wanted))

        assert shown(page) == ids(wanted)
        assert "1 call" in page.text
        assert chips(page), "a filter that is set shows as a chip"

    @pytest.mark.parametrize(
        ("query", "number"),
        [
            ("status=missed,voicemail", 1),
            ("csr=none", 1),
            ("booking_status=none", 1),
            ("answered=no", 2),
            ("analysed=no", 1),
            ("ended=no", 1),
            ("without_topic=yes", 1),
            ("q=&status=&csr=&from=", 3),
        ],
    )
    @pytest.mark.usefixtures("wanted")
    def test_filters_ask_for_what_is_missing_too(self, client: Client, manager: User, query: str, number: int) -> None:
        assert len(shown(client.sign_in(manager).swap(f"/calls?{query}"))) == number

    def test_a_number_finds_calls_to_it_as_well(
        self, client: Client, manager: User, make: Factories, organization: Organization, wanted: Call
    ) -> None:
        called = make.call(organization, direction="outbound", contact_card_id=wanted.contact_card_id)

        found = shown(client.sign_in(manager).get("/calls?q=%2B15125550131"))

        assert set(found) == set(ids(called, wanted))

    def test_chips_say_in_words_what_is_set_and_lead_out_of_it(
        self, client: Client, manager: User, wanted: Call
    ) -> None:
        page = client.sign_in(manager).get(f"/calls?csr={wanted.csr_id}&status=missed,voicemail&hour=9&period=last_7")

        assert chips(page) == ["Period 7 days", "CSR Maya Torres", "Status Missed, Voicemail", "Hour 9:00 AM"]
        ways_out = [link.get("href") for link in page.all(".//span[@class='chip']/a")]
        assert ways_out[1] == "/calls?period=last_7&status=missed,voicemail&hour=9"
        assert page.links["Clear all"] == "/calls"

    def test_people_of_a_filter_are_named(
        self, client: Client, manager: User, make: Factories, organization: Organization, wanted: Call
    ) -> None:
        gone = make.user(organization, name="Ann Gone", deleted_at=DAY)
        client.sign_in(manager)

        def chip(query: str) -> list[str]:
            return chips(client.get(f"/calls?{query}"))

        assert chip(f"contact={wanted.contact_card_id}") == ["Contact Denise Aguilar"]
        assert chip(f"rep={gone.id}") == ["Sales rep Ann Gone"]
        assert chip(f"csr={gone.id}") == ["CSR Ann Gone"]
        assert chip("csr=none") == ["CSR Unassigned"]

    def test_people_of_another_organization_are_nobody(self, client: Client, manager: User, make: Factories) -> None:
        elsewhere = make.organization()
        contact, person = make.contact(elsewhere), make.user(elsewhere)
        client.sign_in(manager)

        for query in (f"rep={person.id}", f"csr={person.id}"):
            client.get(f"/calls?{query}", status=404)
        page = client.get(f"/calls?contact={contact.id}")
        assert chips(page)[0].endswith("Unknown")
        assert shown(page) == []

    def test_a_period_keeps_the_other_filters(self, client: Client, manager: User, wanted: Call) -> None:
        page = client.sign_in(manager).get("/calls?status=completed&period=custom&from=2026-03-01&to=2026-03-31")

        assert page.links["7 days"] == "/calls?status=completed&period=last_7"
        assert page.links["All time"] == "/calls?status=completed"
        dates = page.one(".//form[@class='stack']")
        assert {one.get("name"): one.get("value") for one in dates.iter("input")} == {
            "status": "completed",
            "period": "custom",
            "from": "2026-03-01",
            "to": "2026-03-31",
        }

    def test_a_filter_without_a_picker_survives_applying_others(
        self, client: Client, manager: User, wanted: Call
    ) -> None:
        page = client.sign_in(manager).get("/calls?hour=12&period=last_7&status=failed,completed&sort=startedAt")

        kept = {one.get("name"): one.get("value") for one in page.all(".//form[@aria-label='Filter calls']/input")}
        assert kept == {"hour": "12", "period": "last_7", "sort": "startedAt"}
        chosen = page.one(".//select[@name='status']/option[@selected]")
        assert (chosen.get("value"), text_of(chosen)) == ("failed,completed", "Failed, Completed")

    def test_every_problem_of_an_address_is_named(self, client: Client, manager: User) -> None:
        page = client.sign_in(manager).get("/calls?colour=red&status=purple&hour=25&csr=me", status=400)

        for name in ("colour", "status", "hour", "csr"):
            assert name in page.text

    def test_a_problem_is_named_once(self, client: Client, manager: User) -> None:
        page = client.sign_in(manager).get("/calls?csr=me", status=400)

        assert page.text.count("The filter “csr” can’t have this value. Choose another.") == 1


class TestHostileAddresses:
    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("cursor=nonsense", 400),
            ("cursor=AAAA", 400),
            ("sort=topic", 400),
            ("q=%00", 400),
            ("q=%ff%fe", 400),
            ("q=" + "x" * 101, 400),
            ("topic=" + "x" * 101, 400),
            ("period=someday", 400),
            ("from=2026-03-18", 400),
            ("from=2026-03-19&to=2026-03-18", 400),
            ("from=0001-01-01&to=9999-12-31", 400),
            ("contact=1 OR 1=1", 400),
            ("q='; DROP TABLE calls; --", 200),
            ("q=%25_%5C", 200),
            ("topic={{7*7}}", 200),
            ("objection=%22%5D", 200),
        ],
    )
    def test_an_address_that_means_nothing_is_refused_and_harms_nothing(
        self, client: Client, csr: User, call: Call, query: str, status: int
    ) -> None:
        client.sign_in(csr).get(f"/calls?{query}", status=status)

        assert shown(client.get("/calls")) == ids(call)
