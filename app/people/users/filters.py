"""Filters of the list of people."""

from typing import Annotated

from app.db.filters import Blank, Filters, OptionalPerson, Search, Several
from app.models import Role, UserStatus


class UserFilters(Filters):
    """Filters of `/users`.

    `manager` "none" matches people without a manager; `seen` "no" matches people who never signed in.
    """

    q: Search = ""
    role: Annotated[tuple[Role, ...], Several] = ()
    status: Annotated[UserStatus | None, Blank] = None
    manager: OptionalPerson = None
    second_factor: Annotated[bool | None, Blank] = None
    seen: Annotated[bool | None, Blank] = None
