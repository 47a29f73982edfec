"""People and extra permissions: what they are called, who sees them, and where."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, select

from app.db.joins import refers_to
from app.declarations.resource import Model, Resource, Title, Words
from app.models import User, UserPermission
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope, unscoped


def person_title(source: Model) -> Title:
    """Called like the person whose a row of `source` is."""

    def title() -> ColumnElement[Any]:
        called = unscoped(select(User.name), why="whoever sees a row sees whose it is")
        return called.where(refers_to(User, source, source.user_id)).scalar_subquery()

    return title


USER = Resource(
    name="user",
    model=User,
    words=Words(
        _l("person"), _l("people"), lambda n, count: ngettext("%(count)s person", "%(count)s people", n, count=count)
    ),
    icon="user",
    title=lambda: User.name,
    page=("users.show", "user_id"),
    page_permission=Permission.USERS_READ,
    scope=Scope((Permission.USERS_READ,), own_rows.oneself, own_is_free=True),
    revert=_l("Roles, status and details of people are changed on the page of the person."),
)

USER_PERMISSION = Resource(
    name="user_permission",
    model=UserPermission,
    words=Words(_l("extra permission"), _l("extra permissions")),
    icon="shield-check",
    revert=_l("Permissions are given and taken on the page of the person."),
)
