"""Declarations of exports: a list as a file, or an archive that a feature builds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.audit.actions import Action
from app.db.filters import Filters
from app.db.lists import ListQuery
from app.declarations.listed import Listed
from app.errors import LazyText
from app.security.actor import Actor
from app.security.permissions import Permission

#: Yields the text of a file in pieces, given the time zone for its times and the rows.
Writer: TypeAlias = Callable[[str, Iterable[Any]], Iterator[str]]

CSV = ("csv", "text/csv")
JSON_LINES = ("jsonl", "application/jsonl")
ZIP = ("zip", "application/zip")


def may_export(actor: Actor) -> bool:
    """Return whether the actor can export at least the audit trail, in files of any length."""
    return actor.may(Permission.EXPORTS_CREATE)


def may_export_work(actor: Actor) -> bool:
    """Return whether the actor can export every list that they can read, not only the audit trail."""
    return actor.sees_all(Permission.EXPORTS_CREATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListExport:
    """A list that people who can read it can export as a file, if they have the permission to export.

    `recorded` is the action in the audit trail if a file contains rows of `resource`; `file_type` is the extension of
    the file and its media type.
    """

    kind: str
    label: LazyText
    resource: str
    recorded: Action
    listed: Listed
    rows: Callable[[Actor, Any], ListQuery]
    write: Writer
    is_allowed: Callable[[Actor], bool] = may_export
    file_type: tuple[str, str] = CSV

    def check(self, actor: Actor) -> None:
        """Raise Forbidden unless `actor` can read the list and export it."""
        actor.requires(self.listed.permission)
        if not self.is_allowed(actor):
            raise actor.refusal(Permission.EXPORTS_CREATE)

    def origin(self, filters: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Return the endpoint of the exported page and the arguments of its address."""
        return self.listed.endpoint, filters

    def filters_of(self, stored: Mapping[str, str]) -> Filters:
        """Return the filters that are stored with an export, as its list declares them."""
        return self.listed.filters.of(stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A ZIP file that a feature builds, with the permission it requires and the page that requests it.

    `argument` is the name of both the filter and the page's argument for the record that the archive is about.
    `request` requests it for a program: it takes the actor, the id of the export, and whether to include audio. One
    that `can_be_scheduled` is also requested by the schedule, without a person or key whose rights decide.
    """

    kind: str
    label: LazyText
    permission: Permission
    endpoint: str
    argument: str | None = None
    request: Callable[..., Any] | None = None
    can_be_scheduled: bool = False
    file_type: tuple[str, str] = ZIP

    def check(self, actor: Actor) -> None:
        """Raise Forbidden unless `actor` can request the archive."""
        actor.requires(self.permission)

    def origin(self, filters: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Return the endpoint of the page that requests the archive, and the arguments of its address."""
        return self.endpoint, {self.argument: filters[self.argument]} if self.argument else {}


Export: TypeAlias = ListExport | Archive
