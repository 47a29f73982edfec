"""What can be exported: a list as a file, or an archive that a feature makes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from app.audit.actions import Action
from app.db.filters import Filters
from app.db.lists import ListQuery
from app.declarations.listed import Listed
from app.errors import Sentence
from app.security.actor import Actor
from app.security.permissions import Permission, Role

#: The text of a file, piece by piece, from the zone whose clocks it shows and the rows.
Writer: TypeAlias = Callable[[str, Iterable[Any]], Iterator[str]]

CSV = ("csv", "text/csv")
JSON_LINES = ("jsonl", "application/jsonl")
ZIP = ("zip", "application/zip")


def may_export(actor: Actor) -> bool:
    """Whether somebody may have files of any length."""
    return actor.may(Permission.EXPORTS_CREATE)


def may_export_work(actor: Actor) -> bool:
    """Whether these files may be of the lists of daily work; support exports the audit trail only."""
    return may_export(actor) and actor.role is not Role.SUPPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class ListExport:
    """A list as the source of a file, for those who may read it and are allowed besides.

    `recorded` is what the audit trail calls it when rows of `resource` are in a file; `file_type` is the ending of the
    file and its media type.
    """

    kind: str
    label: Sentence
    resource: str
    recorded: Action
    listed: Listed
    rows: Callable[[Actor, Any], ListQuery]
    write: Writer
    is_allowed: Callable[[Actor], bool] = may_export
    file_type: tuple[str, str] = CSV

    def check(self, actor: Actor) -> None:
        """Raise Forbidden unless `actor` may have such files."""
        actor.requires(self.listed.permission)
        if not self.is_allowed(actor):
            raise actor.refusal(Permission.EXPORTS_CREATE)

    def origin(self, filters: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """The endpoint of the page that a file is of, and the arguments of its address."""
        return self.listed.endpoint, filters

    def filters_of(self, stored: Mapping[str, str]) -> Filters:
        """The filters that are stored with an export, as its list has them."""
        return self.listed.filters.of(stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A ZIP that a feature makes: who may have it, and the page that asks for it.

    `argument` is what that is about, the name of one of the filters and of the page's argument.
    """

    kind: str
    label: Sentence
    permission: Permission
    endpoint: str
    argument: str | None = None
    file_type: tuple[str, str] = ZIP

    def check(self, actor: Actor) -> None:
        """Raise Forbidden unless `actor` may have such files."""
        actor.requires(self.permission)

    def origin(self, filters: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """The endpoint of the page that a file is of, and the arguments of its address."""
        return self.endpoint, {self.argument: filters[self.argument]} if self.argument else {}


Export: TypeAlias = ListExport | Archive
