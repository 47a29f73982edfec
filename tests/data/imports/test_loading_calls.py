"""Calls stored from a file: new, changed, unchanged and rejected ones, and the people in them."""

import json
from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import Engine, text

from app.data.imports import load_service
from app.data.imports.load_service import Progress
from app.errors import ValidationFailed
from app.models import AuditLog, Call, ContactCard, ContactPhone, Organization, User
from app.people.users import import_names_service
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines, mapped
from tests.support.importing import Importer

HEADER = "Call id,Agent,Date,Time,Topic,Answered,Resolved,Speed of answer,Talk time,Satisfaction,Caller number"
ANN = "C1,Ann Lee,2026-03-02,09:30:00,Furnace,Y,Y,10,00:02:05,4,212-555-0101"
BOB = "C2,Bob Ray,2026-03-02,10:30:00,Boiler,N,N,,,,212-555-0102"


@pytest.fixture(autouse=True)
def ann(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Ann Lee")


@pytest.fixture(autouse=True)
def bob(make: Factories, organization: Organization) -> User:
    return make.user(organization, name="Bob Ray")


def test_every_column_of_a_row_arrives(importer: Importer, write_file: WriteFile, ann: User) -> None:
    imported = importer.calls(write_file(lines(HEADER, ANN)))

    call = importer.only(Call)
    assert imported.counts == {"total": 1, "created": 1}
    assert (call.external_source, call.external_id) == ("import", "C1")
    assert call.started_at == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert call.answered_at == datetime(2026, 3, 2, 14, 30, 10, tzinfo=UTC)
    assert call.ended_at == datetime(2026, 3, 2, 14, 32, 15, tzinfo=UTC)
    assert (call.status, call.handled_by, call.duration_seconds) == ("completed", "human", 125)
    assert (call.direction, call.call_type, call.source) == ("inbound", "csr_call", "external")
    assert (call.topic, call.outcome, call.call_quality, call.version) == ("Furnace", "resolved", 4, 1)
    assert (call.csr_id, call.handled_by_user_id) == (ann.id, ann.id)
    assert call.caller_number == "+12125550101"


def test_the_agent_of_a_missed_call_is_credited_but_has_not_handled_it(
    importer: Importer, write_file: WriteFile, bob: User
) -> None:
    importer.calls(write_file(lines(HEADER, BOB)))

    call = importer.only(Call)
    assert (call.status, call.handled_by) == ("missed", "none")
    assert (call.csr_id, call.handled_by_user_id) == (bob.id, None)


def test_a_visit_is_credited_to_nobody_whoever_the_file_names(
    importer: Importer, write_file: WriteFile, ann: User
) -> None:
    typed = mapped(["external_id", "started_at", "answered", "call_type"])
    header = "external_id,started_at,answered,call_type"
    importer.calls(write_file(lines(f"{HEADER},Call type", f"{ANN},visit_call", f"{BOB},csr_call")))
    visit, call = importer.stored(Call)
    assert (visit.call_type, visit.csr_id, visit.handled_by_user_id) == ("visit_call", None, ann.id)
    assert call.csr_id is not None

    importer.calls(write_file(lines(HEADER, ANN.replace("Furnace", "Heat pump"))))
    importer.calls(write_file(lines(header, "C2,2026-03-02 10:30:00,Y,visit_call")), typed)

    assert [(one.call_type, one.csr_id) for one in importer.stored(Call)] == [("visit_call", None)] * 2


def test_ids_follow_the_time_of_the_calls(importer: Importer, write_file: WriteFile) -> None:
    importer.calls(write_file(lines(HEADER, BOB, ANN)))

    assert [call.external_id for call in importer.stored(Call)] == ["C1", "C2"]


def test_the_same_file_twice_changes_nothing(importer: Importer, write_file: WriteFile, admin_engine: Engine) -> None:
    file = write_file(lines(HEADER, ANN, BOB))
    importer.calls(file)
    before = _traces(admin_engine)

    again = importer.calls(file)

    assert again.counts == {"total": 2, "unchanged": 2}
    assert _traces(admin_engine) == before


def test_the_same_file_again_leaves_alone_what_people_have_changed(
    importer: Importer, write_file: WriteFile, admin_engine: Engine
) -> None:
    file = write_file(lines(HEADER, ANN))
    importer.calls(file)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE calls SET topic = 'Air conditioning'"))
        connection.execute(text("UPDATE users SET name = 'Ann Lee-Ray' WHERE name = 'Ann Lee'"))

    again = importer.calls(file)

    assert again.counts == {"total": 1, "unchanged": 1}
    assert importer.only(Call).topic == "Air conditioning"


def test_a_row_that_has_changed_updates_its_call(importer: Importer, write_file: WriteFile, bob: User) -> None:
    importer.calls(write_file(lines(HEADER, ANN, BOB)))
    before = importer.stored(Call)[0]

    again = importer.calls(
        write_file(lines(HEADER, ANN.replace("Furnace", "Heat pump").replace("Ann Lee", "Bob Ray"), BOB))
    )

    call = importer.stored(Call)[0]
    assert again.counts == {"total": 2, "updated": 1, "unchanged": 1}
    assert (call.id, call.topic, call.version) == (before.id, "Heat pump", 2)
    assert (call.csr_id, call.handled_by_user_id) == (bob.id, bob.id)


def test_a_changed_row_of_a_file_that_says_more_than_earlier_ones_finds_its_agent(
    importer: Importer, write_file: WriteFile, bob: User
) -> None:
    header, row = "call id,started at,answered,agent,sentiment", "C1,2026-03-02 09:30:00,Y,{},positive"
    importer.calls(write_file(lines(header, row.format("Ann Lee"))))

    again = importer.calls(write_file(lines(header, row.format("Bob Ray"))))

    assert again.counts == {"total": 1, "updated": 1}
    assert importer.only(Call).csr_id == bob.id


def test_an_update_leaves_alone_what_the_mapping_does_not_give(importer: Importer, write_file: WriteFile) -> None:
    importer.calls(write_file(lines(HEADER, ANN)))
    before = importer.only(Call)

    again = importer.calls(
        write_file(lines("external_id,started_at,answered", "C1,2026-03-02 09:31:00,Y")),
        mapped(["external_id", "started_at", "answered"]),
    )

    call = importer.only(Call)
    assert again.counts == {"total": 1, "updated": 1}
    assert call.started_at == datetime(2026, 3, 2, 14, 31, tzinfo=UTC)
    for kept in (
        "topic",
        "csr_id",
        "handled_by_user_id",
        "outcome",
        "call_quality",
        "caller_number",
        "contact_card_id",
    ):
        assert getattr(call, kept) == getattr(before, kept) is not None, kept


def test_the_wait_until_the_hang_up_follows_what_the_file_says(importer: Importer, write_file: WriteFile) -> None:
    def waited(header: str, row: str) -> tuple[str, int | None]:
        importer.calls(write_file(lines(header, row)))
        call = importer.only(Call)
        return call.status, call.waited_seconds

    header = "Call id,Date,Time,Answered"
    assert waited(f"{header},Waited", "C1,2026-03-02,09:30,N,45") == ("missed", 45)
    assert waited(f"{header},Topic", "C1,2026-03-02,09:30,N,Boiler") == ("missed", 45), "the file says nothing of it"
    assert waited(f"{header},Wait time", "C1,2026-03-02,09:30,N,46") == ("missed", 46)
    assert waited(header, "C1,2026-03-02,09:30,Y") == ("completed", None)


def test_nobody_has_handled_a_call_that_turns_out_missed(importer: Importer, write_file: WriteFile, ann: User) -> None:
    importer.calls(write_file(lines(HEADER, ANN)))

    importer.calls(
        write_file(lines("external_id,started_at,answered", "C1,2026-03-02 09:30:00,N")),
        mapped(["external_id", "started_at", "answered"]),
    )

    call = importer.only(Call)
    assert (call.status, call.handled_by, call.handled_by_user_id) == ("missed", "none", None)
    assert call.csr_id == ann.id


def test_a_booking_that_a_person_has_set_outlives_an_update(
    importer: Importer, write_file: WriteFile, admin_engine: Engine
) -> None:
    mapping = mapped(["external_id", "started_at", "answered", "booking_status"])
    header = "external_id,started_at,answered,booking_status"
    importer.calls(write_file(lines(header, "C1,2026-03-02 09:30,Y,booked", "C2,2026-03-02 09:40,Y,booked")), mapping)
    assert [call.booking_status_source for call in importer.stored(Call)] == ["import", "import"]
    with admin_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE calls SET booking_status = 'not_booked', booking_status_source = 'user' "
                "WHERE external_id = 'C1'"
            )
        )

    changed = lines(header, "C1,2026-03-02 09:31,Y,booked", "C2,2026-03-02 09:41,Y,service not offered")
    importer.calls(write_file(changed), mapping)

    assert [(call.booking_status, call.booking_status_source) for call in importer.stored(Call)] == [
        ("not_booked", "user"),
        ("service_not_offered", "import"),
    ]


