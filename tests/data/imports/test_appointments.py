"""Import of appointments: their times and outcomes, and a repeated import of the file."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from app.models import Appointment, ContactCard, Import, ImportedRow, Role, User
from app.work.appointments.importing import APPOINTMENTS_IMPORT
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, guessed, lines
from tests.support.importing import Importer

HEADER = (
    "Appointment ID,Job Type,Status,Outcome,Start,End,Technician,Customer Name,Phone,Sold Amount,Address,City,Zip,"
    "Notes,Booked on,Cancel reason"
)
WON = (
    "V1,Furnace,Done,Sold,2026-02-10 09:00,2026-02-10 11:30,Ann Lee,Zoe Quinn,+12125550101,1200.50,1 Main St,Boston,"
    "02101,Ring twice,2026-02-01,"
)
AHEAD = "V2,Duct,Dispatched,,2126-03-01 10:00,,Ann Lee,,,,,,,,,"
CANCELLED = "V3,Duct,Canceled,,2026-02-11 10:00,2026-02-11 11:00,,Acme,,,,,,,,Too dear"
MISSED = "V4,Duct,No Show,,2026-02-12 10:00,,,,,,,,,,,"


@pytest.fixture
def rep(make: Factories, importer: Importer) -> User:
    return make.user(importer.organization, role=Role.SALES_REP, name="Ann Lee")


def by_id(importer: Importer) -> dict[str | None, Appointment]:
    return {visit.external_id: visit for visit in importer.stored(Appointment)}


def test_rows_of_another_system_become_visits(importer: Importer, write_file: WriteFile, rep: User) -> None:
    imported = importer.appointments(write_file(lines(HEADER, WON, AHEAD, CANCELLED, MISSED)))

    assert (imported.counts, imported.errors) == ({"total": 4, "created": 4}, [])
    visits = by_id(importer)
    won = visits["V1"]
    start = datetime(2026, 2, 10, 14, tzinfo=UTC)  # in New York
    assert (won.scheduled_start_at, won.scheduled_end_at) == (start, start + timedelta(hours=2.5))
    assert (won.status, won.outcome, won.deal_value) == ("completed", "closed_won", Decimal("1200.50"))
    assert won.completed_at == won.outcome_at == won.scheduled_end_at
    assert (won.service_type, won.sales_rep_id, won.timezone) == ("Furnace", rep.id, "America/New_York")
    assert (won.address_line_1, won.city, won.zip, won.notes) == ("1 Main St", "Boston", "02101", "Ring twice")
    assert won.booked_at == datetime(2026, 2, 1, 17, tzinfo=UTC)
    cards = {card.id: card for card in importer.stored(ContactCard)}
    assert cards[won.contact_card_id or won.id].full_name == "Zoe Quinn"

    ahead = visits["V2"]
    assert (ahead.status, ahead.outcome, ahead.completed_at) == ("scheduled", "open", None)
    assert ahead.scheduled_end_at - ahead.scheduled_start_at == timedelta(hours=1)
    assert (ahead.contact_card_id, ahead.booked_at < datetime.now(UTC)) == (None, True)
    assert (visits["V3"].status, visits["V3"].cancelled_reason) == ("cancelled", "Too dear")
    assert (visits["V4"].status, visits["V4"].booked_at) == ("no_show", visits["V4"].scheduled_start_at)


def test_imported_visits_of_a_rep_may_be_at_the_same_time(importer: Importer, write_file: WriteFile, rep: User) -> None:
    imported = importer.appointments(write_file(lines(HEADER, AHEAD, AHEAD.replace("V2", "V5"))))

    assert imported.counts == {"total": 2, "created": 2}
    assert {visit.sales_rep_id for visit in importer.stored(Appointment)} == {rep.id}


@pytest.mark.parametrize(
    ("header", "row", "minutes"),
    [
        ("Start date,Start time,End time,Subject", "2026-02-10,9:00 AM,10:15 AM,Duct", 75),
        ("Start,Duration,Service", "2026-02-10 09:00,90,Duct", 90),
        ("Start,Duration (h),Service", "2026-02-10 09:00,2,Duct", 120),
        ("Start,Duration,Service", "2026-02-10 09:00,1h 10m,Duct", 70),
        ("Start,End,Service", "2026-02-10 09:00,2026-02-10T16:00:00Z,Duct", 120),
        ("Start,Service", "2026-02-10 09:00,Duct", 60),
    ],
)
def test_how_long_a_visit_is(importer: Importer, write_file: WriteFile, header: str, row: str, minutes: int) -> None:
    importer.appointments(write_file(lines(header, row)))

    visit = importer.only(Appointment)
    assert visit.scheduled_start_at == datetime(2026, 2, 10, 14, tzinfo=UTC)
    assert visit.scheduled_end_at - visit.scheduled_start_at == timedelta(minutes=minutes)


def test_times_are_of_the_zone_that_the_mapping_names(importer: Importer, write_file: WriteFile) -> None:
    file = write_file(lines("Start,Service", "2026-02-10 09:00,Duct"))
    mapping = guessed(file, APPOINTMENTS_IMPORT).model_copy(update={"timezone": "America/Chicago"})

    importer.appointments(file, mapping)

    visit = importer.only(Appointment)
    assert (visit.scheduled_start_at, visit.timezone) == (datetime(2026, 2, 10, 15, tzinfo=UTC), "America/Chicago")


def test_a_day_for_the_whole_file_is_plain_whatever_its_own_days_are(importer: Importer, write_file: WriteFile) -> None:
    path = write_file(lines("Appointment ID,Time,Booked on,Service", "V1,9:30 AM,31/01/2026,Duct"))
    mapping = guessed(path, APPOINTMENTS_IMPORT).model_copy(update={"defaults": {"date": "2026-02-10"}})

    assert importer.appointments(path, mapping).counts["created"] == 1
    assert importer.only(Appointment).scheduled_start_at == datetime(2026, 2, 10, 14, 30, tzinfo=UTC)


@pytest.mark.usefixtures("rep")
def test_the_same_again_changes_nothing_and_a_row_that_says_more_changes_its_visit(
    importer: Importer, write_file: WriteFile
) -> None:
    importer.appointments(write_file(lines(HEADER, WON, AHEAD)))
    before = by_id(importer)["V2"]

    assert importer.appointments(write_file(lines(HEADER, WON, AHEAD))).counts == {"total": 2, "unchanged": 2}
    done = AHEAD.replace("Dispatched", "Canceled")
    assert importer.appointments(write_file(lines(HEADER, WON, done))).counts == {
        "total": 2, "updated": 1, "unchanged": 1
    }  # fmt: skip

    after = by_id(importer)["V2"]
    assert (after.id, after.status, after.version) == (before.id, "cancelled", before.version + 1)
    assert len(importer.stored(ContactCard)) == 1


@pytest.mark.usefixtures("rep")
def test_what_became_of_a_visit_here_stays(importer: Importer, write_file: WriteFile, admin_engine: Engine) -> None:
    scheduled = WON.replace("Done,Sold", "Scheduled,").replace("1200.50", "")
    importer.appointments(write_file(lines(HEADER, scheduled)))
    with admin_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE appointments SET status = 'completed', completed_at = now(), outcome = 'closed_won',"
                " outcome_at = now(), deal_value = 900"
            )
        )

    importer.appointments(write_file(lines(HEADER, scheduled.replace("Furnace", "Boiler"))))
    visit = importer.only(Appointment)
    assert (visit.service_type, visit.status, visit.outcome, visit.deal_value) == (
        "Boiler", "completed", "closed_won", Decimal(900)
    )  # fmt: skip
    refused = importer.appointments(write_file(lines(HEADER, scheduled.replace("Scheduled", "Canceled"))))
    [(_line, column, value, why)] = refused.refusals
    assert (column, value) == ("Status", "cancelled")
    assert why.startswith("This appointment is won or lost in Switchboard, but the file says it didn’t take place.")


@pytest.mark.usefixtures("rep")
def test_a_visit_in_the_trash_stays_there(importer: Importer, write_file: WriteFile, admin_engine: Engine) -> None:
    importer.appointments(write_file(lines(HEADER, WON)))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE appointments SET deleted_at = now()"))

    again = importer.appointments(write_file(lines(HEADER, WON)))

    reason = "This appointment is in the trash. Restore it first."
    assert again.refusals == [(2, "Appointment ID", "V1", reason)]


@pytest.mark.usefixtures("rep")
@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (
            WON.replace("Done", "Canceled"),
            "Status",
            "A won or lost appointment must have the status “Completed”.",
        ),
        (WON.replace("Done", "Somewhere"), "Status", "It isn’t one of:"),
        (WON.replace("2026-02-10 09:00", ""), "Start", "It’s missing."),
        (WON.replace("2026-02-10 09:00", "2026-02-10"), "Start", "It isn’t a date and time like"),
        (WON.replace("Furnace", ""), "Job Type", "It’s missing."),
        (
            AHEAD.replace("Dispatched", "Done"),
            "Status",
            "This appointment is in the future, so it can’t have this status.",
        ),
        (WON.replace("Ann Lee", "Zed Zed"), "Technician", "No one in your organization has this name"),
    ],
)
def test_what_a_visit_cannot_be_without_turns_its_row_away(
    importer: Importer, write_file: WriteFile, row: str, column: str, reason: str
) -> None:
    imported = importer.appointments(write_file(lines(HEADER, row, CANCELLED)))

    assert imported.counts == {"total": 2, "created": 1, "rejected": 1}
    [(line, found, _value, why)] = imported.refusals
    assert (line, found) == (2, column)
    assert why.startswith(reason)


def test_what_a_visit_can_do_without_is_left_out_with_a_remark(importer: Importer, write_file: WriteFile) -> None:
    header = "Appointment ID,Service,Status,Outcome,Start,End,Value,Lost reason,Cancel reason,Completed on"
    imported = importer.appointments(
        write_file(
            lines(
                header,
                "V1,Duct,Canceled,,2026-02-10 09:00,2026-02-10 08:00,10,Too dear,No time,2026-02-10",
                "V2,Duct,Scheduled,,2026-02-10 09:00,,99999999,,,",
                "V3,Duct,,Won,2026-02-10 09:00,,99999999,,,",
            )
        )
    )

    assert imported.counts == {"total": 3, "created": 3, "remarked": 3}
    assert [(line, column) for line, column, _value, _why in imported.refusals] == [
        (2, "Completed on"), (2, "End"), (2, "Lost reason"), (2, "Value"), (3, "Status"), (3, "Value"), (4, "Value")
    ]  # fmt: skip
    visits = by_id(importer)
    assert (visits["V1"].cancelled_reason, visits["V1"].deal_value) == ("No time", None)
    assert (visits["V3"].status, visits["V3"].outcome, visits["V3"].deal_value) == ("completed", "closed_won", None)


def test_a_strict_mapping_turns_such_rows_away(importer: Importer, write_file: WriteFile) -> None:
    file = write_file(lines("Service,Start,Email", "Duct,2026-02-10 09:00,nobody"))
    strict = guessed(file, APPOINTMENTS_IMPORT).model_copy(update={"strict": True})

    assert importer.appointments(file, strict).counts == {"total": 1, "rejected": 1}


def test_people_that_nobody_is_are_made_in_their_roles_when_asked(importer: Importer, write_file: WriteFile) -> None:
    file = write_file(lines("Service,Start,Sales rep,Booked by", "Duct,2026-02-10 09:00,Ann Lee,Bo Diaz"))

    imported = importer.appointments(file, create_users=True)

    assert imported.outcome.users_created == ("Ann Lee", "Bo Diaz")
    people = {user.id: (user.name, user.role) for user in importer.stored(User)}
    visit = importer.only(Appointment)
    assert people[visit.sales_rep_id or visit.id] == ("Ann Lee", "sales_rep")
    assert people[visit.csr_id or visit.id] == ("Bo Diaz", "csr")


def test_a_dry_run_keeps_nothing(importer: Importer, write_file: WriteFile, rep: User) -> None:
    tried = importer.appointments(write_file(lines(HEADER, WON, CANCELLED)), keep=False)

    assert (tried.counts, rep.name) == ({"total": 2, "created": 2}, "Ann Lee")
    for model in (Appointment, ContactCard, ImportedRow, Import):
        assert importer.stored(model) == []
