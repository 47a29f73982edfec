"""Bulk invitations from a file: preview the result of each row, then invite."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.errors import Conflict, LazyText, QuotaExceeded, ValidationFailed
from app.people.invitations import service
from app.people.invitations.file_rules import InvitedRow
from app.people.invitations.queries import list_invited_addresses
from app.people.invitations.rules import roles_to_give
from app.people.invitations.service import Invited
from app.people.users.list_queries import get_seats
from app.people.users.queries import taken_among
from app.people.users.rules import clean_person
from app.security.actor import Actor
from app.security.permissions import Role, role_label
from app.tenancy.organization_queries import lock_organization

#: Names of our roles in other systems.
_ELSEWHERE: Mapping[str, Role] = {
    "rep": Role.SALES_REP,
    "operator": Role.CSR,
    "user": Role.CSR,
    "readonly": Role.SUPPORT,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A checked row; `problem` is why it is rejected, and `is_there` why no invitation is needed.

    `address` is the normalized email address, or "" if the row's email address or name is invalid.
    """

    row: InvitedRow
    address: str = ""
    role: Role | None = None
    problem: LazyText | None = None
    is_there: LazyText | None = None

    @property
    def is_new(self) -> bool:
        """True if this person would be invited."""
        return self.problem is None and self.is_there is None


def preview_invitations(actor: Actor, rows: Sequence[InvitedRow]) -> list[Candidate]:
    """Return the result of each row, in the order of the file, without changing anything."""
    candidates = [_read(actor, row) for row in rows]
    addresses = {one.address.lower() for one in candidates}
    here = taken_among(actor.organization_id, addresses)
    invited = list_invited_addresses(actor, addresses)
    lines: dict[str, int] = {}
    return [one if one.problem else _compare(one, here, invited, lines) for one in candidates]


def refuse_without_seats(actor: Actor, number: int) -> None:
    """Raise QuotaExceeded if `number` more people, with those already invited, exceed the free seats."""
    seats = get_seats(actor, datetime.now(UTC))
    wanted = seats.invited + number
    if number and wanted > seats.free:
        raise QuotaExceeded(
            limit=seats.quota,
            used=seats.used,
            message=_l(
                "Seats needed, counting pending invitations: %(wanted)s; available: %(free)s. Invite fewer "
                "people, or upgrade your plan.",
                wanted=wanted,
                free=seats.free,
            ),
        )


def invite_all(actor: Actor, rows: Sequence[InvitedRow]) -> list[Invited]:
    """Invite the people of all new, valid rows; return the invitations with their links.

    A repeated call with the same rows invites no one. Raises QuotaExceeded, without inviting anyone, if there aren't
    enough seats for all.
    """
    lock_organization(actor.organization_id)  # concurrent invitations and activations are counted
    new = [one for one in preview_invitations(actor, rows) if one.is_new]
    refuse_without_seats(actor, len(new))
    invited = []
    for one in new:
        if one.role is not None:
            try:
                invited.append(service.invite(actor, email=one.address, name=one.row.name, role=one.role))
            except Conflict:
                continue  # invited by a concurrent request
    return invited


def _read(actor: Actor, row: InvitedRow) -> Candidate:
    """Return the candidate for a row, checked without regard to the other rows."""
    role = _role(row.role)
    try:
        address, _name = clean_person(row.email, row.name, None)
    except ValidationFailed as refusal:
        return Candidate(row, problem=" ".join(str(wrong.message) for wrong in refusal.fields))
    problem: LazyText | None = None
    if role is None:
        problem = _l("This role doesn’t exist. Use one of: %(roles)s.", roles=", ".join(roles_to_give(actor)))
    elif role not in roles_to_give(actor):
        problem = _l("You can’t invite someone to a role above your own.")
    return Candidate(row, address, role, problem)


def _compare(one: Candidate, here: set[str], invited: set[str], lines: dict[str, int]) -> Candidate:
    """Compare a row with people, invitations and the valid rows above it.

    `lines` maps addresses to the lines on which they first occur; the row is added to it.
    """
    key = one.address.lower()
    first = lines.setdefault(key, one.row.line)
    if first != one.row.line:
        return replace(one, problem=_l("This address is already on line %(line)s.", line=first))
    if key in here:
        return replace(one, is_there=_l("Someone here already has this email address."))
    if key in invited:
        return replace(one, is_there=_l("This address already has an invitation. Resend it or revoke it."))
    return one


def _role(text: str) -> Role | None:
    """Return the role for a name, a label in the reader's language or a term of another system.

    Returns None for an unknown one.
    """
    wanted = text.casefold()
    known = {
        **_ELSEWHERE,
        **{str(role_label(role)).casefold(): role for role in Role},
        **{role.value: role for role in Role},
        **{role.value.replace("_", " "): role for role in Role},
    }
    return known.get(wanted)
