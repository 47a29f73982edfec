"""State of signing in between the password and the session.

It is needed for people with several organizations or two-factor authentication. The accounts that the password opened
are stored in Flask's signed cookie for a few minutes: the browser can neither add an organization nor reuse the state
later. A password change in the meantime invalidates it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import session

from app.people.sign_in.queries import Account, find_accounts
from app.people.sign_in.rules import CHOICE_LIFETIME
from app.security.encryption import keyed_hash

_CHOICE, _SECOND_STEP = "sign_in", "second_step"


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """The accounts that the password opened, and the page that was originally requested."""

    email: str
    accounts: list[Account]
    next: str | None


def keep_choice(email: str, accounts: list[Account], next_page: str | None) -> None:
    """Remember that the password of `email` opened these accounts."""
    _keep(_CHOICE, email, accounts, next_page)


def find_choice() -> PendingSignIn | None:
    """Return the accounts that the password opened and that are still valid, or None if there are none."""
    return _find(_CHOICE)


def keep_second_step(email: str, account: Account, next_page: str | None) -> None:
    """Remember that only the two-factor code of this account is missing."""
    _keep(_SECOND_STEP, email, [account], next_page)


def find_second_step() -> PendingSignIn | None:
    """Return the remembered account whose code is asked for; None if there is no valid one."""
    return _find(_SECOND_STEP)


def attempt_key() -> str:
    """Return the key for counting attempts at a code, the same in every browser; '' if none is asked for."""
    kept = session.get(_SECOND_STEP)
    return " ".join(kept["accounts"].values()) if kept else ""


def attempt_key_of(account: Account) -> str:
    """Return the key for counting attempts at the code of an account whose password was just verified."""
    return _mark(account)


def _keep(key: str, email: str, accounts: list[Account], next_page: str | None) -> None:
    session[key] = {
        "email": email,
        "accounts": {account.organization_id.hex: _mark(account) for account in accounts},
        "next": next_page,
        "until": (datetime.now(UTC) + CHOICE_LIFETIME).timestamp(),
    }


def _find(key: str) -> PendingSignIn | None:
    kept = session.get(key)
    if kept is None or kept["until"] < datetime.now(UTC).timestamp():
        return None
    opened = kept["accounts"]
    found = find_accounts(kept["email"])
    accounts = [account for account in found if opened.get(account.organization_id.hex) == _mark(account)]
    return PendingSignIn(kept["email"], accounts, kept["next"]) if accounts else None


def _mark(account: Account) -> str:
    """Return a mark of the account that is valid until its password changes."""
    return keyed_hash(str(account.password_changed_at), f"sign-in of {account.user_id}").hex()
