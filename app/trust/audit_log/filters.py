"""What the audit trail can be narrowed to: by who, what, which record, when, from where, and by words."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal, Self
from uuid import UUID

from flask_babel import lazy_gettext as _l
from pydantic import Field, StringConstraints

from app.db.filters import MAX_SEARCH_LENGTH, Blank, Filters, OptionalDate, Search, Several
from app.errors import FieldError, ValidationFailed
from app.periods import PeriodName
from app.trust.audit_log.words import GROUPS

MAX_ID_LENGTH = 200
#: As the database and the services name actions, resources and columns, or as a group of actions is called.
Name = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z0-9_.-]*$")]
#: A record's own words for whatever no person did.
SYSTEM = "none"


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses from `first` to `last`, as texts; both are the same for a single one."""

    first: str
    last: str


class AuditFilters(Filters):
    """Filters of `/audit`. All given ones hold at once; several actions mean any of them.

    `actor` is a person's id, or "none" for what no person did. `q` are words of values, names and ids, `actor_name`
    those of who did it, as the trail recorded them: whole words, or their beginning with a star. `request_id` also
    finds what a request set off later.
    """

    period: Annotated[PeriodName | None, Blank] = None
    first_day: OptionalDate = Field(default=None, alias="from")
    last_day: OptionalDate = Field(default=None, alias="to")
    q: Search = ""
    actor: Annotated[UUID | Literal["none"] | None, Blank] = None
    actor_name: Search = ""
    action: Annotated[tuple[Name, ...], Several, Field(max_length=20)] = ()
    resource_type: Name = ""
    resource_id: Annotated[UUID | None, Blank] = None
    field: Name = ""
    address: Annotated[str, Field(max_length=MAX_SEARCH_LENGTH)] = ""
    request_id: Annotated[str, Field(max_length=MAX_ID_LENGTH)] = ""
    operation_id: Annotated[UUID | None, Blank] = None

    @classmethod
    def parse(cls, parameters: Mapping[str, list[str]]) -> Self:
        """Read the parameters of a URL; raises ValidationFailed with every wrong one by name, or what is wrong with
        an address."""
        filters = super().parse(parameters)
        if filters.address:
            _network(filters.address)
        return filters

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that are meant, with those of groups one by one."""
        meant = [GROUPS[name].actions if name in GROUPS else (name,) for name in self.action]
        return tuple(dict.fromkeys(str(action) for actions in meant for action in actions))

    @property
    def addresses(self) -> AddressRange | None:
        """The range that `address` means; None for anywhere."""
        if not self.address:
            return None
        network = _network(self.address)
        return AddressRange(str(network.network_address), str(network.broadcast_address))


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise _no_address(text) from None
    if "%" in text:  # a zone of one device's own: no address of the trail has one
        raise _no_address(text)
    return network


def _no_address(text: str) -> ValidationFailed:
    sentence = _l(
        "“%(text)s” is no address. Write one such as 203.0.113.7, or a range such as 203.0.113.0/24.", text=text
    )
    return ValidationFailed([FieldError("address", sentence)], sentence)
