"""Inviting many at once: what each row of a file would come to, and doing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.errors import Conflict, QuotaExceeded, Sentence, ValidationFailed
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

#: What other systems call our roles.
_ELSEWHERE: Mapping[str, Role] = {
    "rep": Role.SALES_REP,
    "operator": Role.CSR,
    "user": Role.CSR,
    "readonly": Role.SUPPORT,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that was looked at: `problem` keeps it out; `is_there` says that nothing needs to be done.

    `address` is the one spelling of what stands in the row; "" where that is no address.
    """

    row: InvitedRow
    address: str = ""
    role: Role | None = None
    problem: Sentence | None = None
    is_there: Sentence | None = None

    @property
    def is_new(self) -> bool:
        """Whether they would be invited."""
        return self.problem is None and self.is_there is None


def preview_invitations(actor: Actor, rows: Sequence[InvitedRow]) -> list[Candidate]:
    """What each row would come to, in the order of the file; nothing is changed."""
    candidates = [_read(actor, row) for row in rows]
    addresses = {one.address.lower() for one in candidates}
    here = taken_among(actor.organization_id, addresses)
    invited = list_invited_addresses(actor, addresses)
    lines: dict[str, int] = {}
    return [one if one.problem else _compare(one, here, invited, lines) for one in candidates]


def refuse_without_seats(actor: Actor, number: int) -> None:
    """Raise QuotaExceeded when so many more, with those whose invitation is open, would not find a seat."""
    seats = get_seats(actor, datetime.now(UTC))
    wanted = seats.invited + number
    if number and wanted > seats.free:
        raise QuotaExceeded(
            limit=seats.quota,
            used=seats.used,
            message=_l(
                "%(wanted)s seats would be needed, with the invitations that are open, and %(free)s are free. "
                "Invite fewer, or choose a larger plan.",
                wanted=wanted,
                free=seats.free,
            ),
        )


def invite_all(actor: Actor, rows: Sequence[InvitedRow]) -> list[Invited]:
    """Invite those of the rows that are new and right, each with a mail; the same rows again invite nobody.

    Raises QuotaExceeded when they would not all find a seat: then nobody is invited.
    """
    lock_organization(actor.organization_id)  # whoever invites or activates beside this is counted
    new = [one for one in preview_invitations(actor, rows) if one.is_new]
    refuse_without_seats(actor, len(new))
    invited = []
    for one in new:
        if one.role is not None:
            try:
                invited.append(service.invite(actor, email=one.address, name=one.row.name, role=one.role))
            except Conflict:
                continue  # somebody was quicker: they are invited
    return invited


def _read(actor: Actor, row: InvitedRow) -> Candidate:
    """The row by itself."""
    role = _role(row.role)
    try:
        address, _name = clean_person(row.email, row.name, None)
    except ValidationFailed as refusal:
        return Candidate(row, problem=" ".join(str(wrong.message) for wrong in refusal.fields))
    problem: Sentence | None = None
    if role is None:
        problem = _l("There is no such role. Use one of: %(roles)s.", roles=", ".join(roles_to_give(actor)))
    elif role not in roles_to_give(actor):
        problem = _l("Nobody can invite to a role above their own.")
    return Candidate(row, address, role, problem)


def _compare(one: Candidate, here: set[str], invited: set[str], lines: dict[str, int]) -> Candidate:
    """The row beside people, invitations and the right rows above it, whose `lines` by address it joins."""
    key = one.address.lower()
    first = lines.setdefault(key, one.row.line)
    if first != one.row.line:
        return replace(one, problem=_l("This address stands in line %(line)s already.", line=first))
    if key in here:
        return replace(one, is_there=_l("Somebody here has this e-mail address already."))
    if key in invited:
        return replace(one, is_there=_l("There is an invitation for this address already."))
    return one


def _role(text: str) -> Role | None:
    """By its name, its word in the reader's language, or what other systems call it."""
    wanted = text.casefold()
    known = {
        **_ELSEWHERE,
        **{str(role_label(role)).casefold(): role for role in Role},
        **{role.value: role for role in Role},
        **{role.value.replace("_", " "): role for role in Role},
    }
    return known.get(wanted)
