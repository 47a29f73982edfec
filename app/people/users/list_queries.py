"""Query of the list of people, shared by the page, its export and the API."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ARRAY, ColumnElement, Text, case, cast, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.db.filters import TEAM
from app.db.joins import refers_to
from app.db.paging import Selection, Sort
from app.db.search import is_found
from app.db.session import INCLUDE_DELETED
from app.models import Invitation, RevisionKind, User, UserPermission
from app.models.users import GRANT_COUNTS, RANK, SEEN
from app.people.users.filters import UserFilters
from app.security.actor import Actor
from app.security.compiled_query import cached_rows
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.permissions import Permission, Role
from app.security.scope import restrict, unscoped
from app.tenancy.quota_queries import select_quotas
from app.tenancy.quota_rules import QuotaKind

_Manager = aliased(User, name="manager")

#: Maximum number of invitations counted.
_MAX_INVITATIONS = 10_000

#: Sort value for people who never signed in.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seats:
    """The plan's seats: how many are taken, and how many pending invitations may take one."""

    used: int
    quota: int
    invited: int

    @property
    def free(self) -> int:
        """Number of free seats, never below 0, because a smaller plan doesn't remove people by itself."""
        return max(0, self.quota - self.used)


def has_colleagues(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that there are people besides the actor."""
    return restrict(select(User.id), User, actor).where(User.id != actor.user_id).exists()


def get_seats(actor: Actor, now: datetime) -> Seats:
    """Return the seats of the actor's organization.

    Invitations are counted only if the actor can invite people.
    """
    (seats,) = _seats.rows(actor)
    quota, used = tuple(seats)
    waiting = _open_invitations.rows(actor) if actor.may(Permission.USERS_INVITE) else ()
    return Seats(used=used, quota=quota, invited=sum(until > now for (until,) in waiting))


@cached_rows(RevisionKind.PEOPLE)
def _seats(actor: Actor) -> Selection:
    return select_quotas(actor.organization_id, [QuotaKind.TEAM_MEMBERS])


@cached_rows(RevisionKind.PEOPLE)
def _open_invitations(actor: Actor) -> Selection:
    """Select the expiration times of invitations that were neither accepted nor revoked.

    The caller compares them with the current time, because an invitation expires without a change to its row.
    """
    waiting = restrict(select(Invitation.expires_at), Invitation, actor)
    return waiting.where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)).limit(_MAX_INVITATIONS)


def _conditions(filters: UserFilters, actor: Actor) -> list[ColumnElement[bool]]:
    """Return `filters` as SQL conditions.

    Excludes deleted people itself, because the query includes deleted rows to show managers.
    """
    found: list[ColumnElement[bool]] = [User.deleted_at.is_(None)]
    if filters.q:
        found.append(is_found(User.id, "people_found", filters.q))
    if filters.role:
        found.append(is_any_of(User.role, filters.role))
    if filters.status is not None:
        found.append(User.status == filters.status)
    if filters.manager is not None:
        manager = actor.user_id if filters.manager == TEAM else filters.manager
        found.append(matches_person(User.manager_id, manager, actor))
    for column, wanted in ((User.mfa_secret, filters.second_factor), (User.last_seen_at, filters.seen)):
        if wanted is not None:
            found.append(column.is_not(None) if wanted else column.is_(None))
    return found


SORTS = (
    Sort("name", User.name_key, User.id, descending=False, value_of=lambda row: row.name_key, parse=str),
    Sort("-name", User.name_key, User.id, descending=True, value_of=lambda row: row.name_key, parse=str),
    Sort("-lastSeen", SEEN, User.id, descending=True, value_of=lambda row: row.last_seen_at or NEVER),
    Sort("lastSeen", SEEN, User.id, descending=False, value_of=lambda row: row.last_seen_at or NEVER),
    Sort("-role", RANK, User.id, descending=True, value_of=lambda row: Role(row.role).rank, parse=int),
    Sort("role", RANK, User.id, descending=False, value_of=lambda row: Role(row.role).rank, parse=int),
)

_ROW = (
    select(
        User.id,
        User.name,
        User.name_key,
        User.email,
        User.avatar_key,
        User.role,
        User.status,
        User.last_seen_at,
        User.mfa_secret.is_not(None).label("has_second_factor"),
        _Manager.id.label("manager_id"),
        _Manager.name.label("manager_name"),
    )
    .outerjoin(_Manager, refers_to(_Manager, User, User.manager_id))
    .execution_options(**{INCLUDE_DELETED: True})
)


_GRANTED = (
    unscoped(
        select(
            func.coalesce(
                func.array_agg(aggregate_order_by(UserPermission.permission, UserPermission.permission)),
                cast([], ARRAY(Text)),
            )
        ),
        why="a user's permissions are visible to everyone who can see the user",
    )
    .where(UserPermission.organization_id == User.organization_id, UserPermission.user_id == User.id, GRANT_COUNTS)
    .correlate(User)
    .scalar_subquery()
)

_RECORD = _ROW.add_columns(
    case((User.avatar_key.is_not(None), func.concat("users/", User.id, "/avatar"))).label("avatar"),
    array([User.role]).label("roles"),
    _GRANTED.label("permissions"),
    User.phone,
    User.language,
    User.suspended_until,
    User.suspension_reason,
    User.deactivated_at,
    User.deactivation_reason,
    User.created_at,
    User.updated_at,
    User.version,
)


def _list_conditions(filters: UserFilters, actor: Actor, _now: datetime) -> list[ColumnElement[bool]]:
    return _conditions(filters, actor)


#: The people whom `actor` can see and who match `filters`, by name unless sorted otherwise.
user_list = ListOf(User, _ROW, narrow=_list_conditions, sorts=SORTS)

#: The same people with all their values.
user_records = ListOf(User, _RECORD, narrow=_list_conditions, sorts=SORTS)
