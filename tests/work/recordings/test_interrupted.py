"""Recordings whose page was closed, which are finished as uploaded or continued in another one."""

from datetime import UTC, datetime, timedelta
from tempfile import TemporaryFile
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.insight.metrics.rep_queries import rep_numbers
from app.models import Appointment, Call, Organization, RecordingSession, Role, User
from app.periods import resolve_period
from app.sound_reading import read_sound
from app.storage import storage
from app.work.recordings.interruption_service import continue_recording
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.sounds import sound, wav
from tests.support.work import at_work, both_at_once
from tests.work.conftest import ActorOf
from tests.work.recordings.conftest import JSON, Phone

CARD = ".//div[@data-open-recording]"


def the_recording(behind: Behind, address: str) -> RecordingSession:
    return behind.one(RecordingSession, id=UUID(address.rsplit("/", 1)[1]))


def go_on(phone: Phone, address: str, *, status: int = 303, **values: str) -> str:
    """Continue a recording; return the address of the new one."""
    form = {"row_id": str(uuid4()), **values}
    return str(phone.client.post(f"{address}/continue", form, status=status).headers.get("Location", ""))


def interrupted(phone: Phone, content: bytes | None = None) -> str:
    """Begin a recording, upload its first part, and return its URL."""
    address = phone.begin("not_needed")
    phone.part(address, 1, content or wav(2))
    return address


def test_the_day_shows_a_card_with_both_ways(phone: Phone, behind: Behind) -> None:
    address = interrupted(phone)
    for number in range(2, 19):
        phone.part(address, number, b"more")

    [card] = phone.client.get("/rep").all(CARD)
    words = " ".join("".join(card.itertext()).split())
    assert "Unfinished recording" in words
    assert "Ruth Delgado" in words
    assert "3 min received so far" in words
    assert [form.get("action") for form in card.findall(".//form")] == [f"{address}/end", f"{address}/continue"]
    phone.client.post(f"{address}/end")
    assert phone.client.get("/rep").all(CARD) == []
    assert the_recording(behind, address).status == "uploaded"


def test_of_one_of_which_nothing_has_arrived_the_card_opens_its_page(phone: Phone) -> None:
    address = phone.begin()

    [card] = phone.client.get("/rep").all(CARD)
    assert card.findall(".//form") == []
    assert [link.get("href") for link in card.findall(".//a[@href]")] == [address]
    assert "Nothing from this recording has been received yet." in phone.client.post(f"{address}/end", status=409).text


def test_nobody_else_sees_the_card(app: Flask, phone: Phone, make: Factories, organization: Organization) -> None:
    interrupted(phone)
    manager = Client(app).sign_in(make.user(organization, Role.MANAGER))

    assert manager.get(f"/rep/{phone.visit.sales_rep_id}").all(CARD) == []


@pytest.mark.parametrize("suffix", [".webm", ".m4a"])
def test_it_goes_on_in_a_second_recording_and_both_can_be_heard(
    app: Flask, phone: Phone, behind: Behind, suffix: str
) -> None:
    address = interrupted(phone, sound(suffix, seconds=3))
    following = go_on(phone, address)
    phone.send(following, [sound(suffix, seconds=2)])
    phone.work()

    first, second = the_recording(behind, address), the_recording(behind, following)
    assert (second.continues_id, second.appointment_id, second.sales_rep_id) == (
        first.id,
        first.appointment_id,
        first.sales_rep_id,
    )
    assert (first.consent, second.consent) == ("not_needed", "not_needed")
    assert [(row.status, row.duration_seconds) for row in (first, second)] == [("ready", 3), ("ready", 2)]
    for row, seconds in ((first, 3), (second, 2)):
        with app.app_context(), TemporaryFile() as file:
            assert round(read_sound(storage().path(row.storage_key or ""), file, minutes=1).seconds) == seconds
    assert len(behind.rows(Call, call_type="visit_call")) == 2


def test_pages_show_both_in_order_under_the_first_consent(phone: Phone, behind: Behind) -> None:
    address = interrupted(phone, wav(40))
    following = go_on(phone, address)
    phone.send(following, [wav(22)])
    phone.work()

    page = phone.client.get(following)
    assert "Not needed, as for the first recording" in page.text
    assert address in [link.get("href") for link in page.all(".//main//dl//a")]
    assert following in [link.get("href") for link in phone.client.get(address).all(".//main//dl//a")]
    visit = phone.client.get(f"/appointments/{phone.visit.id}")
    listed = [link.get("href") for link in visit.all(".//li[@class='day-visit']//a")]
    assert listed == [address, following]
    assert "0:40" in visit.text
    assert "0:22" in visit.text
    assert "Total 1:02" in visit.text


def test_hours_are_the_sum_and_the_visit_counts_once_as_analysed(
    app: Flask, phone: Phone, behind: Behind, make: Factories, organization: Organization, rep: User, actor_of: ActorOf
) -> None:
    now = datetime.now(UTC)
    behind.change(phone.visit, status="completed", completed_at=now - timedelta(minutes=1))
    address = interrupted(phone, wav(18))
    following = go_on(phone, address)
    phone.send(following, [wav(18)])
    phone.work()
    for call in behind.rows(Call, call_type="visit_call"):
        make.analysis(call)
    manager = make.user(organization, Role.MANAGER)
    week = resolve_period("last_7", now=datetime.now(UTC), timezone=organization.timezone)
    with at_work(app, organization.id):
        numbers = rep_numbers(actor_of(manager), week, rep=rep.id, now=datetime.now(UTC))

    assert numbers["total_recorded_hours"].value == 0.01
    assert (numbers["visits_completed"].value, numbers["visits_analysed"].value) == (1, 1)
    assert numbers["auto_usage"].value == 1


