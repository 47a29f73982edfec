"""Discarding of a recording: confirmed, undoable for fifteen minutes, then permanent."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import Engine, text

from app.models import Call, Consent, Organization, RecordingSession, Role, User
from app.work.recordings import discard_service, interruption_service, service
from app.work.recordings.discard_service import remove_discarded
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.sounds import wav
from tests.support.work import at_work, both_at_once
from tests.work.conftest import ActorOf
from tests.work.recordings.conftest import Phone


def the_recording(behind: Behind, address: str) -> RecordingSession:
    return behind.one(RecordingSession, id=UUID(address.rsplit("/", 1)[1]))


def pass_time(phone: Phone, minutes: float) -> None:
    """Run the job that removes discarded recordings as if it were this many minutes later."""
    with at_work(phone.app, phone.visit.organization_id):
        remove_discarded(datetime.now(UTC) + timedelta(minutes=minutes))
    phone.work()


def test_it_is_asked_with_how_much_there_is_and_at_whose_visit(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    assert "Discard the recording of Ruth Delgado’s appointment?" in phone.client.get(f"{address}/discard").text
    for number in range(1, 10):
        phone.part(address, number, wav(1) if number == 1 else b"more")

    page = phone.client.get(f"{address}/discard")
    assert "Discard the 2 min recorded at Ruth Delgado’s appointment?" in page.text
    assert the_recording(behind, address).status == "recording"


def test_it_can_be_undone_for_15_minutes(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.part(address, 1, wav(1))
    phone.client.post(f"{address}/discard")
    done = phone.client.get(f"/appointments/{phone.visit.id}")
    phone.client.post(f"{address}/discard")
    pass_time(phone, 14.5)

    assert "Recording discarded." in done.text
    [toast] = done.all(".//div[@data-toast='10']//form")
    assert toast.get("action") == f"{address}/undo-discard"
    row = the_recording(behind, address)
    assert (row.status, row.duration_seconds) == ("failed", 0)
    assert len(phone.files()) == 1
    page = phone.client.get(address)
    assert "This recording was discarded. It can be restored until" in page.text
    assert [form.get("action") for form in page.all(".//main//form")] == [f"{address}/undo-discard"]
    visit = phone.client.get(f"/appointments/{phone.visit.id}")
    assert "Discarded" in visit.text
    assert f"{address}/undo-discard" in visit.html

    phone.client.post(f"{address}/undo-discard")
    phone.client.post(f"{address}/undo-discard")
    assert the_recording(behind, address).status == "recording"
    phone.part(address, 2, b"more")
    phone.finish(address, 2)
    phone.work()
    assert the_recording(behind, address).status == "ready"


def test_after_that_nothing_is_left(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.part(address, 1, wav(1))
    phone.part(address, 2, b"more")
    phone.client.post(f"{address}/discard")
    pass_time(phone, 15.5)

    row = the_recording(behind, address)
    assert (row.status, row.storage_key) == ("failed", None)
    assert phone.files() == []
    assert behind.rows(Call) == []
    phone.part(address, 3, b"more", status=409)
    assert "discarded more than 15 minutes ago" in phone.client.post(f"{address}/undo-discard", status=409).text
    assert "No part of this recording was kept." in phone.client.get(address).text
    assert f"{address}/undo-discard" not in phone.client.get(f"/appointments/{phone.visit.id}").html


def test_the_job_is_due_where_something_was_discarded_long_enough_ago(
    phone: Phone, behind: Behind, admin_engine: Engine
) -> None:
    def due() -> list[UUID]:
        with admin_engine.connect() as connection:
            return list(connection.scalars(text("SELECT organizations_with_discarded_recordings()")))

    address = phone.begin()
    phone.part(address, 1, wav(1))
    phone.client.post(f"{address}/discard")
    assert due() == []

    behind.change(the_recording(behind, address), discarded_at=datetime.now(UTC) - timedelta(minutes=16))
    assert due() == [phone.visit.organization_id]


def test_one_of_which_nothing_arrived_offers_no_undo(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.client.post(f"{address}/discard")
    page = phone.client.get(f"/appointments/{phone.visit.id}")

    assert "Recording discarded." in page.text
    assert "undo-discard" not in page.html
    assert the_recording(behind, address).storage_key is None


def test_undone_while_another_visit_is_recorded_it_ends_with_what_there_is(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.part(address, 1, wav(1))
    phone.client.post(f"{address}/discard")
    other = phone.begin()
    phone.client.post(f"{address}/undo-discard")
    phone.work()

    assert the_recording(behind, address).status == "ready"
    assert the_recording(behind, other).status == "recording"


def test_what_was_discarded_is_not_downloaded(phone: Phone) -> None:
    address = phone.begin()
    phone.part(address, 1, wav(1))
    phone.client.post(f"{address}/discard")

    assert phone.client.status_of("GET", f"{address}/file") == 404


def test_one_that_has_ended_is_not_discarded(phone: Phone, behind: Behind) -> None:
    address = phone.begin()
    phone.send(address, [wav(1)])

    assert "An admin can delete it." in phone.client.post(f"{address}/discard", status=409).text
    phone.client.post(f"{address}/undo-discard")
    assert the_recording(behind, address).status == "uploaded"


def test_nobody_else_discards_or_continues_it(
    app: Flask, phone: Phone, make: Factories, organization: Organization, behind: Behind
) -> None:
    address = phone.begin()
    stranger = Client(app).sign_in(make.user(organization, Role.SALES_REP))
    form = {"row_id": str(phone.visit.id)}

    for way in ("discard", "undo-discard", "end", "continue"):
        stranger.post(f"{address}/{way}", form, status=404)
    assert the_recording(behind, address).status == "recording"


def test_of_who_discards_and_who_ends_at_once_one_wins(
    app: Flask, phone: Phone, behind: Behind, rep: User, actor_of: ActorOf
) -> None:
    address = phone.begin()
    phone.part(address, 1, wav(1))
    id_ = the_recording(behind, address).id

    refused = both_at_once(
        app,
        phone.visit.organization_id,
        lambda: discard_service.discard(actor_of(rep), id_),
        lambda: interruption_service.end_interrupted(actor_of(rep), id_),
    )

    row = the_recording(behind, address)
    assert (row.status, row.discarded_at is None, len(refused)) in [("failed", False, 0), ("uploaded", True, 1)]


def test_undone_and_begun_at_once_nothing_is_lost(
    app: Flask, phone: Phone, behind: Behind, rep: User, actor_of: ActorOf
) -> None:
    address = phone.begin()
    phone.part(address, 1, wav(1))
    phone.client.post(f"{address}/discard")
    id_ = the_recording(behind, address).id

    both_at_once(
        app,
        phone.visit.organization_id,
        lambda: discard_service.undo_discard(actor_of(rep), id_),
        lambda: service.begin(actor_of(rep), phone.visit.id, uuid4(), Consent.GIVEN),
    )

    assert len(behind.rows(RecordingSession, status="recording")) == 1
    assert len(phone.files()) == 1
