"""Exports of jobs, deals and clients of other systems in their original format, imported with the default choices.

docs/imports.md lists the sources of the formats.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from app.data.imports.mapping_rules import Mapping
from app.data.imports.word_queries import UnknownWords, unknown_words
from app.models import Appointment, ContactCard, ContactPhone, ImportKind, Lead, User
from app.ops.jobs.worker import run_worker
from app.tables.table_rules import TableOptions
from app.work.appointments.importing import APPOINTMENTS_IMPORT
from app.work.contacts.importing import CONTACTS_IMPORT
from tests.support.import_files import WriteFile, guessed, lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import text_of

SHAPES = Path(__file__).parent / "shapes"


def cards(importer: Importer) -> dict[object, ContactCard]:
    return {card.id: card for card in importer.stored(ContactCard)}


def names(importer: Importer) -> dict[object, str]:
    return {user.id: user.name for user in importer.stored(User)}


@pytest.fixture
def contact_of(importer: Importer) -> Callable[[Lead | Appointment], tuple[str | None, str | None, str | None]]:
    """Function that returns name, company and email address of a record's contact."""

    def of(record: Lead | Appointment) -> tuple[str | None, str | None, str | None]:
        card = cards(importer)[record.contact_card_id]
        return card.full_name, card.company_name, card.email

    return of


