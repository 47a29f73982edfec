"""A booking status in a real browser: support finds out who changed it, and an admin reverts it."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from app.models import Role
from tests.browser.conftest import OpenTab
from tests.support.browser import Theme, faults
from tests.support.company import Company


@pytest.mark.browser
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_support_finds_it_and_an_admin_sets_it_back(
    open_tab: OpenTab, company: Company, admin_engine: Engine, width: int, theme: Theme
) -> None:
    call = company.rows["call"]
    manager = open_tab(Role.MANAGER)
    manager.goto(f"/calls/{call.id}")
    manager.get_by_label("Booking status").select_option("booked")
    manager.get_by_role("button", name="Save booking status").click()
    expect(manager.get_by_text("Booking status saved.")).to_be_visible()

    support = open_tab(Role.SUPPORT, width=width, theme=theme)
    support.goto(f"/audit?resource_type=call&resource_id={call.id}&action=call.reclassified")
    name = company.people[Role.MANAGER].name
    expect(support.locator("tbody").get_by_text(name).locator("visible=true").first).to_be_visible()
    support.get_by_role("link", name="Set the booking status of a call", exact=True).click()
    expect(support.get_by_role("button", name="Revert this change…")).to_be_disabled()
    expect(
        support.get_by_text("You need the permission “audit:revert”. Ask someone with the role Admin.")
    ).to_be_visible()

    admin = open_tab(Role.ADMIN, width=width, theme=theme)
    admin.goto(support.url)
    admin.get_by_role("link", name="Revert this change…").click()
    expect(admin.get_by_role("heading", name="Revert this change?")).to_be_visible()
    assert faults(admin) == []
    admin.get_by_role("button", name="Revert").click()
    expect(admin.get_by_text("The change was reverted.")).to_be_visible()

    with admin_engine.connect() as connection:
        status = connection.exec_driver_sql(f"SELECT booking_status FROM calls WHERE id = '{call.id}'").scalar_one()
    assert status is None
