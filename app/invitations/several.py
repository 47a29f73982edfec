"""Inviting many at once: what each row of a file would come to, and doing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l

from app.errors import Conflict, QuotaExceeded, Sentence, ValidationFailed
from app.invitations import service
from app.invitations.files import InvitedRow
from app.invitations.queries import list_invited_addresses
from app.invitations.rules import roles_to_give
from app.invitations.service import Invited
from app.organizations.queries import lock_organization
from app.security.actor import Actor
from app.security.permissions import Role, role_label
from app.users.listing import get_seats
from app.users.queries import taken_among
from app.users.rules import clean_person

#: What other systems call our roles.
_ELSEWHERE: Mapping[str, Role] = {
    "rep": Role.SALES_REP,
    "operator": Role.CSR,
    "user": Role.CSR,
    "readonly": Role.SUPPORT,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that was looked at: `problem` keeps it out; `is_there` says that nothing needs to be done."""

    row: InvitedRow
    role: Role | None = None
    problem: Sentence | None = None
    is_there: Sentence | None = None

    @property
    def is_new(self) -> bool:
        """Whether they would be invited."""
        return self.problem is None and self.is_there is None


def look_at(actor: Actor, rows: Sequence[InvitedRow]) -> list[Candidate]:
    """What each row would come to, in the order of the file; nothing is changed."""
    addresses = {row.email.lower() for row in rows}
    here = taken_among(actor.organization_id, addresses)
    invited = list_invited_addresses(actor, addresses)
    first_lines: dict[str, int] = {}
    found = []
    for row in rows:
        key = row.email.lower()
        first = first_lines.setdefault(key, row.line)
        role = _role(row.role)
        problem = _problem(actor, row, role, first)
        there: Sentence | None = None
        if key in here:
            there = _l("Somebody here has this e-mail address already.")
        elif key in invited:
            there = _l("There is an invitation for this address already.")
        found.append(Candidate(row, role, problem, None if problem else there))
    return found


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
    new = [one for one in look_at(actor, rows) if one.is_new]
    refuse_without_seats(actor, len(new))
    invited = []
    for one in new:
        if one.role is not None:
            try:
                invited.append(service.invite(actor, email=one.row.email, name=one.row.name, role=one.role))
            except Conflict:
                continue  # somebody was quicker: they are invited
    return invited


def _problem(actor: Actor, row: InvitedRow, role: Role | None, first_line: int) -> Sentence | None:
    try:
        clean_person(row.email, row.name, None)
    except ValidationFailed as refusal:
        return " ".join(str(wrong.message) for wrong in refusal.fields)
    if role is None:
        return _l("There is no such role. Use one of: %(roles)s.", roles=", ".join(roles_to_give(actor)))
    if role not in roles_to_give(actor):
        return _l("Nobody can invite to a role above their own.")
    if first_line != row.line:
        return _l("This address stands in line %(line)s already.", line=first_line)
    return None


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
