"""The list of organizations on a phone; `test_pages.py` checks the pages within an organization."""

import pytest

from app.models import StaffRole
from tests.browser.conftest import OpenTab
from tests.browser.narrow import faults_when_narrow
from tests.support.company import Company
from tests.support.factories import Factories

pytestmark = pytest.mark.browser


def test_nothing_is_lost_on_a_phone(company: Company, make: Factories, open_tab: OpenTab) -> None:
    tab = open_tab(make.staff(StaffRole.ADMIN), width=390)
    tab.goto("/organizations")

    assert tab.locator("main .tbl tbody tr").count() > 1
    assert faults_when_narrow(tab) == []
