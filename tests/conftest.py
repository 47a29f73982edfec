"""Fixtures for all tests: the database, the app on it, a client, factories, a browser."""

import gc

# No garbage collection while the app and the tests are imported: it finds nothing (see `wsgi.py`).
gc.disable()

import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache, Undefined
from jinja2.utils import missing
from playwright.sync_api import Browser, Playwright, sync_playwright
from playwright.sync_api import Page as BrowserPage
from sqlalchemy import Engine
from wtforms.form import BaseForm

from app.db.embedded import SUPERUSER
from app.extensions import db
from app.factory import Switchboard, create_app
from app.models import Organization, Role, User
from app.security import passwords
from app.web import maintenance
from app.web.rate_limits import forget_counts
from demo.commands import add_demonstration
from tests.support.browser import launched, served
from tests.support.cached_rows import restored_by_copy, share_cached_rows
from tests.support.client import Client
from tests.support.company import make_company
from tests.support.database import Cleaner, Fillable, WorkerDatabase, worker_database
from tests.support.direct_access import Behind
from tests.support.factories import CHEAP_HASHER, Factories
from tests.support.house_style import STRICT_PARSES
from tests.support.owner_pages import OwnerPages, open_as_owner
from tests.support.queries import recorded_queries
from tests.support.reaper import process_of_run, reap_after
from tests.support.shared import made_once

pytest_plugins = [
    "tests.support.turns_plugin",
    "tests.support.collection",
    "tests.support.distribution",
    "tests.support.reach",
    "tests.support.reporting",
    "tests.support.cost.recording",
]

# A shared machine sometimes pauses; a slow example is not a failure.
hypothesis_settings.register_profile("unhurried", deadline=None)
hypothesis_settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    """Run the garbage collector rarely, and never on objects loaded by now: it took a twelfth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Enable the garbage collector from the first test on, also in the process that only distributes the tests."""
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Run the garbage collector on everything for the last time: pytest runs it five times when it ends."""
    gc.collect()
    gc.freeze()


#: Stash key of whether the next test of this worker uses `fill_database`.
NEXT_FILLS_DATABASE = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Let fixtures that are being torn down know whether the next test fills the database itself."""
    item.config.stash[NEXT_FILLS_DATABASE] = "fill_database" in getattr(nextitem, "fixturenames", ())


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run share; a killed run leaves nothing running in it."""
    own = tmp_path_factory.getbasetemp()
    folder = own if worker_id == "master" else own.parent
    reap_after(process_of_run(worker_id), folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _shared_by_workers(run_folder: Path) -> None:
    """Compiled templates, cached rows and the record of strict parses, shared among the workers of this run only."""
    STRICT_PARSES.share(run_folder / "strict-parses")
    share_cached_rows(run_folder / "cached-rows")
    folder = run_folder / "compiled-templates"
    folder.mkdir(exist_ok=True)
    cache = FileSystemBytecodeCache(str(folder))
    Switchboard.jinja_options = {**Switchboard.jinja_options, "bytecode_cache": cache}


@pytest.fixture(scope="session")
def database(run_folder: Path, worker_id: str) -> Iterator[WorkerDatabase]:
    """The worker's own database."""
    with worker_database(run_folder, worker_id) as database:
        yield database
    if not database.server.is_running():
        shutil.rmtree(database.server.home, ignore_errors=True)  # some 50 MB


@pytest.fixture(scope="session")
def admin_engine(database: WorkerDatabase) -> Iterator[Engine]:
    """The superuser's engine, for checks that bypass the app."""
    engine = database.admin_engine()
    yield engine
    engine.dispose()


class NothingThere(Undefined):
    """Undefined value that raises an error for a missing attribute of an app object or a result row.

    Otherwise, pages would silently be rendered without it. Forms are exempt.
    """

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None, *exc: Any) -> None:
        super().__init__(hint, obj, name, *exc)
        if type(obj).__module__.startswith(("app.", "sqlalchemy.engine.row")) and not isinstance(obj, BaseForm):
            raise AttributeError(f"A template asks {obj!r} for {name!r}.")


@pytest.fixture(scope="session")
def _cheap_passwords() -> None:
    """Cheap password hashing in the app, as in the factories, so that no hash is replaced on sign-in."""
    passwords._hasher = CHEAP_HASHER