def noon(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def test_deals_of_hubspot_have_their_contact_and_service(
    importer: Importer, contact_of: Callable[[Lead | Appointment], object]
) -> None:
    imported = importer.deals(SHAPES / "deals-hubspot.csv")

    assert imported.counts == {"total": 3, "created": 3, "remarked": 1}
    assert [(error.line, error.column, error.value) for error in imported.errors] == [(3, "Amount", "4910.25")]
    leads = {lead.external_id: lead for lead in importer.stored(Lead)}
    assert {key: (lead.stage, contact_of(lead)) for key, lead in leads.items()} == {
        "9100000": ("qualified", ("Cust 0 Jones", None, "c0@example.com")),
        "9100001": ("qualified", ("Cust 1 Jones", None, "c1@example.com")),
        "9100002": ("booked", ("Cust 2 Jones", None, "c2@example.com")),
    }
    won = importer.only(Appointment)
    assert (won.service_type, won.outcome, won.deal_value) == (
        "Furnace replacement - House 2", "closed_won", Decimal("4535.25"),
    )  # fmt: skip
    assert (won.scheduled_start_at, names(importer)[won.sales_rep_id]) == (noon(10, 21, 16), "Ann Lee")
    assert (won.lead_id, won.contact_card_id) == (leads["9100002"].id, leads["9100002"].contact_card_id)
    assert len(cards(importer)) == 3

    assert importer.deals(SHAPES / "deals-hubspot.csv").counts == {"total": 3, "unchanged": 3, "remarked": 1}


def test_deals_of_pipedrive_are_as_far_as_status_and_stage_say(
    importer: Importer, contact_of: Callable[[Lead | Appointment], object]
) -> None:
    imported = importer.deals(SHAPES / "deals-pipedrive.csv")

    assert imported.counts == {"total": 3, "created": 3, "remarked": 2}
    leads = {lead.external_id: lead for lead in importer.stored(Lead)}
    assert {key: (lead.stage, contact_of(lead)) for key, lead in leads.items()} == {
        "301": ("booked", ("Mara Quill", None, None)),
        "302": ("new", ("Ida Fenn", "Fenn Bakery LLC", None)),
        "303": ("dead", ("Tess Orway", None, None)),
    }
    visits = {visit.external_id: visit for visit in importer.stored(Appointment)}
    assert {key: (visit.service_type, visit.outcome, visit.deal_value) for key, visit in visits.items()} == {
        "301": ("Furnace replacement", "closed_won", Decimal(8450)),
        "303": ("Duct cleaning", "closed_lost", None),
    }
    assert visits["303"].lost_reason == "Too expensive"
    assert {names(importer)[visit.sales_rep_id] for visit in visits.values()} == {"Cleo Marsh", "Rolf Dane"}


@pytest.mark.parametrize(
    ("cell", "contact", "phone"),
    [
        ("Ann Lee (ann@example.com)", ("Ann Lee", None, "ann@example.com"), None),
        ("ann@example.com", (None, None, "ann@example.com"), None),
        ("Ann Lee ((239) 555-0100)", ("Ann Lee", None, None), "+12395550100"),
        ("Ann (owner)", ("Ann (owner)", None, None), None),
    ],
)
def test_a_contact_can_be_named_with_an_address_or_number(
    importer: Importer,
    write_file: WriteFile,
    contact_of: Callable[[Lead | Appointment], object],
    cell: str,
    contact: tuple[str | None, str | None, str | None],
    phone: str | None,
) -> None:
    importer.deals(write_file(lines("Record ID,Deal Stage,Associated Contact", f"1,Qualified To Buy,{cell}")))

    assert contact_of(importer.only(Lead)) == contact
    assert importer.only(ContactCard).primary_phone == phone


def test_of_several_contacts_the_first_is_linked_with_a_warning(importer: Importer, write_file: WriteFile) -> None:
    row = "1,Qualified To Buy,Ann Lee (ann@example.com);Bob Ray (bob@example.com)"

    imported = importer.deals(write_file(lines("Record ID,Deal Stage,Associated Contact", row)))

    assert [str(error.reason) for error in imported.errors] == ["Only the first of these contacts is linked."]
    assert importer.only(ContactCard).full_name == "Ann Lee"


@pytest.mark.parametrize(
    ("deal_type", "service"),
    [("newbusiness", "Smith house"), ("Existing Business", "Smith house"), ("", "Smith house"), ("Repair", "Repair")],
)
def test_a_deals_name_is_its_service_unless_its_type_is(
    importer: Importer, write_file: WriteFile, deal_type: str, service: str
) -> None:
    header, row = "Record ID,Deal Name,Deal Stage,Close Date,Deal Type", "1,Smith house,Closed Won,2026-02-10"

    importer.deals(write_file(lines(header, f"{row},{deal_type}")))

    assert importer.only(Appointment).service_type == service


def test_an_open_deal_of_two_columns_is_as_far_as_its_stage(importer: Importer, write_file: WriteFile) -> None:
    header = "Deal - ID,Deal - Title,Deal - Status,Deal - Stage"
    rows = ("1,Duct,Open,Negotiations Started", "2,Duct,Open,Contact Made", "3,Duct,Open,Site seen")

    imported = importer.deals(write_file(lines(header, *rows)))

    assert imported.counts == {"total": 3, "created": 3, "remarked": 1}
    assert {lead.external_id: lead.stage for lead in importer.stored(Lead)} == {
        "1": "qualified", "2": "new", "3": "new",
    }  # fmt: skip


def told(card: ContactCard) -> tuple[object, ...]:
    return card.full_name, card.company_name, card.email, card.address_line_1, card.city, card.zip, card.country


def phones(importer: Importer) -> dict[str, str | None]:
    ids = {card.id: card.external_id for card in importer.stored(ContactCard)}
    return {phone.phone: ids[phone.contact_card_id] for phone in importer.stored(ContactPhone)}


def test_clients_of_jobber_have_their_numbers_and_the_address_of_service(importer: Importer) -> None:
    imported = importer.contacts(SHAPES / "contacts-jobber.csv")

    assert imported.counts == {"total": 3, "created": 3, "remarked": 1}
    assert [(error.line, error.column, str(error.reason)) for error in imported.errors] == [
        (2, "E-mails", "Only the first email address is imported."),
    ]  # fmt: skip
    assert {card.external_id: told(card) for card in importer.stored(ContactCard)} == {
        "100": (None, "Corp 0", "a0@example.com", "0 Gulf Dr", "Naples", "34103", "US"),
        "101": ("First1 Last1", None, "a1@example.com", "1 Gulf Dr", "Naples", "34103", "US"),
        "102": ("First2 Last2", None, "a2@example.com", "2 Gulf Dr", "Naples", "34103", "US"),
    }
    assert phones(importer) == {
        "+12395550100": "100", "+12395550700": "100", "+12395550101": "101", "+12395550102": "102",
    }  # fmt: skip


JOBBER = "J-ID,First Name,Last Name,Main Phone #s,Service Street 1,Service City"


def test_properties_of_a_client_are_one_contact(importer: Importer, write_file: WriteFile) -> None:
    rows = (
        "100_1,Ann,Lee,(239) 555-0100;(239) 555-0700,1 Main St,Naples",
        "101_7,Bob,Ray,(239) 555-0101,2 Main St,Naples",
        "100_2,Ann,Lee,(239) 555-0100,3 Main St,Naples",
        '100_3,Ann,Lee,"(239) 555-0102, (239) 555-0700",4 Main St,Naples',
    )

    imported = importer.contacts(write_file(lines(JOBBER, *rows)))

    assert imported.counts == {"total": 4, "created": 2, "remarked": 2}
    assert [(error.line, error.column, error.value) for error in imported.errors] == [
        (4, "Service Street 1", "3 Main St, Naples"), (5, "Service Street 1", "4 Main St, Naples"),
    ]  # fmt: skip
    assert str(imported.errors[0].reason).startswith("This is another property of the contact on line 2.")
    ann = next(card for card in importer.stored(ContactCard) if card.external_id == "100")
    assert (told(ann)[3], ann.primary_phone) == ("1 Main St", "+12395550100")
    assert phones(importer) == {
        "+12395550100": "100", "+12395550700": "100", "+12395550102": "100", "+12395550101": "101",
    }  # fmt: skip


def test_a_change_of_a_further_property_changes_its_contact(importer: Importer, write_file: WriteFile) -> None:
    first, second = "100_1,Ann,Lee,(239) 555-0100,1 Main St,Naples", "100_2,Ann,Lee,,3 Main St,Naples"
    importer.contacts(write_file(lines(JOBBER, first, second)))

    assert importer.contacts(write_file(lines(JOBBER, first, second))).counts == {
        "total": 2, "unchanged": 1, "remarked": 1,
    }  # fmt: skip
    more = second.replace(",,", ",(239) 555-0103,")
    assert importer.contacts(write_file(lines(JOBBER, first, more))).counts == {
        "total": 2, "updated": 1, "remarked": 1,
    }  # fmt: skip
    assert phones(importer) == {"+12395550100": "100", "+12395550103": "100"}


def with_paid(path: Path, meaning: str) -> Mapping:
    """Return the suggested mapping of a file of jobs, with the answer to its question."""
    return guessed(path, APPOINTMENTS_IMPORT).model_copy(update={"values": {"outcome": {"paid": meaning}}})


def jobs(importer: Importer) -> dict[str | None, tuple[object, ...]]:
    reps, contacts = names(importer), cards(importer)
    return {
        one.external_id: (
            f"{one.scheduled_start_at:%Y-%m-%d %H:%M}", one.service_type, str(one.status), str(one.outcome),
            one.deal_value, reps.get(one.sales_rep_id), contacts[one.contact_card_id].full_name, one.address_line_1,
        )
        for one in importer.stored(Appointment)
    }  # fmt: skip


def test_jobs_of_housecall_pro_that_are_paid_are_won(importer: Importer) -> None:
    path = SHAPES / "appointments-housecall-pro.csv"

    imported = importer.appointments(path, with_paid(path, "closed_won"), create_users=True)

    assert imported.counts == {"total": 3, "created": 3, "remarked": 1}
    assert [(error.line, error.column, str(error.reason)) for error in imported.errors] == [
        (3, "Assigned employees", "Only the first of these people is assigned."),
        (3, "Job status", PAST),
    ]  # fmt: skip
    assert jobs(importer) == {
        "1041": (
            "2026-03-17 13:00", "Repair", "completed", "closed_won", Decimal("1234.50"), "Rolf Dane", "Mara Quill",
            "12 Alder Way",
        ),
        "1042": (
            "2026-03-24 17:00", "Estimate", "scheduled", "open", None, "Cleo Marsh", "Ida Fenn", "5 Mill Rd",
        ),
        "1043": (
            "2026-03-13 12:00", "Drain cleaning", "cancelled", "open", None, None, "Mara Quill", "80 Harbor St",
        ),
    }  # fmt: skip
    won = next(one for one in importer.stored(Appointment) if one.external_id == "1041")
    assert won.outcome_at == won.completed_at == won.scheduled_end_at == datetime(2026, 3, 17, 15, tzinfo=UTC)
    assert {card.full_name: card.primary_phone for card in importer.stored(ContactCard)} == {
        "Mara Quill": "+12145550131", "Ida Fenn": "+12145550133",
    }  # fmt: skip


def test_jobs_of_servicetitan_come_in_without_their_total(importer: Importer) -> None:
    path = SHAPES / "appointments-servicetitan.csv"

    imported = importer.appointments(path, with_paid(path, "closed_won"), create_users=True)

    assert imported.counts == {"total": 4, "created": 3, "rejected": 1}
    assert [(error.line, str(error.reason)) for error in imported.errors] == [
        (5, "This looks like a row of totals."),
    ]  # fmt: skip
    assert jobs(importer) == {
        "120000": (
            "2026-10-01 13:02", "Drain Clearing", "completed", "closed_won", Decimal("4274.50"), "Maria Lopez",
            "Customer 0 Smith", "0 Main St",
        ),
        "120001": (
            "2026-10-01 14:57", "AC Repair", "completed", "closed_won", Decimal("256.50"), "Tom Beck",
            "Customer 1 Smith", "1 Main St",
        ),
        "120002": (
            "2026-10-01 16:13", "Drain Clearing", "cancelled", "open", None, "Ann Lee", "Customer 2 Smith", "2 Main St",
        ),
    }  # fmt: skip
    won = next(one for one in importer.stored(Appointment) if one.external_id == "120000")
    assert won.outcome_at == won.completed_at == datetime(2026, 10, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("meaning", "counts"),
    [
        ("open", {"total": 4, "created": 3, "remarked": 2, "rejected": 1}),
        ("turn_away", {"total": 4, "created": 1, "rejected": 3}),
    ],
)
def test_paid_jobs_are_what_the_answer_says(importer: Importer, meaning: str, counts: dict[str, int]) -> None:
    path = SHAPES / "appointments-servicetitan.csv"

    assert importer.appointments(path, with_paid(path, meaning), create_users=True).counts == counts
    assert {str(one.outcome) for one in importer.stored(Appointment)} == {"open"}


def asked_of(app: Flask, path: Path) -> list[UnknownWords]:
    with app.app_context():
        return unknown_words(path, path.name, TableOptions(), guessed(path, APPOINTMENTS_IMPORT))


@pytest.mark.parametrize(("system", "rows"), [("housecall-pro", 1), ("servicetitan", 2)])
def test_paid_jobs_raise_a_question_without_an_answer(app: Flask, system: str, rows: int) -> None:
    path = SHAPES / f"appointments-{system}.csv"

    [asked] = asked_of(app, path)

    assert (asked.target, asked.counts, asked.is_needed, asked.suggested("paid")) == (
        "outcome",
        {"paid": rows},
        True,
        "",
    )


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Start,Service,Status,Amount", "2026-02-10 09:00,Duct,Scheduled,90"),
        ("Start,Service,Status,Amount", "2026-02-10 09:00,Duct,Done,0"),
        ("Start,Service,Status,Amount,Outcome", "2026-02-10 09:00,Duct,Done,90,Sold"),
    ],
)
def test_other_files_raise_no_question(app: Flask, write_file: WriteFile, header: str, row: str) -> None:
    path = write_file(lines(header, row))

    assert asked_of(app, path) == []


