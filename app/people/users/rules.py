"""Rules of people: what an address and a name are, and who may give which role."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.security.matrix import Extent, extent_of, permissions_of
from app.security.passwords import check_new_password
from app.security.permissions import Permission, Role
from app.security.session_rules import EndReason

MAX_EMAIL_LENGTH = 254
MIN_NAME_LENGTH, MAX_NAME_LENGTH = 2, 100

#: Time for a new colleague to come back from a holiday's weekend.
INVITED_LINK_LIFETIME = timedelta(days=7)
#: Whoever asked for a reset is waiting for it; an old link in a mailbox is a risk.
RESET_LINK_LIFETIME = timedelta(hours=24)

#: A domain that never exists, by RFC 2606.
_MADE_UP = ".invalid"
NOTHING_ARRIVES = _l("Nothing can be sent to this address: it was made up by an import. Change it first.")

#: RFC 5321 allows 64 characters before the @; some are left for a number that tells namesakes apart.
_MAX_LOCAL_PART_LENGTH = 56


def clean_person(email: str, name: str, password: str | None) -> tuple[str, str]:
    """The address and the name as they are stored; raises ValidationFailed with every wrong field at once."""
    address = _address(email)
    wrong = [] if address else [FieldError("email", _l("Enter an e-mail address such as name@example.com."))]
    if errors := [*wrong, *_name_errors(name), *_password_errors(password)]:
        raise ValidationFailed(errors)
    return address, _single_spaces(name)


def clean_name(name: str) -> str:
    """The name as it is stored; raises ValidationFailed."""
    if errors := _name_errors(name):
        raise ValidationFailed(errors)
    return _single_spaces(name)


def is_address(email: str) -> bool:
    """Whether it can be an address. Those of imported people are made up, but well formed."""
    return bool(_address(f"{email[: -len(_MADE_UP)]}.test" if is_placeholder_address(email) else email))


def is_placeholder_address(email: str) -> bool:
    """Whether nobody can be written to there: such an address is given to people known by name only."""
    return email.lower().endswith(_MADE_UP)


def _address(email: str) -> str:
    """The one spelling of an address, '' for what is none. Whether mail arrives there is not asked."""
    try:
        # Names under .test are as good for trying things out as example.com.
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return ""


def _name_errors(name: str) -> list[FieldError]:
    if MIN_NAME_LENGTH <= len(_single_spaces(name)) <= MAX_NAME_LENGTH:
        return []
    sentence = _l("Use %(least)s to %(most)s characters.", least=MIN_NAME_LENGTH, most=MAX_NAME_LENGTH)
    return [FieldError("name", sentence)]


def _password_errors(password: str | None) -> tuple[FieldError, ...]:
    try:
        if password is not None:
            check_new_password(password)
    except ValidationFailed as refusal:
        return refusal.fields
    return ()


def _single_spaces(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do: by their role, and what was granted to them beyond it."""

    role: Role
    granted: frozenset[Permission] = frozenset()

    @property
    def permissions(self) -> frozenset[Permission]:
        """All of it, wherever it reaches."""
        return permissions_of(self.role) | self.granted

    def extent(self, permission: Permission) -> Extent:
        """How far a permission reaches; a grant reaches the whole organization."""
        return Extent.ALL if permission in self.granted else extent_of(self.role, permission)

    @property
    def unlimited(self) -> frozenset[Permission]:
        """What reaches the whole organization: a key that they make has no rows of its own."""
        return frozenset(one for one in self.permissions if self.extent(one) is Extent.ALL)


#: Those who can have a team.
MANAGING = frozenset(role for role in Role if role.rank >= Role.MANAGER.rank)


ADDRESS_OPENS_ACCOUNT = _l(
    "Whoever reads the mail of an address can open its account, so only somebody above may change it."
)


def may_change_address(changer: Role, role: Role) -> bool:
    """Whether a person's role lets them change the address of somebody else: it opens the account."""
    return role.rank < changer.rank


def is_downgrade(before: Rights, after: Rights) -> bool:
    """A lower rank, or any permission lost, be it for other people's rows only: sessions opened with more must end."""
    return after.role.rank < before.role.rank or _has_more(before, after)


def is_upgrade(before: Rights, after: Rights) -> bool:
    """A higher rank, or any permission gained or widened: a link that was given for less must not open more."""
    return after.role.rank > before.role.rank or _has_more(after, before)


def _has_more(one: Rights, other: Rights) -> bool:
    return bool(one.permissions - other.permissions or one.unlimited - other.unlimited)


def end_reason_of(asked: Rights, now: Rights) -> EndReason | None:
    """Why who asked with some rights may not go on with those they have now; None when these are no less."""
    if not is_downgrade(asked, now):
        return None
    return EndReason.PERMISSION_TAKEN if now.role is asked.role else EndReason.ROLE_CHANGED


def refuse_past(end: datetime | None) -> None:
    """Raise ValidationFailed unless `end`, where there is one, is to come."""
    if end is not None and end <= datetime.now(UTC):
        raise ValidationFailed([FieldError("until", _l("Choose a day to come."))])


def name_key(name: str) -> str:
    """What two spellings of a name have in common: capitals and spaces do not make another person."""
    return _single_spaces(name).casefold()


def number_key(name: str) -> str:
    """A phone number with its country as it is stored, whatever stands between its digits; other text as it is."""
    return f"+{re.sub('[^0-9]', '', name)}" if name.lstrip().startswith("+") else name


def one_spelling_each(names: Iterable[str]) -> tuple[str, ...]:
    """The first of the spellings of each name."""
    spellings: dict[str, str] = {}
    for name in names:
        spellings.setdefault(name_key(name), name)
    return tuple(spellings.values())


def imported_address(name: str, slug: str, taken: Collection[str]) -> str:
    """An address that nobody can sign in with or write to, for somebody known by name only.

    `taken` are lower-case addresses in use: a namesake's gets a number. A name without Latin letters becomes "agent".
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    local = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:_MAX_LOCAL_PART_LENGTH].rstrip("-") or "agent"
    address, number = f"{local}@{slug}{_MADE_UP}", 1
    while address in taken:
        number += 1
        address = f"{local}-{number}@{slug}{_MADE_UP}"
    return address
