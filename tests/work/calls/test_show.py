"""The page of one call."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.extensions import db
from app.models import Call, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import text_of
from tests.work.calls.reading import findings, open_call, timeline

#: User, call, its notes and history, the previous and next row, and the templates offered for a note.
MAX_QUERIES = 7

TURNS = [
    {"speaker": "agent", "start": 0.4, "end": 2.5, "text": "Blue Ridge Air, this is Maya."},
    {"speaker": "customer", "start": 2.8, "end": 6.0, "text": "What does a new furnace cost?"},
    {"speaker": "agent", "start": 151, "end": 158, "text": "Sure. It’s five to fourteen thousand."},
]
EVIDENCE = [
    {"kind": "strength", "title": "Friendly", "detail": "Said her name.", "turn": 0, "quote": "this is Maya"},
    {"kind": "lapse", "title": "Price first", "detail": "Before the visit.", "turn": 2, "quote": "five to fourteen"},
    {"kind": "objection", "title": "Wanted a price", "turn": 1, "quote": "What does a new furnace cost?"},
]
OBJECTIONS = [{"category": "price_by_phone", "text": "What does a new furnace cost?", "severity": "high", "turn": 1}]


class TestHeader:
    def test_it_says_who_called_whom_when_and_for_how_long(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        contact = make.contact(organization, first_name="Denise", last_name="Aguilar")
        call = make.call(
            organization,
            csr=csr,
            contact_card_id=contact.id,
            caller_number="+15125550131",
            duration_seconds=374,
            booking_status="not_booked",
        )

        page = open_call(client.sign_in(csr), call)

        assert page.heading == "Denise Aguilar"
        assert text_of(page.one(".//*[@id='call-badges']")) == "Not booked"
        lede = text_of(page.one(".//p[@class='lede']"))
        assert lede.startswith("Inbound, Mar 18, 2026, 12:00 PM EDT")
        assert "6 min 14 s · (512) 555-0131 · answered by Maya Torres" in lede
        assert text_of(page.one(f".//form[@action='/calls/{call.id}/call-back']//button")) == "Call back"
        assert page.links["All calls"] == f"/calls?contact={contact.id}"

    @pytest.mark.parametrize(("cost", "shown"), [("0.0085", "$0.0085"), ("0.01", "$0.01"), ("3", "$3")])
    def test_it_says_what_the_call_cost_and_how_long_the_caller_waited(
        self, client: Client, make: Factories, organization: Organization, csr: User, cost: str, shown: str
    ) -> None:
        call = make.call(organization, csr=csr, status="missed", waited_seconds=77, cost=cost)

        facts = text_of(open_call(client.sign_in(csr), call).one(".//*[@id='call-facts']"))

        assert "Waited 1:17" in facts
        assert f"Cost {shown}" in facts

    def test_it_says_where_the_caller_came_from(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        tracked = {"marketing_source": "Google Ads", "tags": ["lead", "hvac"], "value": 1200}
        call, other = make.call(organization, csr=csr, **tracked), make.call(organization, csr=csr)

        facts = text_of(open_call(client.sign_in(csr), call).one(".//*[@id='call-facts']"))

        assert "Marketing source Google Ads" in facts
        assert "Tags lead, hvac" in facts
        assert "Call value $1,200" in facts
        assert "Tags" not in open_call(client, other).text

    def test_a_call_without_anything_is_shown_all_the_same(
        self, client: Client, make: Factories, organization: Organization, manager: User
    ) -> None:
        call = make.call(
            organization, status="active", caller_number=None, ended_at=None, handled_by="none", topic=None
        )

        page = open_call(client.sign_in(manager), call)

        assert page.heading == "Unknown caller"
        assert "In progress" in page.text
        assert "Call back" not in page.links

    def test_the_call_of_an_assistant_says_so(
        self, client: Client, make: Factories, organization: Organization, manager: User
    ) -> None:
        call = make.call(organization, handled_by="ai")
        make.transcript(call)

        page = open_call(client.sign_in(manager), call)

        assert "answered by the assistant" in page.text
        assert text_of(page.all(".//*[@class='turn-speaker']")[0]) == "Assistant"

    def test_a_deleted_csr_is_named_as_deleted(
        self, client: Client, make: Factories, organization: Organization, manager: User
    ) -> None:
        gone = make.user(organization, name="Ann Gone", deleted_at=DAY)
        call = make.call(organization, csr=gone)
        make.note(call, gone)

        page = open_call(client.sign_in(manager), call)

        assert "Ann Gone (deleted)" in page.text
        assert any(one.startswith("Ann Gone (deleted)") for one in timeline(page))


class TestConversation:
    @pytest.fixture
    def analysed(self, make: Factories, call: Call) -> Call:
        make.transcript(call, speaker_labels=TURNS)
        make.analysis(
            call,
            summary="Price caller. Not asked to book.",
            evidence=EVIDENCE,
            objections=OBJECTIONS,
            sop_stages_completed=["greeting"],
            sop_stages_missed=["booking_ask"],
            sop_compliance_score=61.5,
            confidence=0.91,
            qualification_status="hot",
            model="review-1",
        )
        return call

    def test_turns_stand_with_their_times_and_speakers(self, client: Client, csr: User, analysed: Call) -> None:
        page = open_call(client.sign_in(csr), analysed)

        assert [text_of(one) for one in page.all(".//li[@id='turn-2']")] == [
            "2:31 Maya Sure. It’s five to fourteen 3 thousand."
        ]

    def test_claims_and_words_lead_to_each_other(self, client: Client, csr: User, analysed: Call) -> None:
        page = open_call(client.sign_in(csr), analysed)

        assert findings(page) == [
            "1 Friendly Done well 0:00 Said her name.",
            "2 Wanted a price Objection: High 0:03",
            "3 Price first Missed opportunity 2:31 Before the visit.",
        ]
        assert [text_of(mark) for mark in page.all(".//mark[@data-evidence]")] == [
            "this is Maya",
            "What does a new furnace cost?",
            "five to fourteen",
        ]
        assert page.one(".//li[@id='finding-3']/a").get("href") == "#turn-2"
        assert page.one(".//li[@id='turn-2']//p/a").get("href") == "#finding-3"

    def test_the_analysis_says_how_the_guide_was_followed_and_how_sure_it_is(
        self, client: Client, csr: User, analysed: Call
    ) -> None:
        page = open_call(client.sign_in(csr), analysed)

        for part in ("Price caller. Not asked to book.", "61.5 of 100", "Hot", "91%", "By review-1"):
            assert part in page.text
        steps = page.all(".//ul[@aria-labelledby='call-guide']/li")
        assert [(one.findall("{*}svg")[0].get("aria-label"), text_of(one)) for one in steps] == [
            ("Done", "Greeting"),
            ("Missed", "Asking for the booking"),
        ]

    @pytest.mark.parametrize(
        "odd",
        [
            {"evidence": {}, "missed_opportunities": "none"},
            {"evidence": [None, 7, "x", [], {"turn": 99, "quote": ["a"]}]},
            {"objections": [{"severity": "fatal", "category": 5}, {}], "evidence": [{"turn": "1"}]},
            {"sop_stages_completed": ["<b>"], "summary": "", "model": None, "confidence": None},
        ],
    )
    def test_odd_analyses_are_shown_as_far_as_they_go(
        self, client: Client, make: Factories, csr: User, call: Call, odd: dict[str, Any]
    ) -> None:
        make.transcript(call, speaker_labels=[*TURNS, TURNS[0], {"text": "?"}, {"start": "x"}, "noise"])
        make.analysis(call, **odd)

        page = open_call(client.sign_in(csr), call)

        assert len(page.all(".//li[@data-start]")) == 4
        assert "Analysis" in page.text

    def test_a_transcript_without_turns_is_a_text(self, client: Client, make: Factories, csr: User, call: Call) -> None:
        make.transcript(call, speaker_labels=[], transcript_text="Hello. <i>Goodbye.</i>")

        assert "Hello. <i>Goodbye.</i>" in open_call(client.sign_in(csr), call).text

    def test_missing_parts_say_that_they_are_missing(self, client: Client, csr: User, call: Call) -> None:
        text = open_call(client.sign_in(csr), call).text

        assert "No transcript" in text
        assert "This call hasn’t been analyzed." in text

    @pytest.mark.parametrize(("role", "hears"), [(Role.SUPPORT, False), (Role.MANAGER, True), (Role.EXEC, True)])
    def test_a_visit_is_read_by_those_who_may_hear_it(
        self, client: Client, make: Factories, organization: Organization, role: Role, *, hears: bool
    ) -> None:
        visit = make.call(organization, call_type="visit_call", audio_url=f"{organization.id}/recordings/x")
        make.transcript(visit, speaker_labels=TURNS)
        make.analysis(visit, summary="Sold a furnace.")

        page = open_call(client.sign_in(make.user(organization, role)), visit)

        assert ("new furnace cost" in page.text) is hears
        assert ("Sold a furnace." in page.text) is hears
        assert ("Listen to appointment recordings" in page.text) is not hears


class TestMissedCall:
    def test_the_entry_of_the_queue_is_named(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        first = make.call(organization, csr=csr, status="missed")
        entry = make.missed_entry(organization, call=first)
        again = make.call(organization, csr=csr, status="missed", missed_entry_id=entry.id)
        client.sign_in(csr)

        for call in (first, again):
            shown = open_call(client, call).text.replace("Mar 18, 2026,", "Mar 18,")  # the year shows once it is over
            assert "Missed call Open due Mar 18, 12:15 PM" in shown

    def test_a_call_with_an_entry_of_its_own_that_joined_another_shows_its_own(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User
    ) -> None:
        other = make.missed_entry(organization, status="claimed", claimed_by=colleague.id, claim_expires_at=DAY)
        call = make.call(organization, csr=csr, status="voicemail", missed_entry_id=other.id)
        make.missed_entry(organization, call=call, status="dismissed")

        assert "Missed call Dismissed" in open_call(client.sign_in(csr), call).text

    def test_a_sales_rep_does_not_see_the_queue(
        self, client: Client, make: Factories, organization: Organization
    ) -> None:
        rep = make.user(organization, Role.SALES_REP)
        call = make.call(organization, status="missed", assigned_rep_id=rep.id)
        make.missed_entry(organization, call=call)

        assert "Missed call" not in open_call(client.sign_in(rep), call).text


class TestNotFound:
    def test_a_colleagues_call_is_not_there(
        self, client: Client, make: Factories, organization: Organization, csr: User, colleague: User
    ) -> None:
        open_call(client.sign_in(csr), make.call(organization, csr=colleague), status=404)

    def test_a_strangers_call_is_not_there_for_an_owner(
        self, client: Client, make: Factories, organization: Organization, strangers_call: Call
    ) -> None:
        open_call(client.sign_in(make.user(organization, Role.OWNER)), strangers_call, status=404)

    @pytest.mark.parametrize(
        "address", ["0", "1 OR 1=1", "01890000-0000-7000-8000-000000000000", "..%2f..%2fetc", "x" * 5000]
    )
    def test_a_guessed_address_leads_nowhere(self, client: Client, csr: User, address: str) -> None:
        client.sign_in(csr).get(f"/calls/{address}", status=404)


def test_the_number_of_queries_is_small_and_does_not_grow(
    client: Client,
    make: Factories,
    csr: User,
    manager: User,
    call: Call,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    def asked() -> int:
        with queries() as sent:
            open_call(client, call)
        return len(sent)

    open_call(client.sign_in(manager), call)
    few = asked()
    make.transcript(call, speaker_labels=TURNS * 40)
    make.analysis(call, evidence=EVIDENCE, objections=OBJECTIONS)
    for _ in range(20):
        make.note(call, csr)

    assert asked() == few <= MAX_QUERIES


def test_a_call_without_a_recording_says_so_and_offers_nothing_to_play(
    client: Client, make: Factories, organization: Organization, csr: User
) -> None:
    silent = make.call(organization, csr=csr)
    make.transcript(silent, speaker_labels=[{"speaker": "agent", "start": 3.0, "end": 5.0, "text": "Blue Ridge Air."}])

    page = client.sign_in(csr).get(f"/calls/{silent.id}")

    assert "This call wasn’t recorded." in page.text
    assert "0:03" in page.text
    assert not page.all(".//*[@data-jump]")


class TestWhatItLedTo:
    def test_a_booked_call_leads_to_its_appointment_its_lead_and_the_contact(
        self, client: Client, make: Factories, organization: Organization, csr: User
    ) -> None:
        contact = make.contact(organization, first_name="Ruth", last_name="Delgado")
        lead = make.lead(organization, contact=contact, csr_id=csr.id, stage="booked")
        call = make.call(organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id, booking_status="booked")
        visit = make.appointment(organization, contact=contact, source_call_id=call.id, lead_id=lead.id, csr_id=csr.id)
        make.appointment(organization, contact=contact, csr_id=csr.id)

        hrefs = client.sign_in(csr).get(f"/calls/{call.id}").links.values()

        for there in (f"/appointments/{visit.id}", f"/leads/{lead.id}", f"/contacts/{contact.id}"):
            assert there in hrefs
            assert f"/calls/{call.id}" in client.get(there).links.values(), "and back"

    def test_what_is_somebody_elses_is_no_link(
        self, client: Client, make: Factories, organization: Organization, rep: User
    ) -> None:
        another = make.user(organization, Role.SALES_REP)
        call = make.call(organization, assigned_rep_id=rep.id, booking_status="booked")
        visit = make.appointment(organization, source_call_id=call.id, sales_rep_id=another.id)

        hrefs = client.sign_in(rep).get(f"/calls/{call.id}").links.values()

        assert f"/appointments/{visit.id}" not in hrefs


def test_what_belongs_to_a_call_is_read_by_compiled_queries(
    app: Flask, client: Client, make: Factories, organization: Organization, manager: User
) -> None:
    call = make.call(organization, booking_status="booked")
    make.note(call, manager)
    make.dispute(call, manager)
    make.appointment(organization, source_call_id=call.id)
    make.note_template(organization)
    client.sign_in(manager)
    open_call(client, call)
    by_sqlalchemy: list[str] = []

    def hear(_connection: Any, _cursor: Any, sql: str, _values: Any, context: object, *_how: Any) -> None:
        if context is not None and "maintenance_on" not in sql:  # read by whichever request finds its copy too old
            by_sqlalchemy.append(sql)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        page = open_call(client, call)
    finally:
        event.remove(engine, "before_cursor_execute", hear)

    assert by_sqlalchemy == []
    assert len(timeline(page)) > 2
