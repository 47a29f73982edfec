"""Typical tasks from beginning to end, in a real browser: no data is lost, and revoked access ends."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import Engine, text

from app.db.session import jobs_role
from app.declarations.registry import registry_of
from app.models import Organization, Role, StaffRole
from app.ops.jobs.run_service import perform
from app.organization.billing.jobs import apply_downgrades
from app.security.actor import Actor
from app.trust.trash.delete_service import delete
from tests.browser.conftest import OpenTab
from tests.support.browser import Theme, faults
from tests.support.company import Company
from tests.support.factories import Factories
from tests.support.work import at_work

LOOKS = pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])

#: Columns that a restore always changes.
CHANGES = {"updated_at", "version", "last_seen_at"}

Row = dict[str, Any]


@pytest.fixture
def rows(admin_engine: Engine) -> Callable[..., list[Row]]:
    """Function that returns the current rows of a table, ordered by ID."""

    def read(table: str, column: str, value: Any) -> list[Row]:
        wanted = text(f"SELECT to_jsonb(t) FROM {table} t WHERE {column} = :value ORDER BY id")
        with admin_engine.connect() as connection:
            return list(connection.scalars(wanted, {"value": value}))

    return read


@pytest.fixture
def work(app: Flask, admin_engine: Engine) -> Callable[[], None]:
    """Function that runs the pending jobs.

    Playwright runs in an event loop, next to which a worker cannot run.
    """

    def run() -> None:
        with admin_engine.connect() as connection:
            waiting = connection.execute(text("SELECT organization_id, id, name FROM jobs WHERE status = 'waiting'"))
            jobs = waiting.all()
        for job in jobs:
            kind = registry_of(app).job(job.name)
            assert kind is not None
            perform(app, kind, job.organization_id, job.id)

    return run


def kept(found: list[Row], *besides: str) -> list[Row]:
    """Return the values that must be unchanged after a restore."""
    return [{name: value for name, value in row.items() if name not in CHANGES.union(besides)} for row in found]


@pytest.mark.browser
@LOOKS
def test_a_person_is_deleted_and_comes_back_though_their_address_was_taken(
    open_tab: OpenTab, company: Company, make: Factories, rows: Any, width: int, theme: Theme
) -> None:
    person = make.user(company.organization, name="Dana Whitlock", email="dana@comfort.example", phone="+12125550142")
    before = rows("users", "id", person.id)
    tab = open_tab(Role.ADMIN, width=width, theme=theme)

    tab.goto(f"/users/{person.id}/delete")
    tab.get_by_label("Reason").fill("Has left the company")
    tab.get_by_role("button", name="Delete", exact=True).click()
    expect(tab.get_by_role("button", name="Undo")).to_be_visible()
    make.user(company.organization, name="Dana Newcomb", email="dana@comfort.example")

    tab.goto("/trash")
    tab.get_by_role("link", name="Dana Whitlock", exact=True).click()
    tab.get_by_role("link", name="Restore").first.click()
    expect(tab.get_by_text("1 record can’t be restored as it was.")).to_be_visible()
    assert faults(tab) == []
    tab.get_by_label("Restore with a different value").check()
    tab.locator(f"input[name='value-{person.id}']").fill("dana.whitlock@comfort.example")
    tab.get_by_role("button", name="Review choices").click()
    tab.get_by_role("button", name="Restore ").last.click()

    expect(tab.get_by_text("Restored: 1 item.")).to_be_visible()
    after = rows("users", "id", person.id)
    assert kept(after, "email", "email_key") == kept(before, "email", "email_key")
    assert after[0]["email"] == "dana.whitlock@comfort.example"


@pytest.mark.browser
def test_a_contact_with_its_closed_leads_and_tasks_comes_back_exactly(
    app: Flask, open_tab: OpenTab, company: Company, make: Factories, rows: Any
) -> None:
    organization = company.organization
    contact = make.contact(organization, first_name="Terry", last_name="Okonkwo")
    make.lead(organization, contact=contact, closed_at=datetime.now(UTC), stage="dead")
    make.task(organization, title="Send the price list", contact_card_id=contact.id)
    make.task(organization, title="A task that stays", contact_card_id=None)
    tables = {
        "contact_cards": "id",
        "contact_phones": "contact_card_id",
        "leads": "contact_card_id",
        "tasks": "contact_card_id",
    }
    before = {table: kept(rows(table, column, contact.id)) for table, column in tables.items()}
    delete_contact(app, company, contact.id)
    tab = open_tab(Role.ADMIN)

    tab.goto("/trash")
    tab.get_by_role("link", name="Terry Okonkwo", exact=True).click()
    tab.get_by_role("link", name="Restore").first.click()
    expect(tab.get_by_text("Everything will be restored as it was.")).to_be_visible()
    tab.get_by_role("button", name="Restore ").last.click()

    expect(tab.get_by_text("Restored: 4 items.")).to_be_visible()
    assert {table: kept(rows(table, column, contact.id)) for table, column in tables.items()} == before


@pytest.mark.browser
def test_an_organization_is_deleted_and_comes_back_though_its_number_was_taken(
    open_tab: OpenTab, company: Company, make: Factories, rows: Any
) -> None:
    organization = company.organization
    number = company.rows["phone_number"]
    gone_before = make.deletion(make.task(organization, title="Deleted before"))
    owner = open_tab(Role.OWNER)
    colleague = open_tab(Role.CSR)
    people = kept(rows("users", "organization_id", organization.id))

    owner.goto("/organization/delete")
    owner.get_by_label("URL name").fill(organization.slug)
    owner.get_by_label("Reason").fill("We have sold the business")
    owner.get_by_role("button", name="Delete", exact=True).click()
    expect(owner.get_by_text("Your session ended because your organization was deleted.")).to_be_visible()
    colleague.goto("/calls")
    expect(colleague.get_by_role("button", name="Sign in")).to_be_visible()

    make.phone_number(make.organization(name="Somebody else"), number=number.number)
    staff = open_tab(make.staff(StaffRole.ADMIN))
    staff.goto(f"/organizations/{organization.id}")
    staff.get_by_role("link", name="Restore").click()
    expect(staff.get_by_text("This number is already in use. Enter another.")).to_be_visible()
    assert faults(staff) == []
    staff.get_by_label("Leave it in the trash").check()
    staff.get_by_role("button", name="Review choices").click()
    staff.get_by_role("button", name="Restore", exact=False).last.click()
    expect(staff.get_by_text(f"{organization.name} was restored.")).to_be_visible()

    assert kept(rows("users", "organization_id", organization.id)) == people
    assert rows("organizations", "id", organization.id)[0]["deleted_at"] is None
    assert rows("phone_numbers", "id", number.id)[0]["deleted_at"] is not None
    assert rows("tasks", "deletion_batch_id", gone_before.id)[0]["deleted_at"] is not None, "it was deleted before"


@pytest.mark.browser
@LOOKS
def test_a_colleague_is_demoted_while_they_click(
    open_tab: OpenTab, company: Company, make: Factories, rows: Any, width: int, theme: Theme
) -> None:
    colleague = make.user(company.organization, role=Role.ADMIN, name="Rosa Delgado")
    theirs = open_tab(colleague, width=width, theme=theme)
    theirs.goto("/users")
    admin = open_tab(Role.OWNER, width=width, theme=theme)

    admin.goto(f"/users/{colleague.id}/role?role=csr")
    expect(admin.get_by_text("so Rosa Delgado will be signed out")).to_be_visible()
    expect(admin.get_by_role("heading", name="Permissions lost")).to_be_visible()
    assert faults(admin) == []
    admin.get_by_label("Reason").fill("Moves to the phones")
    admin.get_by_role("button", name="Change Rosa Delgado’s role to CSR").click()
    expect(admin.get_by_text("Rosa Delgado’s role is now CSR.")).to_be_visible()

    theirs.get_by_role("link", name=company.people[Role.CSR].name).first.click()
    expect(theirs.get_by_text("Your session ended because your role was changed.")).to_be_visible()
    assert rows("users", "id", colleague.id)[0]["role"] == "csr"


@pytest.mark.browser
def test_an_owner_moves_to_a_smaller_plan_and_says_who_leaves(
    app: Flask, open_tab: OpenTab, make: Factories, company: Company, admin_engine: Engine, rows: Any
) -> None:
    organization = company.organization
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE plans SET team_members = 8 WHERE code = 'starter'"))
        connection.execute(text("UPDATE subscriptions SET plan = 'professional'"))
        connection.execute(text("UPDATE organizations SET team_members_quota = 100"))
    try:
        leaver = make.user(organization, name="Larry Leaver")
        theirs, owner = open_tab(leaver), open_tab(Role.OWNER)

        owner.goto("/organization/billing/plan?plan=starter")
        expect(owner.get_by_text("Choose at least 1 person to deactivate when the plan starts.")).to_be_visible()
        owner.get_by_role("button", name="Schedule change").click()
        expect(owner.get_by_role("alert")).to_be_visible()
        owner.get_by_label("Select Larry Leaver").check()
        owner.get_by_role("button", name="Schedule change").click()
        expect(owner.get_by_text("Starter").first).to_be_visible()
        end_the_period(admin_engine, organization)
        with app.app_context(), jobs_role(), at_work(app, organization.id):
            apply_downgrades.run()

        assert rows("subscriptions", "organization_id", organization.id)[0]["plan"] == "starter"
        assert rows("users", "id", leaver.id)[0]["deactivation_reason"] == "plan_downgrade"
        theirs.goto("/calls")
        expect(theirs.get_by_role("button", name="Sign in")).to_be_visible()
    finally:
        with admin_engine.begin() as connection:
            connection.execute(text("UPDATE plans SET team_members = 25 WHERE code = 'starter'"))


@pytest.mark.browser
def test_a_person_asks_for_their_data_and_then_to_be_forgotten(
    open_tab: OpenTab, make: Factories, company: Company, admin_engine: Engine, work: Callable[[], None]
) -> None:
    organization = company.organization
    contact = make.contact(organization, first_name="Marguerite", last_name="Vandersteen", email="mv@house.example")
    call = make.call(organization, contact_card_id=contact.id, caller_number=contact.primary_phone)
    make.note(call, company.people[Role.CSR], body="Marguerite Vandersteen wants a new boiler")
    tab = open_tab(Role.ADMIN)

    tab.goto("/privacy")
    tab.get_by_label("Phone number, email address, name or contact ID").fill("Vandersteen")
    tab.get_by_role("region", name="Find a person").get_by_role("button").click()
    tab.get_by_role("link", name="Marguerite Vandersteen").click()
    tab.get_by_role("button", name="Export everything").click()
    work()
    tab.goto("/exports")
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download").first.click()
    assert download.value.suggested_filename.endswith(".zip")

    tab.goto(f"/privacy/{contact.id}")
    assert faults(tab) == []
    tab.get_by_label("Reason").fill("Asked by letter")
    tab.get_by_label("Type ERASE to confirm").fill("ERASE")
    tab.get_by_role("button", name="Erase person").click()
    work()

    tab.goto("/privacy?q=Vandersteen")
    expect(tab.get_by_text("No matching contacts")).to_be_visible()
    with admin_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM calls WHERE id = :id"), {"id": call.id}) == 1
        for table in ("contact_cards", "call_notes", "calls", "audit_logs", "exports"):
            mentions = connection.scalar(text(f"SELECT count(*) FROM {table} t WHERE t::text ILIKE '%Vandersteen%'"))
            assert mentions == 0, table


def delete_contact(app: Flask, company: Company, contact_id: Any) -> None:
    """Delete a contact with the service, outside the browser's event loop."""
    admin = company.people[Role.ADMIN]
    actor = Actor(
        organization_id=admin.organization_id, user_id=admin.id, name=admin.name, email=admin.email, role=Role.ADMIN
    )

    def do() -> None:
        with at_work(app, company.organization.id):
            delete(actor, "contact_card", [contact_id])

    apart = threading.Thread(target=do)
    apart.start()
    apart.join()


def end_the_period(engine: Engine, organization: Organization) -> None:
    """Move the billing period into the past, so that the scheduled downgrade is due."""
    moved = timedelta(days=40)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text(
                "UPDATE subscriptions SET current_period_start = current_period_start - :moved,"
                " current_period_end = current_period_end - :moved, scheduled_for = scheduled_for - :moved"
                " WHERE organization_id = :id"
            ),
            {"moved": moved, "id": organization.id},
        )