PAST = "This appointment is in the past but still scheduled. Update its status after the import."
JOBS = "Job ID,Start,Service,Customer ID,Customer name,Phone"


def test_a_job_finds_its_contact_by_the_id_of_the_same_system(importer: Importer, write_file: WriteFile) -> None:
    contacts = write_file(lines("Customer ID,Name,Phone", "7,Ann Lee,+12125550101", "8,Bob Ray,+12125550102"))
    importer.contacts(contacts, guessed(contacts, CONTACTS_IMPORT).model_copy(update={"source": "Titan"}))
    path = write_file(
        lines(
            JOBS,
            "1,2026-02-10 09:00,Duct,7,A. Lee,+12125550199",
            "2,2026-02-10 09:00,Duct,9,,+12125550102",
            "3,2026-02-10 09:00,Duct,9,Cy Fox,",
        )
    )
    mapping = guessed(path, APPOINTMENTS_IMPORT).model_copy(update={"source": "Titan"})

    imported = importer.appointments(path, mapping)

    assert imported.counts["created"] == 3
    assert [(error.line, error.column, error.value) for error in imported.errors if error.column == "Customer ID"] == [
        (4, "Customer ID", "9"),
    ]  # fmt: skip
    assert {key: told[6] for key, told in jobs(importer).items()} == {"1": "Ann Lee", "2": "Bob Ray", "3": "Cy Fox"}


