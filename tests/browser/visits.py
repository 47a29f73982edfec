"""Access to other people's pages: an admin viewing as another user, and platform staff inside an organization."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from playwright.sync_api import Page

from app.models import Role
from demo.companies import COMPANIES
from tests.browser.demonstration import people

_WHY = "They asked what they can see"


class Visit(NamedTuple):
    """The role that signs in, the role whose pages it sees, and a function that gets there in any language."""

    role: str
    sees: Role
    enter: Callable[[Page], None]


def _view_as(role: Role, tab: Page) -> None:
    tab.goto(f"/users?q={people()[role].email}")
    tab.locator("main tbody a[href^='/users/']").first.click()
    tab.locator("main a[href$='/view-as']").click()
    _give_reason(tab)


def _enter_organization(tab: Page) -> None:
    tab.goto(f"/organizations?q={COMPANIES[0].slug}")
    tab.locator("main tbody a[href$='/enter']").first.click()
    _give_reason(tab)


def _give_reason(tab: Page) -> None:
    form = tab.locator("main form:has([name=reason])")
    form.locator("[name=reason]").fill(_WHY)
    form.locator("button").last.click()
    tab.wait_for_selector(IS_VISITING)


#: The banner that names the person or organization.
IS_VISITING = "aside.visit"

#: Visits by name.
VISITS: Mapping[str, Visit] = {
    **{f"viewing_{role}": Visit(Role.ADMIN, role, partial(_view_as, role)) for role in (Role.CSR, Role.EXEC)},
    **{
        f"platform_{role}_inside": Visit(f"platform_{role}", role, _enter_organization)
        for role in (Role.SUPPORT, Role.ADMIN)
    },
}
