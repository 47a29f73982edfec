"""A company with data, and a browser with a signed-in user."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from app.models import Role, User
from tests.support.browser import Theme, set_session
from tests.support.cached_rows import restored_by_copy
from tests.support.company import Company, make_company
from tests.support.factories import Factories

OpenTab = Callable[..., Page]


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> Company:
    """The organization whose pages are tested. Restored by COPY."""
    return make_company(make)


@pytest.fixture
def open_tab(app: Flask, _browser: Browser, live_address: str, company: Company) -> Iterator[OpenTab]:
    """Function that opens a signed-in tab: `open_tab(role, width=390, theme="dark", javascript=False)`."""
    with ExitStack() as contexts:

        def open_signed_in(
            who: Role | User, *, width: int = 1440, theme: Theme = "light", javascript: bool = True
        ) -> Page:
            context = contexts.enter_context(
                _browser.new_context(
                    base_url=live_address,
                    viewport={"width": width, "height": 900},
                    color_scheme=theme,
                    java_script_enabled=javascript,
                    # Needed only to inject axe into the page; other tests cover the policy itself.
                    bypass_csp=javascript,
                )
            )
            tab = context.new_page()
            set_session(tab, app, live_address, who if isinstance(who, User) else company.people[who])
            return tab

        yield open_signed_in