def test_the_page_asks_once_what_paid_jobs_are(app: Flask, pages: ImportPages, importer: Importer) -> None:
    path, kind = SHAPES / "appointments-housecall-pro.csv", ImportKind.APPOINTMENTS
    page = pages.upload(path, path.name, kind)

    assert "1 question to answer" in page.text
    assert "Completed with an amount" in text_of(page.one(".//*[@id='asked']"))
    refused = pages.map(page, status=400)
    assert "Choose what this value means." in refused.text

    pages.start(pages.client.follow(pages.map(page, {"word_outcome_0": "closed_won"})), create_users="y")
    run_worker(app, schedule=(), until_idle=True)

    outcomes = {one.external_id: str(one.outcome) for one in importer.stored(Appointment)}
    assert outcomes == {"1041": "closed_won", "1042": "open", "1043": "open"}
    assert {user.name for user in importer.stored(User)} >= {"Rolf Dane", "Cleo Marsh"}
    again = pages.upload(path, path.name, kind)
    assert "1 question to answer" not in again.text
    assert again.fields(f"{pages.at}/mapping", "post")["word_outcome_0"] == "closed_won"


@pytest.mark.parametrize(("cell", "known"), [('"=""0041"""', "0041"), ('"=""a"', '="a')])
def test_an_id_that_is_kept_as_text_by_a_formula_is_read_without_it(
    importer: Importer, write_file: WriteFile, cell: str, known: str
) -> None:
    importer.appointments(write_file(lines("Job #,Start,Service", f"{cell},2026-02-10 09:00,Duct")))

    assert importer.only(Appointment).external_id == known