@pytest.fixture(scope="session")
def _app(database: WorkerDatabase, tmp_path_factory: pytest.TempPathFactory, _cheap_passwords: None) -> Iterator[Flask]:
    settings = database.settings(tmp_path_factory.mktemp("var"))
    # A worker with the whole schedule would back up the database and restore the backup (tests/cli/test_backup.py).
    app = create_app(settings.model_copy(update={"daily_backup": False}))
    app.jinja_env.undefined = NothingThere
    add_demonstration(app)
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def cleaner(database: WorkerDatabase) -> Iterator[Cleaner]:
    """The object that empties and fills the worker's database."""
    cleaner = Cleaner(database.url(SUPERUSER))
    yield cleaner
    cleaner.close()


@pytest.fixture
def clean_database(cleaner: Cleaner, request: pytest.FixtureRequest) -> Iterator[None]:
    """A database that is empty before and after the test.

    Untouched rows stay if the next test fills the database again.
    """
    yield
    if not (cleaner.is_untouched and request.config.stash[NEXT_FILLS_DATABASE]):
        cleaner.clean()


@pytest.fixture
def fill_database(cleaner: Cleaner, clean_database: None) -> Callable[[Fillable | None], None]:
    """Function that replaces the contents of the database with the given rows; `None` empties it.

    Rows stay from test to test as long as nothing is committed.
    """
    return lambda rows: cleaner.clean() if rows is None else cleaner.fill(rows)


@pytest.fixture
def app(_app: Flask, clean_database: None) -> Flask:
    """The app on an empty database, without the maintenance window and the files of earlier tests.

    Restored organizations have the same IDs in each test, so one test would see the files of another.
    """
    _app.extensions[maintenance.CACHE].read_at = -math.inf
    with _app.app_context():
        forget_counts()
    for folder in filter(Path.is_dir, _app.config["SETTINGS"].storage_dir.glob("*")):
        shutil.rmtree(folder)
    return _app


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser that is not signed in and runs no JavaScript."""
    return Client(app)


@pytest.fixture
def new_client(app: Flask) -> Callable[[], Client]:
    """A factory of clients, for tests with several browsers at a time."""
    return lambda: Client(app)


@pytest.fixture
def make(admin_engine: Engine, cleaner: Cleaner, clean_database: None) -> Factories:
    """The factories that create rows."""
    return Factories(admin_engine, cleaner)


@pytest.fixture
@restored_by_copy
def organization(make: Factories) -> Organization:
    """A company, with a neighbor company in the same database. Restored by COPY."""
    with make.batch():
        neighbour = make.organization(name="Zebra Plumbing")
        for role in (Role.CSR, Role.ADMIN, Role.OWNER):
            make.user(neighbour, role=role)
        return make.organization(name="Blue Ridge Air", slug="blue-ridge")


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    """The organization's only owner."""
    return make.user(organization, role=Role.OWNER, name="Olivia Owner")


@pytest.fixture
def admin(make: Factories, organization: Organization, owner: User) -> User:
    """An admin in addition to the owner."""
    return make.user(organization, role=Role.ADMIN, name="Ada Admin")


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    """The admin's signed-in browser."""
    return client.sign_in(admin)


@pytest.fixture
def behind(admin_engine: Engine) -> Behind:
    """Helper that reads and changes rows as the superuser of the database, bypassing the app."""
    return Behind(admin_engine)


@pytest.fixture
def queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Context manager that records the statements the app sends inside its block, in a list."""
    with app.app_context():
        engine = db.engine
    return lambda: recorded_queries(engine)


@pytest.fixture(scope="session")
def owner_pages(_app: Flask, admin_engine: Engine, cleaner: Cleaner, run_folder: Path) -> OwnerPages:
    """The pages of an owner, opened once per run and shared by its workers."""

    def open_pages() -> OwnerPages:
        cleaner.clean()
        opened = open_as_owner(_app, make_company(Factories(admin_engine)))
        cleaner.clean()
        return opened

    return made_once(run_folder / "owner-pages", open_pages)


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def _browser(_playwright: Playwright) -> Iterator[Browser]:
    with launched(_playwright) as browser:
        yield browser


@pytest.fixture
def live_address(app: Flask) -> Iterator[str]:
    """The address of the app, served on loopback."""
    with served(app) as address:
        yield address


@pytest.fixture
def browser_page(_browser: Browser, live_address: str) -> Iterator[BrowserPage]:
    """A tab of a fresh browser profile; URLs are relative to the app."""
    with _browser.new_context(base_url=live_address) as context:
        yield context.new_page()