def test_sent_twice_it_goes_on_once(phone: Phone, behind: Behind) -> None:
    address = interrupted(phone)
    form = {"row_id": str(uuid4())}
    answers = [phone.client.post(f"{address}/continue", form).headers["Location"] for _ in range(2)]

    assert answers[0] == answers[1]
    assert len(behind.rows(RecordingSession)) == 2


def test_of_two_that_continue_it_at_once_one_does(
    app: Flask, phone: Phone, behind: Behind, rep: User, actor_of: ActorOf
) -> None:
    address = interrupted(phone)
    id_ = the_recording(behind, address).id

    refused = both_at_once(
        app,
        phone.visit.organization_id,
        lambda: continue_recording(actor_of(rep), id_, uuid4()),
        lambda: continue_recording(actor_of(rep), id_, uuid4()),
    )

    [second] = behind.rows(RecordingSession, continues_id=id_)
    assert [one.extra["recording_id"] for one in refused] == [str(second.id)]


def test_told_later_it_went_on_when_the_phone_says(phone: Phone, behind: Behind) -> None:
    happened = datetime.now(UTC) - timedelta(minutes=30)
    began = happened - timedelta(minutes=9)
    behind.change(phone.visit, scheduled_start_at=began, scheduled_end_at=began + timedelta(hours=1))
    form = {"row_id": str(uuid4()), "consent": "given", "occurred_at": began.isoformat()}
    address = phone.client.post(f"/appointments/{phone.visit.id}/recordings/new", form).headers["Location"]
    phone.part(address, 1, wav(2))
    following = go_on(phone, address, occurred_at=happened.isoformat())

    first, second = the_recording(behind, address), the_recording(behind, following)
    assert (first.ended_at, second.started_at) == (happened, happened)


def test_one_that_has_ended_meanwhile_goes_on_all_the_same(phone: Phone, behind: Behind) -> None:
    address = interrupted(phone)
    phone.client.post(f"{address}/end")
    following = go_on(phone, address)

    assert the_recording(behind, following).continues_id == the_recording(behind, address).id
    assert the_recording(behind, address).status == "uploaded"


@pytest.mark.parametrize("other", ["visit", "consent"])
def test_the_database_holds_that_it_goes_on_at_the_same_visit_under_the_same_consent(
    phone: Phone, behind: Behind, make: Factories, organization: Organization, rep: User, other: str
) -> None:
    first = the_recording(behind, interrupted(phone))
    elsewhere = make.appointment(
        organization,
        sales_rep_id=rep.id,
        scheduled_start_at=phone.visit.scheduled_end_at,
        scheduled_end_at=phone.visit.scheduled_end_at + timedelta(hours=1),
    )
    visit, consent = (elsewhere, first.consent) if other == "visit" else (phone.visit, "given")

    with pytest.raises(IntegrityError, match="fk_recording_sessions_continues_id"):
        make.recording(visit, rep, consent=consent, continues_id=first.id)


class TestRefusals:
    def test_what_may_not_be_recorded_does_not_go_on(self, phone: Phone, behind: Behind) -> None:
        address = phone.begin("refused")
        go_on(phone, address, status=409)

        assert len(behind.rows(RecordingSession)) == 1

    def test_a_discarded_one_is_restored_first(self, phone: Phone, behind: Behind) -> None:
        address = interrupted(phone)
        phone.client.post(f"{address}/discard")
        page = phone.client.post(f"{address}/continue", {"row_id": str(uuid4())}, status=409)

        assert "This recording was discarded. Undo the discard, or start a new recording." in page.text
        assert len(behind.rows(RecordingSession)) == 1

    def test_while_another_visit_is_recorded_it_ends_and_says_which(
        self, phone: Phone, behind: Behind, make: Factories, organization: Organization, rep: User
    ) -> None:
        address = interrupted(phone)
        phone.client.post(f"{address}/end")
        other: Appointment = make.appointment(
            organization,
            sales_rep_id=rep.id,
            scheduled_start_at=phone.visit.scheduled_end_at,
            scheduled_end_at=phone.visit.scheduled_end_at + timedelta(hours=1),
        )
        form = {"row_id": str(uuid4()), "consent": "given"}
        there = phone.client.post(f"/appointments/{other.id}/recordings/new", form).headers["Location"]
        refused = phone.client.post(f"{address}/continue", {"row_id": str(uuid4())}, headers=JSON, status=409)

        assert f"/recordings/{refused.json['error']['recordingId']}" == there
        assert the_recording(behind, address).status == "uploaded"

    def test_a_visit_that_is_called_off_does_not_go_on_and_keeps_what_there_is(
        self, phone: Phone, behind: Behind
    ) -> None:
        address = interrupted(phone)
        behind.change(phone.visit, status="cancelled", cancelled_reason="Moved away")
        go_on(phone, address, status=409)

        assert the_recording(behind, address).status == "recording"
        assert len(phone.files()) == 1

    @pytest.mark.parametrize("form", [{}, {"row_id": "x"}, {"row_id": str(uuid4()), "occurred_at": "yesterday"}])
    def test_a_form_that_is_none_changes_nothing(self, phone: Phone, behind: Behind, form: dict[str, str]) -> None:
        address = interrupted(phone)
        phone.client.post(f"{address}/continue", form, status=400)

        assert the_recording(behind, address).status == "recording"

    def test_full_storage_is_said_before_anything_changes(
        self, phone: Phone, behind: Behind, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        address = interrupted(phone)
        monkeypatch.setattr("app.work.recordings.rules.EXPECTED_BYTES", 10**18)
        go_on(phone, address, status=503)

        assert the_recording(behind, address).status == "recording"
