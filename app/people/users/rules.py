"""Rules of people: normalization of addresses and names, rights, and effects of their change."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.security.matrix import Extent, extent_of, permissions_of, unlimited_permissions
from app.security.passwords import check_new_password
from app.security.permissions import Permission, Role
from app.security.rank_rules import outranks
from app.security.session_rules import EndReason

MAX_EMAIL_LENGTH = 254
MIN_NAME_LENGTH, MAX_NAME_LENGTH = 2, 100

#: Enough for a new colleague to be back from a long weekend.
INVITED_LINK_LIFETIME = timedelta(days=7)
#: A person who requests a reset is waiting for it; an old link in a mailbox is a risk.
RESET_LINK_LIFETIME = timedelta(hours=24)

#: A domain that never exists, by RFC 2606.
_MADE_UP = ".invalid"
NOTHING_ARRIVES = _l("Can’t send to this address: an import created it as a placeholder. Change it first.")

#: RFC 5321 allows 64 characters before the @; some are reserved for a number that distinguishes namesakes.
_MAX_LOCAL_PART_LENGTH = 56


def clean_person(email: str, name: str, password: str | None) -> tuple[str, str]:
    """Return the address and the name as they are stored.

    Raises ValidationFailed with every wrong field, including the password.
    """
    address = _address(email)
    wrong = [] if address else [FieldError("email", _l("Enter an email address such as name@example.com."))]
    if errors := [*wrong, *_name_errors(name), *_password_errors(password)]:
        raise ValidationFailed(errors)
    return address, _single_spaces(name)


def clean_name(name: str) -> str:
    """Return the name as it is stored.

    Raises ValidationFailed.
    """
    if errors := _name_errors(name):
        raise ValidationFailed(errors)
    return _single_spaces(name)


def is_address(email: str) -> bool:
    """Return whether `email` is a valid address.

    Placeholders of imported people are valid if they are well formed.
    """
    return bool(_address(f"{email[: -len(_MADE_UP)]}.test" if is_placeholder_address(email) else email))


def is_placeholder_address(email: str) -> bool:
    """Return whether `email` is a placeholder that an import created for a person; it can't receive email."""
    return email.lower().endswith(_MADE_UP)


def _address(email: str) -> str:
    """Return the normalized address, or '' if it is invalid; deliverability isn't checked."""
    try:
        # Names under .test are accepted, because they are as useful for testing as example.com.
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
    """The permissions of a person: those of their role, and their extra permissions."""

    role: Role
    granted: frozenset[Permission] = frozenset()

    @property
    def permissions(self) -> frozenset[Permission]:
        """All permissions, whatever their extent."""
        return permissions_of(self.role) | self.granted

    def extent(self, permission: Permission) -> Extent:
        """Return the extent of a permission; a grant covers the whole organization."""
        return Extent.ALL if permission in self.granted else extent_of(self.role, permission)

    @property
    def unlimited(self) -> frozenset[Permission]:
        """The permissions for the whole organization, which an API key can have, as it has no rows of its own."""
        return unlimited_permissions(self.role, self.granted)


#: Roles of people who book appointments, and are credited with them; sales reps book only their own.
BOOKING = frozenset(
    role
    for role in Role
    if role is not Role.SALES_REP and extent_of(role, Permission.APPOINTMENTS_WRITE) is not Extent.NONE
)
#: Roles that can have a team.
MANAGING = frozenset(role for role in Role if role.rank >= Role.MANAGER.rank)


ADDRESS_OPENS_ACCOUNT = _l(
    "Anyone with access to this inbox can open the account, so only this person or someone with a "
    "higher role can change the address."
)


def may_change_address(changer: Role, role: Role) -> bool:
    """Return whether a role can change the address of another person, which can open their account."""
    return outranks(changer, role)


def is_downgrade(before: Rights, after: Rights) -> bool:
    """Return whether the rank or any permission decreases, even if only in extent.

    Sessions that began with more rights must end.
    """
    return after.role.rank < before.role.rank or _has_more(before, after)


def is_upgrade(before: Rights, after: Rights) -> bool:
    """Return whether the rank or any permission increases, even if only in extent.

    A link issued to the person before the upgrade must not open the account after it.
    """
    return after.role.rank > before.role.rank or _has_more(after, before)


def _has_more(one: Rights, other: Rights) -> bool:
    return bool(one.permissions - other.permissions or one.unlimited - other.unlimited)


def end_reason_of(asked: Rights, now: Rights) -> EndReason | None:
    """Return the reason to end a session that began with more rights than the person has now, or None."""
    if not is_downgrade(asked, now):
        return None
    return EndReason.PERMISSION_TAKEN if now.role is asked.role else EndReason.ROLE_CHANGED


def refuse_past(end: datetime | None) -> None:
    """Raise ValidationFailed if `end` is set and not in the future."""
    if end is not None and end <= datetime.now(UTC):
        raise ValidationFailed([FieldError("until", _l("Choose a future date."))])


def name_key(name: str) -> str:
    """Return a name in a form that is equal for different case and spacing."""
    return _single_spaces(name).casefold()


def number_key(name: str) -> str:
    """Return a phone number that starts with + as it is stored, without separators; other text unchanged."""
    return f"+{re.sub('[^0-9]', '', name)}" if name.lstrip().startswith("+") else name


def one_spelling_each(names: Iterable[str]) -> tuple[str, ...]:
    """Return the first spelling of each name."""
    spellings: dict[str, str] = {}
    for name in names:
        spellings.setdefault(name_key(name), name)
    return tuple(spellings.values())


def imported_address(name: str, slug: str, taken: Collection[str]) -> str:
    """Return a placeholder address, which can't receive email, for a person known only by name.

    `taken` are lower-case addresses in use: a namesake's address gets a number. A name without Latin letters becomes
    "agent".
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    local = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:_MAX_LOCAL_PART_LENGTH].rstrip("-") or "agent"
    address, number = f"{local}@{slug}{_MADE_UP}", 1
    while address in taken:
        number += 1
        address = f"{local}-{number}@{slug}{_MADE_UP}"
    return address
