"""Import of leads: the stored records, their owners, and a repeated import of the file."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from app.data.imports import load_service
from app.models import ContactCard, ContactPhone, Import, ImportedRow, Lead, Role, User
from app.work.leads.importing import LEADS_IMPORT
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, guessed, lines
from tests.support.importing import Importer

HEADER = "Lead ID,Lead Status,Rating,First Name,Last Name,Company,Phone,Email,Lead Owner,Create Date,Last Activity"
NEW = "L1,Open - Not Contacted,Hot,Zoe,Quinn,,+12125550101,zoe@quinn.example,Ann Lee,2026-01-05 09:30,2026-01-07"
DEAD = "L2,Closed - Not Converted,Cold,,,Acme,,,,2026-01-06,2026-02-01"
WORKING = "L3,Working - Contacted,,,,,,,Ann Lee,,"


@pytest.fixture
def rep(make: Factories, importer: Importer) -> User:
    return make.user(importer.organization, role=Role.SALES_REP, name="Ann Lee")


def by_id(importer: Importer) -> dict[str | None, Lead]:
    return {lead.external_id: lead for lead in importer.stored(Lead)}


def test_rows_of_another_system_become_leads_and_their_contacts(
    importer: Importer, write_file: WriteFile, rep: User
) -> None:
    imported = importer.leads(write_file(lines(HEADER, NEW, DEAD, WORKING)))

    assert (imported.counts, imported.errors) == ({"total": 3, "created": 3}, [])
    leads = by_id(importer)
    cards = {card.id: card for card in importer.stored(ContactCard)}
    first = leads["L1"]
    assert (first.stage, first.qualification_status, first.qualification_source) == ("new", "hot", "import")
    assert (first.assigned_rep_id, first.source, first.closed_at) == (rep.id, "import", None)
    assert first.created_at == datetime(2026, 1, 5, 14, 30, tzinfo=UTC)  # in New York
    assert first.last_activity_at == datetime(2026, 1, 7, 17, tzinfo=UTC)  # a date alone means noon
    zoe = cards[first.contact_card_id or first.id]
    assert (zoe.full_name, zoe.primary_phone, zoe.email) == ("Zoe Quinn", "+12125550101", "zoe@quinn.example")
    assert [phone.contact_card_id for phone in importer.stored(ContactPhone)] == [zoe.id]

    dead = leads["L2"]
    assert (dead.stage, dead.closed_at) == ("dead", datetime(2026, 2, 1, 17, tzinfo=UTC))
    assert cards[dead.contact_card_id or dead.id].company_name == "Acme"
    assert (leads["L3"].stage, leads["L3"].contact_card_id) == ("new", None)
    assert {card.source for card in cards.values()} == {"import"}


@pytest.mark.usefixtures("rep")
def test_the_same_again_changes_nothing_and_a_row_that_says_more_changes_its_lead(
    importer: Importer, write_file: WriteFile
) -> None:
    importer.leads(write_file(lines(HEADER, NEW, WORKING)))
    before = by_id(importer)["L1"]

    assert importer.leads(write_file(lines(HEADER, NEW, WORKING))).counts == {"total": 2, "unchanged": 2}
    changed = importer.leads(write_file(lines(HEADER, NEW.replace("Hot", "Warm").replace("Open -", "Open-"), WORKING)))

    assert changed.counts == {"total": 2, "updated": 1, "unchanged": 1}
    after = by_id(importer)["L1"]
    assert (after.id, after.qualification_status, after.version) == (before.id, "warm", before.version + 1)
    assert len(importer.stored(ContactCard)) == 1
    kept = sorted((row.resource, row.effect) for row in importer.stored(ImportedRow))
    assert kept == [("contact_card", "created"), ("lead", "created"), ("lead", "created"), ("lead", "updated")]


@pytest.mark.parametrize(("written", "day"), [("17 Mar 2026", 17), ("Mar 18, 2026 9:30 AM", 18), ("19.03.2026", 19)])
def test_days_may_be_written_in_any_way(importer: Importer, write_file: WriteFile, written: str, day: int) -> None:
    importer.leads(write_file(lines("Lead ID;Created", f"L1;{written}")))

    created_at = importer.only(Lead).created_at
    assert (created_at.month, created_at.day) == (3, day)


def test_a_contact_is_found_by_number_address_company_and_name(
    importer: Importer, write_file: WriteFile, make: Factories
) -> None:
    organization = importer.organization
    by_phone = make.contact(organization, primary_phone="+12125550111")
    by_email = make.contact(organization, email="Bo@Diaz.example", primary_phone=None)
    make.contact(organization, first_name="Cy", last_name="Acme", company_name="Acme")
    company = make.contact(organization, first_name=None, last_name=None, company_name="ACME", primary_phone=None)
    named = make.contact(organization, first_name="Dee", last_name="Only")
    for number in range(2):
        make.contact(organization, first_name="Sam", last_name="Same", company_name=f"Co {number}")
    elsewhere = make.organization()
    make.contact(elsewhere, first_name="Eve", last_name="Else", primary_phone="+12125550199")

    imported = importer.leads(
        write_file(
            lines(
                "Lead ID,Name,Company,Phone,Email",
                "L1,,,(212) 555-0111,bo@diaz.example",
                "L2,,,,bo@diaz.example",
                "L3,,acme,,",
                "L4,dee only,,,",
                "L5,Sam Same,,,",
                "L6,Sam Same,co 1,,",
                "L7,Eve Else,,+12125550199,",
                "L8,Eve Else,,,",
            )
        )
    )

    leads = by_id(importer)
    found = {name: lead.contact_card_id for name, lead in leads.items()}
    assert [found[name] for name in ("L1", "L2", "L3", "L4", "L5")] == [
        by_phone.id, by_email.id, company.id, named.id, None
    ]  # fmt: skip
    assert imported.refusals == [(6, None, "Sam Same", "More than one contact has this name, so no contact is linked.")]
    cards = {card.id: card for card in importer.stored(ContactCard)}
    assert cards[found["L6"] or organization.id].company_name == "Co 1"
    assert cards[found["L7"] or organization.id].source == "import"
    assert found["L8"] == found["L7"]


def test_rows_that_mean_the_same_stranger_share_one_new_contact(importer: Importer, write_file: WriteFile) -> None:
    importer.leads(
        write_file(
            lines(
                "Lead ID,Name,Company,Phone,Email",
                "L1,Ann Lee,,,ann@lee.example",
                "L2,Ann Lee,Acme,+12125550101,ANN@lee.example",
                "L3,,,+12125550101,",
                "L4,,Cold Inc,,",
                "L5,,cold inc,,",
                "L6,Bo,Cold Inc,,",
            )
        )
    )

    found = {name: lead.contact_card_id for name, lead in by_id(importer).items()}
    assert found["L1"] == found["L2"] == found["L3"]
    assert found["L4"] == found["L5"] != found["L6"]
    cards = {card.id: card for card in importer.stored(ContactCard)}
    assert len(cards) == 3
    assert cards[found["L1"] or importer.organization.id].primary_phone == "+12125550101"


@pytest.mark.usefixtures("rep")
def test_what_was_closed_or_qualified_here_stays(
    importer: Importer, write_file: WriteFile, admin_engine: Engine
) -> None:
    importer.leads(write_file(lines(HEADER, NEW, DEAD)))
    with admin_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE leads SET qualification_source = 'user', stage = 'booked', won_at = now(), closed_at = now()"
                " WHERE external_id = 'L1'"
            )
        )

    again = importer.leads(
        write_file(lines(HEADER, NEW.replace("Hot", "Cold"), DEAD.replace("Closed - Not Converted", "Working")))
    )

    reason = "This lead is closed in Switchboard but has another stage in the file. Reopen it first."
    assert again.refusals == [(2, "Lead Status", "new", reason), (3, "Lead Status", "new", reason)]
    without_stage = HEADER.replace("Lead Status", "Their stage")
    assert importer.leads(write_file(lines(without_stage, NEW.replace("Hot", "Cold")))).counts == {
        "total": 1, "updated": 1
    }  # fmt: skip
    lead = by_id(importer)["L1"]
    assert (lead.stage, lead.qualification_status, lead.won_at is not None) == ("booked", "hot", True)


@pytest.mark.usefixtures("rep")
def test_a_lead_in_the_trash_stays_there(importer: Importer, write_file: WriteFile, admin_engine: Engine) -> None:
    importer.leads(write_file(lines(HEADER, NEW)))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE leads SET deleted_at = now()"))

    again = importer.leads(write_file(lines(HEADER, NEW)))

    assert again.refusals == [(2, "Lead ID", "L1", "This lead is in the trash. Restore it first.")]


def test_a_contact_may_have_several_imported_leads_that_are_open(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.leads(write_file(lines("Lead ID,Phone", "L1,+12125550101", "L2,+12125550101")))

    assert imported.counts == {"total": 2, "created": 2}
    assert len({lead.contact_card_id for lead in importer.stored(Lead)}) == 1


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (NEW.replace("Open - Not Contacted", "Somewhere"), "Lead Status", "It isn’t one of:"),
        (NEW.replace("Ann Lee", "Zed Zed"), "Lead Owner", "No one in your organization has this name"),
        (f"{NEW}\n{NEW}", "Lead ID", "Duplicate of line 2."),
    ],
)
@pytest.mark.usefixtures("rep")
def test_what_a_lead_cannot_be_without_turns_its_row_away(
    importer: Importer, write_file: WriteFile, row: str, column: str, reason: str
) -> None:
    imported = importer.leads(write_file(lines(HEADER, row, DEAD)))

    [(_line, found, _value, why)] = imported.refusals
    assert found == column
    assert why.startswith(reason)


@pytest.mark.usefixtures("rep")
def test_what_a_lead_can_do_without_is_left_out_with_a_remark(importer: Importer, write_file: WriteFile) -> None:
    header = "Lead ID,Stage,Phone,Email,Rating,Created at,Closed at,Lost reason"
    imported = importer.leads(
        write_file(
            lines(
                header,
                "L1,new,12,nobody,lukewarm,soon,2026-01-01,no money",
                "L2,dead,,,,2126-01-01,2026-01-01,no money",
                "L3,dead,,,,,,no",
            )
        )
    )

    assert imported.counts == {"total": 3, "created": 3, "remarked": 3}
    assert [(line, column) for line, column, _value, _why in imported.refusals] == [
        (2, "Closed at"), (2, "Created at"), (2, "Email"), (2, "Lost reason"), (2, "Phone"), (2, "Rating"),
        (3, "Created at"), (4, "Lost reason"),
    ]  # fmt: skip
    leads = by_id(importer)
    assert (leads["L1"].closed_at, leads["L1"].dead_reason, leads["L1"].contact_card_id) == (None, None, None)
    assert (leads["L2"].closed_at, leads["L2"].dead_reason) == (datetime(2026, 1, 1, 17, tzinfo=UTC), "no money")
    assert leads["L3"].closed_at is not None


def test_people_that_nobody_is_are_made_in_their_roles_when_asked(importer: Importer, write_file: WriteFile) -> None:
    file = write_file(lines("Lead ID,Lead owner,CSR", "L1,Ann Lee,Bo Diaz", "L2,Bo Diaz,"))

    assert importer.leads(file).counts == {"total": 2, "rejected": 2}
    imported = importer.leads(file, create_users=True)

    assert imported.outcome.users_created == ("Ann Lee", "Bo Diaz")
    people = {user.name: user for user in importer.stored(User)}
    assert {name: people[name].role for name in ("Ann Lee", "Bo Diaz")} == {
        "Ann Lee": "sales_rep",
        "Bo Diaz": "sales_rep",
    }
    leads = by_id(importer)
    assert (leads["L1"].assigned_rep_id, leads["L1"].csr_id) == (people["Ann Lee"].id, people["Bo Diaz"].id)
    only_csr = write_file(lines("Lead ID,CSR", "L9,Cy Case"), "csrs.csv")
    importer.leads(only_csr, create_users=True)
    assert {user.name: user.role for user in importer.stored(User)}["Cy Case"] == "csr"


def test_a_dry_run_keeps_nothing(importer: Importer, write_file: WriteFile, rep: User) -> None:
    tried = importer.leads(write_file(lines(HEADER, NEW, DEAD)), keep=False)

    assert tried.counts == {"total": 2, "created": 2}
    assert rep.name == "Ann Lee"
    for model in (Lead, ContactCard, ImportedRow, Import):
        assert importer.stored(model) == []


@pytest.mark.parametrize(
    ("overwrite", "becomes"), [("unedited", ("new", "unqualified")), ("all", ("qualified", "warm"))]
)
def test_what_somebody_has_edited_here_stays_unless_all_is_overwritten(
    importer: Importer,
    write_file: WriteFile,
    rep: User,
    admin_engine: Engine,
    overwrite: str,
    becomes: tuple[str, str],
) -> None:
    importer.leads(write_file(lines(HEADER, NEW)))
    lead = importer.only(Lead)
    with admin_engine.begin() as connection:
        by = {"app.organization_id": lead.organization_id, "app.actor_id": rep.id, "app.source": "user"}
        for name, value in by.items():
            connection.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": str(value)})
        connection.execute(text("UPDATE leads SET stage = 'pending', qualification_status = 'unqualified'"))
        connection.execute(text("UPDATE leads SET stage = 'new'"))

    said = write_file(lines(HEADER, NEW.replace("Hot", "Warm").replace("Open - Not Contacted", "Converted")))
    importer.leads(said, guessed(said, LEADS_IMPORT).model_copy(update={"overwrite": overwrite}))

    lead = importer.only(Lead)
    assert (lead.stage, lead.qualification_status) == becomes


def test_two_files_at_once_make_one_contact_of_a_stranger(
    importer: Importer, write_file: WriteFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_service, "PORTION_ROWS", 7)
    header = "Lead ID,Name,Company,Phone,Email"

    def rows(prefix: str) -> list[str]:
        """Return rows of sixty strangers: twenty each identified by number, by email address and by company."""
        who = [(f",,+1212555{n:04},", f",,,someone{n}@quinn.example", f",Company {n},,") for n in range(20)]
        return [f"{prefix}{place},{said}" for place, said in enumerate(one for three in who for one in three)]

    first = write_file(lines(header, *rows("A")), "first.csv")
    second = write_file(lines(header, *reversed(rows("B"))), "second.csv")
    with ThreadPoolExecutor() as threads:
        done = list(threads.map(importer.leads, (first, second)))

    assert [one.counts for one in done] == [{"total": 60, "created": 60}] * 2
    assert len(importer.stored(ContactCard)) == 60
    assert len({lead.contact_card_id for lead in importer.stored(Lead)}) == 60
