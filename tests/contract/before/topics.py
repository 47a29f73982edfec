"""All recorded topics, by the name of their file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flask import Flask

from tests.contract.before import pages, reading
from tests.contract.before.records import Items
from tests.contract.before.schema import schema
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_pages import OwnerPages
from tests.support.stage import Stage


@dataclass(frozen=True)
class Installation:
    """The running app on an empty database.

    `url` is the database URL of the tables' owner, `make` has the factories, `stage` builds scenes, and `owner_pages`
    has what `TOPICS_OF_OWNER_PAGES` read.
    """

    app: Flask
    make: Factories
    url: str
    stage: Stage
    owner_pages: OwnerPages

    def new_client(self) -> Client:
        """Return the browser of another visitor."""
        return Client(self.app)


Topic: TypeAlias = Callable[[Installation], Items]

TOPICS: Mapping[str, Topic] = {
    "addresses": lambda at: reading.addresses(at.app),
    "audit_groups": lambda at: reading.audit_groups(at.app),
    "audit_words": lambda at: reading.audit_words(at.app),
    "commands": lambda at: reading.commands(at.app),
    "csv_heads": lambda at: pages.csv_heads(at.app, at.new_client, at.make),
    "enumerations": lambda at: reading.enumerations(at.app),
    "exports": lambda at: reading.exports(at.app),
    "forms": lambda at: pages.forms(at.app, at.owner_pages, at.new_client, at.make, at.stage.on_the_way),
    "import_targets": lambda at: reading.import_targets(at.app),
    "jobs": lambda at: reading.jobs(at.app),
    "labels": lambda at: pages.labels(at.app, at.owner_pages, at.new_client, at.make),
    "lists": lambda at: reading.lists(at.app),
    "mapping_format": lambda at: reading.mapping_format(at.app),
    "navigation": lambda at: pages.navigation(at.app, at.new_client, at.make),
    "roles": lambda at: reading.roles(at.app),
    "schema": lambda at: schema(at.url),
    "trash_words": lambda at: reading.trash_words(at.app),
}

TOPICS_OF_OWNER_PAGES = frozenset({"forms", "labels"})
