"""A page that stands in the navigation."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource
from app.errors import Sentence
from app.security.permissions import Permission, Role


class Group(StrEnum):
    """What a place stands among: a part of the sidebar, or the tabs of the pages of one's own organization."""

    WORK = "work"
    COMPANY = "company"
    DATA = "data"
    TRUST = "trust"
    INSTALLATION = "installation"
    ORGANIZATION = "organization"
    PLATFORM = "platform"
    YOU = "you"
    ORGANIZATION_TABS = "organization_tabs"


#: The parts of the sidebar in their order, with their titles; the first has none.
SIDEBAR: Mapping[Group, LazyString | None] = {
    Group.WORK: None,
    Group.COMPANY: _l("Company"),
    Group.DATA: _l("Data"),
    Group.TRUST: _l("Trust"),
    Group.INSTALLATION: _l("Installation"),
    Group.ORGANIZATION: _l("Organization"),
    Group.PLATFORM: _l("Platform"),
    Group.YOU: _l("You"),
}


class Counted(StrEnum):
    """What waits at a place, counted with every page: a field of `app.security.actor.Counts`."""

    TASKS = "tasks"
    QUEUE = "queue"


#: Pressed before the key of a place.
GO = "g"


@dataclass(frozen=True, slots=True)
class Place:
    """A page one can go to.

    `permission` None: everybody may; `besides` are needed too. `shortcut` is the key after `GO`; `own_label` is what
    those of `own_roles` call it, who see their own rows only; `counted` stands beside it. Places of one `order` stand
    as the features do; a higher one comes after.
    """

    group: Group
    endpoint: str
    label: Sentence
    icon: str
    permission: Permission | None = None
    shortcut: str | None = None
    own_label: LazyString | None = None
    own_roles: tuple[Role, ...] = (Role.CSR, Role.SALES_REP)
    order: int = 0
    besides: tuple[Permission, ...] = ()
    counted: Counted | None = None

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """All that it takes to open it."""
        return self.besides if self.permission is None else (self.permission, *self.besides)


def place_of_list(group: Group, resource: Resource) -> Place:
    """The list of a resource, as it is declared."""
    listed = resource.list_declared
    return Place(group, listed.endpoint, listed.label, resource.icon, listed.permission)