def test_ids_of_another_source_are_other_calls(importer: Importer, write_file: WriteFile) -> None:
    header = "external_id,started_at,answered"
    for source, time in (("old system", "09:30"), ("new system", "09:31")):
        file = write_file(lines(header, f"C1,2026-03-02 {time},Y"))
        importer.calls(file, mapped(header.split(","), source=source))

    assert [call.external_source for call in importer.stored(Call, Call.created_at)] == ["old system", "new system"]


def test_an_id_that_comes_twice_in_a_file_is_taken_once(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.calls(write_file(lines(HEADER, ANN, BOB, BOB.replace("C2", "C1"))))

    assert imported.counts == {"total": 3, "created": 2, "rejected": 1}
    assert imported.refusals == [(4, "Call id", "C1", "Line 2 has the same ID but different data.")]


def test_rows_that_cannot_be_read_are_turned_away_beside_good_ones(importer: Importer, write_file: WriteFile) -> None:
    wrong = ANN.replace(",4,", ",0,").replace("09:30:00", "late")
    imported = importer.calls(write_file(lines(HEADER, wrong, BOB)))

    assert imported.counts == {"total": 2, "created": 1, "rejected": 1}
    assert [(line, column, value) for line, column, value, _ in imported.refusals] == [
        (2, "Satisfaction", "0"),
        (2, "Time", "late"),
    ]


def test_a_call_comes_in_without_a_wrong_rating(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.calls(write_file(lines(HEADER, ANN.replace(",4,", ",0,"))))

    assert imported.counts == {"total": 1, "created": 1, "remarked": 1}
    assert [(error.column, error.value, error.is_remark) for error in imported.errors] == [("Satisfaction", "0", True)]
    assert importer.only(Call).call_quality is None


def test_agents_are_found_by_name_or_address_whatever_the_capitals(
    importer: Importer, write_file: WriteFile, ann: User, bob: User
) -> None:
    importer.calls(
        write_file(lines(HEADER, ANN.replace("Ann Lee", "ANN LEE"), BOB.replace("Bob Ray", bob.email.upper())))
    )

    assert [call.csr_id for call in importer.stored(Call)] == [ann.id, bob.id]


def test_agents_are_found_by_their_phone_numbers_however_these_are_written(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    ann = make.user(organization, name="Ann Lee", phone="+12125550101")
    make.user(make.organization(), name="Somebody Else", phone="+12125550102")
    agents = ("+1 (212) 555-0101", "+12125550101", "+12125550102")
    rows = (f"{number},{agent},2026-03-02,09:30,Y" for number, agent in enumerate(agents))

    imported = importer.calls(write_file(lines("Call id,Agent,Date,Time,Answered", *rows)))

    assert [call.csr_id for call in importer.stored(Call)] == [ann.id, ann.id]
    assert [(line, value) for line, _column, value, _reason in imported.refusals] == [(4, "+12125550102")]


def test_an_agent_whom_nobody_knows_turns_the_row_away(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.calls(write_file(lines(HEADER, ANN.replace("Ann Lee", "Zoe Zed"), BOB)))

    assert imported.counts == {"total": 2, "created": 1, "rejected": 1}
    assert imported.refusals == [(2, "Agent", "Zoe Zed", "No one in your organization has this name or email address.")]


def test_a_name_that_two_have_turns_the_row_away(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    make.user(organization, name="Ann Lee")

    imported = importer.calls(write_file(lines(HEADER, ANN)), create_users=True)

    [(line, column, value, reason)] = imported.refusals
    assert (line, column, value) == (2, "Agent", "Ann Lee")
    assert reason.startswith("More than one person")
    assert imported.outcome.users_created == ()


def test_colleagues_who_were_deleted_and_people_of_other_organizations_are_nobody(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    make.user(organization, name="Gone Away", deleted_at=datetime(2026, 1, 1, tzinfo=UTC))
    make.user(make.organization(), name="Other Folk")

    imported = importer.calls(
        write_file(lines(HEADER, ANN.replace("Ann Lee", "Gone Away"), BOB.replace("Bob Ray", "Other Folk")))
    )

    assert [value for _, _, value, _ in imported.refusals] == ["Gone Away", "Other Folk"]


def test_unknown_agents_become_csrs_who_cannot_sign_in(
    importer: Importer, write_file: WriteFile, organization: Organization
) -> None:
    rows = (ANN.replace("Ann Lee", "Zoe Zed"), BOB.replace("Bob Ray", "zoe  zed"))
    imported = importer.calls(write_file(lines(HEADER, *rows)), create_users=True)

    [zoe] = [user for user in importer.stored(User) if user.email.endswith(".invalid")]
    assert imported.counts == {"total": 2, "created": 2}
    assert imported.outcome.users_created == ("Zoe Zed",)
    assert (zoe.name, zoe.role, zoe.status, zoe.password_hash) == ("Zoe Zed", "csr", "inactive", None)
    assert {call.csr_id for call in importer.stored(Call)} == {zoe.id}


def test_an_address_that_nobody_has_makes_no_person(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.calls(write_file(lines(HEADER, ANN.replace("Ann Lee", "zoe@example.com"))), create_users=True)

    assert [value for _, _, value, _ in imported.refusals] == ["zoe@example.com"]
    assert imported.outcome.users_created == ()


def test_a_column_of_far_too_many_agents_is_the_wrong_one(
    importer: Importer, write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_names_service, "MAX_AGENTS", 1)

    with pytest.raises(ValidationFailed, match="right column"):
        importer.calls(write_file(lines(HEADER, ANN, BOB)))


def test_a_number_finds_its_card_and_an_unknown_one_gets_a_card(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization, manager: User
) -> None:
    known = make.contact(organization, primary_phone="+12125550101")

    importer.calls(write_file(lines(HEADER, ANN, BOB, BOB.replace("C2", "C3").replace("10:30", "11:30"))))

    first, second, third = importer.stored(Call)
    [new] = [card for card in importer.stored(ContactCard) if card.id != known.id]
    assert first.contact_card_id == known.id
    assert second.contact_card_id == third.contact_card_id == new.id
    assert (new.primary_phone, new.source, new.full_name) == ("+12125550102", "import", None)
    assert (new.created_by, new.created_by_label) == (manager.id, "Maria Manager")


def test_a_number_of_a_deleted_card_gets_a_new_one(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    gone = {"deleted_at": datetime(2026, 1, 1, tzinfo=UTC)}
    card = make.contact(organization, primary_phone=None, **gone)
    make.add(ContactPhone(organization_id=organization.id, phone="+12125550101", contact_card_id=card.id, **gone))

    importer.calls(write_file(lines(HEADER, ANN)))

    assert importer.only(Call).contact_card_id not in {None, card.id}


def test_of_an_outbound_call_the_person_is_the_one_called(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    card = make.contact(organization, primary_phone="+12125550777")
    header = "external_id,started_at,answered,direction,caller_number,called_number"
    row = "C1,2026-03-02 09:30,Y,outbound,212-555-0000,212-555-0777"

    importer.calls(write_file(lines(header, row)), mapped(header.split(",")))

    assert importer.only(Call).contact_card_id == card.id
    assert [stored.id for stored in importer.stored(ContactCard)] == [card.id]


def test_a_dry_run_tells_everything_and_keeps_nothing(importer: Importer, write_file: WriteFile) -> None:
    rows = (ANN, BOB.replace("Bob Ray", "Zoe Zed"), ANN)
    imported = importer.calls(write_file(lines(HEADER, *rows)), create_users=True, keep=False)

    assert imported.counts == {"total": 3, "created": 2, "rejected": 1}
    assert imported.outcome.users_created == ("Zoe Zed",)
    assert importer.stored(Call) == []
    assert importer.stored(ContactCard) == []
    assert "Zoe Zed" not in {user.name for user in importer.stored(User)}


def test_other_organizations_keep_their_calls_of_the_same_ids(
    importer: Importer, write_file: WriteFile, make: Factories
) -> None:
    other = make.organization()
    theirs = make.call(other, external_source="import", external_id="C1", external_fingerprint=b"\0" * 32)

    imported = importer.calls(write_file(lines(HEADER, ANN)))

    assert imported.counts == {"total": 1, "created": 1}
    assert importer.only(Call).id != theirs.id


def test_progress_is_told_while_the_file_is_read(importer: Importer, write_file: WriteFile) -> None:
    told: list[Progress] = []
    rows = [f"C{number}{ANN.removeprefix('C1')}" for number in range(5_000)]

    importer.calls(write_file(lines(HEADER, *rows)), tell=told.append, keep=False)

    assert [progress.rows for progress in told] == [2_000, 4_000, 5_000]
    assert [progress.share for progress in told] == sorted(progress.share for progress in told)
    assert told[-1].share == 1


def _traces(engine: Engine) -> list[UUID]:
    with engine.connect() as connection:
        about_others = "resource_type <> 'import'"
        return list(
            connection.scalars(text(f"SELECT id FROM {AuditLog.__tablename__} WHERE {about_others} ORDER BY id"))
        )


def test_a_dry_run_goes_over_several_portions(
    importer: Importer, write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_service, "PORTION_ROWS", 1)
    file = write_file(
        lines("Call id,Date,Time,Answered,From", *(f"C{n},2026-03-02,09:30,Y,+1212555010{n}" for n in (1, 2, 3)))
    )

    assert importer.calls(file, keep=False).counts == {"total": 3, "created": 3}
    assert importer.stored(Call) == []


def test_calls_of_json_lines_in_a_zip_file_come_in(importer: Importer, write_file: WriteFile) -> None:
    rows = (
        {"Call id": "A1", "Date": "2026-03-02", "Time": "09:30", "Answered": True, "Talk": 61, "x": {"n": "1"}},
        {"Call id": 2, "Date": "2026-03-02", "Time": "10:30", "Answered": False, "tags": ["a", "b"]},
    )
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("calls.jsonl", "\n".join(map(json.dumps, rows)))

    imported = importer.calls(write_file(packed.getvalue(), "calls.zip"))

    assert imported.counts == {"total": 2, "created": 2}
    assert [(call.external_id, call.status, call.duration_seconds) for call in importer.stored(Call)] == [
        ("A1", "completed", 61), ("2", "missed", 0)
    ]  # fmt: skip
