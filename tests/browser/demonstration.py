"""The demonstration company, freshly loaded for `pictures` and `crawl`."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import Engine, create_engine, delete, select
from sqlalchemy.orm import Session

from app.config import Settings
from app.declarations.demonstration import SignIn
from app.extensions import db
from app.factory import create_app
from app.models import Organization, Role, Subscription
from demo.commands import add_demonstration
from demo.companies import COMPANIES, PLATFORM
from demo.people import sign_ins
from tests.support.client import Client
from tests.support.company import one_of_everything, page_addresses
from tests.support.database import worker_database
from tests.support.factories import Factories
from tests.support.form_setups import WAYS, Scene

#: Routes whose page exists only after an action.
_BY_ACTION = (
    "audit_log.revert",
    "audit_log.revert_operation",
    "audit_log.start_revert",
    "bulk.create",
    "imports.run",
)


@contextmanager
def demonstration(folder: Path) -> Iterator[Settings]:
    """Yield settings for apps on a database in `folder` with the demonstration companies."""
    with worker_database(folder / "server", "demonstration") as database:
        settings = database.settings(folder / "files").model_copy(update={"environment": "development"})
        with unlimited(settings) as app:
            add_demonstration(app)
            result = app.test_cli_runner().invoke(args=["demo", "load"])
        if result.exit_code:
            sys.exit(result.output)
        yield settings


@contextmanager
def unlimited(settings: Settings) -> Iterator[Flask]:
    """Create an app without rate limits."""
    app = create_app(settings)
    app.config["RATELIMIT_ENABLED"] = False
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def admin_engine(settings: Settings) -> Engine:
    """Return an engine whose connections can read everything."""
    assert settings.bootstrap_database_url, "a database of our own"
    return create_engine(settings.bootstrap_database_url.get_secret_value())


def pages_of_rare_rows(settings: Settings) -> Mapping[str, Sequence[str]]:
    """Add rows that the demonstration lacks, and return the addresses of their pages by role."""
    with unlimited(settings) as app, ExitStack() as closing:
        engine = admin_engine(settings)
        closing.callback(engine.dispose)
        make = Factories(engine)
        with Session(engine, expire_on_commit=False) as session, session.begin():
            organization = session.scalars(select(Organization).where(Organization.slug == COMPANIES[0].slug)).one()
            session.execute(delete(Subscription).where(Subscription.organization_id == organization.id))  # one at most
        company = one_of_everything(make, organization)
        client = Client(app).sign_in(company.people[Role.OWNER])
        scene = Scene(app, client, Client(app), company, make, company.people[Role.OWNER])
        ready = [WAYS[endpoint](scene).page for endpoint in _BY_ACTION]
        found = [page.response.request.full_path.rstrip("?") for page in ready if page]
        found += [address.replace("/preview", "/mapping") for address in found if "/preview" in address]
        return {role: [*page_addresses(app, company, role), *found] for role in Role}


def people() -> Mapping[str, SignIn]:
    """Return the first person of each role of the first company and of the platform's staff, by role."""
    ours = (COMPANIES[0].slug, PLATFORM.slug)
    return {one.role: one for one in reversed(sign_ins()) if one.organization in ours}


def sign_in(tab: Page, person: SignIn) -> None:
    """Sign in with the form, to the first company if the person has several."""
    tab.goto("/login")
    tab.get_by_label("Email").fill(person.email)
    tab.get_by_label("Password", exact=True).fill(person.password)
    tab.get_by_role("button", name="Sign in").click()
    if "/login/organization" in tab.url:
        tab.get_by_role("button", name=COMPANIES[0].name).click()
    tab.wait_for_url(lambda url: "/login" not in url)
