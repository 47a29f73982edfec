"""What the list of people can be narrowed to."""

from typing import Annotated

from app.db.filters import Blank, Filters, OptionalPerson, Search, Several
from app.models import Role, UserStatus


class UserFilters(Filters):
    """Filters of `/users`. `manager` is whose team it is, "none" those in nobody's; `seen` "no" who never signed in."""

    q: Search = ""
    role: Annotated[tuple[Role, ...], Several] = ()
    status: Annotated[UserStatus | None, Blank] = None
    manager: OptionalPerson = None
    second_factor: Annotated[bool | None, Blank] = None
    seen: Annotated[bool | None, Blank] = None
