"""The declaration of a page in the navigation."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource
from app.errors import LazyText
from app.security.permissions import Permission, Role


class Group(StrEnum):
    """A part of the navigation: a section of the sidebar, or the tabs of the pages about the organization."""

    WORK = "work"
    COMPANY = "company"
    DATA = "data"
    TRUST = "trust"
    INSTALLATION = "installation"
    ORGANIZATION = "organization"
    PLATFORM = "platform"
    YOU = "you"
    ORGANIZATION_TABS = "organization_tabs"


#: Sections of the sidebar in order, with their titles; the first has none.
SIDEBAR: Mapping[Group, LazyString | None] = {
    Group.WORK: None,
    Group.COMPANY: _l("Performance"),
    Group.DATA: _l("Data"),
    Group.TRUST: _l("Compliance"),
    Group.INSTALLATION: _l("Installation"),
    Group.ORGANIZATION: _l("Organization"),
    Group.PLATFORM: _l("Platform"),
    Group.YOU: _l("You"),
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
    `GO`; `own_label` is its label for `own_roles`, who see only their own rows; `counted` is the count next to it.
    Places are sorted by `order`, and those with the same `order` by feature.
    """

    group: Group
    endpoint: str
    label: LazyText
    icon: str
    permission: Permission | None = None
    shortcut: str | None = None
    own_label: LazyString | None = None
    own_roles: tuple[Role, ...] = (Role.CSR, Role.SALES_REP)
    order: int = 0
    also_required: tuple[Permission, ...] = ()
    counted: Counted | None = None

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """All permissions that the page requires."""
        return self.also_required if self.permission is None else (self.permission, *self.also_required)


def place_of_list(group: Group, resource: Resource) -> Place:
    """Return the navigation place of a resource's list, from the list's declaration."""
    listed = resource.list_declared
    return Place(group, listed.endpoint, listed.label, resource.icon, listed.permission)
