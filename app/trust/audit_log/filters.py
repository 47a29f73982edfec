"""Filters of the audit trail: by actor, action, record, time, address and keywords."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from flask_babel import lazy_gettext as _l
from pydantic import Field, StringConstraints

from app.db.filters import MAX_SEARCH_LENGTH, Blank, Filters, OptionalDate, Search, Several
from app.errors import FieldError, ValidationFailed
from app.periods import PeriodName
from app.trust.audit_log.words import GROUPS

MAX_ID_LENGTH = 200
#: Name of an action, resource or column in the database and the services, or of a group of actions.
Name = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z0-9_.-]*$")]
#: Value of the actor filter for everything that no user caused.
SYSTEM = "none"


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses from `first` to `last`, as text; both are the same for a single address."""

    first: str
    last: str


class AuditFilters(Filters):
    """Filters of `/audit`, combined with AND; several actions are combined with OR.

    `actor` is a user's id, or "none" for entries that no user caused. `q` searches the words of values, names and ids,
    and `actor_name` those of the actor's name as the trail recorded it: whole words, or prefixes marked with an
    asterisk. A phone number in `q` also matches as the numbers it can stand for. `request_id` also matches what a
    request triggered later. `resource_type` and `resource_id` together include the parts of the record.
    """

    #: `at` is the time at which the page shows the record; it doesn't filter the list.
    RESERVED: ClassVar[frozenset[str]] = Filters.RESERVED | {"at"}

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
        """Parse the parameters of a URL.

        Raises ValidationFailed with every invalid parameter by name or, if only `address` is wrong, with its error.
        """
        filters = super().parse(parameters)
        if filters.address:
            _network(filters.address)
        return filters

    @property
    def actions(self) -> tuple[str, ...]:
        """The selected actions, with groups expanded."""
        meant = [GROUPS[name].actions if name in GROUPS else (name,) for name in self.action]
        return tuple(dict.fromkeys(str(action) for actions in meant for action in actions))

    @property
    def record(self) -> tuple[str, UUID] | None:
        """The record that the list is about, as its kind and ID, or None."""
        return (self.resource_type, self.resource_id) if self.resource_type and self.resource_id else None

    @property
    def addresses(self) -> AddressRange | None:
        """The range of addresses that `address` denotes, or None for any address."""
        if not self.address:
            return None
        network = _network(self.address)
        return AddressRange(str(network.network_address), str(network.broadcast_address))


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise _no_address(text) from None
    if "%" in text:  # a device's own zone id, which no address in the trail has
        raise _no_address(text)
    return network


def _no_address(text: str) -> ValidationFailed:
    sentence = _l(
        "“%(text)s” isn’t an IP address. Enter one such as 203.0.113.7, or a range such as 203.0.113.0/24.", text=text
    )
    return ValidationFailed([FieldError("address", sentence)], sentence)
