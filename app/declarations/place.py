"""The declaration of a page in the navigation."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString, lazy_pgettext
from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource
from app.errors import LazyText
from app.security.permissions import Permission


class Group(StrEnum):
    """A part of the navigation: a section of the sidebar, or the tabs of the pages about the organization."""

    WORK = "work"
    CUSTOMERS = "customers"
    TEAM = "team"
    DATA = "data"
    SETTINGS = "settings"
    RECORDS = "records"
    YOU = "you"
    ORGANIZATION_TABS = "organization_tabs"


@dataclass(frozen=True, slots=True)
class Section:
    """The title of a folded section of the sidebar, and its icon."""

    title: LazyString
    icon: str


#: Sections of the sidebar in order. Daily work is always open and has no title.
SIDEBAR: Mapping[Group, Section | None] = {
    Group.WORK: None,
    Group.CUSTOMERS: Section(_l("Customers"), "contact-round"),
    Group.TEAM: Section(_l("Team"), "users"),
    Group.DATA: Section(_l("Data"), "database"),
    Group.SETTINGS: Section(_l("Company settings"), "settings"),
    Group.RECORDS: Section(lazy_pgettext("navigation", "Records"), "history"),
}


class Counted(StrEnum):
    """A count next to a navigation item, updated with every page: a field of `app.security.actor.Counts`."""

    TASKS = "tasks"
    QUEUE = "queue"


#: Key that is pressed before the key of a place.
GO = "g"


@dataclass(frozen=True, slots=True)
class Place:
    """A page in the navigation.

    If `permission` is None, everyone can open it; `also_required` are required in addition. `shortcut` is the key after
    `GO`; `own_label` is its label for people whose permission covers only their own rows; `counted` is the count next
    to it. Places are sorted by `order`, and those with the same `order` by feature. Pages below `other_path` belong to
    it, too.
    """

    group: Group
    endpoint: str
    label: LazyText
    icon: str
    permission: Permission | None = None
    shortcut: str | None = None
    own_label: LazyString | None = None
    order: int = 0
    also_required: tuple[Permission, ...] = ()
    counted: Counted | None = None
    other_path: str | None = None

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """All permissions that the page requires."""
        return self.also_required if self.permission is None else (self.permission, *self.also_required)


def place_of_list(group: Group, resource: Resource) -> Place:
    """Return the navigation place of a resource's list, from the list's declaration."""
    listed = resource.list_declared
    return Place(group, listed.endpoint, listed.label, resource.icon, listed.permission)
