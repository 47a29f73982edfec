"""`python -m tests.contract.before [TOPIC …]`: record current behavior, and print what has changed."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from app.db.embedded import SUPERUSER
from app.factory import create_app
from demo.commands import add_demonstration
from tests.contract.before.records import save
from tests.contract.before.topics import TOPICS, Installation
from tests.support.company import make_company
from tests.support.database import Cleaner, worker_database
from tests.support.factories import Factories
from tests.support.owner_pages import open_as_owner
from tests.support.stage import Stage


@contextmanager
def installations() -> Iterator[Iterator[Installation]]:
    """Yield an iterator of installations, each on an empty database."""
    with TemporaryDirectory() as folder, worker_database(Path(folder), "record") as database:
        app = create_app(database.settings(Path(folder)))
        add_demonstration(app)
        cleaner, engine = Cleaner(database.url(SUPERUSER)), database.admin_engine()
        owner_pages = open_as_owner(app, make_company(Factories(engine)))
        cleaner.clean()
        stage = Stage(app, engine, cleaner, Path(folder), lambda: owner_pages)

        def empty() -> Iterator[Installation]:
            while True:
                yield Installation(app, Factories(engine), database.url("app_owner"), stage, owner_pages)
                cleaner.clean()

        yield empty()
        cleaner.close()


def main() -> None:
    """Record the named topics, by default all of them, and print the changes."""
    logging.disable()
    with installations() as at:
        for topic in sys.argv[1:] or TOPICS:
            for line in save(topic, TOPICS[topic](next(at))):
                click.echo(f"{topic}: {line}")


if __name__ == "__main__":
    main()
