"""Import of deals: the stored records, and a repeated import of the file."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text

from app.models import Appointment, ContactCard, Import, ImportedRow, Lead, Role, User
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines
from tests.support.importing import Importer

HEADER = "Opportunity ID,Owner,Product,Account,Stage,Engage date,Close date,Amount,Lost reason"
WON = "D1,Ann Lee,Furnace,Acme,Won,2026-01-05,2026-02-10,1200.50,"
LOST = "D2,Ann Lee,Furnace,ACME,Lost,2026-01-06,2026-02-11,0,Too dear"
OPEN = "D3,Ann Lee,,Brown & Co,Engaging,2026-01-07,,,"
NEW = "D4,,,,Prospecting,,,,"


@pytest.fixture
def rep(make: Factories, importer: Importer) -> User:
    return make.user(importer.organization, role=Role.SALES_REP, name="Ann Lee")


def test_decided_deals_become_visits_with_closed_leads_and_open_ones_leads(
    importer: Importer, write_file: WriteFile, rep: User
) -> None:
    imported = importer.deals(write_file(lines(HEADER, WON, LOST, OPEN, NEW)))

    assert (imported.counts, imported.errors) == ({"total": 4, "created": 4}, [])
    cards = {card.company_name: card.id for card in importer.stored(ContactCard)}
    assert set(cards) == {"Acme", "Brown & Co"}
    visits = {visit.external_id: visit for visit in importer.stored(Appointment)}
    leads = {lead.external_id: lead for lead in importer.stored(Lead)}
    assert (set(visits), set(leads)) == ({"D1", "D2"}, {"D1", "D2", "D3", "D4"})

    noon = datetime(2026, 2, 10, 17, tzinfo=UTC)  # in New York
    won = visits["D1"]
    assert (won.status, won.outcome, won.deal_value) == ("completed", "closed_won", Decimal("1200.50"))
    assert (won.scheduled_start_at, won.scheduled_end_at) == (noon, noon + timedelta(hours=1))
    assert won.completed_at == won.outcome_at == noon + timedelta(hours=1)
    assert won.booked_at == datetime(2026, 1, 5, 17, tzinfo=UTC)
    assert (won.service_type, won.sales_rep_id, won.contact_card_id) == ("Furnace", rep.id, cards["Acme"])
    assert won.lead_id == leads["D1"].id
    lost = visits["D2"]
    assert (lost.outcome, lost.deal_value, lost.lost_reason) == ("closed_lost", None, "Too dear")

    stages = {name: (lead.stage, lead.closed_at is not None, lead.won_at is not None) for name, lead in leads.items()}
    assert stages == {
        "D1": ("booked", True, True), "D2": ("dead", True, False), "D3": ("qualified", False, False),
        "D4": ("new", False, False),
    }  # fmt: skip
    assert (leads["D3"].assigned_rep_id, leads["D3"].contact_card_id) == (rep.id, cards["Brown & Co"])
    assert (leads["D4"].assigned_rep_id, leads["D4"].contact_card_id) == (None, None)
    assert {one.source for one in leads.values()} == {"import"}


def test_a_deal_that_is_decided_later_gets_its_visit(importer: Importer, write_file: WriteFile, rep: User) -> None:
    importer.deals(write_file(lines(HEADER, OPEN)))
    [lead] = importer.stored(Lead)

    changed = importer.deals(write_file(lines(HEADER, "D3,Ann Lee,Duct,Brown & Co,Won,2026-01-07,2026-03-01,900,")))

    assert changed.counts == {"total": 1, "updated": 1}
    [now], [visit] = importer.stored(Lead), importer.stored(Appointment)
    assert (now.id, now.stage, now.version) == (lead.id, "booked", lead.version + 1)
    assert (visit.lead_id, visit.deal_value, visit.sales_rep_id) == (lead.id, Decimal(900), rep.id)
    assert now.won_at == now.closed_at == visit.outcome_at
    assert len(importer.stored(ContactCard)) == 1
    again = importer.deals(write_file(lines(HEADER, "D3,Ann Lee,Duct,Brown & Co,Won,2026-01-07,2026-03-01,950,")))
    assert again.counts == {"total": 1, "updated": 1}
    [visit] = importer.stored(Appointment)
    assert (visit.deal_value, visit.version) == (Decimal(950), 2)
    kept = [(row.resource, row.effect) for row in importer.stored(ImportedRow, ImportedRow.id)]
    assert sorted(kept) == [
        ("appointment", "created"), ("appointment", "updated"), ("contact_card", "created"), ("lead", "created"),
        ("lead", "updated"), ("lead", "updated"),
    ]  # fmt: skip


@pytest.mark.usefixtures("rep")
def test_what_was_closed_here_is_not_opened_by_a_file(importer: Importer, write_file: WriteFile) -> None:
    importer.deals(write_file(lines(HEADER, WON)))

    refused = importer.deals(write_file(lines(HEADER, "D1,Ann Lee,,Acme,Engaging,2026-01-05,,,")))

    reason = "This deal’s lead is closed in Switchboard, but the deal is open in the file. Reopen the lead first."
    assert refused.refusals == [(2, "Stage", "qualified", reason)]
    assert importer.only(Lead).stage == "booked"


@pytest.mark.usefixtures("rep")
def test_what_people_did_with_an_open_lead_stays(
    importer: Importer, write_file: WriteFile, admin_engine: Engine
) -> None:
    importer.deals(write_file(lines(HEADER, OPEN)))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE leads SET stage = 'pending'"))

    importer.deals(write_file(lines(HEADER, "D3,Ann Lee,,Brown & Co,Prospecting,2026-01-08,,,")))

    assert importer.only(Lead).stage == "pending"


@pytest.mark.usefixtures("rep")
def test_a_deal_in_the_trash_stays_there(importer: Importer, write_file: WriteFile, admin_engine: Engine) -> None:
    importer.deals(write_file(lines(HEADER, WON)))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE appointments SET deleted_at = now()"))

    again = importer.deals(write_file(lines(HEADER, WON)))

    assert again.refusals == [(2, "Opportunity ID", "D1", "This deal is in the trash. Restore it first.")]


@pytest.mark.usefixtures("rep")
@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("D1,Ann Lee,Furnace,Acme,Won,2026-01-05,,1200,", "Close date", "It’s missing."),
        ("D1,Ann Lee,,Acme,Lost,2026-01-05,2026-02-10,,", "Product", "It’s missing."),
        ("D1,Ann Lee,Furnace,Acme,,2026-01-05,2026-02-10,,", "Stage", "It’s missing."),
        ("D1,Ann Lee,Furnace,Acme,Won,2026-01-05,2126-02-10,5,", "Close date", "The date is in the future, so"),
        ("D1,Ann Lee,Furnace,Acme,Won,2026-01-05,soon,5,", "Close date", "It isn’t a date like"),
    ],
)
def test_what_a_decided_deal_cannot_be_without_turns_its_row_away(
    importer: Importer, write_file: WriteFile, row: str, column: str, reason: str
) -> None:
    imported = importer.deals(write_file(lines(HEADER, row, OPEN)))

    assert imported.counts == {"total": 2, "created": 1, "rejected": 1}
    [(line, found, _value, why)] = imported.refusals
    assert (line, found) == (2, column)
    assert why.startswith(reason)


def test_a_rep_of_one_character_is_a_person_of_that_name(importer: Importer, write_file: WriteFile) -> None:
    file = write_file(lines(HEADER, "D1,7,Furnace,Acme,Won,2026-01-05,2026-02-10,300,"))

    assert importer.deals(file).outcome.users_created == ("Agent 7",)
    assert importer.deals(file).counts == {"total": 1, "unchanged": 1}


@pytest.mark.usefixtures("rep")
def test_what_a_deal_can_do_without_is_left_out_with_a_remark(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.deals(
        write_file(
            lines(
                HEADER,
                "D1,Ann Lee,Furnace,Acme,Won,2026-01-05,2026-02-10,much,",
                "D2,Ann Lee,Furnace,Acme,Lost,2026-01-05,2026-02-10,300,",
                "D3,Ann Lee,,Acme,Engaging,someday,,,",
            )
        )
    )

    assert imported.counts == {"total": 3, "created": 3, "remarked": 3}
    assert [(line, column) for line, column, _value, _why in imported.refusals] == [
        (2, "Amount"), (3, "Amount"), (4, "Engage date")
    ]  # fmt: skip
    assert {visit.deal_value for visit in importer.stored(Appointment)} == {None}


def test_names_that_nobody_has_become_inactive_sales_reps_when_asked(importer: Importer, write_file: WriteFile) -> None:
    file = write_file(lines(HEADER, WON))

    assert importer.deals(file, create_users=False).counts == {"total": 1, "rejected": 1}
    assert importer.stored(Lead) == []
    imported = importer.deals(file)

    assert imported.outcome.users_created == ("Ann Lee",)
    [made] = [user for user in importer.stored(User) if user.name == "Ann Lee"]
    assert (made.role, made.status, made.password_hash) == ("sales_rep", "inactive", None)
    assert importer.only(Appointment).sales_rep_id == made.id


def test_an_id_that_repeats_is_turned_away_and_a_row_without_one_is_known_by_what_it_says(
    importer: Importer, write_file: WriteFile, rep: User
) -> None:
    assert rep.name == "Ann Lee"
    repeated = importer.deals(write_file(lines(HEADER, WON, WON.replace("1200.50", "1"))))
    assert repeated.refusals == [(3, "Opportunity ID", "D1", "Line 2 has the same ID but different data.")]

    nameless = write_file(lines("Owner,Product,Stage,Close date", "Ann Lee,Duct,Won,2026-02-10"), "other.csv")
    assert importer.deals(nameless).counts == {"total": 1, "created": 1}
    assert importer.deals(nameless).counts == {"total": 1, "unchanged": 1}


def test_a_company_is_found_by_its_name_and_goes_before_its_people(
    importer: Importer, write_file: WriteFile, rep: User, make: Factories
) -> None:
    assert rep.name == "Ann Lee"
    make.contact(importer.organization, first_name="Zed", company_name="Acme")
    company = make.contact(importer.organization, first_name=None, last_name=None, company_name="acme")
    make.contact(make.organization(), first_name=None, last_name=None, company_name="Brown & Co")

    importer.deals(write_file(lines(HEADER, WON, OPEN)))

    assert importer.only(Appointment).contact_card_id == company.id
    assert [card.company_name for card in importer.stored(ContactCard)].count("Brown & Co") == 1


@pytest.mark.usefixtures("rep")
def test_a_list_of_companies_that_comes_later_tells_of_those_that_deals_have_named(
    importer: Importer, write_file: WriteFile, make: Factories
) -> None:
    make.contact(importer.organization, first_name="Zed", company_name="Cold Inc")
    importer.deals(write_file(lines(HEADER, WON, OPEN)))
    known = {card.company_name: card.id for card in importer.stored(ContactCard) if card.first_name is None}
    accounts = write_file(lines("account,city", "ACME,Boston", "Cold Inc,Albany"), "accounts.csv")

    assert importer.contacts(accounts).counts == {"total": 2, "created": 1, "updated": 1}
    assert importer.contacts(accounts).counts == {"total": 2, "unchanged": 2}
    cards = {card.id: card for card in importer.stored(ContactCard)}
    assert (cards[known["Acme"]].city, len(cards)) == ("Boston", 4)
    assert importer.only(Appointment).contact_card_id == known["Acme"]


#: The default stages before a decision, in the order of the pipelines of HubSpot, Pipedrive and Salesforce.
OPEN_STAGES = (
    *("Appointment Scheduled", "Qualified To Buy", "Presentation Scheduled", "Decision Maker Bought-In"),
    *("Contract Sent", "appointmentscheduled", "decisionmakerboughtin"),
    *("Qualified", "Demo Scheduled", "Proposal Made", "Negotiations Started"),
    *("Qualification", "Needs Analysis", "Value Proposition", "Id. Decision Makers", "Perception Analysis"),
    *("Proposal/Price Quote", "Negotiation/Review"),
)


@pytest.mark.usefixtures("rep")
def test_default_stages_of_other_systems_are_known(importer: Importer, write_file: WriteFile) -> None:
    stages = dict.fromkeys(OPEN_STAGES, "qualified") | dict.fromkeys(("Contact Made", "Prospecting"), "new")
    rows = [OPEN.replace("D3", f"D{number}").replace("Engaging", stage) for number, stage in enumerate(stages)]
    imported = importer.deals(write_file(lines(HEADER, *rows)))

    assert imported.counts == {"total": len(stages), "created": len(stages)}
    found = {lead.external_id: lead.stage for lead in importer.stored(Lead)}
    assert [found[f"D{number}"] for number in range(len(stages))] == [*stages.values()]


@pytest.mark.usefixtures("rep")
def test_stages_of_other_systems_are_asked_for(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.deals(
        write_file(lines(HEADER, WON.replace("Won", "Negotiation"), WON.replace("Won", "closedwon")))
    )

    assert imported.counts == {"total": 2, "created": 1, "rejected": 1}
    assert (2, "Stage", "Negotiation") in [refusal[:3] for refusal in imported.refusals]


@pytest.mark.usefixtures("rep")
def test_a_dry_run_keeps_nothing(importer: Importer, write_file: WriteFile) -> None:
    tried = importer.deals(write_file(lines(HEADER, WON, OPEN)), keep=False)

    assert tried.counts == {"total": 2, "created": 2}
    for model in (Lead, Appointment, ContactCard, ImportedRow, Import):
        assert importer.stored(model) == []


def test_the_words_of_crms_are_known_and_a_value_that_is_too_large_is_remarked(
    importer: Importer, write_file: WriteFile, rep: User
) -> None:
    closed_won, closed_lost = WON.replace("Won", "Closed Won"), LOST.replace("Lost", "Closed Lost")
    dear = closed_won.replace("1200.50", "99999999.99")

    imported = importer.deals(write_file(lines(HEADER, dear, closed_lost)))

    assert imported.counts == {"total": 2, "created": 2, "remarked": 1}
    visits = {visit.external_id: visit for visit in importer.stored(Appointment)}
    assert [visits[name].outcome for name in ("D1", "D2")] == ["closed_won", "closed_lost"]
    assert visits["D1"].deal_value is None
