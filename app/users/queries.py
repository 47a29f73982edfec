"""Reading people: for pickers, for matching names of a file, for checks that count them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import Call, User, UserSession, UserStatus
from app.security.actor import Actor
from app.security.permissions import Role
from app.security.scope import restrict
from app.users.rules import same_name

#: One step in the index for each person. With EXISTS inside an OR the database would read every call instead.
_A_CALL = select(Call.id).where(Call.organization_id == User.organization_id, Call.csr_id == User.id).limit(1)
_IS_CREDITED = or_(User.role == Role.CSR, _A_CALL.scalar_subquery().is_not(None))
_BY_NAME = (func.lower(User.name), User.id)

#: More people than any picker can show or any file can name.
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a picker."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class NameMatches:
    """People by what a file calls them. `ambiguous` are names that several people have."""

    found: dict[str, UUID]
    ambiguous: frozenset[str]


def csr_choices(actor: Actor) -> list[Choice]:
    """Everybody who is a CSR, active or not, and whoever else is credited with calls, by name, within the scope."""
    people = restrict(select(User.id, User.name), User, actor).where(_IS_CREDITED)
    return _choices(people.order_by(*_BY_NAME).limit(_MOST))


def rep_choices(actor: Actor) -> list[Choice]:
    """Everybody who is a sales rep, active or not, by name, within the scope."""
    reps = restrict(select(User.id, User.name), User, actor).where(User.role == Role.SALES_REP)
    return _choices(reps.order_by(*_BY_NAME).limit(_MOST))


def list_people_in_charge(organization_id: UUID, *roles: Role) -> Sequence[User]:
    """The active people of an organization with one of `roles`, by name: for jobs, which tell them something."""
    people = select(User).where(
        User.organization_id == organization_id, User.role.in_(roles), User.status == UserStatus.ACTIVE
    )
    return db.session.scalars(people.order_by(*_BY_NAME)).all()


def names_of_people(actor: Actor, ids: Sequence[UUID], role: Role | None) -> list[Choice]:
    """The people with these ids, deleted or not, and the active ones of `role`, by name, within the scope."""
    wanted: ColumnElement[bool] = User.id.in_(ids)
    if role is not None:
        wanted = or_(wanted, and_(User.role == role, User.status == UserStatus.ACTIVE, User.deleted_at.is_(None)))
    people = restrict(select(User.id, User.name), User, actor).where(wanted)
    return _choices(people.order_by(*_BY_NAME).limit(_MOST).execution_options(**{INCLUDE_DELETED: True}))


def _choices(people: Select[UUID, str]) -> list[Choice]:
    return [Choice(user_id, name) for user_id, name in db.session.execute(people)]


def match_people(organization_id: UUID, names: Iterable[str]) -> NameMatches:
    """Who is meant by each of `names`, which are names or e-mail addresses; capitals and spaces do not matter.

    Of namesakes a CSR is meant if only one of them is a CSR. A name that nobody has is in neither part.
    """
    candidates = _people_by_spelling(organization_id)
    found: dict[str, UUID] = {}
    ambiguous: set[str] = set()
    for name in names:
        meant = candidates.get(same_name(name), [])
        chosen = meant if len(meant) == 1 else [person for person in meant if person.role == Role.CSR]
        if len(chosen) == 1:
            found[name] = chosen[0].id
        elif meant:
            ambiguous.add(name)
    return NameMatches(found, frozenset(ambiguous))


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    role: str


def _people_by_spelling(organization_id: UUID) -> dict[str, list[_Person]]:
    people = (
        select(User.id, User.name, User.email, User.role)
        .where(User.organization_id == organization_id)
        .order_by(User.id)
        .limit(_MOST)
    )
    by_spelling: dict[str, list[_Person]] = {}
    for row in db.session.execute(people):
        for spelling in {same_name(row.name), same_name(row.email)}:
            by_spelling.setdefault(spelling, []).append(_Person(row.id, row.role))
    return by_spelling


def taken_addresses(organization_id: UUID) -> set[str]:
    """Addresses in use, in lower case."""
    addresses = select(func.lower(User.email)).where(User.organization_id == organization_id).limit(_MOST)
    return set(db.session.scalars(addresses))


def is_address_taken(organization_id: UUID, email: str) -> bool:
    """Whether somebody here has this address."""
    holder = select(User.id).where(User.organization_id == organization_id, func.lower(User.email) == func.lower(email))
    return db.session.scalar(holder) is not None


def count_team_members(organization_id: UUID) -> int:
    """Those who take a seat of the plan: active people. Call it under the organization's lock."""
    members = select(func.count()).where(User.organization_id == organization_id, User.status == UserStatus.ACTIVE)
    return db.session.scalar(members) or 0


def has_owner_besides(organization_id: UUID, ids: Sequence[UUID]) -> bool:
    """Whether somebody other than these is an active owner. Call it under the organization's lock."""
    others = select(User.id).where(
        User.organization_id == organization_id,
        User.role == Role.OWNER,
        User.status == UserStatus.ACTIVE,
        User.id.not_in(ids),
    )
    return db.session.scalar(others.limit(1)) is not None


def lock_user(organization_id: UUID, user_id: UUID) -> User:
    """The person, read anew and held until the transaction ends; raises NotFound when they were deleted."""
    wanted = select(User).where(User.organization_id == organization_id, User.id == user_id)
    user = db.session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if user is None:
        raise NotFound("user", user_id)
    return user


def get_user_by_email(organization_id: UUID, email: str) -> User:
    """The person with this address; raises NotFound."""
    wanted = select(User).where(User.organization_id == organization_id, func.lower(User.email) == func.lower(email))
    user = db.session.scalar(wanted)
    if user is None:
        raise NotFound("user", email, _l("Nobody here has the e-mail address %(email)s.", email=email))
    return user


def list_open_sessions(user: User) -> list[UserSession]:
    """Sessions of this person that nobody has ended, oldest first."""
    sessions = (
        select(UserSession)
        .where(
            UserSession.organization_id == user.organization_id,
            UserSession.user_id == user.id,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > func.now(),
        )
        .order_by(UserSession.id)
        .limit(_MOST)
    )
    return list(db.session.scalars(sessions))
