"""The board of leads by stage: its cards, their actions, and its queries."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Lead, Organization, Role, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of
from tests.support.queries import recorded_queries
from tests.work.leads.conftest import Stored


def named(make: Factories, organization: Organization, name: str, **values: Any) -> Lead:
    """Create a lead of a contact who has only a first name."""
    contact = make.contact(organization, first_name=name, last_name=None)
    return make.lead(organization, contact=contact, **values)


def cards(page: Page) -> dict[str, list[str]]:
    """Return the names on the cards, by stage, without empty stages."""
    found = {
        stage.get("data-stage", ""): [text_of(link) for link in stage.findall(".//*[@class='board-card-top']/div/a")]
        for stage in page.all(".//*[@data-stage]")
    }
    return {stage: names for stage, names in found.items() if names}


def card_of(page: Page, lead: Lead) -> str:
    return text_of(page.one(f".//*[@id='lead-{lead.id}']"))


def moves(page: Page, lead: Lead) -> list[str]:
    return [way.get("data-move", "") for way in page.all(f".//*[@id='lead-{lead.id}']//*[@data-move]")]


class TestStages:
    def test_open_leads_stand_in_their_stage_and_dead_ones_last(
        self, client: Client, make: Factories, organization: Organization, manager: User
    ) -> None:
        for stage in ("new", "qualified", "booked", "pending"):
            named(make, organization, f"Open{stage}", stage=stage)
        named(make, organization, "Won", stage="booked", closed_at=DAY, won_at=DAY)
        named(make, organization, "Gone", stage="dead", closed_at=DAY, dead_reason="No money")
        named(make, organization, "Deleted", deleted_at=DAY)
        named(make, make.organization(), "Stranger")

        page = client.sign_in(manager).get("/leads/board")

        assert cards(page) == {
            "new": ["Opennew"],
            "qualified": ["Openqualified"],
            "booked": ["Openbooked"],
            "pending": ["Openpending"],
            "dead": ["Gone"],
        }

    def test_a_csr_sees_their_own(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User
    ) -> None:
        named(make, organization, "Mine", csr_id=csr.id)
        named(make, organization, "Theirs", csr_id=colleague.id)

        assert cards(client.sign_in(csr).get("/leads/board")) == {"new": ["Mine"]}

    def test_of_many_the_latest_are_shown_and_the_list_has_as_many_as_it_says(
        self, client: Client, make: Factories, organization: Organization, manager: User
    ) -> None:
        with make.batch():
            for number in range(25):
                named(make, organization, f"Lead{number:02}", last_activity_at=DAY + timedelta(hours=number))
            named(make, organization, "Closed", stage="dead", closed_at=DAY)

        page = client.sign_in(manager).get("/leads/board")

        assert cards(page)["new"][:2] == ["Lead24", "Lead23"]
        assert len(cards(page)["new"]) == 20
        listed = client.get(next(href for text, href in page.links.items() if text.startswith("View all 25")))
        assert listed.one(".//*[@data-count]").get("data-count") == "25"

    def test_filters_are_those_of_the_list_and_the_switch_keeps_them(
        self, client: Client, make: Factories, organization: Organization, manager: User, rep: User
    ) -> None:
        named(make, organization, "Hot", qualification_status="hot", assigned_rep_id=rep.id)
        named(make, organization, "Cold", qualification_status="cold", assigned_rep_id=rep.id)
        query = f"rep={rep.id}&qualification=hot"

        board = client.sign_in(manager).get(f"/leads/board?{query}")

        assert cards(board) == {"new": ["Hot"]}
        assert board.links["List"] == f"/leads?{query}"
        assert client.get(board.links["List"]).links["Board"] == f"/leads/board?{query}"
        client.get("/leads/board?colour=red", status=400)

    def test_the_stage_is_no_filter_because_the_columns_are_stages(
        self, client: Client, make: Factories, organization: Organization, manager: User
    ) -> None:
        named(make, organization, "New")
        named(make, organization, "Gone", stage="dead", closed_at=DAY)

        board = client.sign_in(manager).get("/leads/board?stage=dead")

        assert cards(board) == {"new": ["New"], "dead": ["Gone"]}
        assert board.all(".//search//*[@name='stage']") == []
        assert board.all(".//*[@class='chip']") == []
        assert client.get("/leads").all(".//search//*[@name='stage']") != []
        client.get("/leads/board?stage=lost", status=400)

    def test_each_sum_opens_its_leads(
        self, client: Client, make: Factories, organization: Organization, manager: User
    ) -> None:
        for name in ("One", "Two"):
            named(make, organization, name, stage="qualified")
        named(make, organization, "New")

        board = client.sign_in(manager).get("/leads/board")
        link = board.one(".//*[@data-stage='qualified']//a[@data-count]")

        assert text_of(link) == "2"
        assert client.get(link.get("href", "")).one(".//main//*[@data-count]").get("data-count") == "2"

    def test_closed_ones_can_be_asked_for(
        self, client: Client, make: Factories, organization: Organization, manager: User
    ) -> None:
        named(make, organization, "Won", stage="booked", closed_at=DAY, won_at=DAY)

        assert cards(client.sign_in(manager).get("/leads/board?open=no")) == {"booked": ["Won"]}


class TestCards:
    def test_a_card_tells_whom_what_about_who_and_what_is_next(
        self, client: Client, make: Factories, organization: Organization, manager: User, rep: User
    ) -> None:
        lead = named(make, organization, "Harold", stage="booked", assigned_rep_id=rep.id)
        make.call(organization, lead_id=lead.id, topic="Old topic")
        make.call(organization, lead_id=lead.id, topic="Water heater", started_at=DAY + timedelta(days=1))
        make.appointment(organization, lead_id=lead.id, scheduled_start_at=datetime.now(UTC) + timedelta(days=2))
        late = named(make, organization, "Late", stage="booked")
        make.appointment(organization, lead_id=late.id, scheduled_start_at=DAY)
        tasked = named(make, organization, "Tasked")
        make.task(organization, contact_card_id=tasked.contact_card_id, title="Send the offer")

        page = client.sign_in(manager).get("/leads/board")

        for words in ("Harold", "Water heater", "Appointment", "Carl Jensen"):
            assert words in card_of(page, lead)
        assert "Old topic" not in card_of(page, lead)
        assert page.all(f".//*[@id='lead-{lead.id}']//*[@class='badge badge--warn']") == []
        assert page.one(f".//*[@id='lead-{late.id}']//*[@class='badge badge--warn']") is not None
        assert "Send the offer" in card_of(page, tasked)
        assert "Unassigned" in card_of(page, tasked)

    def test_a_snoozed_task_is_not_late_and_gives_way_to_what_comes_before_it_is_back(
        self, client: Client, make: Factories, organization: Organization, manager: User, behind: Behind
    ) -> None:
        now = datetime.now(UTC)
        late = now - timedelta(days=1)
        waits, busy, over = (named(make, organization, name) for name in ("Waits", "Busy", "Over"))
        for lead, until in ((waits, now + timedelta(days=2)), (busy, now + timedelta(days=2)), (over, late)):
            task = make.task(organization, contact_card_id=lead.contact_card_id, title="Send the offer", due_at=late)
            behind.change(task, snoozed_until=until)
        tomorrow = now + timedelta(days=1)
        make.task(organization, contact_card_id=busy.contact_card_id, title="Ring twice", due_at=tomorrow)

        page = client.sign_in(manager).get("/leads/board")

        assert "Send the offer" in card_of(page, waits)
        assert "Overdue" not in card_of(page, waits)
        assert "Ring twice" in card_of(page, busy)
        assert "Overdue" in card_of(page, over)

    def test_it_offers_the_moves_that_are_allowed(
        self, client: Client, make: Factories, organization: Organization, manager: User
    ) -> None:
        new = named(make, organization, "New")
        booked = named(make, organization, "Booked", stage="booked")
        make.appointment(organization, lead_id=booked.id)
        visited = named(make, organization, "Visited", stage="qualified")
        make.appointment(organization, lead_id=visited.id, status="completed", completed_at=DAY)
        dead = named(make, organization, "Gone", stage="dead", closed_at=DAY, dead_reason="No money")

        page = client.sign_in(manager).get("/leads/board")

        assert moves(page, new) == ["qualified", "dead", "booked"]
        assert moves(page, booked) == []
        assert moves(page, visited) == ["new", "pending", "dead", "booked"]
        assert moves(page, dead) == []
        assert "Reopen" in card_of(page, dead)

    @pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXEC])
    def test_who_only_reads_is_offered_none(
        self, client: Client, make: Factories, organization: Organization, role: Role
    ) -> None:
        lead = named(make, organization, "New")

        page = client.sign_in(make.user(organization, role)).get("/leads/board")

        assert page.all(f".//*[@id='lead-{lead.id}']//details") == []

    def test_a_move_comes_back_to_the_board_as_it_was_filtered_and_can_be_undone(
        self, client: Client, make: Factories, organization: Organization, manager: User, stored: Stored
    ) -> None:
        lead = named(make, organization, "Ruth", qualification_status="hot")
        page = client.sign_in(manager).get("/leads/board?qualification=hot")
        form = page.fields(f"/leads/{lead.id}/stage")

        answer = client.post(f"/leads/{lead.id}/stage", form)

        assert answer.headers["Location"] == f"/leads/board?qualification=hot#lead-{lead.id}"
        page = client.get("/leads/board?qualification=hot")
        assert cards(page) == {"qualified": ["Ruth"]}
        client.post(f"/leads/{lead.id}/undo?version=2")
        assert stored(lead).stage == "new"

    def test_it_costs_the_same_however_many_there_are(
        self, app: Flask, client: Client, make: Factories, organization: Organization, manager: User, rep: User
    ) -> None:
        def fill(number: int) -> None:
            with make.batch():
                for stage in ("new", "qualified", "booked", "pending"):
                    for _ in range(number):
                        lead = make.lead(organization, stage=stage, assigned_rep_id=rep.id)
                        make.call(organization, lead_id=lead.id, topic="Boiler")
                        make.appointment(organization, lead_id=lead.id)
                        make.task(organization, contact_card_id=lead.contact_card_id)

        fill(21)
        client.sign_in(manager).get("/leads/board")
        with app.app_context():
            engine = db.engine
        with recorded_queries(engine) as few:
            client.get("/leads/board")
        fill(10)
        with recorded_queries(engine) as many:
            client.get("/leads/board")

        assert len(many) == len(few) <= 25
